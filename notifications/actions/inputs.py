"""Lines of a campaign that bring what their rate is computed from: read, computed, compared (domain.md, section 4).

A line has a rate, or inputs, or both. Without a rate the portal computes it; with both, the rate is published as
notified, and a warning says when its own inputs contradict it.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings

from accounts.actions.imports import note_problems
from accounts.models import Establishment, ImportFile
from notifications import rules
from notifications.models import CollectiveRate, RateDecision, StagedCalculation
from notifications.models.calculation import HEADCOUNTS, INPUT_COLUMNS, PAYROLL, inputs_of
from notifications.rules.calculation import Calculation, TariffLine, calculate, find_code
from notifications.rules.explanation import MODES, contradiction
from notifications.rules.figures import parse_count, parse_euros, parse_year, parse_yes_no
from notifications.rules.parameters import CATEGORIES, CalculationError, committee
from notifications.rules.rounding import Rounding
from portal.kit.bulk import insert_rows
from portal.kit.csvfile import CsvFile

Parser = Callable[[str], object]
Problem = tuple[int, str, str]
# Column of the file → (column of the table, how a cell is read).
COLUMNS: dict[str, tuple[str, Parser]] = {
    **{f"effectif_{name[-2:]}": (name, parse_count) for name in HEADCOUNTS},
    **{f"masse_{name[-2:]}": (name, parse_euros) for name in PAYROLL},
    **{name: (name, parse_count) for name in CATEGORIES},
    "valeur_risque": ("risk_value", parse_euros),
    "taux_precedent": ("previous_rate", rules.parse_rate),
    "taux_collectif": ("collective_rate", rules.parse_rate),
    "annee_creation": ("created_year", parse_year),
    "alsace_moselle": ("alsace_moselle", parse_yes_no),
}
# Where a refusal of the calculation is to be mended.
_MENDED = {
    "year": "date_effet",
    "code_risque": "code_risque",
    "headcounts": "effectif_n2",
    "payroll": "masse_n2",
    "claims": "valeur_risque",
    "collective": "taux_collectif",
    "created": "annee_creation",
}
_SIRETS_AT_ONCE = 5_000


@dataclass
class Line:
    """A line of the file whose cells all read well. rate and mode: None where the cell is empty."""

    number: int
    siret: str
    code_risque: str
    effective_on: dt.date
    rate: Decimal | None
    mode: str | None
    nature: str
    reason: str
    inputs: dict[str, Any] = field(default_factory=dict)


def read_lines(
    lines: Iterable[tuple[int, list[str]]], csv_file: CsvFile, parsers: dict[str, Parser]
) -> tuple[list[Line], list[Problem]]:
    """Return the lines that read well, and the problems of the others. parsers: of the columns of every campaign."""
    own = [(name, csv_file.columns[name], parse) for name, parse in parsers.items() if name in csv_file.columns]
    added = [(name, csv_file.columns[name], *COLUMNS[name]) for name in COLUMNS if name in csv_file.columns]
    good: list[Line] = []
    problems: list[Problem] = []
    for number, cells in lines:
        inputs, wrong = _inputs(cells, added)
        values: dict[str, Any] = {"taux": None, "mode": None, "nature": RateDecision.Nature.RATE, "motif": ""}
        for name, index, parse in own:
            if inputs and name in ("taux", "mode") and not cells[index].strip():
                continue
            try:
                values[name] = parse(cells[index])
            except ValueError as error:
                wrong.append((name, str(error)))
        if not inputs:
            absent = [name for name in ("taux", "mode") if name not in parsers or name not in csv_file.columns]
            wrong += [(name, "Valeur absente, sans données pour la calculer.") for name in absent]
        if wrong:
            problems += [(number, name, message) for name, message in wrong]
            continue
        good.append(
            Line(
                number,
                values["siret"],
                values["code_risque"],
                values["date_effet"],
                values["taux"],
                values["mode"],
                values["nature"],
                values["motif"],
                inputs,
            )
        )
    return good, problems


def _inputs(
    cells: list[str], columns: list[tuple[str, int, str, Parser]]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the inputs of a line by column of the table, those of empty cells left out, and what is wrong."""
    inputs: dict[str, Any] = {}
    wrong: list[tuple[str, str]] = []
    for name, index, target, parse in columns:
        if cells[index].strip():
            try:
                inputs[target] = parse(cells[index])
            except ValueError as error:
                wrong.append((name, str(error)))
    if not any(name in inputs for name in CATEGORIES):
        return inputs, wrong
    if "risk_value" in inputs:
        wrong.append(("valeur_risque", "Donnez les sinistres ou leur valeur, pas les deux."))
    # A category left empty beside others had no claim.
    return dict.fromkeys(CATEGORIES, 0) | inputs, wrong


