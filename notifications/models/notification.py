"""Notifications, written once per establishment whatever the number of people, and what each person did."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Enterprise, Establishment, User
from notifications.models.campaign import Campaign
from notifications.models.decision import RateDecision


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Named filters, as one person sees the notifications."""

    def unread_by(self, user: User) -> NotificationQuerySet:
        """Keep those this person neither read, archived nor deleted (G5.2): the badge counts these."""
        return self.exclude(Exists(Receipt.objects.filter(user=user, notification=OuterRef("pk"))))

    def archived_by(self, user: User) -> NotificationQuerySet:
        """Keep those this person archived and did not delete (G5.6)."""
        receipts = Receipt.objects.filter(
            user=user, notification=OuterRef("pk"), archived_at__isnull=False, deleted_at=None
        )
        return self.filter(Exists(receipts))

    def current_for(self, user: User) -> NotificationQuerySet:
        """Keep those this person neither archived nor deleted (G5.6)."""
        put_away = Receipt.objects.filter(
            Q(archived_at__isnull=False) | Q(deleted_at__isnull=False), user=user, notification=OuterRef("pk")
        )
        return self.exclude(Exists(put_away))

    def not_deleted_by(self, user: User) -> NotificationQuerySet:
        """Keep those this person did not delete."""
        return self.exclude(
            Exists(Receipt.objects.filter(user=user, notification=OuterRef("pk"), deleted_at__isnull=False))
        )


class Notification(models.Model):
    """A rate decision made available to an enterprise (G0.3). Its id grows with the time of publication."""

    decision = models.OneToOneField(
        RateDecision, models.PROTECT, related_name="notification", verbose_name="décision"
    )
    establishment = models.ForeignKey(
        Establishment, models.PROTECT, related_name="+", db_index=False, verbose_name="établissement"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, db_column="siren", related_name="+", db_index=False, verbose_name="entreprise"
    )
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="notifications", verbose_name="campagne")
    published_at = models.DateTimeField("mise à disposition le")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(name="notifications_of_enterprise", fields=["enterprise", "-id"]),
            models.Index(name="notifications_of_place", fields=["establishment", "-id"]),
        ]

    def __str__(self) -> str:
        return f"Notification {self.pk}"


class Receipt(models.Model):
    """What one person did with one notification. It exists only once he read, archived or deleted it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="receipts", db_index=False)
    notification = models.ForeignKey(Notification, models.PROTECT, related_name="receipts")
    read_at = models.DateTimeField("lue le", null=True)
    archived_at = models.DateTimeField("archivée le", null=True)
    deleted_at = models.DateTimeField("supprimée le", null=True)

    class Meta:
        verbose_name = "suivi de lecture"
        verbose_name_plural = "suivis de lecture"
        constraints = [
            models.UniqueConstraint(name="receipt_once", fields=["user", "notification"]),
            models.CheckConstraint(
                name="receipt_says_something",
                condition=Q(read_at__isnull=False) | Q(archived_at__isnull=False) | Q(deleted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.notification_id}"
