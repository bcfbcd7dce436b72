"""The rates in force of many establishments, seen together: three queries, however many there are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Count, Exists, Max, Min, OuterRef, Q
from django.db.models.functions import Floor

from notifications.models.decision import RateDecisionQuerySet
from notifications.models.tariff import CollectiveRate
from notifications.rules.spread import Bar, rate_bars


@dataclass(frozen=True)
class CodeSpread:
    """The rates of one code. collective: net rate of its tariff's latest year, None when no tariff has the code.

    gap: mean less collective, in points; None without a collective rate.
    """

    code: str
    count: int
    lowest: Decimal
    mean: Decimal
    highest: Decimal
    collective: CollectiveRate | None

    @property
    def gap(self) -> Decimal | None:
        """Return how far the mean is above the collective rate."""
        return self.mean - self.collective.rate if self.collective else None


@dataclass(frozen=True)
class Spread:
    """A histogram of rates, and the same code by code."""

    bars: list[Bar]
    codes: list[CodeSpread]

    @property
    def count(self) -> int:
        """Return how many rates there are."""
        return sum(code.count for code in self.codes)


def spread(decisions: RateDecisionQuerySet, day: dt.date) -> Spread:
    """Return how the rates in force on a day are spread, of these decisions."""
    later = decisions.filter(
        Q(effective_on__gt=OuterRef("effective_on"))
        | Q(effective_on=OuterRef("effective_on"), version__gt=OuterRef("version")),
        establishment=OuterRef("establishment"),
        code_risque=OuterRef("code_risque"),
        effective_on__lte=day,
    )
    in_force = decisions.filter(effective_on__lte=day).exclude(Exists(later)).order_by()
    by_point = in_force.annotate(point=Floor("rate")).values_list("point").annotate(count=Count("pk"))
    by_code = in_force.values("code_risque").annotate(
        count=Count("pk"), lowest=Min("rate"), mean=Avg("rate"), highest=Max("rate")
    )
    rows = list(by_code.order_by("-count", "code_risque"))
    named = CollectiveRate.objects.filter(code__in=[row["code_risque"] for row in rows], tariff__lte=day.year)
    collective = {one.code: one for one in named.order_by("tariff_id")}
    return Spread(
        bars=rate_bars({int(point): count for point, count in by_point}),
        codes=[
            CodeSpread(
                code=row["code_risque"],
                count=row["count"],
                lowest=row["lowest"],
                mean=round(Decimal(row["mean"]), 2),
                highest=row["highest"],
                collective=collective.get(row["code_risque"]),
            )
            for row in rows
        ],
    )
