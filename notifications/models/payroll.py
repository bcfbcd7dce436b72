"""Payroll against notifications: where a DSN applied another code or rate than the one notified for its month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Round

from notifications.models.decision import RateDecision
from portfolios.models import DsnRate
from portfolios.rules.dsn import NOT_YET_NOTIFIED

# The reduced codes of support functions: building trade, elsewhere (domain.md, section 4, B).
SUPPORT_CODES = ("00.00A", "00.00B")
# A DSN writes two decimals (dsn.md, S21.G00.40.043).
_DECIMALS = 2


def differences(rates: QuerySet[DsnRate], decisions: QuerySet[RateDecision]) -> QuerySet[DsnRate]:
    """Keep the rates of DSN that differ from the decision in force on the first of their month (dsn.md).

    decisions: those to compare with. An establishment without any decision by then cannot be compared, nor can a DSN
    without month. Support functions are compared with their reduced code. Adds notified: the id of the decision of
    that code, None when there is none.
    """
    in_force = decisions.filter(
        establishment=OuterRef("filing__establishment"), effective_on__lte=OuterRef("filing__month")
    )
    latest = in_force.order_by("-effective_on", "-version")
    by_code, reduced = latest.filter(code_risque=OuterRef("code")), latest.filter(code_risque__in=SUPPORT_CODES)

    def of(column: str) -> Case:
        one = [Subquery(found.values(column)[:1]) for found in (reduced, by_code)]
        return Case(When(support=True, then=one[0]), default=one[1])

    compared = rates.filter(Exists(in_force), filing__counts=True, filing__month__isnull=False)
    compared = compared.annotate(notified=of("pk"), notified_rate=Round(of("rate"), precision=_DECIMALS))
    return compared.filter(Q(notified=None) | Q(rate=None) | ~Q(rate=F("notified_rate")))


@dataclass(frozen=True)
class Difference:
    """A rate of a DSN and what was notified for its month. notified: by code in order, at least one.

    kind: « Taux », « Code », « Déjà notifié » (999ZZ was declared) or « Fonctions supports » (nothing reduced was).
    """

    declared: DsnRate
    kind: str
    notified: tuple[RateDecision, ...]

    @property
    def gap(self) -> Decimal | None:
        """Return declared less notified, in points; None unless only the rate differs."""
        if self.kind != "Taux" or self.declared.rate is None:
            return None
        return self.declared.rate - self.notified[0].rate


def explained(rates: Iterable[DsnRate], decisions: QuerySet[RateDecision]) -> list[Difference]:
    """Return the rows of `differences` with the decisions they differ from: one query for them all."""
    rows = list(rates)
    known: dict[int, list[RateDecision]] = {}
    places = {row.filing.establishment_id for row in rows}
    for decision in decisions.filter(establishment__in=places).order_by("effective_on", "version"):
        known.setdefault(decision.establishment_id, []).append(decision)
    return [_explained(row, known[row.filing.establishment_id]) for row in rows]


def _explained(row: DsnRate, decisions: list[RateDecision]) -> Difference:
    notified = row.notified  # type: ignore[attr-defined]
    if notified is not None:
        return Difference(row, "Taux", tuple(one for one in decisions if one.pk == notified))
    kind = "Fonctions supports" if row.support else "Déjà notifié" if row.code == NOT_YET_NOTIFIED else "Code"
    in_force = {one.code_risque: one for one in decisions if one.effective_on <= _month(row)}
    return Difference(row, kind, tuple(in_force[code] for code in sorted(in_force)))


def _month(row: DsnRate) -> dt.date:
    assert row.filing.month is not None  # noqa: S101 - `differences` left the others out
    return row.filing.month
