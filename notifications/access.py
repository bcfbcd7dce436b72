"""Which notifications a person sees, and who may have the official document."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Establishment, User
from habilitations.access import atmp_access, atmp_scope
from habilitations.models import ATMP, EstablishmentDeclaration, Habilitation
from notifications.models import Notification, RateDecision
from notifications.models.decision import RateDecisionQuerySet
from notifications.models.notification import NotificationQuerySet, count_unread
from portal import clock
from portal.kit.decision import Decision, decided

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
        if self.decision.allowed and self.whole:
            return count_unread(self.user, self.siren, BADGE_CEILING)
        # Counting a hundred keys here costs less than wrapping their query in another one.
        return len(self.notifications().unread_by(self.user).order_by().values_list("pk", flat=True)[:BADGE_CEILING])


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


def archivable(scope: NotificationScope, at: dt.datetime) -> NotificationQuerySet:
    """Return the notifications whose documents may be taken together (G0.2): in reach, and waiting for nobody.

    One that waits to be opened is opened first: its document would tell the rate and start the clock (decision 0005).
    """
    today = clock.day(at)
    return scope.notifications().exclude(pk__in=Notification.objects.waiting(today).values("pk"))


def badge(user: User, at: dt.datetime) -> int:
    """Return the number of unread notifications of a person, 100 meaning « 99+ » (G0.3, G5.2)."""
    return notification_scope(user, at).unread()


def notification_access(user: User, notification: Notification, at: dt.datetime) -> Decision:
    """Say whether this person may read, archive and delete this notification (G0.6)."""
    return atmp_access(user, notification.establishment, at)


@decided
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


def entitled_people(places: dict[str, set[int]], at: dt.datetime) -> dict[User, int]:
    """Return who is to be told of notifications, and of how many establishments: those who could read them (G0.6).

    places: the establishments by SIREN. It says for many people at once what `notification_scope` says for one, and
    leaves out who has no validated address. Three queries, whatever the number.
    """
    open_places = _open_places(places, at)
    people = User.objects.filter(
        establishment__enterprise__in=open_places,
        state=User.State.ACTIVE,
        emailaddress__primary=True,
        emailaddress__verified=True,
    ).select_related("establishment__enterprise")
    rights: dict[int, set[int]] = defaultdict(set)
    granted = Habilitation.objects.filter(declaration__code=ATMP, user__establishment__enterprise__in=open_places)
    for user, place in granted.values_list("user", "establishment"):
        rights[user].add(place)
    counts = {}
    for person in people:
        own = person.establishment
        assert own is not None  # noqa: S101 - looked for by their enterprise
        within = open_places[own.enterprise_id]
        if not person.is_administrator:
            within = within & rights[person.pk]
        elif not own.is_head_office:
            within = within & {own.pk}
        counts[person] = len(within)
    return {person: count for person, count in counts.items() if count}


def _open_places(places: dict[str, set[int]], at: dt.datetime) -> dict[str, set[int]]:
    """Keep the establishments whose declaration is usable, their own or their head office's (G0.6, G2.8)."""
    usable = EstablishmentDeclaration.objects.atmp().usable(at).filter(establishment__enterprise__in=places)
    whole, own = set(), set()
    for siren, place, head_office in usable.values_list(
        "establishment__enterprise", "establishment", "establishment__is_head_office"
    ):
        own.add(place)
        if head_office:
            whole.add(siren)
    kept = {siren: ids if siren in whole else ids & own for siren, ids in places.items()}
    return {siren: ids for siren, ids in kept.items() if ids}
