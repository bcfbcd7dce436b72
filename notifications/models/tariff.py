"""The collective tariff, year by year, as published in open data."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import User


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


class CollectiveRateQuerySet(models.QuerySet["CollectiveRate"]):
    """Named filters over collective rates."""

    def naming(self, code: str, year: int) -> CollectiveRate | None:
        """Return the rate of this code that names it best in a year: that year's, else the latest before."""
        return self.filter(code=code, tariff__lte=year).order_by("-tariff_id").first()


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
