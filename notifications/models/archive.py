"""« Tous les documents d'une année »: an archive asked for, made by a job, taken, then forgotten."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from accounts.models import Enterprise, User


class DocumentArchive(models.Model):
    """One person's archive of the documents of a year: ORDERED → DONE → FORGOTTEN, or FAILED.

    notifications: ids of those whose document it holds, in its order; fixed when it was ordered. done: documents made;
    each batch of them is a part in the store until the last one is made and they are put together.
    """

    class Status(models.TextChoices):
        ORDERED = "ordered", "En cours"
        DONE = "done", "Prête"
        FAILED = "failed", "Échouée"
        FORGOTTEN = "forgotten", "Effacée"

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, db_column="siren", related_name="+", verbose_name="entreprise"
    )
    # Kept without him until its file is deleted.
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="document_archives", verbose_name="demandée par"
    )
    year = models.PositiveSmallIntegerField("année d'effet")
    notifications = models.JSONField("notifications")
    total = models.PositiveIntegerField("documents")
    done = models.PositiveIntegerField("documents faits", default=0)
    status = models.CharField("état", max_length=9, choices=Status, default=Status.ORDERED)
    file = models.CharField("fichier", max_length=100, blank=True)
    size = models.PositiveBigIntegerField("taille en octets", default=0)
    created_at = models.DateTimeField("demandée le")
    ended_at = models.DateTimeField("prête le", null=True)

    class Meta:
        verbose_name = "archive de documents"
        verbose_name_plural = "archives de documents"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_archive_at_a_time",
                fields=["user"],
                condition=Q(status="ordered"),
                violation_error_message="Une archive est déjà en cours.",
            )
        ]
        indexes = [models.Index(name="archives_by_state", fields=["status", "ended_at"])]

    def __str__(self) -> str:
        return f"documents {self.year}"

    @property
    def name(self) -> str:
        """File name that the person gets."""
        return f"notifications-{self.enterprise_id}-{self.year}.zip"

    def forgotten_on(self, days: int) -> dt.datetime | None:
        """Return when it is deleted, None while it is not ready."""
        return self.ended_at + dt.timedelta(days=days) if self.ended_at else None
