"""How rates are spread over their range, and how many days something took, as bars of a table: pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass

# Rates of this many percent and more share the last bar (a choice: few codes go beyond).
LAST = 15


@dataclass(frozen=True)
class Bar:
    """One bar of a chart. label: what is counted. count: how many. share: length, in percent of the longest bar."""

    label: str
    count: int
    share: float


def bars(counts: Iterable[tuple[str, int]]) -> list[Bar]:
    """Return bars in the order given; the longest is whole."""
    rows = list(counts)
    longest = max((count for _label, count in rows), default=0)
    return [Bar(label, count, round(100 * count / longest, 1) if longest else 0.0) for label, count in rows]


def rate_bars(by_point: dict[int, int]) -> list[Bar]:
    """Return the histogram of rates, one bar a point between the lowest and the highest. by_point: whole part → count.

    A bar without any rate between two others is kept: the shape is what one looks at.
    """
    if not by_point:
        return []
    kept: dict[int, int] = {}
    for point, count in by_point.items():
        kept[min(point, LAST)] = kept.get(min(point, LAST), 0) + count
    return bars(
        (f"{point} % et plus" if point == LAST else f"de {point} à {point + 1} %", kept.get(point, 0))
        for point in range(min(kept), max(kept) + 1)
    )
