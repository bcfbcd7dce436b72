"""Paper: a copy of every letter that the portal posts, so that whoever it is for can open it."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Substr

from habilitations.models import ActivationKey
from notifications.models import RateDecision


class LetterQuerySet(models.QuerySet["Letter"]):
    """Named filters over letters."""

    def posted(self) -> LetterQuerySet:
        """Keep those that have left: a printed key lies with the staff until it is posted."""
        return self.exclude(posted_at=None)

    def with_siren(self) -> LetterQuerySet:
        """Add siren: of the enterprise to which it is written."""
        return self.annotate(siren=Substr("siret", 1, 9))


class Letter(models.Model):
    """One envelope: the letter of an activation key, or a rate notified on paper.

    The key is in facts, and nowhere else in the clear: the portal itself keeps its hash alone.
    """

    key = models.OneToOneField(ActivationKey, models.CASCADE, null=True, related_name="+", verbose_name="clé")
    decision = models.OneToOneField(RateDecision, models.CASCADE, null=True, related_name="+", verbose_name="décision")
    addressee = models.CharField("destinataire", max_length=250)
    address = models.TextField("adresse", blank=True)
    siret = models.CharField("SIRET", max_length=14, db_index=True)
    facts = models.JSONField("contenu", default=dict)
    posted_at = models.DateTimeField("postée le", null=True)
    arrives_on = models.DateField("arrive le", null=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "lettre"
        ordering = ["-posted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="letter_holds_one_thing",
                condition=Q(key=None, decision__isnull=False) | Q(key__isnull=False, decision=None),
                violation_error_message="Une lettre porte une clé ou une notification.",
            ),
            models.CheckConstraint(
                name="letter_posted_arrives",
                condition=Q(posted_at=None, arrives_on=None) | Q(posted_at__isnull=False, arrives_on__isnull=False),
                violation_error_message="Une lettre postée arrive un jour.",
            ),
        ]
        indexes = [models.Index(F("posted_at").desc(), F("id").desc(), name="letters_by_posting")]

    def __str__(self) -> str:
        return f"Lettre {self.pk}"

    @property
    def title(self) -> str:
        """What is inside, in a few words."""
        return "Clé d'activation" if self.key_id else "Notification de taux"

    @property
    def address_lines(self) -> list[str]:
        """The lines seen through the window of the envelope."""
        return [self.addressee, *self.address.splitlines()]

    def is_there(self, day: dt.date) -> bool:
        """Say whether it lies in the letterbox on that day of the portal."""
        return self.arrives_on is not None and self.arrives_on <= day
