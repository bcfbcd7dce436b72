"""Which notifications a person sees, and who may have the official document."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Establishment, User
from habilitations.access import atmp_access, atmp_scope
from notifications.models import Notification, RateDecision
from notifications.models.decision import RateDecisionQuerySet
from notifications.models.notification import NotificationQuerySet
from portal.kit.decision import Decision

BADGE_CEILING = 100
DOCUMENT_RULE = "G0.2"


@dataclass(frozen=True)
class NotificationScope:
    """The notifications of a person, and why there are none when there are none.

    siren and whole: every notification of that enterprise; otherwise those of the establishments.
    """

    user: User
    decision: Decision
    siren: str
    whole: bool
    establishments: QuerySet[Establishment]

    def notifications(self) -> NotificationQuerySet:
        """Return the notifications in reach, those archived or deleted included; none after a refusal."""
        everything: NotificationQuerySet = Notification.objects.all()
        if not self.decision.allowed:
            return everything.none()
        if self.whole:
            return everything.filter(enterprise=self.siren)
        return everything.filter(establishment__in=self.establishments)

    def decisions(self, today: dt.date) -> RateDecisionQuerySet:
        """Return the decisions in reach that a list may show without opening anything; none after a refusal.

        Those that somebody consulted, that are deemed notified (domain.md, section 3), or sent on paper. A rate read
        in a list would be a consultation, and the legal clock starts by an act (decision 0005).
        """
        everything: RateDecisionQuerySet = RateDecision.objects.all()
        if not self.decision.allowed:
            return everything.none()
        reach = Q(enterprise=self.siren) if self.whole else Q(establishment__in=self.establishments)
        return everything.filter(reach).exclude(
            Exists(Notification.objects.waiting(today).filter(decision=OuterRef("pk")))
        )

    def places(self) -> QuerySet[Establishment]:
        """Return the establishments in reach; none after a refusal."""
        if not self.decision.allowed:
            return Establishment.objects.none()
        return Establishment.objects.filter(enterprise=self.siren) if self.whole else self.establishments

    def unread(self) -> int:
        """Return the number of the badge (G5.2): neither read nor archived nor deleted, counted up to 100."""
        return self.notifications().unread_by(self.user)[:BADGE_CEILING].count()


def notification_scope(user: User, at: dt.datetime) -> NotificationScope:
    """Return what this person may see at that instant (G0.6: receiving the notification)."""
    scope = atmp_scope(user, at)
    return NotificationScope(
        user=user,
        decision=scope.decision,
        siren=scope.siren,
        whole=scope.whole,
        establishments=scope.establishments,
    )


def badge(user: User, at: dt.datetime) -> int:
    """Return the number of unread notifications of a person, 100 meaning « 99+ » (G0.3, G5.2)."""
    return notification_scope(user, at).unread()


def notification_access(user: User, notification: Notification, at: dt.datetime) -> Decision:
    """Say whether this person may read, archive and delete this notification (G0.6)."""
    return atmp_access(user, notification.establishment, at)


def document_access(user: User, notification: Notification, at: dt.datetime) -> Decision:
    """Say whether this person may have the official document: the enterprise itself, and nobody else (G0.2).

    Within the enterprise it takes a right on that establishment. A tiers déclarant and the staff are refused.
    """
    own = user.establishment
    if own is None or own.enterprise_id != notification.enterprise_id:
        return Decision(
            allowed=False,
            rule=DOCUMENT_RULE,
            reason="Seule l'entreprise destinataire peut télécharger le document officiel de notification.",
            remedy="Demandez ce document à l'entreprise elle-même.",
        )
    access = notification_access(user, notification, at)
    if access.allowed:
        return access
    return Decision(
        allowed=False,
        rule=DOCUMENT_RULE,
        reason=f"Le document officiel est réservé aux personnes habilitées de l'entreprise. {access.reason}",
        remedy=access.remedy,
    )
