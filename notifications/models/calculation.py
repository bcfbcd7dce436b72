"""What a rate is computed from: kept with its decision, or waiting with a line of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.db import models
from django.db.models import Q

from accounts.models import ImportFile
from notifications.models.decision import RateDecision
from notifications.rules.calculation import Inputs
from notifications.rules.parameters import CATEGORIES

HEADCOUNTS = ("headcount_n2", "headcount_n3", "headcount_n4", "headcount_n5", "headcount_n6")
PAYROLL = ("payroll_n2", "payroll_n3", "payroll_n4")


def _count(name: str) -> Any:
    return models.PositiveIntegerField(name, null=True)


def _euros(name: str) -> Any:
    return models.PositiveBigIntegerField(name, null=True)


def _rate(name: str) -> Any:
    return models.DecimalField(name, max_digits=6, decimal_places=4, null=True)


def inputs_of(values: Mapping[str, Any], code_risque: str, year: int) -> Inputs:
    """Return what the rules compute from, of values by column of RateInputs."""
    claims = tuple(values.get(name) for name in CATEGORIES)
    return Inputs(
        year=year,
        code_risque=code_risque,
        headcounts=tuple(values.get(name) for name in HEADCOUNTS),
        ctn=values["ctn"],
        alsace_moselle=values["alsace_moselle"],
        created=values.get("created_year"),
        payroll=tuple(values.get(name) for name in PAYROLL),
        claims=None if None in claims else cast(tuple[int, ...], claims),
        risk_value=values.get("risk_value"),
        previous=values.get("previous_rate"),
        collective=values.get("collective_rate"),
    )


class RateInputs(models.Model):
    """Inputs of a rate (domain.md, section 4), and what they gave. NULL = not told, or not computed.

    N is the year of effect. collective_rate, ctn, alsace_moselle and rounding are kept as they were that day, so that
    the sheet stays the same. Either the claims by category, or their value in euros.
    """

    headcount_n2 = _count("effectif N-2")
    headcount_n3 = _count("effectif N-3")
    headcount_n4 = _count("effectif N-4")
    headcount_n5 = _count("effectif N-5")
    headcount_n6 = _count("effectif N-6")
    payroll_n2 = _euros("masse salariale N-2")
    payroll_n3 = _euros("masse salariale N-3")
    payroll_n4 = _euros("masse salariale N-4")
    it1, it2, it3 = _count("IT1"), _count("IT2"), _count("IT3")
    it4, it5, it6 = _count("IT4"), _count("IT5"), _count("IT6")
    ip1, ip2, ip3, ip4 = _count("IP1"), _count("IP2"), _count("IP3"), _count("IP4")
    risk_value = _euros("valeur du risque")
    previous_rate = _rate("taux précédent")
    collective_rate = _rate("taux collectif")
    created_year = models.PositiveSmallIntegerField("année de création", null=True)
    alsace_moselle = models.BooleanField("en Alsace-Moselle", default=False)
    ctn = models.CharField("comité technique national", max_length=1, blank=True)
    rounding = models.CharField("arrondi", max_length=20)
    computed_rate = _rate("taux calculé")
    computed_mode = models.CharField("mode calculé", max_length=10, blank=True)

    class Meta:
        abstract = True

    def inputs(self, code_risque: str, year: int) -> Inputs:
        """Return what the rules compute from."""
        return inputs_of(vars(self), code_risque, year)


# As both tables have them, and as the file's reader fills them.
INPUT_COLUMNS = tuple(str(field.column) for field in RateInputs._meta.local_fields)
_CLAIMS = [f"{name}__isnull" for name in CATEGORIES]


class StagedCalculation(RateInputs):
    """Inputs of a good line of a rates file, waiting to be published."""

    import_file = models.ForeignKey(ImportFile, models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(name="staged_calculation_line", fields=["import_file", "line"])]

    def __str__(self) -> str:
        return f"ligne {self.line}"


class RateCalculation(RateInputs):
    """Inputs of one decision. Never changed, as the decision itself."""

    decision = models.OneToOneField(
        RateDecision, models.PROTECT, primary_key=True, related_name="calculation", verbose_name="décision"
    )

    class Meta:
        verbose_name = "feuille de calcul"
        verbose_name_plural = "feuilles de calcul"
        constraints = [
            models.CheckConstraint(
                name="claims_whole_or_none",
                condition=Q(**dict.fromkeys(_CLAIMS, True)) | Q(**dict.fromkeys(_CLAIMS, False)),
                violation_error_message="Les sinistres sont donnés pour toutes les catégories, ou pour aucune.",
            ),
            models.CheckConstraint(
                name="claims_or_their_value",
                condition=Q(it1__isnull=True) | Q(risk_value__isnull=True),
                violation_error_message="Donnez les sinistres ou leur valeur, pas les deux.",
            ),
            models.CheckConstraint(
                name="computed_rate_has_its_mode",
                condition=Q(computed_rate__isnull=True, computed_mode="")
                | Q(
                    computed_rate__isnull=False,
                    computed_rate__gte=0,
                    computed_rate__lt=100,
                    computed_mode__in=RateDecision.Mode.values,
                ),
                violation_error_message="Un taux calculé est compris entre 0 et 100, et son mode est connu.",
            ),
        ]

    def __str__(self) -> str:
        return f"Feuille de calcul {self.pk}"
