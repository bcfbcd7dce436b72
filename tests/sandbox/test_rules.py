"""How far a jump leads, and when work falls due on the way."""

import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import rules
from sandbox.rules import Jump

pytestmark = pytest.mark.usefixtures("machine_elsewhere")
PARIS = rules._PARIS
FIRST, LAST = dt.datetime.fromisoformat("2020-01-01"), dt.datetime.fromisoformat("2039-12-31")
INSTANTS = st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC))


def paris(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)


def spelled(instants: list[dt.datetime]) -> list[str]:
    return [instant.astimezone(PARIS).isoformat(" ", "minutes") for instant in instants]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2027-01-20 10:00", "2027-01-21 10:00"),
        ("2027-12-31 23:59", "2028-01-01 23:59"),
        ("2028-02-28 10:00", "2028-02-29 10:00"),
        # Both clock changes: 23 and 25 hours.
        ("2027-03-27 10:00", "2027-03-28 10:00"),
        ("2027-10-30 10:00", "2027-10-31 10:00"),
        # An hour that does not exist.
        ("2027-03-27 02:30", "2027-03-28 03:30"),
    ],
)
def test_a_day_later_it_is_the_same_hour_in_paris(start: str, end: str) -> None:
    assert rules.next_day(paris(start)) == paris(end)


def test_twenty_four_hours_are_real_ones() -> None:
    """The access delay (G2.8): over the change to summer time the clock on the wall shows eleven."""
    assert rules.end_of(Jump("x", hours=24), paris("2027-03-27 10:00")) == paris("2027-03-28 11:00")


@given(
    start=INSTANTS,
    days=st.integers(1, 120),
)
def test_a_jump_of_n_days_ends_where_n_jumps_of_one_day_do(start: dt.datetime, days: int) -> None:
    walked = start
    for _day in range(days):
        walked = rules.end_of(Jump("x", days=1), walked)
    assert rules.end_of(Jump("x", days=days), start) == walked


@given(
    start=INSTANTS,
    days=st.integers(1, 60),
    hours=st.integers(0, 30),
)
def test_steps_lead_forward_to_the_end(start: dt.datetime, days: int, hours: int) -> None:
    end = rules.end_of(Jump("x", days=days, hours=hours), start)
    reached, steps = start, 0
    while reached < end:
        step = rules.step_end(reached, end)
        moments = rules.due_moments(reached, step)
        assert moments == sorted(set(moments))
        assert (moments[0] > reached, moments[-1]) == (True, step)
        reached, steps = step, steps + 1
    assert reached == end
    assert steps <= days + 3


def test_a_day_to_arrive_on_keeps_the_hour() -> None:
    for day in ("2028-01-01", "2027-07-01"):
        jump = Jump("x", until=dt.date.fromisoformat(day))
        assert rules.end_of(jump, paris("2027-01-20 10:00")) == paris(f"{day} 10:00")


@pytest.mark.parametrize("days", [1, rules.MOST_DAYS])
def test_one_may_arrive_tomorrow_and_in_ten_years(days: int) -> None:
    """It is tomorrow in Auckland already."""
    start = paris("2027-01-20 13:00")
    assert rules.end_of(Jump("x", until=start.date() + dt.timedelta(days=days)), start) == (
        start + dt.timedelta(days=days)
    )


BACKWARD = "L'horloge n'avance que vers le futur : choisissez un jour après celui du portail."
TOO_FAR = "Dix ans à la fois suffisent : choisissez un jour plus proche."


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        (dt.date(2027, 1, 20), BACKWARD),
        (dt.date(2026, 12, 31), BACKWARD),
        (dt.date(2027, 1, 20) + dt.timedelta(days=rules.MOST_DAYS + 1), TOO_FAR),
    ],
)
def test_backward_and_too_far_are_refused(until: dt.date, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        rules.end_of(Jump("x", until=until), paris("2027-01-20 10:00"))


def test_work_falls_due_at_midnight_at_five_and_on_arrival() -> None:
    assert spelled(rules.due_moments(paris("2027-01-20 10:00"), paris("2027-01-21 10:00"))) == [
        "2027-01-20 17:00+01:00",
        "2027-01-21 00:00+01:00",
        "2027-01-21 10:00+01:00",
    ]


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_work_falls_due_by_the_days_of_paris_wherever_the_machine_is(zone: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        found = rules.due_moments(paris("2027-01-20 13:00"), paris("2027-01-21 02:00"))
    time.tzset()
    assert spelled(found) == ["2027-01-20 17:00+01:00", "2027-01-21 00:00+01:00", "2027-01-21 02:00+01:00"]


def test_a_start_is_over_and_an_arrival_comes_once() -> None:
    assert spelled(rules.due_moments(paris("2027-01-20 00:00"), paris("2027-01-21 00:00"))) == [
        "2027-01-20 17:00+01:00",
        "2027-01-21 00:00+01:00",
    ]


@pytest.mark.parametrize(
    ("at", "collected"),
    [
        ("2027-01-20 16:59", "2027-01-19 17:00"),
        ("2027-01-20 17:00", "2027-01-20 17:00"),
        ("2027-01-20 23:59", "2027-01-20 17:00"),
        ("2027-03-28 04:00", "2027-03-27 17:00"),
    ],
)
def test_the_post_was_last_collected_at_five(at: str, collected: str) -> None:
    assert rules.last_collection(paris(at)) == paris(collected)
    assert rules.is_collection(rules.last_collection(paris(at)))


@pytest.mark.parametrize(("hour", "day"), [(12, 23), (23, 24)])
def test_a_letter_travels_days_of_paris(hour: int, day: int) -> None:
    """It is the 21st at noon in Auckland, and only at eleven at night in Paris (UTC)."""
    assert rules.delivery_day(dt.datetime(2027, 1, 20, hour, 30, tzinfo=dt.UTC), 3) == dt.date(2027, 1, day)


def test_instants_are_in_utc() -> None:
    start, end = paris("2027-01-20 10:00"), paris("2027-01-21 18:00")
    found = [rules.next_day(start), rules.end_of(Jump("x", hours=1), start), *rules.due_moments(start, end)[:-1]]
    found += [rules.last_collection(start), rules.last_collection(end)]
    assert {instant.tzinfo for instant in found} == {dt.UTC}


def test_a_wait_leaves_out_what_the_clock_jumped_over() -> None:
    hour = dt.timedelta(hours=1)
    start = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
    jumps = [(start - 5 * hour, start - 4 * hour), (start - hour, start + hour), (start + 2 * hour, start + 5 * hour)]
    assert rules.lived(start, start + 6 * hour, []) == 6 * hour
    assert rules.lived(start, start + 6 * hour, jumps) == 2 * hour
    assert rules.lived(start + 3 * hour, start + 4 * hour, jumps) == dt.timedelta()
