"""Notifications, written once per establishment whatever the number of people, and what each person did."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

from django.db import connection, models
from django.db.models import Case, Exists, F, FilteredRelation, OuterRef, Q, Subquery, Value, When

from accounts.models import Enterprise, Establishment, User
from notifications.models.campaign import Campaign
from notifications.models.consultation import Consultation
from notifications.models.decision import RateDecision
from notifications.rules import LegalState, Policy, legal_state
from notifications.rules.legal import FREE_DAYS
from portal import clock


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Named filters, as one person sees the notifications."""

    def unread_by(self, user: User) -> NotificationQuerySet:
        """Keep those this person neither read, archived nor deleted (G5.2): the badge counts these."""
        return self.exclude(Exists(Receipt.objects.filter(user=user, notification=OuterRef("pk"))))

    def read_by(self, user: User) -> NotificationQuerySet:
        """Keep those this person read and neither archived nor deleted."""
        receipts = Receipt.objects.filter(
            user=user, notification=OuterRef("pk"), read_at__isnull=False, archived_at=None, deleted_at=None
        )
        return self.filter(Exists(receipts))

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

    def deleted_by(self, user: User) -> NotificationQuerySet:
        """Keep those this person deleted: he can still restore them."""
        return self.filter(
            Exists(Receipt.objects.filter(user=user, notification=OuterRef("pk"), deleted_at__isnull=False))
        )

    def effective_in(self, year: int) -> NotificationQuerySet:
        """Keep those whose rate takes effect in that year."""
        return self.filter(decision__effective_on__year=year)

    def by_year(self) -> list[tuple[int, int]]:
        """Return (year of effect, how many), the latest first."""
        counted = self.order_by().values_list("decision__effective_on__year").annotate(count=models.Count("pk"))
        return list(counted.order_by("-decision__effective_on__year"))

    def of_place(self, text: str) -> NotificationQuerySet:
        """Keep those of establishments with these digits in their SIRET, or this text in their town.

        The register writes « SAINT-ETIENNE »: a town is found with its accents and without.
        """
        digits = "".join(text.split())
        if digits.isascii() and digits.isdigit():
            return self.filter(establishment__siret__contains=digits)
        plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        return self.filter(Q(establishment__city__icontains=text) | Q(establishment__city__icontains=plain))

    def seen_by(self, user: User) -> NotificationQuerySet:
        """Add read_at and state for this person: « unread », « read », « archived » or « deleted ».

        The state is where it is filed; one archived to be read later has no read_at (G5.6).
        """
        columns: dict[str, Any] = {
            "mine": FilteredRelation("receipts", condition=Q(receipts__user=user)),
            "read_at": F("mine__read_at"),
            "state": Case(
                When(mine__deleted_at__isnull=False, then=Value("deleted")),
                When(mine__archived_at__isnull=False, then=Value("archived")),
                When(mine__read_at__isnull=False, then=Value("read")),
                default=Value("unread"),
            ),
        }
        return self.annotate(**columns)

    def with_replaced(self) -> NotificationQuerySet:
        """Add replaced: whether a later version of its decision took its place."""
        later = RateDecision.objects.filter(
            establishment=OuterRef("establishment"),
            code_risque=OuterRef("decision__code_risque"),
            effective_on=OuterRef("decision__effective_on"),
            version__gt=OuterRef("decision__version"),
        )
        return self.annotate(replaced=Exists(later))  # type: ignore[no-redef]

    def published_from(self, first: dt.date, last: dt.date) -> NotificationQuerySet:
        """Keep those made available on these days of Paris, both included."""
        return self.filter(published_at__gte=clock.midnight(first), published_at__lt=clock.midnight(last, 1))

    def with_consultation(self) -> NotificationQuerySet:
        """Add consulted_at and consulted_by: the first consultation by an entitled person of the enterprise.

        Never a tiers déclarant's nor the staff's (domain.md, section 3). None and None without any.
        """
        first = Consultation.objects.filter(notification=OuterRef("pk"), entitled=True).order_by("at", "id")
        columns: dict[str, Any] = {
            "consulted_at": Subquery(first.values("at")[:1]),
            "consulted_by": Subquery(first.values("name")[:1]),
        }
        return self.annotate(**columns)

    def waiting(self, today: dt.date) -> NotificationQuerySet:
        """Keep those that no entitled person consulted and that are not yet deemed notified (domain.md, section 3)."""
        since = clock.midnight(today, -FREE_DAYS)
        consulted = Consultation.objects.filter(notification=OuterRef("pk"), entitled=True)
        return self.filter(published_at__gte=since).exclude(Exists(consulted))


