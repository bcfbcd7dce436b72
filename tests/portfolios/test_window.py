"""Three calendar months, counted backward from the day of asking (G0.5)."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolios.rules.window import first_day, last_day

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31))


def plain(today: dt.date) -> dt.date:
    """Walk back day by day to the third month before, then to the same day of it or its last one."""
    wanted, day = today.day, today
    for _month in range(3):
        day = day.replace(day=1) - dt.timedelta(days=1)
    while day.day > wanted:
        day -= dt.timedelta(days=1)
    return day


@pytest.mark.parametrize(
    ("filed", "last"),
    [
        ("2026-11-30", "2027-02-28"),
        ("2027-01-31", "2027-04-30"),
        ("2028-02-29", "2028-05-31"),
        ("2027-02-28", "2027-05-31"),
        ("2028-02-28", "2028-05-28"),
        ("2026-12-15", "2027-03-15"),
        ("2027-11-30", "2028-02-29"),
        ("2026-08-31", "2026-11-30"),
    ],
)
def test_month_ends(filed: str, last: str) -> None:
    day, end = dt.date.fromisoformat(filed), dt.date.fromisoformat(last)
    assert last_day(day) == end
    assert (first_day(end) <= day, first_day(end + dt.timedelta(days=1)) <= day) == (True, False)


@given(DAYS)
def test_the_first_day_is_the_plain_references(today: dt.date) -> None:
    assert first_day(today) == plain(today)


@given(DAYS)
def test_the_last_day_is_in_and_the_next_is_out(filed: dt.date) -> None:
    end = last_day(filed)
    assert first_day(end) <= filed < first_day(end + dt.timedelta(days=1))
