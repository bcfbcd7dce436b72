"""Figures of the law by year, each with its source and grade (domain.md, section 4). One not listed is not known."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from unicodedata import normalize

SUPPORT_CODES = ("00.00A", "00.00B")
SUPPORT_BELOW = 150
CATEGORIES = ("it1", "it2", "it3", "it4", "it5", "it6", "ip1", "ip2", "ip3", "ip4")


class CalculationError(ValueError):
    """A rate that cannot be computed; its text is the sentence for who gave the data.

    field: the attribute of Inputs at fault.
    """

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class Source(StrEnum):
    """Where a rule or a figure comes from, by grade (domain.md), as the sheet says it."""

    A = "code, page ou donnée officielle"
    B = "presse spécialisée ou cabinet d’avocats"
    CHOICE = "choix du simulateur, faute de règle publiée"
    STAFF = "donnée communiquée avec le taux"


@dataclass(frozen=True)
class Majorations:
    """The four majorations of a year: m1, m3 and m4 in points of rate, m2 as a part of one."""

    m1: Decimal
    m2: Decimal
    m3: Decimal
    m4: Decimal
    source: Source = Source.B


@dataclass(frozen=True)
class MeanCosts:
    """What a claim costs in euros, by category in the order of CATEGORIES."""

    costs: tuple[int, ...]
    source: Source = Source.B


@dataclass(frozen=True)
class Thresholds:
    """Headcounts from which the mode is mixed, then individual."""

    mixed: int
    individual: int
    source: Source = Source.A


def _majorations(m1: str, m2: str, m3: str, m4: str) -> Majorations:
    return Majorations(Decimal(m1), Decimal(m2), Decimal(m3), Decimal(m4))


# domain.md, section 4, table « Majorations (B) ».
MAJORATIONS = {
    2021: _majorations("0.20", "0.51", "0.37", "0.03"),
    2022: _majorations("0.17", "0.58", "0.30", "0.02"),
    2023: _majorations("0.16", "0.58", "0.28", "0.02"),
    2024: _majorations("0.17", "0.58", "0.16", "0.03"),
    2025: _majorations("0.18", "0.56", "0.19", "0.03"),
    2026: _majorations("0.19", "0.52", "0.17", "0.03"),
}
# domain.md, section 4: « Mean costs 2025 in €, CTN A (B) ». By year and comité technique national.
MEAN_COSTS = {
    (2025, "A"): MeanCosts((297, 528, 1805, 4917, 9294, 41132, 2268, 67954, 135675, 673299)),
}
# domain.md, section 4 (A).
GENERAL = Thresholds(20, 150)
ALSACE_MOSELLE = Thresholds(50, 150)
ALSACE_MOSELLE_BUILDING = Thresholds(50, 300)

# Words of the tariff's « catégorie » that tell each comité technique national; spellings differ by year (section 5).
_COMMITTEES = {
    "METALLURGIE": "A",
    "BATIMENT": "B",
    "TRANSPORTS": "C",
    "ALIMENTATION": "D",
    "CHIMIE": "E",
    "BOIS": "F",
    "COMMERCES NON ALIMENTAIRES": "G",
    "SERVICES II": "I",
    "SERVICES I": "H",
    "CATEGORIES DE": "Z",
}


def majorations(year: int) -> Majorations:
    """Return M1 to M4 of a year (domain.md, section 4, B). Raises CalculationError: a year that is not known."""
    if year not in MAJORATIONS:
        known = f"{min(MAJORATIONS)} à {max(MAJORATIONS)}"
        raise CalculationError(f"Majorations de {year} inconnues : le simulateur connaît celles de {known}.", "year")
    return MAJORATIONS[year]


def mean_costs(year: int, ctn: str) -> MeanCosts:
    """Return the mean costs of a year and CTN (domain.md, section 4, B). Raises CalculationError: not known."""
    if (year, ctn) not in MEAN_COSTS:
        whose = f"du CTN {ctn}" if ctn else "d’un CTN non reconnu"
        known = " ; ".join(f"{of}, CTN {committee}" for of, committee in MEAN_COSTS)
        raise CalculationError(
            f"Coûts moyens {year} {whose} inconnus (connus : {known}) : donnez la valeur du risque en euros.", "claims"
        )
    return MEAN_COSTS[year, ctn]


def thresholds(*, alsace_moselle: bool, building: bool) -> Thresholds:
    """Return the headcounts that divide the modes (domain.md, section 4, A)."""
    if not alsace_moselle:
        return GENERAL
    return ALSACE_MOSELLE_BUILDING if building else ALSACE_MOSELLE


def support_code(*, building: bool) -> str:
    """Return the reduced code of support functions: secretariat, accounting… (domain.md, section 4, B)."""
    return "00.00A" if building else "00.00B"


def committee(category: str) -> str:
    """Return the letter of the comité technique national of a tariff's category; empty when it names none.

    domain.md, section 5: nine CTN, A to I, and Z for special categories.
    """
    plain = "".join(c for c in normalize("NFKD", " ".join(category.split()).upper()) if c.isascii())
    return next((letter for words, letter in _COMMITTEES.items() if words in plain), "")
