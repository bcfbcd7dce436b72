"""How a rate is computed (domain.md, section 4), as pure functions. Rates in percent, money in euros.

No rule is rounded on the way: Rounding is the one place (a choice, for no rule was found).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from notifications.rules.parameters import (
    CATEGORIES,
    SUPPORT_BELOW,
    SUPPORT_CODES,
    CalculationError,
    Majorations,
    Thresholds,
    majorations,
    mean_costs,
    thresholds,
)
from notifications.rules.rounding import Rounding
from portal.kit import french

YEARS_TO_CROSS = 5
YEARS_NEW = 2
_LIMIT = Decimal(4)


class Mode(StrEnum):
    """Mode of tariff."""

    COLLECTIVE = "collective"
    MIXED = "mixed"
    INDIVIDUAL = "individual"


class Reason(StrEnum):
    """Why a rate has its mode."""

    SUPPORT = "support functions"
    NEW = "new establishment"
    HEADCOUNT = "headcount"


@dataclass(frozen=True)
class TariffLine:
    """What a year's tariff says of a code. ctn: the letter of its comité, empty when not told."""

    rate: Decimal
    ctn: str


@dataclass(frozen=True)
class Inputs:
    """What the rate of an establishment is computed from, for a year of effect N.

    headcounts: of the enterprise in N-2, N-3… up to N-6, None where not known. ctn: as in TariffLine.
    payroll: of N-2, N-3, N-4. claims: counts over these three years, by CATEGORIES, or their value risk_value.
    previous: the rate before this one, for the cap. collective: net, of the code that year.
    """

    year: int
    code_risque: str
    headcounts: tuple[int | None, ...]
    ctn: str = ""
    alsace_moselle: bool = False
    created: int | None = None
    payroll: tuple[int | None, ...] = ()
    claims: tuple[int, ...] | None = None
    risk_value: int | None = None
    previous: Decimal | None = None
    collective: Decimal | None = None

    @property
    def building(self) -> bool:
        """Say whether the code belongs to the building trade (CTN B)."""
        return self.ctn == "B"


@dataclass(frozen=True)
class Individual:
    """The individual rate and what it comes from. gross: as it enters the net; net: not rounded."""

    value: Decimal
    payroll: int
    gross: Decimal
    majorations: Majorations
    net: Decimal


@dataclass(frozen=True)
class Calculation:
    """A computed rate with everything it went through; None where the mode does not go.

    counted: the headcount that decides the mode. share: of the individual rate. limits: the cap. uncapped: before the
    cap and rounding.
    """

    inputs: Inputs
    rounding: Rounding
    mode: Mode
    reason: Reason
    counted: int
    thresholds: Thresholds
    individual: Individual | None
    share: Decimal | None
    uncapped: Decimal
    limits: tuple[Decimal, Decimal] | None
    rate: Decimal


def counted_headcount(headcounts: tuple[int | None, ...], year: int) -> int:
    """Return the headcount that decides the mode (domain.md, section 4, A): « five years at or above ».

    A threshold counts once it was reached five years in a row, and is lost the first year below: over the last five
    years that is the lowest. Years not known are supposed alike (a choice). Raises CalculationError without N-2.
    """
    if not headcounts or headcounts[0] is None:
        raise CalculationError(f"Effectif de {year - 2} absent : il décide du mode de {year}.", "headcounts")
    return min(one for one in headcounts[:YEARS_TO_CROSS] if one is not None)


def mode_of(counted: int, limits: Thresholds) -> Mode:
    """Return the mode by headcount (domain.md, section 4, A)."""
    if counted < limits.mixed:
        return Mode.COLLECTIVE
    return Mode.MIXED if counted < limits.individual else Mode.INDIVIDUAL


def is_new(created: int | None, year: int) -> bool:
    """Say whether an establishment is new: the year of creation and the two after (domain.md, section 4, A)."""
    return created is not None and created <= year <= created + YEARS_NEW


def individual_share(headcount: int, *, alsace_moselle: bool, building: bool) -> Decimal:
    """Return the individual share of a mixed rate, from 0.1 to 1 (domain.md, section 4, A).

    Above the threshold of the individual mode, before the crossing counts, it stays 1 (a choice).
    """
    if not alsace_moselle:
        share = Decimal("0.9") * (headcount - 20) / 130 + Decimal("0.1")
    elif building:
        share = (Decimal("0.075") * headcount + Decimal("2.5")) / 25
    else:
        share = (Decimal("0.075") * headcount - Decimal("1.25")) / 10
    return min(max(share, Decimal("0.1")), Decimal(1))


def risk_value(claims: tuple[int, ...], costs: tuple[int, ...]) -> int:
    """Return the value of the risk: claims at their mean cost (domain.md, section 4, B)."""
    return sum(count * cost for count, cost in zip(claims, costs, strict=True))


def gross_rate(value: Decimal, payroll: int) -> Decimal:
    """Return the gross rate: value of the risk ÷ payroll of the same three years × 100 (domain.md, section 4, B)."""
    return value / payroll * 100


def net_rate(gross: Decimal, of_year: Majorations) -> Decimal:
    """Return (gross + M1) × (1 + M2) + M3 + M4 (domain.md, section 4, B)."""
    return (gross + of_year.m1) * (1 + of_year.m2) + of_year.m3 + of_year.m4


