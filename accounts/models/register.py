"""The register: enterprises and their establishments, as the Sirene stock has them."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Substr
from django.db.models.lookups import Exact

from accounts import rules

LA_POSTE_HEAD_OFFICE = "35600000000048"


def _digit(field: str, position: int) -> Combinable:
    return Cast(Substr(field, position, 1), models.IntegerField())


def _luhn(field: str, length: int) -> Combinable:
    """Sum of Luhn over a column of digits, in SQL: a multiple of ten when the key is right."""
    total: Combinable = models.Value(0)
    for position in range(1, length + 1):
        digit = _digit(field, position)
        # Every second digit from the right counts double, the digits of the double added up.
        total = total + (digit * 2 - (digit / 5) * 9 if (length - position) % 2 else digit)
    return total % 10


def _sum_of_digits(field: str, length: int) -> Combinable:
    total: Combinable = models.Value(0)
    for position in range(1, length + 1):
        total = total + _digit(field, position)
    return total


class Enterprise(models.Model):
    """A company (unité légale). Its SIREN never changes, so it is the key that everything points to."""

    siren = models.CharField("SIREN", max_length=9, primary_key=True)
    name = models.CharField("dénomination", max_length=200)
    legal_form = models.CharField("catégorie juridique", max_length=4, blank=True)

    class Meta:
        verbose_name = "entreprise"
        ordering = ["siren"]
        constraints = [
            models.CheckConstraint(
                name="enterprise_siren_digits",
                condition=Q(siren__regex=r"^[0-9]{9}$"),
                violation_error_message="Un SIREN a neuf chiffres.",
            ),
            models.CheckConstraint(
                name="enterprise_siren_key",
                condition=Exact(_luhn("siren", 9), 0),
                violation_error_message="La clé de ce SIREN est fausse.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Headcount(models.Model):
    """Headcount of an enterprise for one year: it decides the tariff mode two years later."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="headcounts")
    year = models.PositiveSmallIntegerField("année")
    headcount = models.PositiveIntegerField("effectif")

    class Meta:
        verbose_name = "effectif"
        ordering = ["enterprise", "-year"]
        constraints = [models.UniqueConstraint(name="headcount_once_a_year", fields=["enterprise", "year"])]

    def __str__(self) -> str:
        return f"{self.year} : {self.headcount}"


class EstablishmentQuerySet(models.QuerySet["Establishment"]):
    """Named filters over establishments."""

    def open_on(self, day: dt.date) -> EstablishmentQuerySet:
        """Keep those not closed on that day."""
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=day))


class Establishment(models.Model):
    """One place of an enterprise. SIRET = SIREN + NIC."""

    siret = models.CharField("SIRET", max_length=14, unique=True)
    nic = models.GeneratedField(
        expression=Substr("siret", 10, 5), output_field=models.CharField(max_length=5), db_persist=True
    )
    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        db_column="siren",
        related_name="establishments",
        verbose_name="entreprise",
    )
    is_head_office = models.BooleanField("siège", default=False)
    sign = models.CharField("enseigne", max_length=100, blank=True)
    address = models.CharField("adresse", max_length=200, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("commune", max_length=100, blank=True)
    naf = models.CharField("NAF", max_length=6, blank=True)
    code_risque = models.CharField("code risque", max_length=6, blank=True)
    alsace_moselle = models.BooleanField("en Alsace-Moselle", default=False)
    closed_on = models.DateField("fermé le", null=True, blank=True)

    objects = EstablishmentQuerySet.as_manager()

    class Meta:
        verbose_name = "établissement"
        ordering = ["siret"]
        constraints = [
            models.UniqueConstraint(
                name="one_head_office",
                fields=["enterprise"],
                condition=Q(is_head_office=True),
                violation_error_message="Cette entreprise a déjà un siège.",
            ),
            models.CheckConstraint(
                name="establishment_siret_digits",
                condition=Q(siret__regex=r"^[0-9]{14}$"),
                violation_error_message="Un SIRET a quatorze chiffres.",
            ),
            models.CheckConstraint(
                name="establishment_siret_of_enterprise",
                condition=Exact(Substr("siret", 1, 9), F("enterprise")),
                violation_error_message="Le SIRET commence par le SIREN de l'entreprise.",
            ),
            models.CheckConstraint(
                name="establishment_siret_key",
                condition=(
                    Q(siret__startswith=rules.LA_POSTE)
                    & ~Q(siret=LA_POSTE_HEAD_OFFICE)
                    & Q(Exact(_sum_of_digits("siret", 14) % 5, 0))
                )
                | (
                    (~Q(siret__startswith=rules.LA_POSTE) | Q(siret=LA_POSTE_HEAD_OFFICE))
                    & Q(Exact(_luhn("siret", 14), 0))
                ),
                violation_error_message="La clé de ce SIRET est fausse.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.siret} {self.city}".strip()

    @property
    def address_lines(self) -> list[str]:
        """The postal address, one line an item, without empty ones."""
        return [line for line in (self.address, f"{self.postcode} {self.city}".strip()) if line]
