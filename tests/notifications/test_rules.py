"""Rates as typed or published, and the geometry of the step chart."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules import ChartTick, RateError, parse_rate, step_chart

RATES = st.decimals(min_value=0, max_value="99.9999", places=4)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2100, 12, 31))
UNTIL = dt.date(2027, 1, 20)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("8,83", "8.83"),
        ("7,38%", "7.38"),
        ("6,64 %", "6.64"),
        ("6,64\N{NO-BREAK SPACE}%", "6.64"),
        ("6,64\N{NARROW NO-BREAK SPACE}%", "6.64"),
        (" 7.39 ", "7.39"),
        ("0", "0"),
        ("0,0010", "0.0010"),
        ("99", "99"),
        ("99,9999", "99.9999"),
        ("007,39", "7.39"),
    ],
)
def test_a_rate_is_read_as_typed_or_published(text: str, rate: str) -> None:
    """domain.md, section 5."""
    assert parse_rate(text) == Decimal(rate)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Taux absent."),
        (" \N{NO-BREAK SPACE}", "Taux absent."),
        ("-1", "« -1 » : un taux n'est pas négatif."),
        ("−0,5", "« −0,5 » : un taux n'est pas négatif."),
        ("100", "« 100 » : un taux est inférieur à 100."),
        ("1000 %", "« 1000 % » : un taux est inférieur à 100."),
        ("7,39000", "« 7,39000 » : un taux a quatre décimales au plus."),
        ("abc", "« abc » n'est pas un taux : écrivez-le comme 7,39."),
        ("7,3,9", "« 7,3,9 » n'est pas un taux : écrivez-le comme 7,39."),
        ("7,39 %%", "« 7,39 %% » n'est pas un taux : écrivez-le comme 7,39."),
        ("7,", "« 7, » n'est pas un taux : écrivez-le comme 7,39."),
        (",39", "« ,39 » n'est pas un taux : écrivez-le comme 7,39."),
        ("٧", "« ٧ » n'est pas un taux : écrivez-le comme 7,39."),
        ("1e1", "« 1e1 » n'est pas un taux : écrivez-le comme 7,39."),
        ("NaN", "« NaN » n'est pas un taux : écrivez-le comme 7,39."),
        ("9" * 1000, f"« {'9' * 40} » n'est pas un taux : écrivez-le comme 7,39."),
    ],
)
def test_a_text_that_is_no_rate_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(RateError, match=f"^{re.escape(sentence)}$"):
        parse_rate(text)


@given(rate=RATES, separator=st.sampled_from(".,"), unit=st.sampled_from(("", "%", " %", "\N{NO-BREAK SPACE}%")))
def test_every_rate_is_read_back_from_each_of_its_spellings(rate: Decimal, separator: str, unit: str) -> None:
    assert parse_rate(f"{rate:.4f}".replace(".", separator) + unit) == rate


@given(st.text())
def test_any_text_gives_a_rate_in_range_or_a_sentence(text: str) -> None:
    try:
        assert 0 <= parse_rate(text) < 100
    except RateError as error:
        assert str(error).endswith(".")  # noqa: PT017 - either outcome is right


def changes(*points: tuple[int, str]) -> list[tuple[dt.date, Decimal]]:
    """Return rates that change on 1 January of each year given."""
    return [(dt.date(year, 1, 1), Decimal(rate)) for year, rate in points]


def test_a_rate_holds_until_the_next_one_and_the_last_to_the_end() -> None:
    chart = step_chart(changes((2025, "2"), (2026, "3"), (2027, "2.5")), UNTIL)
    assert (chart.width, chart.height) == (680, 220)
    assert chart.path == "M72 188H245.3V32H418.7V110H592"
    assert [(point.x, point.y) for point in chart.points] == [(72, 188), (245.3, 32), (418.7, 110)]
    assert chart.ticks_x == (ChartTick(72, "2025"), ChartTick(245.3, "2026"), ChartTick(418.7, "2027"))
    assert chart.ticks_y == (ChartTick(188, "2,0\xa0%"), ChartTick(110, "2,5\xa0%"), ChartTick(32, "3,0\xa0%"))


def test_points_carry_their_day_and_their_rate_in_french() -> None:
    chart = step_chart([*changes((2026, "7.31")), (dt.date(2026, 5, 2), Decimal("0.0198"))], UNTIL)
    assert [(point.label, point.value) for point in chart.points] == [
        ("1er janvier 2026", "7,31\xa0%"),
        ("2 mai 2026", "0,0198\xa0%"),
    ]


def test_the_title_says_the_whole_in_one_sentence() -> None:
    assert step_chart(changes((2027, "7.39")), UNTIL).title == "Taux de 7,39\xa0% depuis le 1er janvier 2027"
    assert (
        step_chart(changes((2025, "7.31"), (2026, "9"), (2027, "7.39")), UNTIL).title
        == "Taux de 7,31\xa0% le 1er janvier 2025, de 7,39\xa0% le 1er janvier 2027"
    )


def test_the_collective_rate_is_a_second_line_with_a_gap_where_no_tariff_has_it() -> None:
    collective = {2024: Decimal(9), 2025: Decimal(2), 2026: Decimal(3), 2028: Decimal(4)}
    chart = step_chart(changes((2025, "3"), (2028, "2")), UNTIL, collective)
    assert chart.beside == "M72 188H201.9V110H331.8M461.7 32H592"
    assert [tick.label for tick in chart.ticks_y] == ["2,0\xa0%", "2,5\xa0%", "3,0\xa0%", "3,5\xa0%", "4,0\xa0%"]
    assert chart.title.endswith("; taux collectif du code de 2,00\xa0% en 2025, de 4,00\xa0% en 2028")


def test_a_collective_rate_of_one_year_is_told_once() -> None:
    chart = step_chart(changes((2026, "3")), UNTIL, {2027: Decimal(9)})
    assert chart.title.endswith("2026 ; taux collectif du code de 9,00\xa0% en 2027")


def test_without_a_tariff_of_its_years_there_is_one_line() -> None:
    alone = step_chart(changes((2027, "7.39")), UNTIL)
    assert step_chart(changes((2027, "7.39")), UNTIL, {2024: Decimal(9)}) == alone
    assert alone.beside == ""


def test_the_axis_runs_to_the_year_of_the_last_change_when_it_is_still_to_come() -> None:
    chart = step_chart(changes((2027, "2"), (2028, "3")), UNTIL)
    assert [tick.label for tick in chart.ticks_x] == ["2027", "2028"]


def test_the_axis_runs_to_the_current_year_when_nothing_changed_since() -> None:
    chart = step_chart(changes((2024, "2")), UNTIL)
    assert [tick.label for tick in chart.ticks_x] == ["2024", "2025", "2026", "2027"]
    assert chart.path == "M72 110H592"


def test_a_long_history_names_some_of_its_years_only() -> None:
    chart = step_chart(changes((2003, "2")), UNTIL)
    assert [tick.label for tick in chart.ticks_x] == [str(year) for year in range(2003, 2028, 3)]


def test_a_value_without_room_before_the_next_point_is_crowded() -> None:
    months = [(dt.date(2026, month, 1), Decimal(2)) for month in (1, 8, 9)]
    assert [point.crowded for point in step_chart(months, UNTIL).points] == [False, True, False]


def test_a_value_that_just_has_its_room_is_not_crowded() -> None:
    """139 days of three years are 66.0 units."""
    start = dt.date(2025, 1, 1)
    points = [(start, Decimal(2)), (start + dt.timedelta(days=139), Decimal("2.33"))]
    assert [(point.x, point.y, point.crowded) for point in step_chart(points, UNTIL).points] == [
        (72, 136, False),
        (138, 101.7, False),
    ]


def test_the_last_value_is_written_even_at_the_end_of_the_year() -> None:
    chart = step_chart([(dt.date(2027, 12, 31), Decimal("12.1234"))], UNTIL)
    assert [point.crowded for point in chart.points] == [False]


@pytest.mark.parametrize(
    ("rates", "labels"),
    [
        (["0"], ["0,0", "0,5", "1,0"]),
        (["0.0010"], ["0,0", "0,5", "1,0"]),
        (["7.31", "7.39"], ["6,5", "7,0", "7,5", "8,0"]),
        (["1.87", "2.40", "4.10"], ["1", "2", "3", "4", "5"]),
        (["99", "0"], ["0", "50", "100"]),
        (["99.9999"], ["99,0", "99,5", "100,0", "100,5"]),
    ],
)
def test_levels_are_round_and_a_small_change_looks_small(rates: list[str], labels: list[str]) -> None:
    points = changes(*((2026 - i, rate) for i, rate in enumerate(rates)))[::-1]
    assert [tick.label for tick in step_chart(points, UNTIL).ticks_y] == [f"{label}\xa0%" for label in labels]


@given(days=st.lists(DAYS, min_size=1, max_size=40, unique=True).map(sorted), data=st.data(), until=DAYS)
def test_nothing_is_drawn_outside_the_frame(days: list[dt.date], data: st.DataObject, until: dt.date) -> None:
    points = [(day, data.draw(RATES)) for day in days]
    chart = step_chart(points, until)
    assert all(72 <= point.x <= 592 and 32 <= point.y <= 188 for point in chart.points)
    assert [point.x for point in chart.points] == sorted(point.x for point in chart.points)
    assert 1 <= len(chart.ticks_x) <= 10
    assert 2 <= len(chart.ticks_y) <= 6
    assert chart.path.count("V") == len(points) - 1


def test_a_history_without_any_rate_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="empty"):
        step_chart([], UNTIL)
