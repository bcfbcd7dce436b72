"""A computed rate told in words and numbers: why this mode, each step, how it stands to the collective one."""

from dataclasses import replace
from decimal import Decimal

import pytest

from notifications.models import RateDecision
from notifications.rules.calculation import Inputs
from notifications.rules.explanation import Explanation, Sheet, calculation_sheet, compared, explain, mode_explained
from notifications.rules.rounding import Rounding
from tests.notifications.test_calculation import METAL, spaced


def sheet(**changes: object) -> Sheet:
    return calculation_sheet(replace(METAL, **changes), Rounding())  # type: ignore[arg-type]


def test_each_step_is_told_in_words_and_numbers() -> None:
    steps = sheet(headcounts=(85,) * 5, previous=Decimal("1.80")).steps
    assert [spaced(step.label, step.formula, step.numbers, step.result) for step in steps] == [
        [
            "Valeur du risque",
            "Sinistres de 2021 à 2023 (IT : incapacité temporaire, IP : permanente), chacun à son coût moyen 2025",
            "2 IT2 × 528 € + 1 IT3 × 1 805 € + 1 IT6 × 41 132 € + 1 IP2 × 67 954 €",
            "111 947 €",
        ],
        [
            "Masse salariale",
            "Somme des années 2023, 2022 et 2021",
            "2 200 000 € + 2 150 000 € + 2 150 000 €",
            "6 500 000 €",
        ],
        ["Taux brut", "Valeur du risque ÷ masse salariale × 100", "111 947 € ÷ 6 500 000 € × 100", "1,7223 %"],
        [
            "Taux net individuel",
            "(taux brut + M1) × (1 + M2) + M3 + M4 : les majorations de 2025",
            "(1,7223 + 0,18) × 1,56 + 0,19 + 0,03",
            "3,1875 %",
        ],
        [
            "Part individuelle",
            "0,9 ÷ 130 × (effectif − 20) + 0,1, 100 % au plus",
            "0,9 ÷ 130 × (85 − 20) + 0,1",
            "55,00 %",
        ],
        [
            "Taux net mixte",
            "Part individuelle × taux net individuel + part collective × taux collectif",
            "55,00 % × 3,1875 + 45,00 % × 2,50",
            "2,8781 %",
        ],
        [
            "Limite de variation",
            "Taux précédent de 4 ou moins : de −0,80 à +1,00 point",
            "1,80 % : de 1,00 % à 2,80 %, le plafond s’applique",
            "2,80 %",
        ],
        ["Arrondi", "À deux décimales, au plus proche, la moitié vers le haut", "", "2,80 %"],
    ]
    assert [step.source.name for step in steps] == ["B", "STAFF", "B", "B", "A", "A", "A", "CHOICE"]


def test_a_sheet_has_its_rate_and_its_mode() -> None:
    found = sheet()
    assert (found.rate, found.mode.value, found.mode_label) == (Decimal("3.19"), "individual", "individuel")


def test_an_individual_rate_without_a_claim_has_fewer_steps() -> None:
    found = sheet(claims=(0,) * 10, previous=Decimal("1.50"))
    assert [(step.label, *spaced(step.result)) for step in found.steps] == [
        ("Valeur du risque", "0 €"),
        ("Masse salariale", "6 500 000 €"),
        ("Taux brut", "0,00 %"),
        ("Taux net individuel", "0,5008 %"),
        ("Limite de variation", "0,70 %"),
        ("Arrondi", "0,70 %"),
    ]
    assert [spaced(sheet(previous=Decimal(rate)).steps[4].numbers)[0] for rate in ("2.50", "5", "1")] == [
        "2,50 % : de 1,70 % à 3,50 %, sans effet ici",
        "5,00 % : de 4,00 % à 6,25 %, le plancher s’applique",
        "1,00 % : de 0,20 % à 2,00 %, le plafond s’applique",
    ]


def test_a_collective_rate_has_one_step() -> None:
    [step] = sheet(headcounts=(19,)).steps
    assert spaced(step.label, step.formula, step.numbers, step.result, step.source.name) == [
        "Taux collectif",
        "Taux net du code risque 28.1AA dans le tarif 2025, tel qu’il est publié",
        "",
        "2,50 %",
        "A",
    ]


@pytest.mark.parametrize(
    ("changes", "formula", "source"),
    [
        ({"claims": None, "risk_value": 111_947}, "Coût des sinistres de 2021 à 2023", "STAFF"),
        ({"claims": (0,) * 10}, "Aucun sinistre de 2021 à 2023", "B"),
    ],
)
def test_the_value_of_the_risk_says_where_it_comes_from(changes: dict[str, object], formula: str, source: str) -> None:
    step = sheet(**changes).steps[0]
    assert (step.label, step.formula, step.numbers, step.source.name) == ("Valeur du risque", formula, "", source)
    assert spaced(step.result) == [f"{'111 947' if source == 'STAFF' else '0'} €"]


def test_a_year_without_payroll_is_told_as_zero() -> None:
    assert spaced(sheet(payroll=(2_200_000, 0, 2_150_000)).steps[1].numbers) == ["2 200 000 € + 0 € + 2 150 000 €"]


