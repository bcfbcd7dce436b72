"""Where a campaign stands, for the staff: counted by the database, whatever the number of establishments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from accounts.models import Enterprise, Headcount, User
from habilitations.models import EstablishmentDeclaration
from notifications.models.campaign import Campaign
from notifications.models.consultation import Consultation
from notifications.models.decision import RateDecision
from notifications.models.notification import Notification, NotificationQuerySet
from notifications.rules.penalties import Penalty, penalty
from notifications.rules.spread import Bar, bars
from portal import clock
from portal.kit import french

# Days of first consultations shown, from the first one.
SHOWN_DAYS = 40
# A decision keeps street, postcode and town as « street\npostcode town »: one of them is missing.
NO_ADDRESS = Q(address__startswith="\n") | Q(address__contains="\n ") | Q(address__endswith=" ") | Q(address="")
PENALISED = ("siren", "entreprise", "effectif", "montant par salarié (€)", "pénalité (€)", "plafonnée")


@dataclass(frozen=True)
class FollowUp:
    """notified = consulted + deemed + waiting. days: first consultations, day by day.

    unreachable: notified in an enterprise where nobody can log in to read. no_address: on paper, without all that an
    envelope needs.
    enterprises: those with a decision on paper and no « Compte AT/MP ». penalties: what they would owe in all, in
    euros; None for a year whose amounts are not known. unknown: those among them without a headcount.
    """

    notified: int
    consulted: int
    deemed: int
    waiting: int
    unreachable: int
    on_paper: int
    no_address: int
    days: list[Bar]
    year: int
    enterprises: int
    unknown: int
    penalties: int | None


def follow_up(campaign: Campaign, today: dt.date) -> FollowUp:
    """Count a campaign by what became of it: seven queries."""
    notified: NotificationQuerySet = Notification.objects.filter(campaign=campaign)
    reader = User.objects.filter(
        establishment__enterprise=OuterRef("enterprise"),
        state=User.State.ACTIVE,
        emailaddress__primary=True,
        emailaddress__verified=True,
    )
    counts = notified.aggregate(all=Count("pk"), unreachable=Count("pk", filter=~Q(Exists(reader))))
    paper = RateDecision.objects.filter(campaign=campaign, channel=RateDecision.Channel.PAPER)
    by_day = _by_day(campaign)
    consulted = sum(by_day.values())
    waiting = notified.waiting(today).count()
    year = effect_year(campaign) or today.year
    grouped = unregistered(campaign, year).order_by().values_list("headcount")  # type: ignore[misc]
    by_headcount: list[tuple[int | None, int]] = list(grouped.annotate(count=Count("pk")))
    owed = [(found, count) for headcount, count in by_headcount if (found := _penalty(headcount, year))]
    return FollowUp(
        notified=counts["all"],
        consulted=consulted,
        deemed=counts["all"] - consulted - waiting,
        waiting=waiting,
        unreachable=counts["unreachable"],
        **paper.aggregate(on_paper=Count("pk"), no_address=Count("pk", filter=NO_ADDRESS)),
        days=day_bars(by_day),
        year=year,
        enterprises=sum(count for _headcount, count in by_headcount),
        unknown=sum(count for headcount, count in by_headcount if headcount is None),
        penalties=sum(found.amount * count for found, count in owed) if penalty(0, year) else None,
    )


def effect_year(campaign: Campaign) -> int | None:
    """Return the latest year of effect of a campaign, None before it is published."""
    latest: dt.date | None = RateDecision.objects.filter(campaign=campaign).aggregate(day=Max("effective_on"))["day"]
    return latest.year if latest else None


def unregistered(campaign: Campaign, year: int) -> QuerySet[Enterprise]:
    """Return the enterprises told on paper that have « Compte AT/MP » nowhere, with their headcount.

    headcount: of the latest year known up to that one, None without any.
    """
    paper = RateDecision.objects.filter(
        campaign=campaign, channel=RateDecision.Channel.PAPER, enterprise=OuterRef("pk")
    )
    registered = EstablishmentDeclaration.objects.atmp().filter(establishment__enterprise=OuterRef("pk"))
    known = Headcount.objects.filter(enterprise=OuterRef("pk"), year__lte=year).order_by("-year")
    return Enterprise.objects.filter(Exists(paper), ~Exists(registered)).annotate(
        headcount=Subquery(known.values("headcount")[:1])
    )


def penalised(campaign: Campaign, today: dt.date) -> Iterator[tuple[object, ...]]:
    """Yield a line of PENALISED for each enterprise of `unregistered`, in the order of their SIREN."""
    year = effect_year(campaign) or today.year
    for enterprise in unregistered(campaign, year).order_by("siren").iterator(chunk_size=2000):
        headcount: int | None = enterprise.headcount  # type: ignore[attr-defined]
        found = _penalty(headcount, year)
        told = (found.per_head, found.amount, "oui" if found.capped else "") if found else ("", "", "")
        yield (enterprise.siren, enterprise.name, "" if headcount is None else headcount, *told)


def _penalty(headcount: int | None, year: int) -> Penalty | None:
    return None if headcount is None else penalty(headcount, year)


def _by_day(campaign: Campaign) -> dict[dt.date, int]:
    """Return the first consultations of each day of Paris that has one, in order."""
    entitled = Consultation.objects.filter(entitled=True)
    earlier = entitled.filter(
        Q(at__lt=OuterRef("at")) | Q(at=OuterRef("at"), pk__lt=OuterRef("pk")), notification=OuterRef("notification")
    )
    first = entitled.filter(notification__campaign=campaign).exclude(Exists(earlier)).order_by()
    by_day = first.annotate(day=TruncDate("at", tzinfo=clock.PARIS)).values_list("day").annotate(count=Count("pk"))
    return dict(by_day.order_by("day"))


def day_bars(by_day: dict[dt.date, int]) -> list[Bar]:
    """Return a bar a day from the first, those without any too, up to SHOWN_DAYS; the last bar is all that follow."""
    if not by_day:
        return []
    first = min(by_day)
    shown = min(SHOWN_DAYS, (max(by_day) - first).days + 1)
    days = [first + dt.timedelta(days=number) for number in range(shown)]
    later = sum(count for day, count in by_day.items() if day > days[-1])
    rows = [(french.day(day), by_day.get(day, 0)) for day in days]
    return bars([*rows, ("plus tard", later)] if later else rows)
