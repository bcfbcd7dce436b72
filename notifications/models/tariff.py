"""The collective tariff, year by year, as published in open data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import User

if TYPE_CHECKING:
    from notifications.models.decision import RateDecision


class Tariff(models.Model):
    """The collective rates of one year and where they come from."""

    year = models.PositiveSmallIntegerField("année", primary_key=True)
    source = models.CharField("source", max_length=300)
    file_name = models.CharField("fichier", max_length=200)
    sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField("importé le")
    imported_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name="importé par")

    class Meta:
        verbose_name = "tarif collectif"
        verbose_name_plural = "tarifs collectifs"
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                name="tariff_year_is_plausible",
                condition=Q(year__gte=2000, year__lte=2100),
                violation_error_message="L'année est entre 2000 et 2100.",
            )
        ]

    def __str__(self) -> str:
        return f"Tarif {self.year}"


# Heads of the cells that `comparison` gives.
COMPARISON = ("Taux collectif (%)", "Écart (points)")


@dataclass(frozen=True)
class Beside:
    """The collective rate of a decision's code in its year of effect. gap: the decision's less that, in points."""

    rate: Decimal
    gap: Decimal


class CollectiveRateQuerySet(models.QuerySet["CollectiveRate"]):
    """Named filters over collective rates."""

    def naming(self, code: str, year: int) -> CollectiveRate | None:
        """Return the rate of this code that names it best in a year: that year's, else the latest before."""
        return self.filter(code=code, tariff__lte=year).order_by("-tariff_id").first()

    def by_year(self, code: str) -> dict[int, CollectiveRate]:
        """Return the rates of this code, by year, oldest first."""
        return {one.tariff_id: one for one in self.filter(code=code).order_by("tariff_id")}

    def beside(self, decisions: Iterable[RateDecision]) -> dict[int, Beside]:
        """Return, for decisions by id, the collective rate of their code in their year of effect.

        One whose tariff is not there, or has not its code, is absent. One query, whatever their number. The published
        tariff is not that of Alsace-Moselle (domain.md, section 5): the caller leaves those decisions out.
        """
        given = list(decisions)
        found = self.filter(
            code__in={one.code_risque for one in given}, tariff__in={one.effective_on.year for one in given}
        )
        rates = {(code, year): rate for code, year, rate in found.values_list("code", "tariff_id", "rate")}
        keys = {one.pk: (one.rate, rates.get((one.code_risque, one.effective_on.year))) for one in given}
        return {pk: Beside(rate, own - rate) for pk, (own, rate) in keys.items() if rate is not None}


class CollectiveRate(models.Model):
    """Net collective rate of one code risque for one year, in percent of pay."""

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="rates", verbose_name="tarif")
    code = models.CharField("code risque", max_length=6)
    label = models.TextField("nature du risque")
    category = models.CharField("comité technique national", max_length=300)
    rate = models.DecimalField(
        "taux net",
        max_digits=6,
        decimal_places=4,
        validators=[MinValueValidator(0), MaxValueValidator(99.9999)],
    )

    objects = CollectiveRateQuerySet.as_manager()

    class Meta:
        verbose_name = "taux collectif"
        verbose_name_plural = "taux collectifs"
        ordering = ["tariff", "code"]
        constraints = [
            models.UniqueConstraint(name="collective_rate_once_a_year", fields=["tariff", "code"]),
            models.CheckConstraint(
                name="collective_rate_is_a_rate",
                condition=Q(rate__gte=0, rate__lt=100),
                violation_error_message="Un taux est compris entre 0 et 100, 100 exclu.",
            ),
        ]

    def __str__(self) -> str:
        return self.code


def naming(rates: Mapping[int, CollectiveRate], year: int) -> CollectiveRate | None:
    """Return the rate that names its code best in a year: that year's, else the latest before. rates: `by_year`."""
    return rates[max(known)] if (known := [one for one in rates if one <= year]) else None


def comparison(beside: Beside | None) -> tuple[Decimal | str, Decimal | str]:
    """Return the cells of COMPARISON for an export, empty without a collective rate."""
    return (beside.rate, beside.gap) if beside else ("", "")
