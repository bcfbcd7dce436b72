"""Tells people of the legal dates, once each: deposit, fifteenth day, end of the challenge (domain.md, section 3).

One mail a person, campaign and date, whatever the number of establishments. Enterprises are taken in the order of
their SIREN, so many in a transaction: killed, a round goes on where it was.
"""

import datetime as dt
from collections import defaultdict

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F

from accounts.actions.journal import record
from accounts.emails import send_letters
from accounts.models import User
from notifications import emails
from notifications.access import entitled_people
from notifications.models import Campaign, Consultation, Notice, NoticeKind, NoticeRound, Notification
from notifications.models.notification import NotificationQuerySet
from notifications.rules import (
    FREE_DAYS,
    REMIND_CHALLENGE_DAYS,
    REMIND_UNREAD_DAYS,
    Policy,
    Status,
    last_free_day,
    notified_days,
)
from portal import clock
from portal.kit import french
from portal.kit.bulk import skip_locked

# Enterprises told of in one transaction.
BATCH = 500
# A campaign older than this has nothing left to tell, but for who consults late under FIRST_CONSULTATION.
_LIFE = dt.timedelta(days=FREE_DAYS + 62)


@transaction.atomic
def tell_next(*, on: dt.datetime, policy: Policy) -> bool:
    """Tell the people of a round's next enterprises, or begin the rounds that are due. Return False without any."""
    today = clock.day(on)
    this = skip_locked(NoticeRound.objects.filter(ended_at=None).select_related("campaign")).first()
    if this is None:
        return _begin(today, policy)
    found = _candidates(this, policy)
    sirens = list(found.order_by("enterprise").values_list("enterprise", flat=True).distinct()[:BATCH])
    # A day that has passed is not worth a mail.
    if not sirens or today > this.day:
        _end(this, on)
        return True
    places: dict[str, set[int]] = defaultdict(set)
    for notification in found.filter(enterprise__lte=sirens[-1]).with_consultation():
        if _concerns(this, notification, today, policy):
            places[notification.enterprise_id].add(notification.establishment_id)
    people = entitled_people(places, on)
    Notice.objects.bulk_create(
        Notice(user=person, campaign=this.campaign, kind=this.kind, day=this.day, establishments=count, told_at=on)
        for person, count in people.items()
    )
    send_letters(_letter(this, person, count, policy) for person, count in people.items())
    NoticeRound.objects.filter(pk=this.pk).update(last_siren=sirens[-1], told=F("told") + len(people))
    return True


def _candidates(this: NoticeRound, policy: Policy) -> NotificationQuerySet:
    """Return the notifications that a round may be about, of the enterprises still to come."""
    found = Notification.objects.filter(campaign=this.campaign, enterprise__gt=this.last_siren)
    if this.kind != NoticeKind.CHALLENGE:
        day = this.day - dt.timedelta(days=FREE_DAYS)
        return found.published_from(day, day)
    days = notified_days(this.day)
    if policy == Policy.FIRST_CONSULTATION:
        return found.published_from(dt.date(2000, 1, 1), days[-1])
    return found.published_from(days[0] - dt.timedelta(days=FREE_DAYS), days[-1])


def _concerns(this: NoticeRound, notification: Notification, today: dt.date, policy: Policy) -> bool:
    """Say whether the law still says of a notification what the round tells."""
    legal = notification.legal_on(today, policy)
    if this.kind == NoticeKind.CHALLENGE:
        return legal.challenge_until == this.day
    return legal.last_free_day == this.day and (this.kind == NoticeKind.AVAILABLE or legal.status == Status.AVAILABLE)


def _letter(this: NoticeRound, person: User, count: int, policy: Policy) -> EmailMessage:
    if this.kind == NoticeKind.CHALLENGE:
        return emails.before_challenge_ends(person, count, this.day)
    letter = emails.deposit_notice if this.kind == NoticeKind.AVAILABLE else emails.unread_reminder
    return letter(person, count, this.day - dt.timedelta(days=FREE_DAYS), policy)


def _end(this: NoticeRound, on: dt.datetime) -> None:
    NoticeRound.objects.filter(pk=this.pk).update(ended_at=on)
    if this.told:
        told = french.plural(this.told, "personne avertie", "personnes averties")
        name = f"{this.get_kind_display()}, campagne « {this.campaign.name} », {french.day(this.day)}"
        record(by=None, on=on, verb=f"notification.tell_{this.kind}", summary=f"{name} : {told}.")


def _begin(today: dt.date, policy: Policy) -> bool:
    """Write down the rounds that are due and not known yet; return whether there was any."""
    due = _due(today, policy)
    known = NoticeRound.objects.filter(campaign__in={campaign for campaign, _kind, _day in due}, day__gte=today)
    missing = due - set(known.values_list("campaign", "kind", "day"))
    NoticeRound.objects.bulk_create(
        (NoticeRound(campaign_id=campaign, kind=kind, day=day) for campaign, kind, day in sorted(missing)),
        ignore_conflicts=True,
    )
    return bool(missing)


def _due(today: dt.date, policy: Policy) -> set[tuple[int, str, dt.date]]:
    """Return (campaign, kind, day) of what is to be told today of the campaigns that are wholly published."""
    recent = Campaign.objects.filter(import_file__applied_at__gte=clock.midnight(today) - _LIFE)
    due: set[tuple[int, str, dt.date]] = set()
    ends = [today + dt.timedelta(days=ahead) for ahead in range(REMIND_CHALLENGE_DAYS + 1)]
    for pk, ordered, applied in recent.values_list("pk", "import_file__ordered_at", "import_file__applied_at"):
        assert applied is not None  # noqa: S101 - looked for by it
        first, last = clock.day(ordered or applied), clock.day(applied)
        for number in range((last - first).days + 1):
            free = last_free_day(first + dt.timedelta(days=number))
            if today <= free:
                due.add((pk, NoticeKind.AVAILABLE, free))
            if free - dt.timedelta(days=REMIND_UNREAD_DAYS) <= today <= free:
                due.add((pk, NoticeKind.UNREAD, free))
        due |= {
            (pk, NoticeKind.CHALLENGE, end)
            for end in ends
            if (days := notified_days(end)) and first <= days[-1] and days[0] <= last_free_day(last)
        }
    if policy == Policy.FIRST_CONSULTATION:
        due |= {(pk, NoticeKind.CHALLENGE, end) for end in ends for pk in _consulted_for(end)}
    return due


def _consulted_for(end: dt.date) -> set[int]:
    """Return the campaigns of which something was consulted on the days whose challenge ends that day."""
    days = notified_days(end)
    if not days:
        return set()
    consulted = Consultation.objects.filter(
        entitled=True, at__gte=clock.midnight(days[0]), at__lt=clock.midnight(days[-1], 1)
    )
    return set(consulted.order_by().values_list("notification__campaign", flat=True).distinct())
