"""Legal dates of an electronic notification (domain.md, section 3), as pure functions. Days are those of Paris."""

import calendar
import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from portal.kit import french

# Code de la sécurité sociale, L.242-5 (A): days to consult before a decision is deemed notified.
FREE_DAYS = 15
# Code de la sécurité sociale, R.142-1-A (A).
CHALLENGE_MONTHS = 2
# Days before its last day at which an unread notification, and a challenge about to end, are reminded of (choices).
REMIND_UNREAD_DAYS, REMIND_CHALLENGE_DAYS = 5, 15

# What the sentences quote.
_CODE = f"code de la sécurité sociale, article L.{french.NBSP}242-5"
_ORDER = "arrêté du 8 octobre 2020"
_READING = f"lecture d'un praticien de l'article L.{french.NBSP}242-5 du code de la sécurité sociale"
_COURT = f"Cour de cassation, avis du 5 octobre 2023, n°{french.NBSP}23-70.009"


class Policy(StrEnum):
    """Which reading of the law dates a notification (domain.md, section 3). The first is the default."""

    # Consulted within fifteen days: that day. Else the day of availability (arrêté of 8 October 2020, B).
    AVAILABILITY = "availability"
    # Consulted within fifteen days: that day. Else the fifteenth day (one practitioner, C).
    FIFTEENTH_DAY = "fifteenth-day"
    # The first consultation, whenever it comes (Cass. avis 5 October 2023, 23-70.009, B); as long as nobody came
    # once fifteen days have run, the day of availability.
    FIRST_CONSULTATION = "first-consultation"


class Status(StrEnum):
    """Where a notification stands. AVAILABLE: no date yet. CONSULTED, DEEMED: what gave it its date."""

    AVAILABLE = "available"
    CONSULTED = "consulted"
    DEEMED = "deemed"


@dataclass(frozen=True)
class LegalState:
    """What the law says of a notification on a day.

    consulted: first consultation, be it too late to count. notified_on: None while AVAILABLE.
    last_free_day: last day to consult before it is deemed notified. challenge_until: last day to challenge.
    free_days_left, days_left: days after today up to these two, 0 on the last day and once it is over; None where the
    day itself is none. over: the challenge has ended. starts_clock: consulting it today dates the notification.
    sentence: which rule gave the date, in French.
    """

    policy: Policy
    status: Status
    available: dt.date
    consulted: dt.date | None
    notified_on: dt.date | None
    last_free_day: dt.date
    free_days_left: int
    challenge_until: dt.date | None
    days_left: int | None
    over: bool
    starts_clock: bool
    sentence: str


def legal_state(
    available: dt.date, consulted: dt.date | None, today: dt.date, policy: Policy = Policy.AVAILABILITY
) -> LegalState:
    """Return the legal dates of a notification as they stand today (domain.md, section 3).

    available: day it was put online. consulted: day of the first consultation by an entitled person of the enterprise,
    None without any; one before the day of availability counts on that day, for nothing is notified earlier.
    """
    consulted = max(available, consulted) if consulted else None
    status = _status(available, consulted, today, policy)
    notified = _notified_on(status, available, consulted, policy)
    challenge = challenge_until(notified) if notified else None
    return LegalState(
        policy=policy,
        status=status,
        available=available,
        consulted=consulted,
        notified_on=notified,
        last_free_day=last_free_day(available),
        free_days_left=_left(last_free_day(available), today),
        challenge_until=challenge,
        days_left=_left(challenge, today) if challenge else None,
        over=challenge is not None and today > challenge,
        starts_clock=consulted is None and (status == Status.AVAILABLE or policy == Policy.FIRST_CONSULTATION),
        sentence=_sentence(status, available, consulted, policy),
    )


def last_free_day(available: dt.date) -> dt.date:
    """Return the fifteenth day after that of availability, which is not counted (L.242-5; CPC 641, A).

    Available on 4 January, a decision may be consulted up to the 19th at 23:59; on the 20th it is deemed notified.
    """
    return available + dt.timedelta(days=FREE_DAYS)


def challenge_until(notified: dt.date) -> dt.date:
    """Return the last day to challenge: the same day of the month, two months later (R.142-1-A; CPC 641, A).

    A month that has no such day gives its last one. A Saturday, Sunday or holiday is not moved to the next working
    day, as CPC 642 would: the earlier day is the safe one to act on (choice).
    """
    months = notified.month - 1 + CHALLENGE_MONTHS
    year, month = notified.year + months // 12, months % 12 + 1
    return dt.date(year, month, min(notified.day, calendar.monthrange(year, month)[1]))


def notified_days(until: dt.date) -> list[dt.date]:
    """Return the days of notification whose challenge ends that day, earliest first: none, one or up to four."""
    days = [until - dt.timedelta(days=back) for back in range(62, 58, -1)]
    return [day for day in days if challenge_until(day) == until]


def _left(day: dt.date, today: dt.date) -> int:
    return max((day - today).days, 0)


def _status(available: dt.date, consulted: dt.date | None, today: dt.date, policy: Policy) -> Status:
    if consulted and (policy == Policy.FIRST_CONSULTATION or consulted <= last_free_day(available)):
        return Status.CONSULTED
    return Status.AVAILABLE if today <= last_free_day(available) else Status.DEEMED


def _notified_on(status: Status, available: dt.date, consulted: dt.date | None, policy: Policy) -> dt.date | None:
    if status == Status.AVAILABLE:
        return None
    if status == Status.CONSULTED:
        return consulted
    return last_free_day(available) if policy == Policy.FIFTEENTH_DAY else available


def _sentence(status: Status, available: dt.date, consulted: dt.date | None, policy: Policy) -> str:
    last = last_free_day(available)
    if status == Status.AVAILABLE:
        told = f"Pas encore consultée : jusqu'au {french.day(last)}, elle est notifiée le jour de sa consultation"
        source = _CODE
    elif status == Status.CONSULTED and consulted:
        told = f"Notifiée le {french.day(consulted)}, jour de sa première consultation"
        source = _CODE if consulted <= last else _COURT
    elif policy == Policy.FIFTEENTH_DAY:
        told = f"Réputée notifiée le {french.day(last)}, quinzième jour après sa mise à disposition, faute de lecture"
        source = _READING
    else:
        told = (
            f"Réputée notifiée le {french.day(available)}, jour de sa mise à disposition, "
            "faute de consultation dans les quinze jours"
        )
        source = _ORDER
    return french.typeset(f"{told} ({source}).")
