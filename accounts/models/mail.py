"""Mails, written down in the transaction of what they tell, sent afterwards."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q


class MailQuerySet(models.QuerySet["Mail"]):
    """Named filters over mails."""

    def due(self, at: dt.datetime) -> MailQuerySet:
        """Keep those to be sent now, oldest first."""
        return self.filter(sent_at=None, next_try_at__lte=at).order_by("next_try_at", "id")


class Mail(models.Model):
    """One mail to one address. Without a mail server configured it stays here, and counts as delivered.

    siren: of the enterprise as whose person somebody is written to; empty for the staff.
    """

    # A message's header that stays here: it becomes siren.
    ENTERPRISE = "X-Enterprise"

    recipient = models.EmailField("destinataire", db_index=True)
    siren = models.CharField("SIREN", max_length=9, blank=True, default="")
    sender = models.CharField("expéditeur", max_length=200)
    subject = models.CharField("objet", max_length=300)
    text = models.TextField("texte")
    html = models.TextField("HTML", blank=True)
    created_at = models.DateTimeField("écrit le")
    next_try_at = models.DateTimeField("prochain envoi", null=True)
    sent_at = models.DateTimeField("envoyé le", null=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    problem = models.CharField("problème", max_length=300, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel"
        ordering = ["-id"]
        indexes = [
            models.Index(name="mails_due", fields=["next_try_at", "id"], condition=Q(sent_at=None)),
            models.Index(name="mails_of_enterprise", fields=["siren", "-id"]),
        ]

    def __str__(self) -> str:
        return self.subject