@pytest.mark.parametrize(
    ("previous", "rule"),
    [
        ("4", "Taux précédent de 4 ou moins : de −0,80 à +1,00 point"),
        ("4.01", "Taux précédent au-dessus de 4 : de −20 % à +25 %"),
    ],
)
def test_the_cap_is_another_one_above_four(previous: str, rule: str) -> None:
    assert spaced(sheet(previous=Decimal(previous)).steps[4].formula) == [rule]


@pytest.mark.parametrize(
    ("previous", "limits"), [("1.0608", "de 0,2608 % à 2,0608 %"), ("2.8608", "de 2,0608 % à 3,8608 %")]
)
def test_a_cap_that_a_rate_just_reaches_has_no_effect(previous: str, limits: str) -> None:
    """(1 + 0.18) × 1.56 + 0.19 + 0.03 is 2.0608."""
    found = sheet(claims=None, risk_value=100, payroll=(10_000, 0, 0), previous=Decimal(previous))
    assert spaced(found.steps[4].numbers)[0].endswith(f": {limits}, sans effet ici")


@pytest.mark.parametrize(
    ("ctn", "formula", "numbers", "share"),
    [
        ("A", "(0,075 × effectif − 1,25) ÷ 10, 100 % au plus", "(0,075 × 100 − 1,25) ÷ 10", "62,50 %"),
        ("B", "(0,075 × effectif + 2,5) ÷ 25, 100 % au plus", "(0,075 × 100 + 2,5) ÷ 25", "40,00 %"),
    ],
)
def test_the_share_of_alsace_moselle_has_its_own_formulas(ctn: str, formula: str, numbers: str, share: str) -> None:
    step = sheet(headcounts=(100,) * 5, alsace_moselle=True, ctn=ctn, claims=(0,) * 10).steps[4]
    assert spaced(step.label, step.formula, step.numbers, step.result) == ["Part individuelle", formula, numbers, share]


COLLECTIVE = "Le taux est celui de toutes les entreprises du même code risque : vos propres sinistres n’y entrent pas."
OWN = "Le taux vient de vos propres sinistres, rapportés à votre masse salariale."
BOTH = (
    "Une part du taux vient de vos propres sinistres, l’autre du taux collectif du code risque ; la première grandit "
    "avec l’effectif."
)
BEFORE = "salariés en 2023, deux ans avant l’année d’effet"
FIVE = "Un seuil ne compte qu’atteint cinq années de suite"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, [OWN, f"L’entreprise comptait 180 {BEFORE} : à partir de 150, le mode est individuel."]),
        ({"created": 2010}, [OWN, f"L’entreprise comptait 180 {BEFORE} : à partir de 150, le mode est individuel."]),
        (
            {"headcounts": (0,)},
            [
                COLLECTIVE,
                "L’entreprise comptait 0 salarié en 2023, deux ans avant l’année d’effet : au-dessous de 20, le mode "
                "est collectif.",
            ],
        ),
        (
            {"headcounts": (85, 85)},
            [
                BOTH,
                f"L’entreprise comptait 85 {BEFORE} : de 20 à 149, le mode est mixte.",
                f"{FIVE} ; l’effectif de 2 années est connu, celui des autres est supposé semblable (choix du "
                "simulateur).",
            ],
        ),
        (
            {"headcounts": (85,)},
            [
                BOTH,
                f"L’entreprise comptait 85 {BEFORE} : de 20 à 149, le mode est mixte.",
                f"{FIVE} ; l’effectif d’une seule année est connu, celui des autres est supposé semblable (choix du "
                "simulateur).",
            ],
        ),
        (
            {"headcounts": (85, 85, 85, 85, None)},
            [
                BOTH,
                f"L’entreprise comptait 85 {BEFORE} : de 20 à 149, le mode est mixte.",
                f"{FIVE} ; l’effectif de 4 années est connu, celui des autres est supposé semblable (choix du "
                "simulateur).",
            ],
        ),
        (
            {"headcounts": (149, 40), "alsace_moselle": True},
            [
                COLLECTIVE,
                "L’entreprise comptait 149 salariés en 2023, en Alsace-Moselle, mais 40 l’une des cinq dernières "
                "années : un seuil ne compte qu’atteint cinq années de suite. Le mode reste collectif (au-dessous de "
                "50).",
            ],
        ),
        (
            {"headcounts": (25, 1)},
            [
                COLLECTIVE,
                "L’entreprise comptait 25 salariés en 2023, mais 1 l’une des cinq dernières années : un seuil ne "
                "compte qu’atteint cinq années de suite. Le mode reste collectif (au-dessous de 20).",
            ],
        ),
        (
            {"headcounts": (19,)},
            [COLLECTIVE, f"L’entreprise comptait 19 {BEFORE} : au-dessous de 20, le mode est collectif."],
        ),
        (
            {"headcounts": (250,) * 5, "alsace_moselle": True, "ctn": "B", "claims": (0,) * 10},
            [
                BOTH,
                f"L’entreprise comptait 250 {BEFORE}, en Alsace-Moselle dans le bâtiment : de 50 à 299, le mode est "
                "mixte.",
            ],
        ),
        (
            {"created": 2024},
            [
                COLLECTIVE,
                "L’établissement a été créé en 2024 : le taux est collectif l’année de la création et les deux "
                "suivantes, jusqu’en 2026, quel que soit l’effectif.",
            ],
        ),
        (
            {"code_risque": "00.00B", "ctn": "Z", "headcounts": (40,)},
            [
                COLLECTIVE,
                "Le code 00.00B est celui des fonctions supports (secrétariat, comptabilité…) : un taux réduit, "
                "collectif, sur demande, réservé aux entreprises de moins de 150 salariés.",
            ],
        ),
    ],
)
def test_the_mode_is_explained(changes: dict[str, object], why: list[str]) -> None:
    assert spaced(*sheet(**changes).why) == why


