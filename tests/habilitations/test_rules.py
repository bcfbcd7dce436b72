"""The access delay, in real hours (G2.8)."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habilitations.rules import opens_at

PARIS = ZoneInfo("Europe/Paris")


@given(st.datetimes(timezones=st.just(dt.UTC)).filter(lambda d: d.year < 9999), st.integers(0, 1000))
def test_the_delay_is_counted_in_hours(registered: dt.datetime, hours: int) -> None:
    assert opens_at(registered, hours) - registered == dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    ("registered", "opens"),
    [
        (dt.datetime(2027, 1, 20, 10, tzinfo=PARIS), dt.datetime(2027, 1, 21, 10, tzinfo=PARIS)),
        # The night of the clock change has 23 or 25 hours: the wall clock shifts, the delay does not.
        (dt.datetime(2027, 3, 27, 12, tzinfo=PARIS), dt.datetime(2027, 3, 28, 13, tzinfo=PARIS)),
        (dt.datetime(2027, 10, 30, 12, tzinfo=PARIS), dt.datetime(2027, 10, 31, 11, tzinfo=PARIS)),
    ],
)
def test_a_clock_change_does_not_change_the_delay(registered: dt.datetime, opens: dt.datetime) -> None:
    assert opens_at(registered, 24).isoformat() == opens.isoformat()