def compute_lines(import_file: ImportFile, lines: list[Line]) -> list[Problem]:
    """Compute the rates of lines with inputs: fill those not given, warn of those contradicted, stage the inputs.

    Return the problems of lines that have no rate and give none; their rate stays None.
    """
    given = [line for line in lines if line.inputs]
    if not given:
        return []
    tariff = _tariff({line.effective_on.year for line in given})
    alsace_moselle = _alsace_moselle([line.siret for line in given if "alsace_moselle" not in line.inputs])
    rounding = Rounding.parse(settings.RATE_ROUNDING)
    problems: list[Problem] = []
    warnings: list[Problem] = []
    rows = []
    for line in given:
        line.inputs.setdefault("alsace_moselle", line.siret in alsace_moselle)
        computed = _computed(line, tariff, rounding)
        if isinstance(computed, CalculationError):
            column = _MENDED[computed.field]
            if line.rate is None or line.mode is None:
                problems.append((line.number, column, str(computed)))
                line.rate = None
                continue
            warnings.append(
                (line.number, column, f"Taux publié comme notifié, sans calcul pour le vérifier. {computed}")
            )
        elif line.rate is None and line.mode not in (None, computed.mode):
            problems.append((line.number, "mode", _other_mode(line, computed)))
            continue
        else:
            warnings += _compare(line, computed)
            line.rate = computed.rate if line.rate is None else line.rate
            line.mode = line.mode or computed.mode
        rows.append((import_file.pk, line.number, *_row(line, computed, rounding)))
    note_problems(import_file, warnings, warning=True)
    insert_rows(StagedCalculation, ("import_file_id", "line", *INPUT_COLUMNS), rows)
    return problems


def _computed(
    line: Line, tariff: dict[tuple[int, str], TariffLine], rounding: Rounding
) -> Calculation | CalculationError:
    """Compute a line's rate, and note the tariff it was computed with."""
    year = line.effective_on.year
    try:
        of_code = find_code(tariff, line.code_risque, year)
        line.inputs["ctn"] = of_code.ctn
        # The published tariff is not that of Alsace-Moselle (domain.md, section 5).
        if not line.inputs["alsace_moselle"]:
            line.inputs.setdefault("collective_rate", of_code.rate)
        return calculate(inputs_of(line.inputs, line.code_risque, year), rounding)
    except CalculationError as refusal:
        return refusal


def _compare(line: Line, computed: Calculation) -> list[Problem]:
    if line.rate is None:
        return []
    told = contradiction(
        mode=line.mode or computed.mode, rate=line.rate, computed=computed.rate, computed_mode=computed.mode
    )
    column = "taux" if line.rate != computed.rate else "mode"
    return [(line.number, column, told)] if told else []


def _other_mode(line: Line, computed: Calculation) -> str:
    return (
        f"« {MODES[line.mode]} » : les données de la ligne donnent le mode {MODES[computed.mode]}. "  # type: ignore[index]
        "Corrigez-les, ou laissez cette cellule vide."
    )


def _row(line: Line, computed: Calculation | CalculationError, rounding: Rounding) -> list[object]:
    """Return the values of INPUT_COLUMNS."""
    values = {"ctn": ""} | line.inputs | {"rounding": str(rounding), "computed_rate": None, "computed_mode": ""}
    if isinstance(computed, Calculation):
        values |= {"computed_rate": computed.rate, "computed_mode": str(computed.mode)}
    values["alsace_moselle"] = int(values["alsace_moselle"])
    return [values.get(column) for column in INPUT_COLUMNS]


def _tariff(years: set[int]) -> dict[tuple[int, str], TariffLine]:
    rates = CollectiveRate.objects.filter(tariff__in=years).values_list("tariff_id", "code", "rate", "category")
    letters: dict[str, str] = {}
    return {
        (year, code): TariffLine(rate, letters.setdefault(category, committee(category)))
        for year, code, rate, category in rates
    }


def _alsace_moselle(sirets: list[str]) -> set[str]:
    """Return those that the register places there."""
    places = Establishment.objects.filter(alsace_moselle=True)
    return {
        siret
        for start in range(0, len(sirets), _SIRETS_AT_ONCE)
        for siret in places.filter(siret__in=sirets[start : start + _SIRETS_AT_ONCE]).values_list("siret", flat=True)
    }
