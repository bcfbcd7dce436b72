"""Dates of a scenario, counted from the portal's clock."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import PARIS
from sandbox.scenario.dates import WrongDate, parse
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("aujourd'hui", "2027-01-20 10:00"),
        ("Aujourd’hui", "2027-01-20 10:00"),
        ("+1 jour", "2027-01-21 10:00"),
        ("-14 jours", "2027-01-06 10:00"),
        ("−14 jours", "2027-01-06 10:00"),
        ("-2 semaines", "2027-01-06 10:00"),
        ("-3 mois", "2026-10-20 10:00"),
        ("-3 ans", "2024-01-20 10:00"),
        ("-36 heures", "2027-01-18 22:00"),
        ("1er janvier", "2027-01-01 09:00"),
        ("le 1er janvier -1 an", "2026-01-01 09:00"),
        ("31 mars -1 mois", "2027-02-28 09:00"),
        ("trimestre prochain", "2027-04-01 09:00"),
        ("trimestre prochain -1 jour", "2027-03-31 09:00"),
        # At the same hour in Paris, on the other side of the clock change.
        ("+6 mois", "2027-07-20 10:00"),
    ],
)
def test_a_date_is_counted_from_now(text: str, shown: str) -> None:
    assert f"{parse(text, NOW).astimezone(PARIS):%Y-%m-%d %H:%M}" == shown


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "date absente"),
        ("hier", "n'est pas une date"),
        ("-3", "n'est pas une date"),
        ("-3 moisson", "n'est pas une date"),
        ("31 février", "ce jour n'existe pas"),
        ("2026-01-01", "n'est pas une date"),
        ("-900 ans", "trop loin"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, told: str) -> None:
    with pytest.raises(WrongDate, match=told):
        parse(text, NOW)


@given(st.dates(dt.date(2020, 1, 1), dt.date(2080, 12, 31)), st.sampled_from(["trimestre prochain", "-14 jours"]))
def test_the_same_words_follow_the_clock(day: dt.date, text: str) -> None:
    now = dt.datetime.combine(day, dt.time(12), PARIS)
    found = parse(text, now).astimezone(PARIS).date()
    if text == "-14 jours":
        assert day - found == dt.timedelta(days=14)
    else:
        assert (found.day, found.month % 3, 0 < (found - day).days <= 92) == (1, 1, True)
