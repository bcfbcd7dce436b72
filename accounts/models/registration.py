"""The draft of a registration, between two steps of the wizard; once submitted, its report."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models


class DraftQuerySet(models.QuerySet["RegistrationDraft"]):
    """Named filters over drafts."""

    def alive(self, at: dt.datetime) -> DraftQuerySet:
        """Keep those that have not expired. at: real time."""
        return self.filter(expires_at__gt=at)


class RegistrationDraft(models.Model):
    """What a visitor has typed so far, by step. The password and the answer are in it as hashes only.

    Once submitted there is nothing left in it but the report (G3.14).
    """

    REPORT = "report"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data = models.JSONField("réponses", default=dict)
    expires_at = models.DateTimeField("expire le", db_index=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = "brouillon d'inscription"
        verbose_name_plural = "brouillons d'inscription"

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_submitted(self) -> bool:
        """Say whether this is a report by now."""
        return self.REPORT in self.data
