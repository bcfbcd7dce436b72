"""A campaign that brings what its rates are computed from: computed, compared, kept with the decision (section 4)."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import IntegrityError, transaction
from pytest_django import Settings

from accounts.models import Establishment
from notifications.actions import campaign as actions
from notifications.apps import NotificationsConfig
from notifications.models import Campaign, CollectiveRate, RateCalculation, RateDecision, StagedCalculation, Tariff
from tests.factories.notifications import RateDecisionFactory
from tests.notifications.test_campaign import HEAD, ON, OTHER, SECOND, problems, register, sweep
from tests.notifications.test_campaign import checked as checked_with

__all__ = ["register"]
BASE = "siret;code_risque;taux;date_effet;mode"
CLAIMS = "it1;it2;it3;it4;it5;it6;ip1;ip2;ip3;ip4"
HEADER = f"{BASE};effectif_n2;masse_n2;masse_n3;masse_n4;{CLAIMS}"
COSTS = "2200000;2 150 000;2150000,00;;2;1;;;1;;1;;"


@pytest.fixture(autouse=True)
def tariff(register: None) -> None:
    """A metal code of 2025, whose mean costs are known, and its collective rate."""
    of_2025 = Tariff.objects.create(year=2025, source="essai", file_name="x", sha256="", imported_at=ON)
    for code, category, rate in (
        ("28.1AA", "Industries de la métallurgie", "2.50"),
        ("60.2MG", "Industries des transports", "5.36"),
    ):
        CollectiveRate.objects.create(tariff=of_2025, code=code, label=code, category=category, rate=rate)


def line(
    taux: str = "", mode: str = "", headcount: str = "180", rest: str = COSTS, siret: str = HEAD, code: str = "28.1AA"
) -> str:
    return f"{siret};{code};{taux};01/05/2025;{mode};{headcount};{rest}"


def checked(*lines: str, header: str = HEADER) -> Campaign:
    return checked_with(*lines, header=header)


def published(*lines: str, header: str = HEADER) -> RateDecision:
    campaign = checked(*lines, header=header)
    assert problems(campaign) == []
    actions.publish_campaign(campaign=campaign, by=None, on=ON)
    sweep()
    return RateDecision.objects.latest("pk")


def told(*lines: str, header: str = HEADER) -> list[tuple[int, str, str, bool]]:
    campaign = checked(*lines, header=header)
    found = campaign.import_file.problems.values_list("line", "column", "message", "warning")
    return [(number, column, " ".join(message.split()), warning) for number, column, message, warning in found]


def test_a_rate_is_computed_where_only_its_inputs_are_given() -> None:
    decision = published(line())
    assert (decision.rate, decision.mode) == (Decimal("3.19"), "individual")
    kept = decision.calculation
    assert (kept.headcount_n2, kept.it1, kept.it2, kept.payroll_n4, kept.risk_value) == (180, 0, 2, 2_150_000, None)
    assert (kept.collective_rate, kept.ctn, kept.rounding) == (Decimal("2.50"), "A", "half-up/2/end")
    assert (kept.computed_rate, kept.computed_mode) == (Decimal("3.19"), "individual")


def test_the_columns_of_rate_and_mode_may_be_left_out() -> None:
    header = HEADER.replace("taux;", "").replace("mode;", "")
    decision = published(f"{HEAD};28.1AA;01/05/2025;85;{COSTS}", header=header)
    assert (decision.rate, decision.mode) == (Decimal("2.88"), "mixed")


def test_a_rate_that_its_inputs_give_is_published_without_a_word() -> None:
    decision = published(line("3,19", "individuel"))
    assert decision.calculation.computed_rate == decision.rate == Decimal("3.19")


@pytest.mark.parametrize(
    ("given", "column", "message"),
    [
        (
            line("3,18", "individuel"),
            "taux",
            "Les données contredisent la notification : taux notifié 3,18 %, taux calculé 3,19 %.",
        ),
        (
            line("3,19", "mixte"),
            "mode",
            "Les données contredisent la notification : mode notifié mixte, mode calculé individuel.",
        ),
        (
            line("3,18", "collectif"),
            "taux",
            "Les données contredisent la notification : taux notifié 3,18 %, taux calculé 3,19 % ; mode notifié "
            "collectif, mode calculé individuel.",
        ),
        (
            line("3,18", "individuel", rest="1;1;1;5;;;;;;;;;", code="60.2MG"),
            "valeur_risque",
            "Taux publié comme notifié, sans calcul pour le vérifier. Coûts moyens 2025 du CTN C inconnus (connus : "
            "2025, CTN A) : donnez la valeur du risque en euros.",
        ),
    ],
)
def test_a_contradicted_rate_is_flagged_and_published_as_notified(given: str, column: str, message: str) -> None:
    campaign = checked(given, line(siret=SECOND))
    assert told(given) == [(2, column, message, True)]
    file = campaign.import_file
    assert (file.outcome, file.good, file.wrong, file.warned) == ("OK", 2, 0, 1)
    actions.publish_campaign(campaign=campaign, by=None, on=ON)
    sweep()
    decision = RateDecision.objects.get(line=2)
    assert decision.rate == Decimal(given.split(";")[2].replace(",", "."))
    assert decision.explanation.contradicts is message.startswith("Les données")


def test_a_line_without_inputs_beside_others_is_as_ever() -> None:
    empty = ";" * 13
    decision = published(line(), f"{SECOND};28.1AA;1,10;01/05/2025;mixte{empty};")
    assert (decision.rate, hasattr(decision, "calculation")) == (Decimal("1.10"), False)


def test_a_file_without_inputs_stages_and_keeps_none() -> None:
    published(f"{HEAD};28.1AA;1,10;01/05/2025;mixte", header=BASE)
    assert not RateCalculation.objects.exists()


@pytest.mark.parametrize(
    ("given", "column", "message"),
    [
        (line(headcount="12x"), "effectif_n2", "« 12x » n'est pas un nombre entier, comme 85."),
        (line(headcount="-3"), "effectif_n2", "« -3 » n'est pas un nombre entier, comme 85."),
        (line(headcount="9" * 400), "effectif_n2", f"« {'9' * 40} » n'est pas un nombre entier, comme 85."),
        (line(headcount=""), "effectif_n2", "Effectif de 2023 absent : il décide du mode de 2025."),
        (
            line(rest=COSTS.replace("2200000", "2,2 M")),
            "masse_n2",
            "« 2,2 M » n'est pas un montant en euros entiers, comme 2150000.",
        ),
        (
            line(rest=COSTS.replace("2200000", "")),
            "masse_n2",
            "Masse salariale absente : il faut celle de chaque année, 2021 à 2023.",
        ),
        (line(rest=COSTS.replace(";;2;1", ";;deux;1")), "it2", "« deux » n'est pas un nombre entier, comme 85."),
        (
            line(rest="1;1;1" + ";" * 10),
            "valeur_risque",
            "Sinistres de 2021 à 2023 absents : donnez leur nombre, 0 sans sinistre.",
        ),
        (
            line(mode="mixte"),
            "mode",
            "« mixte » : les données de la ligne donnent le mode individuel. Corrigez-les, ou laissez cette cellule "
            "vide.",
        ),
        (line(taux="-1"), "taux", "« -1 » : un taux n'est pas négatif."),
        (line(code="45.2BE"), "code_risque", "Code risque 45.2BE absent du tarif 2025."),
        (line().replace("/2025", "/2024"), "date_effet", "Aucun tarif collectif de 2024 n'est importé."),
        (
            line().replace("28.1AA", "45.2BE").replace("/2025", "/2027"),
            "date_effet",
            "Majorations de 2027 inconnues : le simulateur connaît celles de 2021 à 2026.",
        ),
        (line(siret="35600000009075"), "siret", "SIRET 35600000009075 inconnu du répertoire."),
    ],
)
def test_a_line_that_gives_no_rate_is_named_by_line_and_column(given: str, column: str, message: str) -> None:
    assert told(line(siret=SECOND), given) == [(3, column, message, False)]


@pytest.mark.parametrize(("column", "given"), [("taux", line(rest=";" * 12, headcount="", mode="mixte"))])
def test_a_line_without_rate_nor_inputs_is_refused(column: str, given: str) -> None:
    assert told(line(siret=SECOND), given) == [(3, column, "Taux absent.", False)]
    header = HEADER.replace("taux;", "")
    short = f"{HEAD};28.1AA;01/05/2025;mixte{';' * 14}"
    assert told(short, f"{SECOND};28.1AA;01/05/2025;;180;{COSTS}", header=header) == [
        (2, "taux", "Valeur absente, sans données pour la calculer.", False)
    ]


def test_a_file_with_neither_rates_nor_inputs_is_refused_whole() -> None:
    campaign = checked(f"{HEAD};28.1AA;01/05/2025", header="siret;code_risque;date_effet")
    assert (campaign.import_file.outcome, campaign.import_file.refusal) == (
        "KO",
        "Il manque : taux, mode. Donnez ces colonnes, ou celles des données dont le taux se calcule.",
    )


def test_a_line_refused_by_the_register_has_no_warning_beside() -> None:
    unknown = line("3,18", "individuel", siret="35600000009075")
    assert told(unknown, line()) == [(2, "siret", "SIRET 35600000009075 inconnu du répertoire.", False)]


OPTIONAL = f"{HEADER};effectif_n3;effectif_n4;effectif_n5;effectif_n6;valeur_risque;taux_precedent;taux_collectif"
OPTIONAL += ";annee_creation;alsace_moselle"
VALUED = "2200000;2150000;2150000" + ";" * 10


def test_every_optional_column_is_kept_with_the_decision() -> None:
    whole = line(headcount="85", rest=f"{VALUED};84;83;82;81;111947;2,00;3,10;1999;oui")
    kept = published(whole, header=OPTIONAL).calculation
    assert kept.inputs("28.1AA", 2025).headcounts == (85, 84, 83, 82, 81)
    assert (kept.risk_value, kept.previous_rate, kept.collective_rate) == (111_947, Decimal("2.00"), Decimal("3.10"))
    # The share of Alsace-Moselle, then the cap: 0.5125 × 3.187528 + 0.4875 × 3.10 is above 3.00.
    assert (kept.created_year, kept.alsace_moselle, kept.computed_rate) == (1999, True, Decimal("3.00"))


@pytest.mark.parametrize(
    ("cell", "column", "message"),
    [
        ("peut-être", "alsace_moselle", "« peut-être » : écrivez oui ou non."),
        ("25", "annee_creation", "« 25 » n'est pas une année, comme 2025."),
        ("2026", "annee_creation", "Création en 2026, après l'année d'effet 2025."),
        ("120", "taux_precedent", "« 120 » : un taux est inférieur à 100."),
    ],
)
def test_a_bad_optional_cell_is_named(cell: str, column: str, message: str) -> None:
    header = f"{HEADER};{column}"
    assert told(line(siret=SECOND, rest=f"{COSTS};"), line(rest=f"{COSTS};{cell}"), header=header) == [
        (3, column, message, False)
    ]


def test_claims_and_their_value_together_are_refused() -> None:
    header = f"{HEADER};valeur_risque"
    assert told(line(siret=SECOND, rest=f"{COSTS};"), line(rest=f"{COSTS};5000"), header=header) == [
        (3, "valeur_risque", "Donnez les sinistres ou leur valeur, pas les deux.", False)
    ]


def test_the_register_says_who_is_in_alsace_moselle_and_the_published_tariff_is_not_theirs() -> None:
    Establishment.objects.filter(siret=HEAD).update(alsace_moselle=True)
    assert told(line(headcount="60"), line(headcount="60", siret=SECOND)) == [
        (2, "taux_collectif", "Taux collectif 2025 d'Alsace-Moselle inconnu pour le code 28.1AA : donnez-le.", False)
    ]


def test_rounding_is_read_from_the_setting_and_kept(settings: Settings) -> None:
    settings.RATE_ROUNDING = "half-up/2/gross"
    decision = published(line())
    settings.RATE_ROUNDING = "half-up/4/end"
    decision.refresh_from_db()
    assert (decision.rate, decision.calculation.rounding) == (Decimal("3.18"), "half-up/2/gross")
    assert decision.explanation.sheet is not None
    assert decision.explanation.sheet.rate == Decimal("3.18")


def test_the_portal_does_not_start_with_a_rounding_that_is_none(settings: Settings) -> None:
    settings.RATE_ROUNDING = "à peu près"
    config = NotificationsConfig.create("notifications")
    with pytest.raises(ImproperlyConfigured, match="RATE_ROUNDING : « à peu près » n'est pas un arrondi"):
        config.ready()


def test_a_campaign_given_up_leaves_no_inputs() -> None:
    campaign = checked(line())
    assert StagedCalculation.objects.count() == 1
    actions.cancel_campaign(campaign=campaign, by=None, on=ON)
    assert StagedCalculation.objects.count() == 0


def test_inputs_of_several_batches_and_files_go_with_their_own_decision(settings: Settings) -> None:
    settings.IMPORT_BATCH_LINES = 1
    other = checked(line(headcount="85", siret=OTHER))
    first = checked(line(), line(siret=SECOND, headcount="19"))
    for campaign in (first, other):
        actions.publish_campaign(campaign=campaign, by=None, on=ON)
    sweep()
    found = RateCalculation.objects.order_by("decision__establishment__siret")
    assert list(found.values_list("decision__establishment__siret", "headcount_n2", "decision__rate")) == [
        (OTHER, 85, Decimal("2.88")),
        (HEAD, 180, Decimal("3.19")),
        (SECOND, 19, Decimal("2.50")),
    ]
    assert StagedCalculation.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"it1": 1}, "claims_whole_or_none"),
        ({**dict.fromkeys(CLAIMS.split(";"), 0), "risk_value": 1}, "claims_or_their_value"),
        ({"computed_rate": 1}, "computed_rate_has_its_mode"),
        ({"computed_mode": "mixed"}, "computed_rate_has_its_mode"),
        ({"computed_rate": -1, "computed_mode": "mixed"}, "computed_rate_has_its_mode"),
    ],
)
def test_impossible_inputs_are_refused_by_the_database(values: dict[str, object], name: str) -> None:
    kept = RateCalculation(decision=RateDecisionFactory(), rounding="half-up/2/end", **values)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        kept.save()
    with pytest.raises(ValidationError):
        kept.validate_constraints()


def test_an_effect_in_july_is_of_its_year() -> None:
    decision = published(line().replace("01/05/2025", "01/07/2025"))
    assert decision.effective_on == dt.date(2025, 7, 1)
    assert decision.explanation.contradicts is False
