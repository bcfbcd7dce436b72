"""Who opened a notification or took its document, and when: a log that nobody edits."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from accounts.models import User

KEPT = "Une consultation enregistrée ne se modifie ni ne s'efface."


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    """Named filters over the log; it refuses what would change it, and so does a trigger in the database."""

    def update(self, **_changes: Any) -> NoReturn:
        """Raise TypeError."""
        raise TypeError(KEPT)

    def delete(self) -> NoReturn:
        """Raise TypeError."""
        raise TypeError(KEPT)


class Consultation(models.Model):
    """One person opened one notification, or took its document, at an instant.

    entitled: by a person of the enterprise who had the right to (domain.md, section 3): only these start the clock.
    name: as it was, for it outlives the account. The triggers are made by migration 0003: on SQLite, one that changes
    this table makes it anew, and must make them again.
    """

    class Way(models.TextChoices):
        OPENED = "opened", "Ouverture en ligne"
        DOWNLOADED = "downloaded", "Téléchargement du document"

    notification = models.ForeignKey(
        "Notification", models.PROTECT, related_name="consultations", db_index=False, verbose_name="notification"
    )
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name="qui")
    name = models.CharField("nom", max_length=161)
    at = models.DateTimeField("quand", db_index=True)
    way = models.CharField("comment", max_length=10, choices=Way)
    entitled = models.BooleanField("fait courir le délai")

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = "consultation"
        ordering = ["at", "id"]
        indexes = [models.Index(name="consultations_of", fields=["notification", "at", "id"])]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_way_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the entry. Raises TypeError for one that is written already."""
        if not self._state.adding:
            raise TypeError(KEPT)
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raise TypeError."""
        raise TypeError(KEPT)
