"""The clock: real time for machines, the portal's time for people."""

import datetime as dt

from pytest_django import Settings

from portal import clock


def fifteen_days() -> dt.timedelta:
    return dt.timedelta(days=15)


def test_without_an_offset_both_clocks_agree(fixed_day: dt.datetime) -> None:
    assert clock.now() == clock.real_now() == fixed_day


def test_an_offset_moves_the_portals_time_only(settings: Settings, fixed_day: dt.datetime) -> None:
    settings.CLOCK_OFFSET = "tests.portal.test_clock.fifteen_days"
    assert (clock.now() - fixed_day, clock.real_now()) == (dt.timedelta(days=15), fixed_day)


def test_a_day_is_a_day_in_paris() -> None:
    assert clock.day(dt.datetime(2027, 1, 20, 22, 59, tzinfo=dt.UTC)) == dt.date(2027, 1, 20)
    assert clock.day(dt.datetime(2027, 1, 20, 23, 0, tzinfo=dt.UTC)) == dt.date(2027, 1, 21)
