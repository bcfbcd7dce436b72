"""Histograms as pure functions."""

from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.spread import LAST, Bar, bars, rate_bars


def test_a_bar_for_each_point_between_the_lowest_and_the_highest() -> None:
    assert [(bar.label, bar.count, bar.share) for bar in rate_bars({2: 4, 5: 1})] == [
        ("de 2 à 3 %", 4, 100.0),
        ("de 3 à 4 %", 0, 0.0),
        ("de 4 à 5 %", 0, 0.0),
        ("de 5 à 6 %", 1, 25.0),
    ]


def test_the_highest_rates_share_a_bar() -> None:
    assert [(bar.label, bar.count) for bar in rate_bars({14: 1, 15: 2, 40: 3})] == [
        ("de 14 à 15 %", 1),
        ("15 % et plus", 5),
    ]


def test_a_share_has_one_decimal_and_zeros_have_no_length() -> None:
    assert [bar.share for bar in bars([("un", 3), ("deux", 1), ("trois", 0)])] == [100.0, 33.3, 0.0]
    assert bars([("un", 0)]) == [Bar("un", 0, 0.0)]


def test_nothing_makes_no_bar() -> None:
    assert (rate_bars({}), bars([])) == ([], [])


@given(st.dictionaries(st.integers(0, 99), st.integers(1, 10_000), min_size=1))
def test_no_rate_is_lost_and_the_longest_bar_is_whole(by_point: dict[int, int]) -> None:
    drawn = rate_bars(by_point)
    assert sum(bar.count for bar in drawn) == sum(by_point.values())
    assert max(bar.share for bar in drawn) == 100
    assert len(drawn) <= LAST + 1