def test_a_mode_without_its_inputs_says_who_has_it() -> None:
    before = "Ce mode est celui des entreprises qui comptaient, deux ans avant l’année d’effet,"
    assert [spaced(mode_explained(mode)[1])[0] for mode in RateDecision.Mode.values] == [
        f"{before} moins de 20 salariés (moins de 50 en Alsace-Moselle). C’est aussi celui des établissements créés "
        "depuis moins de trois ans et des fonctions supports.",
        f"{before} 20 à 149 salariés (en Alsace-Moselle : 50 à 149, et jusqu’à 299 dans le bâtiment).",
        f"{before} 150 salariés ou plus (300 dans le bâtiment d’Alsace-Moselle).",
    ]


def explained(mode: str, rate: str, inputs: Inputs | None) -> Explanation:
    return explain(mode=mode, rate=Decimal(rate), inputs=inputs, rounding=Rounding())


def test_a_rate_that_its_inputs_give_is_explained_without_a_remark() -> None:
    found = explained("individual", "3.19", METAL)
    assert (found.mode, found.remark, found.contradicts) == ("individuel", "", False)
    assert (found.sheet, found.why) == (sheet(), sheet().why)
    assert spaced(found.comparison) == ["C’est 0,69 point au-dessus du taux collectif du code risque (2,50 %)."]


@pytest.mark.parametrize(
    ("mode", "rate", "remark"),
    [
        ("individual", "3.18", "taux notifié 3,18 %, taux calculé 3,19 %"),
        ("individual", "3.1875", "taux notifié 3,1875 %, taux calculé 3,19 %"),
        ("mixed", "3.19", "mode notifié mixte, mode calculé individuel"),
        (
            "collective",
            "2.5",
            "taux notifié 2,50 %, taux calculé 3,19 % ; mode notifié collectif, mode calculé individuel",
        ),
    ],
)
def test_a_rate_that_its_inputs_contradict_is_named_beside_the_computed_one(mode: str, rate: str, remark: str) -> None:
    found = explained(mode, rate, METAL)
    assert (found.contradicts, found.mode) == (True, "individuel")
    assert spaced(found.remark) == [f"Les données contredisent la notification : {remark}."]


def test_a_rate_without_inputs_is_explained_by_its_mode_alone() -> None:
    found = explained("mixed", "3.18", None)
    assert (found.mode, found.sheet, found.why) == ("mixte", None, mode_explained("mixed"))
    assert (found.comparison, found.contradicts) == ("", False)
    assert found.remark == "Seul le taux a été communiqué au portail, sans les données dont il est calculé."


def test_inputs_that_do_not_suffice_say_what_is_missing() -> None:
    found = explained("mixed", "3.18", replace(METAL, year=2027))
    assert (found.mode, found.sheet, found.why) == ("mixte", None, mode_explained("mixed"))
    assert (found.comparison, found.contradicts) == (compared(Decimal("3.18"), Decimal("2.50")), False)
    assert spaced(found.remark) == [
        "Les données connues ne suffisent pas à refaire le calcul. Majorations de 2027 inconnues : le simulateur "
        "connaît celles de 2021 à 2026."
    ]


@pytest.mark.parametrize(
    ("rate", "collective", "words"),
    [
        ("2.88", "2.50", "C’est 0,38 point au-dessus du taux collectif du code risque (2,50 %)."),
        ("2.50", "5.00", "C’est 2,50 points au-dessous du taux collectif du code risque (5,00 %)."),
        ("2.50", "2.50", "C’est le taux collectif du code risque (2,50 %)."),
        ("2.50", None, ""),
    ],
)
def test_a_rate_is_compared_with_the_collective_one(rate: str, collective: str | None, words: str) -> None:
    assert spaced(compared(Decimal(rate), Decimal(collective) if collective else None)) == [words]


def test_no_line_break_cuts_a_number_from_its_unit() -> None:
    texts = [
        text for step in sheet(headcounts=(85,), previous=Decimal(5)).steps for text in (step.numbers, step.result)
    ]
    assert [text for text in texts if " %" in text or " €" in text] == []
    assert [claim for claim in sheet().steps[0].numbers.split(" + ") if " " in claim] == []
