"""Legal dates: day 0, 15, 16 and never, to the minute in Paris, under each policy (domain.md, section 3)."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules import (
    LegalState,
    Policy,
    Status,
    challenge_until,
    last_free_day,
    legal_state,
    notified_days,
)
from portal import clock

PARIS = ZoneInfo("Europe/Paris")
AVAILABLE = dt.date(2027, 1, 4)
DAY_15, DAY_16 = dt.date(2027, 1, 19), dt.date(2027, 1, 20)
LATER = dt.date(2027, 2, 10)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
POLICIES = st.sampled_from(Policy)


def paris(day: dt.date, hour: int, minute: int) -> dt.date:
    """Return the day in Paris of that hour, by way of UTC, as the portal does."""
    return clock.day(dt.datetime.combine(day, dt.time(hour, minute), PARIS).astimezone(dt.UTC))


@pytest.mark.parametrize(
    ("policy", "consulted", "notified"),
    [
        # Day 0, first and last minute.
        (Policy.AVAILABILITY, paris(AVAILABLE, 0, 0), AVAILABLE),
        (Policy.AVAILABILITY, paris(AVAILABLE, 23, 59), AVAILABLE),
        (Policy.FIFTEENTH_DAY, paris(AVAILABLE, 23, 59), AVAILABLE),
        (Policy.FIRST_CONSULTATION, paris(AVAILABLE, 23, 59), AVAILABLE),
        # Day 15, 00:00 and 23:59: still in time.
        (Policy.AVAILABILITY, paris(DAY_15, 0, 0), DAY_15),
        (Policy.AVAILABILITY, paris(DAY_15, 23, 59), DAY_15),
        (Policy.FIFTEENTH_DAY, paris(DAY_15, 23, 59), DAY_15),
        (Policy.FIRST_CONSULTATION, paris(DAY_15, 23, 59), DAY_15),
        # Day 16, 00:00: too late, but for the Cour de cassation.
        (Policy.AVAILABILITY, paris(DAY_16, 0, 0), AVAILABLE),
        (Policy.FIFTEENTH_DAY, paris(DAY_16, 0, 0), DAY_15),
        (Policy.FIRST_CONSULTATION, paris(DAY_16, 0, 0), DAY_16),
        (Policy.AVAILABILITY, LATER, AVAILABLE),
        (Policy.FIFTEENTH_DAY, LATER, DAY_15),
        (Policy.FIRST_CONSULTATION, LATER, LATER),
        # Never.
        (Policy.AVAILABILITY, None, AVAILABLE),
        (Policy.FIFTEENTH_DAY, None, DAY_15),
        (Policy.FIRST_CONSULTATION, None, AVAILABLE),
    ],
)
def test_a_policy_dates_the_notification(policy: Policy, consulted: dt.date | None, notified: dt.date) -> None:
    assert legal_state(AVAILABLE, consulted, LATER, policy).notified_on == notified


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize(
    ("today", "status", "left"),
    [
        (paris(AVAILABLE, 0, 0), Status.AVAILABLE, 15),
        (paris(DAY_15, 0, 0), Status.AVAILABLE, 0),
        (paris(DAY_15, 23, 59), Status.AVAILABLE, 0),
        (paris(DAY_16, 0, 0), Status.DEEMED, 0),
    ],
)
def test_unread_it_is_open_up_to_the_last_minute_of_day_15(
    policy: Policy, today: dt.date, status: Status, left: int
) -> None:
    state = legal_state(AVAILABLE, None, today, policy)
    assert (state.status, state.free_days_left, state.last_free_day) == (status, left, DAY_15)
    assert (state.notified_on is None) == (state.challenge_until is None) == (state.days_left is None)
    assert (state.notified_on is None) == (status == Status.AVAILABLE)


@pytest.mark.parametrize(
    ("policy", "today", "consulted", "starts"),
    [
        (Policy.AVAILABILITY, DAY_15, None, True),
        (Policy.AVAILABILITY, DAY_16, None, False),
        (Policy.FIFTEENTH_DAY, DAY_16, None, False),
        (Policy.FIRST_CONSULTATION, DAY_16, None, True),
        (Policy.AVAILABILITY, DAY_15, AVAILABLE, False),
        (Policy.FIRST_CONSULTATION, DAY_16, DAY_15, False),
    ],
)
def test_opening_starts_the_clock_only_while_nothing_else_did(
    policy: Policy, today: dt.date, consulted: dt.date | None, starts: bool
) -> None:
    assert legal_state(AVAILABLE, consulted, today, policy).starts_clock == starts


@pytest.mark.parametrize(
    ("notified", "until"),
    [
        (dt.date(2027, 1, 4), dt.date(2027, 3, 4)),
        (dt.date(2026, 12, 28), dt.date(2027, 2, 28)),
        (dt.date(2026, 12, 29), dt.date(2027, 2, 28)),
        (dt.date(2026, 12, 31), dt.date(2027, 2, 28)),
        (dt.date(2027, 12, 31), dt.date(2028, 2, 29)),
        (dt.date(2027, 7, 31), dt.date(2027, 9, 30)),
        (dt.date(2027, 4, 30), dt.date(2027, 6, 30)),
        (dt.date(2027, 11, 30), dt.date(2028, 1, 30)),
    ],
)
def test_a_challenge_ends_two_months_later_or_at_the_end_of_the_month(notified: dt.date, until: dt.date) -> None:
    """CPC, article 641."""
    assert challenge_until(notified) == until


@pytest.mark.parametrize(
    ("today", "left", "over"),
    [
        (dt.date(2027, 1, 20), 43, False),
        (dt.date(2027, 3, 3), 1, False),
        (paris(dt.date(2027, 3, 4), 23, 59), 0, False),
        (paris(dt.date(2027, 3, 5), 0, 0), 0, True),
    ],
)
def test_days_are_counted_to_the_last_one(today: dt.date, left: int, over: bool) -> None:
    state = legal_state(AVAILABLE, AVAILABLE, today)
    assert (state.challenge_until, state.days_left, state.over) == (dt.date(2027, 3, 4), left, over)


def test_a_consultation_before_the_day_of_availability_counts_on_that_day() -> None:
    """Cass. avis 23-70.009: the consultation counts even before the mail; nothing is notified before it is online."""
    assert legal_state(AVAILABLE, AVAILABLE - dt.timedelta(days=1), DAY_15).notified_on == AVAILABLE


@pytest.mark.parametrize(
    ("policy", "consulted", "today", "sentence"),
    [
        (
            Policy.AVAILABILITY,
            None,
            DAY_15,
            "Pas encore consultée : jusqu'au 19 janvier 2027, elle est notifiée le jour de sa consultation"
            " (code de la sécurité sociale, article L. 242-5).",
        ),
        (
            Policy.AVAILABILITY,
            DAY_15,
            DAY_16,
            "Notifiée le 19 janvier 2027, jour de sa première consultation"
            " (code de la sécurité sociale, article L. 242-5).",
        ),
        (
            Policy.AVAILABILITY,
            None,
            DAY_16,
            "Réputée notifiée le 4 janvier 2027, jour de sa mise à disposition, faute de consultation dans les quinze"
            " jours (arrêté du 8 octobre 2020).",
        ),
        # Consulted, but too late to count.
        (
            Policy.AVAILABILITY,
            DAY_16,
            LATER,
            "Réputée notifiée le 4 janvier 2027, jour de sa mise à disposition, faute de consultation dans les quinze"
            " jours (arrêté du 8 octobre 2020).",
        ),
        (
            Policy.FIFTEENTH_DAY,
            None,
            DAY_16,
            "Réputée notifiée le 19 janvier 2027, quinzième jour après sa mise à disposition, faute de lecture"
            " (lecture d'un praticien de l'article L. 242-5 du code de la sécurité sociale).",
        ),
        (
            Policy.FIRST_CONSULTATION,
            DAY_16,
            LATER,
            "Notifiée le 20 janvier 2027, jour de sa première consultation"
            " (Cour de cassation, avis du 5 octobre 2023, n° 23-70.009).",
        ),
    ],
)
def test_the_sentence_names_the_rule_that_gave_the_date(
    policy: Policy, consulted: dt.date | None, today: dt.date, sentence: str
) -> None:
    assert legal_state(AVAILABLE, consulted, today, policy).sentence.replace("\xa0", " ") == sentence


def test_a_state_holds_all_that_the_law_says() -> None:
    """Consulted too late to count, and its challenge over."""
    state = legal_state(AVAILABLE, DAY_16, dt.date(2027, 3, 21), Policy.FIFTEENTH_DAY)
    assert state == LegalState(
        policy=Policy.FIFTEENTH_DAY,
        status=Status.DEEMED,
        available=AVAILABLE,
        consulted=DAY_16,
        notified_on=DAY_15,
        last_free_day=DAY_15,
        free_days_left=0,
        challenge_until=dt.date(2027, 3, 19),
        days_left=0,
        over=True,
        starts_clock=False,
        sentence=state.sentence,
    )


@pytest.mark.parametrize(
    ("until", "days"),
    [
        ("2027-03-04", ["2027-01-04"]),
        # The longest way back, and the shortest.
        ("2027-09-01", ["2027-07-01"]),
        ("2027-03-01", ["2027-01-01"]),
        ("2027-02-28", ["2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31"]),
        ("2028-02-29", ["2027-12-29", "2027-12-30", "2027-12-31"]),
        ("2027-01-31", []),
    ],
)
def test_the_days_whose_challenge_ends_together_are_found_back(until: str, days: list[str]) -> None:
    assert [day.isoformat() for day in notified_days(dt.date.fromisoformat(until))] == days


@given(available=DAYS, wait=st.none() | st.integers(0, 400), since=st.integers(0, 400), policy=POLICIES)
def test_whatever_the_days_the_dates_hold_together(
    available: dt.date, wait: int | None, since: int, policy: Policy
) -> None:
    consulted = None if wait is None else available + dt.timedelta(days=wait)
    today = (consulted or available) + dt.timedelta(days=since)
    state = legal_state(available, consulted, today, policy)
    assert state.last_free_day == last_free_day(available)
    if state.notified_on:
        assert available <= state.notified_on <= today
        assert 59 <= (challenge_until(state.notified_on) - state.notified_on).days <= 62
    else:
        assert (consulted, today <= state.last_free_day) == (None, True)


@given(first=DAYS, second=DAYS)
def test_who_is_notified_later_never_has_less_time(first: dt.date, second: dt.date) -> None:
    assert (first <= second) <= (challenge_until(first) <= challenge_until(second))
