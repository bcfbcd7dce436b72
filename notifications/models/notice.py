"""Mails about legal dates: what each person was told, and how far the telling got."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from notifications.models.campaign import Campaign


class NoticeKind(models.TextChoices):
    """What a mail is about."""

    AVAILABLE = "available", "Avis de dépôt"
    UNREAD = "unread", "Rappel avant le quinzième jour"
    CHALLENGE = "challenge", "Rappel avant la fin du délai de contestation"


class NoticeRound(models.Model):
    """The telling of one thing about one campaign, enterprise after enterprise; killed, it goes on where it was.

    day: the last day that the mails name. last_siren: the enterprises up to this one are done.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", verbose_name="campagne")
    kind = models.CharField("nature", max_length=9, choices=NoticeKind)
    day = models.DateField("échéance")
    last_siren = models.CharField("dernier SIREN", max_length=9, blank=True)
    told = models.PositiveIntegerField("personnes averties", default=0)
    ended_at = models.DateTimeField("terminé le", null=True)

    class Meta:
        verbose_name = "envoi d'avis"
        verbose_name_plural = "envois d'avis"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(name="one_notice_round", fields=["campaign", "kind", "day"])]
        indexes = [models.Index(name="notice_rounds_to_do", fields=["id"], condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day:%d/%m/%Y}"


class Notice(models.Model):
    """One person was told one thing about one campaign, once. establishments: how many it was about."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False, verbose_name="personne")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", verbose_name="campagne")
    kind = models.CharField("nature", max_length=9, choices=NoticeKind)
    day = models.DateField("échéance")
    establishments = models.PositiveIntegerField("établissements")
    told_at = models.DateTimeField("écrit le")

    class Meta:
        verbose_name = "avis"
        verbose_name_plural = "avis"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="notice_once", fields=["user", "campaign", "kind", "day"]),
            models.CheckConstraint(
                name="notice_is_about_something",
                condition=Q(establishments__gt=0),
                violation_error_message="Un avis concerne au moins un établissement.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.user_id}"