def mixed_rate(share: Decimal, individual: Decimal, collective: Decimal) -> Decimal:
    """Return share × individual net + (1 − share) × collective net (domain.md, section 4, A)."""
    return share * individual + (1 - share) * collective


def cap_limits(previous: Decimal) -> tuple[Decimal, Decimal]:
    """Return the lowest and highest rate after another one (domain.md, section 4, A).

    Above 4: −20 % to +25 %; up to 4: −0.8 to +1.0 point, never below zero.
    """
    if previous > _LIMIT:
        return previous * Decimal("0.80"), previous * Decimal("1.25")
    return max(previous - Decimal("0.8"), Decimal(0)), previous + 1


def find_code(tariff: Mapping[tuple[int, str], TariffLine], code: str, year: int) -> TariffLine:
    """Return what the tariff of a year says of a code. Raises CalculationError: unknown year, unknown code."""
    if (year, code) in tariff:
        return tariff[year, code]
    if any(of == year for of, _code in tariff):
        raise CalculationError(f"Code risque {code} absent du tarif {year}.", "code_risque")
    raise CalculationError(f"Aucun tarif collectif de {year} n'est importé.", "year")


def calculate(inputs: Inputs, rounding: Rounding) -> Calculation:
    """Compute a rate (domain.md, section 4). Raises CalculationError: something is missing or not known."""
    counted = counted_headcount(inputs.headcounts, inputs.year)
    limits = thresholds(alsace_moselle=inputs.alsace_moselle, building=inputs.building)
    mode, reason = _mode(inputs, counted, limits)
    individual = None if mode is Mode.COLLECTIVE else _individual(inputs, rounding)
    share = None
    if individual is None:
        uncapped = _collective(inputs)
    elif mode is Mode.INDIVIDUAL:
        uncapped = individual.net
    else:
        share = individual_share(
            inputs.headcounts[0] or 0, alsace_moselle=inputs.alsace_moselle, building=inputs.building
        )
        uncapped = mixed_rate(share, individual.net, _collective(inputs))
    cap, rate = None, uncapped
    if individual is not None:
        cap = None if inputs.previous is None else cap_limits(inputs.previous)
        rate = rounding.within(uncapped, *cap) if cap else rounding.rounded(uncapped)
    if rate >= 100:
        raise CalculationError(
            f"Le taux calculé ({french.rate(rounding.rounded(rate))}) n'est pas inférieur à 100 % : vérifiez la masse "
            "salariale.",
            "payroll",
        )
    return Calculation(
        inputs, rounding, mode, reason, counted, limits, individual, share, uncapped, cap, rate
    )  # fmt: skip


def _mode(inputs: Inputs, counted: int, limits: Thresholds) -> tuple[Mode, Reason]:
    """Support functions and new establishments are collective whatever the headcount (domain.md, section 4)."""
    if inputs.code_risque in SUPPORT_CODES:
        if counted >= SUPPORT_BELOW:
            raise CalculationError(
                f"Code {inputs.code_risque} des fonctions supports : réservé aux entreprises de moins de "
                f"{SUPPORT_BELOW} salariés ({counted} ici).",
                "headcounts",
            )
        return Mode.COLLECTIVE, Reason.SUPPORT
    if inputs.created is not None and inputs.created > inputs.year:
        raise CalculationError(f"Création en {inputs.created}, après l'année d'effet {inputs.year}.", "created")
    if is_new(inputs.created, inputs.year):
        return Mode.COLLECTIVE, Reason.NEW
    return mode_of(counted, limits), Reason.HEADCOUNT


def _collective(inputs: Inputs) -> Decimal:
    if inputs.collective is None:
        where = " d'Alsace-Moselle" if inputs.alsace_moselle else ""
        raise CalculationError(
            f"Taux collectif {inputs.year}{where} inconnu pour le code {inputs.code_risque} : donnez-le.", "collective"
        )
    return inputs.collective


def _individual(inputs: Inputs, rounding: Rounding) -> Individual:
    of_year = majorations(inputs.year)
    years = f"{inputs.year - 4} à {inputs.year - 2}"
    if len(inputs.payroll) != 3 or None in inputs.payroll:
        raise CalculationError(f"Masse salariale absente : il faut celle de chaque année, {years}.", "payroll")
    payroll = sum(amount or 0 for amount in inputs.payroll)
    if payroll <= 0:
        raise CalculationError(f"Masse salariale nulle de {years} : aucun taux ne s'en calcule.", "payroll")
    if inputs.risk_value is not None:
        value = inputs.risk_value
    elif inputs.claims is None or len(inputs.claims) != len(CATEGORIES):
        raise CalculationError(f"Sinistres de {years} absents : donnez leur nombre, 0 sans sinistre.", "claims")
    elif any(inputs.claims):
        value = risk_value(inputs.claims, mean_costs(inputs.year, inputs.ctn).costs)
    else:
        # No claim costs nothing, whatever the mean costs.
        value = 0
    gross = rounding.gross(gross_rate(Decimal(value), payroll))
    return Individual(Decimal(value), payroll, gross, of_year, net_rate(gross, of_year))