class Notification(models.Model):
    """A rate decision made available to an enterprise (G0.3). Its id grows with the time of publication."""

    decision = models.OneToOneField(RateDecision, models.PROTECT, related_name="notification", verbose_name="décision")
    # Copied from the decision, whose keys are checked: not a second time, row by row (decision 0017).
    establishment = models.ForeignKey(
        Establishment,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="établissement",
    )
    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        db_column="siren",
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="entreprise",
    )
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        related_name="notifications",
        db_index=False,
        db_constraint=False,
        verbose_name="campagne",
    )
    published_at = models.DateTimeField("mise à disposition le")

    # What seen_by() adds.
    read_at: dt.datetime | None
    state: str
    # What with_replaced() adds.
    replaced: bool
    # What with_consultation() adds.
    consulted_at: dt.datetime | None
    consulted_by: str | None
    # What a list puts there for its template.
    legal: LegalState

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(name="notifications_of_enterprise", fields=["enterprise", "-id"]),
            models.Index(name="notifications_of_place", fields=["establishment", "-id"]),
            models.Index(name="notifications_of_campaign", fields=["campaign", "enterprise"]),
        ]

    def __str__(self) -> str:
        return f"Notification {self.pk}"

    def legal_on(self, today: dt.date, policy: Policy) -> LegalState:
        """Return its legal dates as they stand that day in Paris; it comes from with_consultation()."""
        consulted = clock.day(self.consulted_at) if self.consulted_at else None
        return legal_state(clock.day(self.published_at), consulted, today, policy)


class Receipt(models.Model):
    """What one person did with one notification. It exists only once he read, archived or deleted it."""

    # Whoever read it first counts in law: his leaving does not unmake it.
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="receipts", db_index=False)
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


class Dismissed(models.Model):
    """How many of an enterprise's notifications one person dismissed: how many receipts he has there.

    Triggers of migration 0009 count, in the transaction that adds or deletes a receipt; nothing else writes here. So
    twenty thousand receipts need not be walked to find the three notifications without one (scale.md, goal 16).
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    enterprise = models.ForeignKey(
        Enterprise,
        models.CASCADE,
        db_column="siren",
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="entreprise",
    )
    count = models.BigIntegerField("lues, archivées ou supprimées")

    class Meta:
        verbose_name = "nombre de notifications suivies"
        verbose_name_plural = "nombres de notifications suivies"
        constraints = [models.UniqueConstraint(name="dismissed_once", fields=["user", "enterprise"])]

    def __str__(self) -> str:
        return f"{self.user_id} {self.enterprise_id} {self.count}"


def count_unread(user: User, siren: str, most: int) -> int:
    """Return how many of an enterprise's notifications a person has no receipt for, and most when there are more.

    Published less dismissed, in one query: it walks the enterprise's index (in its order, lest the planner prefer the
    table), never the receipts.
    """
    published, dismissed = Notification._meta.db_table, Dismissed._meta.db_table
    his = f"COALESCE((SELECT count FROM {dismissed} WHERE user_id = %s AND siren = %s), 0)"  # noqa: S608 - our names
    latest = f"SELECT 1 FROM {published} WHERE siren = %s ORDER BY id DESC LIMIT {his} + %s"  # noqa: S608 - the same
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*) - {his} FROM ({latest}) AS latest",  # noqa: S608 - the same
            [user.pk, siren, siren, user.pk, siren, most],
        )
        return int(cursor.fetchone()[0])
