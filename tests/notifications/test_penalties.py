"""The penalty for not registering (domain.md, section 3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.penalties import CEILING, PER_HEAD, penalty


@pytest.mark.parametrize(
    ("year", "headcount", "per_head", "amount"),
    [
        (2022, 19, 18, 342),
        (2022, 20, 35, 700),
        (2024, 149, 39, 5811),
        (2025, 150, 59, 8850),
        (2026, 1, 21, 21),
        (2026, 163, 61, 9943),
        (2026, 0, 21, 0),
    ],
)
def test_each_band_has_its_amount(year: int, headcount: int, per_head: int, amount: int) -> None:
    found = penalty(headcount, year)
    assert found is not None
    assert (found.per_head, found.amount, found.capped) == (per_head, amount, False)


def test_it_stops_at_ten_thousand_euros() -> None:
    found = penalty(164, 2026)
    assert found is not None
    assert (found.amount, found.capped) == (10_000, True)


def test_a_year_without_known_amounts_has_none() -> None:
    assert penalty(10, 2021) is None
    assert penalty(10, 2027) is None


def test_a_negative_headcount_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^Un effectif n'est pas négatif\.$"):
        penalty(-1, 2026)


@given(st.sampled_from(sorted(PER_HEAD)), st.integers(0, 100_000))
def test_it_grows_with_the_headcount_up_to_the_ceiling(year: int, headcount: int) -> None:
    less, more = penalty(headcount, year), penalty(headcount + 1, year)
    assert less is not None
    assert more is not None
    assert 0 <= less.amount <= more.amount <= CEILING
