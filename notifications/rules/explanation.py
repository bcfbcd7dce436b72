"""A computed rate explained in words and numbers, in French: what the page and the document print."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from notifications.rules.calculation import (
    YEARS_NEW,
    YEARS_TO_CROSS,
    Calculation,
    Individual,
    Inputs,
    Mode,
    Reason,
    calculate,
    mode_of,
)
from notifications.rules.parameters import CATEGORIES, SUPPORT_BELOW, CalculationError, Source, Thresholds, mean_costs
from notifications.rules.rounding import Rounding
from portal.kit import french

MODES = {Mode.COLLECTIVE: "collectif", Mode.MIXED: "mixte", Mode.INDIVIDUAL: "individuel"}
IN_SHORT = {
    Mode.COLLECTIVE: "Le taux est celui de toutes les entreprises du même code risque : vos propres sinistres n’y "
    "entrent pas.",
    Mode.MIXED: "Une part du taux vient de vos propres sinistres, l’autre du taux collectif du code risque ; la "
    "première grandit avec l’effectif.",
    Mode.INDIVIDUAL: "Le taux vient de vos propres sinistres, rapportés à votre masse salariale.",
}


@dataclass(frozen=True)
class Step:
    """One step: its name, the formula in words, the same with numbers, what it gives, and where the rule comes from."""

    label: str
    formula: str
    numbers: str
    result: str
    source: Source


@dataclass(frozen=True)
class Sheet:
    """The calculation sheet of a rate. why: the mode explained, a sentence a line. steps: in order."""

    rate: Decimal
    mode: Mode
    mode_label: str
    why: tuple[str, ...]
    steps: tuple[Step, ...]


def calculation_sheet(inputs: Inputs, rounding: Rounding) -> Sheet:
    """Compute a rate and explain it (domain.md, section 4). Raises CalculationError as calculate() does."""
    done = calculate(inputs, rounding)
    return Sheet(
        rate=done.rate,
        mode=done.mode,
        mode_label=MODES[done.mode],
        why=tuple(french.typeset(sentence) for sentence in _why(done)),
        steps=tuple(_steps(done)),
    )


@dataclass(frozen=True)
class Explanation:
    """How a notified rate is explained. sheet: None when it cannot be computed. remark: what does not fit, or why not.

    mode: in French, the one that why explains. comparison: with the collective rate kept with the inputs, or empty.
    contradicts: the notified rate or mode is not the one its own inputs give.
    """

    mode: str
    why: tuple[str, ...]
    sheet: Sheet | None
    remark: str
    comparison: str
    contradicts: bool


def explain(*, mode: str, rate: Decimal, inputs: Inputs | None, rounding: Rounding | None) -> Explanation:
    """Explain a notified rate by its inputs; by its mode alone when they are not known or do not suffice.

    Its own words are a choice; each step tells the source of its rule.
    """
    if inputs is None or rounding is None:
        remark = "Seul le taux a été communiqué au portail, sans les données dont il est calculé."
        return Explanation(MODES[Mode(mode)], mode_explained(mode), None, remark, "", contradicts=False)
    comparison = compared(rate, inputs.collective)
    try:
        sheet = calculation_sheet(inputs, rounding)
    except CalculationError as refusal:
        remark = f"Les données connues ne suffisent pas à refaire le calcul. {french.typeset(str(refusal))}"
        return Explanation(MODES[Mode(mode)], mode_explained(mode), None, remark, comparison, contradicts=False)
    remark = contradiction(mode=mode, rate=rate, computed=sheet.rate, computed_mode=sheet.mode)
    return Explanation(sheet.mode_label, sheet.why, sheet, remark, comparison, contradicts=bool(remark))


def contradiction(*, mode: str, rate: Decimal, computed: Decimal, computed_mode: Mode) -> str:
    """Say how a notified rate differs from the computed one, naming both; empty when it does not."""
    told = []
    if rate != computed:
        told.append(f"taux notifié {french.rate(rate)}, taux calculé {french.rate(computed)}")
    if mode != computed_mode:
        told.append(f"mode notifié {MODES[Mode(mode)]}, mode calculé {MODES[computed_mode]}")
    if not told:
        return ""
    return french.typeset(f"Les données contredisent la notification : {' ; '.join(told)}.")


def mode_explained(mode: str) -> tuple[str, ...]:
    """Return what a mode means and who has it (domain.md, section 4), for a rate whose inputs are not known."""
    who = {
        Mode.COLLECTIVE: "moins de 20 salariés (moins de 50 en Alsace-Moselle)",
        Mode.MIXED: "20 à 149 salariés (en Alsace-Moselle : 50 à 149, et jusqu’à 299 dans le bâtiment)",
        Mode.INDIVIDUAL: "150 salariés ou plus (300 dans le bâtiment d’Alsace-Moselle)",
    }[Mode(mode)]
    also = (
        ""
        if mode != Mode.COLLECTIVE
        else (" C’est aussi celui des établissements créés depuis moins de trois ans et des fonctions supports.")
    )
    sentence = f"Ce mode est celui des entreprises qui comptaient, deux ans avant l’année d’effet, {who}.{also}"
    return french.typeset(IN_SHORT[Mode(mode)]), french.typeset(sentence)


def compared(rate: Decimal, collective: Decimal | None) -> str:
    """Say how a rate stands to the collective one of its code; empty when that is not known."""
    if collective is None:
        return ""
    if rate == collective:
        return f"C’est le taux collectif du code risque ({french.rate(collective)})."
    side = "au-dessus" if rate > collective else "au-dessous"
    gap = french.difference(abs(rate - collective)).removeprefix("+")
    return f"C’est {gap} {side} du taux collectif du code risque ({french.rate(collective)})."


def _why(done: Calculation) -> Iterator[str]:
    yield IN_SHORT[done.mode]
    inputs = done.inputs
    if done.reason is Reason.SUPPORT:
        yield (
            f"Le code {inputs.code_risque} est celui des fonctions supports (secrétariat, comptabilité…) : un taux "
            f"réduit, collectif, sur demande, réservé aux entreprises de moins de {SUPPORT_BELOW} salariés."
        )
        return
    if done.reason is Reason.NEW and inputs.created is not None:
        yield (
            f"L’établissement a été créé en {inputs.created} : le taux est collectif l’année de la création et les "
            f"deux suivantes, jusqu’en {inputs.created + YEARS_NEW}, quel que soit l’effectif."
        )
        return
    yield from _why_headcount(done, inputs.headcounts[0] or 0)


def _why_headcount(done: Calculation, headcount: int) -> Iterator[str]:
    inputs, label = done.inputs, MODES[done.mode]
    region = ", en Alsace-Moselle" + (" dans le bâtiment" if inputs.building else "") if inputs.alsace_moselle else ""
    counted = f"L’entreprise comptait {french.plural(headcount, 'salarié')} en {inputs.year - 2}"
    band = _band(done.mode, done.thresholds)
    if mode_of(headcount, done.thresholds) is not done.mode:
        yield (
            f"{counted}{region}, mais {french.number(done.counted)} l’une des cinq dernières années : un seuil ne "
            f"compte qu’atteint cinq années de suite. Le mode reste {label} ({band})."
        )
        return
    yield f"{counted}, deux ans avant l’année d’effet{region} : {band}, le mode est {label}."
    known = sum(one is not None for one in inputs.headcounts[:YEARS_TO_CROSS])
    if done.mode is not Mode.COLLECTIVE and known < YEARS_TO_CROSS:
        whole = "l’effectif d’une seule année est connu" if known == 1 else f"l’effectif de {known} années est connu"
        yield (
            f"Un seuil ne compte qu’atteint cinq années de suite ; {whole}, celui des autres est supposé semblable "
            "(choix du simulateur)."
        )


def _band(mode: Mode, limits: Thresholds) -> str:
    return {
        Mode.COLLECTIVE: f"au-dessous de {limits.mixed}",
        Mode.MIXED: f"de {limits.mixed} à {limits.individual - 1}",
        Mode.INDIVIDUAL: f"à partir de {limits.individual}",
    }[mode]


def _summed(inputs: Inputs) -> str:
    """Return « 2 IT2 × 528 € + 1 IT3 × 1 805 € »: only the additions may end a line."""
    costs = mean_costs(inputs.year, inputs.ctn).costs
    return " + ".join(
        f"{french.number(count)} {name.upper()} × {_euros(cost)}".replace(" ", french.NBSP)
        for name, count, cost in zip(CATEGORIES, inputs.claims or (), costs, strict=True)
        if count
    )


def _steps(done: Calculation) -> Iterator[Step]:
    if done.individual:
        yield from _individual_steps(done, done.individual)
    if done.share is not None and done.individual and done.inputs.collective is not None:
        yield from _mixed_steps(done, done.share, done.individual.net, done.inputs.collective)
    if done.individual is None:
        yield Step(
            "Taux collectif",
            f"Taux net du code risque {done.inputs.code_risque} dans le tarif {done.inputs.year}, tel qu’il est publié",
            "",
            french.rate(done.rate),
            Source.A,
        )
        return
    if done.limits and done.inputs.previous is not None:
        yield _cap_step(done, done.limits, done.inputs.previous)
    yield Step("Arrondi", done.rounding.words, "", french.rate(done.rate), Source.CHOICE)


def _individual_steps(done: Calculation, one: Individual) -> Iterator[Step]:
    first, last = done.inputs.year - 4, done.inputs.year - 2
    value = _euros(int(one.value))
    if done.inputs.risk_value is not None:
        yield Step("Valeur du risque", f"Coût des sinistres de {first} à {last}", "", value, Source.STAFF)
    elif one.value:
        formula = (
            f"Sinistres de {first} à {last} (IT : incapacité temporaire, IP : permanente), chacun à son coût moyen "
            f"{done.inputs.year}"
        )
        yield Step("Valeur du risque", french.typeset(formula), _summed(done.inputs), value, Source.B)
    else:
        yield Step("Valeur du risque", f"Aucun sinistre de {first} à {last}", "", value, Source.B)
    amounts = [_euros(amount or 0) for amount in done.inputs.payroll]
    yield Step(
        "Masse salariale",
        f"Somme des années {last}, {last - 1} et {first}",
        " + ".join(amounts),
        _euros(one.payroll),
        Source.STAFF,
    )
    yield Step(
        "Taux brut",
        "Valeur du risque ÷ masse salariale × 100",
        f"{value} ÷ {_euros(one.payroll)} × 100",
        french.rate(one.gross),
        Source.B,
    )
    of_year = one.majorations
    yield Step(
        "Taux net individuel",
        french.typeset(f"(taux brut + M1) × (1 + M2) + M3 + M4 : les majorations de {done.inputs.year}"),
        f"({_figure(one.gross)} + {_figure(of_year.m1)}) × {_figure(1 + of_year.m2)} + {_figure(of_year.m3)} + "
        f"{_figure(of_year.m4)}",
        french.rate(one.net),
        of_year.source,
    )


def _mixed_steps(done: Calculation, share: Decimal, net: Decimal, collective: Decimal) -> Iterator[Step]:
    headcount = done.inputs.headcounts[0] or 0
    if not done.inputs.alsace_moselle:
        formula, numbers = "0,9 ÷ 130 × (effectif − 20) + 0,1", f"0,9 ÷ 130 × ({headcount} − 20) + 0,1"
    elif done.inputs.building:
        formula, numbers = "(0,075 × effectif + 2,5) ÷ 25", f"(0,075 × {headcount} + 2,5) ÷ 25"
    else:
        formula, numbers = "(0,075 × effectif − 1,25) ÷ 10", f"(0,075 × {headcount} − 1,25) ÷ 10"
    formula = f"{formula}, 100{french.NBSP}% au plus"
    yield Step("Part individuelle", formula, numbers, french.rate(share * 100), Source.A)
    yield Step(
        "Taux net mixte",
        "Part individuelle × taux net individuel + part collective × taux collectif",
        f"{french.rate(share * 100)} × {_figure(net)} + {french.rate(100 - share * 100)} × {_figure(collective)}",
        french.rate(done.uncapped),
        Source.A,
    )


def _cap_step(done: Calculation, limits: tuple[Decimal, Decimal], previous: Decimal) -> Step:
    low, high = limits
    if previous > 4:
        rule = "Taux précédent au-dessus de 4 : de −20\xa0% à +25\xa0%"
    else:
        rule = "Taux précédent de 4 ou moins : de −0,80 à +1,00 point"
    if done.uncapped > high:
        result, effect = high, "le plafond s’applique"
    elif done.uncapped < low:
        result, effect = low, "le plancher s’applique"
    else:
        result, effect = done.uncapped, "sans effet ici"
    numbers = f"{french.rate(previous)} : de {french.rate(low)} à {french.rate(high)}, {effect}"
    return Step("Limite de variation", french.typeset(rule), french.typeset(numbers), french.rate(result), Source.A)


def _figure(value: Decimal) -> str:
    """Return a rate without its sign, four decimals at most: the calculation keeps them all."""
    return french.rate(value).removesuffix(f"{french.NBSP}%")


def _euros(value: int) -> str:
    return f"{french.number(value)}{french.NBSP}€"
