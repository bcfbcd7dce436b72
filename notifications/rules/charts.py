"""The drawing of a rate's history, as pure functions."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from portal.kit import french

# The frame of templates/components/step_chart.html: labels stand left, above and below, the last value at the right.
_WIDTH, _HEIGHT = 680, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 592, 32, 188
# Room that a value takes beside its point.
_VALUE_ROOM = 66
_MOST_YEARS = 10


@dataclass(frozen=True)
class ChartPoint:
    """A change of rate: where it is drawn, its day and its rate. crowded: no room to write the rate beside it."""

    x: float
    y: float
    label: str
    value: str
    crowded: bool


@dataclass(frozen=True)
class ChartTick:
    """A mark on an axis."""

    position: float
    label: str


@dataclass(frozen=True)
class StepChart:
    """What templates/components/step_chart.html draws, in units of its viewBox.

    path: the `d` of the line; beside: that of the second one, dashed, empty without any. title: the whole in one
    sentence, for who does not see it.
    """

    width: int
    height: int
    path: str
    beside: str
    points: tuple[ChartPoint, ...]
    ticks_x: tuple[ChartTick, ...]
    ticks_y: tuple[ChartTick, ...]
    title: str


def step_chart(
    points: list[tuple[dt.date, Decimal]], until: dt.date, collective: Mapping[int, Decimal] | None = None
) -> StepChart:
    """Draw the history of a rate, oldest first, over whole years up to that of `until` or of the last change.

    A rate holds until the next one; the last runs on to the end. collective: the code's rate in each year that a tariff
    has it; the second line has a gap in the others. Raises ValueError when there is no point.
    """
    days, rates = [day for day, _rate in points], [rate for _day, rate in points]
    years = range(min(days).year, max(*days, until).year + 1)
    first = dt.date(years.start, 1, 1)
    whole = (dt.date(years.stop, 1, 1) - first).days
    beside = [(year, collective[year]) for year in years if year in collective] if collective else []
    drawn = [*rates, *(rate for _year, rate in beside)]
    levels = _levels(min(drawn), max(drawn))

    def x(day: dt.date) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * (day - first).days / whole, 1)

    def y(rate: Decimal) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * float((rate - levels[0]) / (levels[-1] - levels[0])), 1)

    xs, ys = [x(day) for day in days], [y(rate) for rate in rates]
    ends = [*xs[1:], _RIGHT]
    known = {year: (x(dt.date(year, 1, 1)), y(rate), x(dt.date(year + 1, 1, 1))) for year, rate in beside}
    crowded = [following - here < _VALUE_ROOM for here, following in pairwise(xs)] + [False]
    every = -(-len(years) // _MOST_YEARS)
    return StepChart(
        width=_WIDTH,
        height=_HEIGHT,
        path=f"M{xs[0]:g} {ys[0]:g}H{ends[0]:g}" + "".join(f"V{ys[i]:g}H{ends[i]:g}" for i in range(1, len(xs))),
        beside="".join(
            (f"V{level:g}" if year - 1 in known else f"M{start:g} {level:g}") + f"H{end:g}"
            for year, (start, level, end) in known.items()
        ),
        points=tuple(
            ChartPoint(xs[i], ys[i], french.day(days[i]), french.rate(rates[i]), crowded[i]) for i in range(len(xs))
        ),
        ticks_x=tuple(ChartTick(x(dt.date(year, 1, 1)), str(year)) for year in years[::every]),
        ticks_y=tuple(ChartTick(y(level), f"{level:f}".replace(".", ",") + f"{french.NBSP}%") for level in levels),
        title=_title(points) + _beside_title(beside),
    )


def _levels(lowest: Decimal, highest: Decimal) -> list[Decimal]:
    """Return two to six round levels around the rates, over at least one point, so that a small change looks small."""
    spare = max(Decimal(0), 1 - (highest - lowest)) / 2
    bottom = max(Decimal(0), lowest - spare)
    top = max(highest + spare, bottom + 1)
    step = next(step for step in map(Decimal, ("0.5", "1", "2", "5", "10", "20", "50")) if (top - bottom) / step <= 4)
    start = (bottom / step).to_integral_value(ROUND_FLOOR)
    stop = (top / step).to_integral_value(ROUND_CEILING)
    return [step * index for index in range(int(start), int(stop) + 1)]


def _title(points: list[tuple[dt.date, Decimal]]) -> str:
    (first, old), (last, new) = points[0], points[-1]
    if len(points) == 1:
        return f"Taux de {french.rate(old)} depuis le {french.day(first)}"
    return f"Taux de {french.rate(old)} le {french.day(first)}, de {french.rate(new)} le {french.day(last)}"


def _beside_title(beside: list[tuple[int, Decimal]]) -> str:
    if not beside:
        return ""
    (first, old), (last, new) = beside[0], beside[-1]
    told = f" ; taux collectif du code de {french.rate(old)} en {first}"
    return told if first == last else f"{told}, de {french.rate(new)} en {last}"
