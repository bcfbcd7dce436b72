"""A campaign reads a file of rates, shows what is wrong, and publishes each rate once (G0.1, G0.3, G0.6)."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError
from pytest_django import Settings
from stdnum import luhn

from accounts.actions.imports import apply_next_batch, read_next_file, work_once
from accounts.models import Enterprise, Establishment
from habilitations.models import ATMP, Declaration, EstablishmentDeclaration
from notifications.actions import campaign as actions
from notifications.models import Campaign, CollectiveRate, Notification, RateDecision, StagedRate, Tariff
from portal.kit.csvfile import FileProblem

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
HEADER = "siret;code_risque;taux;date_effet;mode"
HEAD, SECOND, OTHER = "73282932000074", "73282932000082", "20003452800014"
GOOD = f"{HEAD};45.2BE;7,39;01/01/2027;individuel"

TWICE = "Ligne en double : même établissement, même code et même date qu'à la ligne 2."


@pytest.fixture(autouse=True)
def register(db: None) -> None:
    """A multi-establishment enterprise whose head office is registered to Compte AT/MP, and one that is not."""
    alpha, beta = Enterprise.objects.create(siren=HEAD[:9], name="ALPHA"), Enterprise(siren=OTHER[:9], name="BETA")
    beta.save()
    head = Establishment.objects.create(
        siret=HEAD, enterprise=alpha, is_head_office=True, address="1 RUE A", postcode="29200", city="BREST"
    )
    Establishment.objects.create(siret=SECOND, enterprise=alpha)
    Establishment.objects.create(siret=OTHER, enterprise=beta, closed_on=dt.date(2027, 6, 30))
    declaration, _created = Declaration.objects.get_or_create(
        code=ATMP, defaults={"label": "Compte AT/MP", "body": "L'assurance maladie"}
    )
    EstablishmentDeclaration.objects.create(
        establishment=head, declaration=declaration, registered_at=ON, opens_at=ON + dt.timedelta(days=1)
    )
    tariff = Tariff.objects.create(year=2027, source="essai", file_name="x", sha256="", imported_at=ON)
    for code in ("45.2BE", "55.3AC"):
        CollectiveRate.objects.create(tariff=tariff, code=code, label=code, category="", rate=1)


def checked(*lines: str, header: str = HEADER) -> Campaign:
    content = ContentFile("\n".join([header, *lines]).encode(), "taux.csv")
    campaign = actions.create_campaign(name="Campagne 2027", content=content, by=None, on=ON)
    assert read_next_file(importer=actions.RATES, on=ON)
    campaign.refresh_from_db()
    return campaign


def sweep(on: dt.datetime = ON) -> None:
    while work_once(importer=actions.RATES, on=on):
        pass


def published(*lines: str, on: dt.datetime = ON) -> Campaign:
    campaign = checked(*lines)
    actions.publish_campaign(campaign=campaign, by=None, on=on)
    sweep(on)
    campaign.refresh_from_db()
    return campaign


def problems(campaign: Campaign) -> list[tuple[int, str, str]]:
    return list(campaign.import_file.problems.values_list("line", "column", "message"))


def test_registered_establishments_are_notified_and_the_others_listed_for_the_post() -> None:
    campaign = published(GOOD, f"{SECOND};45.2BE;7,39;01/01/2027;mixte", f"{OTHER};55.3AC;1,78;2027-01-01;Collectif")
    assert (campaign.notified, campaign.on_paper, campaign.import_file.status) == (2, 1, "applied")
    assert list(Notification.objects.order_by("id").values_list("establishment__siret", "published_at")) == [
        (HEAD, ON),
        (SECOND, ON),
    ]
    paper = campaign.decisions.get(channel="paper")
    assert (paper.establishment.siret, paper.rate, paper.mode) == (OTHER, Decimal("1.78"), "collective")


def test_a_secondary_registered_alone_does_not_open_its_head_office() -> None:
    EstablishmentDeclaration.objects.update(establishment=Establishment.objects.get(siret=SECOND))
    campaign = published(GOOD, f"{SECOND};45.2BE;7,39;01/01/2027;mixte")
    assert list(campaign.notifications.values_list("establishment__siret", flat=True)) == [SECOND]


def test_a_decision_keeps_its_addressee() -> None:
    published(GOOD)
    decision = RateDecision.objects.get()
    assert (decision.addressee, decision.address, decision.line) == ("ALPHA", "1 RUE A\n29200 BREST", 2)
    assert (decision.version, decision.effective_on, decision.decided_on) == (
        1,
        dt.date(2027, 1, 1),
        dt.date(2027, 1, 20),
    )


def test_nothing_is_published_before_staff_say_so() -> None:
    checked(GOOD)
    sweep()
    assert not RateDecision.objects.exists()


def test_publishing_twice_publishes_nothing_twice() -> None:
    campaign = published(GOOD)
    assert not actions.publish_campaign(campaign=campaign, by=None, on=ON)
    again = published(GOOD)
    assert (again.import_file.unchanged, again.notified) == (1, 0)
    assert (RateDecision.objects.count(), Notification.objects.count()) == (1, 1)


def test_two_campaigns_read_before_either_is_published_publish_a_rate_once() -> None:
    first, second = checked(GOOD), checked(GOOD)
    for campaign in (first, second):
        actions.publish_campaign(campaign=campaign, by=None, on=ON)
    sweep()
    second.refresh_from_db()
    assert (RateDecision.objects.count(), second.notified) == (1, 0)


def test_another_rate_for_the_same_day_is_a_new_version_and_history_stays() -> None:
    published(GOOD)
    published(GOOD.replace("7,39", "6,10"))
    assert list(RateDecision.objects.order_by("version").values_list("version", "rate")) == [
        (1, Decimal("7.39")),
        (2, Decimal("6.10")),
    ]
    back = published(GOOD)
    assert (back.notified, RateDecision.objects.count()) == (1, 3)


def test_several_rates_in_a_year_are_normal() -> None:
    campaign = published(GOOD, GOOD.replace("01/01", "01/07"), GOOD.replace("45.2BE", "55.3AC"))
    assert campaign.notified == 3


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        (GOOD.replace("7,39", "-1"), "taux", None),
        (GOOD.replace("7,39", "100"), "taux", None),
        (GOOD.replace("7,39", "abc"), "taux", None),
        (GOOD.replace("7,39", ""), "taux", None),
        (
            GOOD.replace("01/01/2027", "31/02/2027"),
            "date_effet",
            "« 31/02/2027 » : ce jour n'existe pas.",
        ),
        (
            GOOD.replace("01/01/2027", "01/01/1927"),
            "date_effet",
            "« 01/01/1927 » : l'année doit être entre 2000 et 2100.",
        ),
        (
            GOOD.replace(HEAD, "20003452800041"),
            "siret",
            "« 20003452800041 » : la clé de ce SIRET est fausse, vérifiez les chiffres.",
        ),
        (GOOD.replace(HEAD, "35600000009075"), "siret", "SIRET 35600000009075 inconnu du répertoire."),
        (
            f"{OTHER};55.3AC;1;01/07/2027;collectif",
            "siret",
            "Établissement fermé à la date d'effet.",
        ),
        (
            GOOD.replace("45.2BE", "99.9ZZ"),
            "code_risque",
            "Code risque 99.9ZZ absent du tarif de l'année d'effet.",
        ),
        (GOOD.replace("45.2BE", "4.52"), "code_risque", "« 4.52 » n'est pas un code risque : il s'écrit comme 45.2BE."),
        (GOOD.replace("individuel", "au hasard"), "mode", "« au hasard » : écrivez collectif, mixte ou individuel."),
        (GOOD, "siret", TWICE),
        (GOOD.replace("7,39", "5"), "siret", TWICE),
    ],
)
def test_a_bad_line_is_named_and_the_good_one_is_published(line: str, column: str, message: str | None) -> None:
    campaign = published(GOOD, line)
    [(number, where, told)] = problems(campaign)
    assert (number, where, told) == (3, column, message or told)
    assert (campaign.import_file.outcome, campaign.notified) == ("OK partiel", 1)


def test_a_code_is_looked_up_in_another_year_when_its_own_has_no_tariff() -> None:
    assert published(GOOD.replace("2027", "2026")).notified == 1


def test_spaces_in_a_siret_and_a_bom_are_accepted() -> None:
    campaign = checked(GOOD.replace(HEAD, "732 829 320 00074"), header="\ufeff" + HEADER)
    assert campaign.import_file.outcome == "OK"


def test_a_campaign_needs_a_tariff() -> None:
    Tariff.objects.all().delete()
    with pytest.raises(FileProblem, match="Importez d'abord un tarif collectif"):
        checked(GOOD)
    assert not Campaign.objects.exists()


def test_a_campaign_given_up_is_never_published() -> None:
    campaign = checked(GOOD)
    assert actions.cancel_campaign(campaign=campaign, by=None, on=ON)
    assert not actions.publish_campaign(campaign=campaign, by=None, on=ON)
    sweep()
    assert not RateDecision.objects.exists()


def test_a_batch_that_fails_half_way_leaves_nothing_and_is_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = checked(GOOD)
    actions.publish_campaign(campaign=campaign, by=None, on=ON)
    real = actions._run

    def run(sql: str, *params: object) -> int:
        if "INSERT INTO {notification}" in sql:
            raise IntegrityError
        return real(sql, *params)

    with monkeypatch.context() as broken:
        broken.setattr(actions, "_run", run)
        with pytest.raises(IntegrityError):
            apply_next_batch(importer=actions.RATES, on=ON)
    assert not RateDecision.objects.exists()
    sweep()
    campaign.refresh_from_db()
    assert (campaign.notified, Notification.objects.count()) == (1, 1)


def test_batches_together_publish_every_line_once(settings: Settings) -> None:
    settings.IMPORT_BATCH_LINES = 7
    sirets = [body + luhn.calc_check_digit(body) for body in (f"{HEAD[:9]}{number:04d}" for number in range(100, 150))]
    Establishment.objects.bulk_create(Establishment(siret=siret, enterprise_id=HEAD[:9]) for siret in sirets)
    campaign = published(*(GOOD.replace(HEAD, siret) for siret in sirets))
    assert (campaign.notified, campaign.import_file.batches.count()) == (50, 8)
    assert StagedRate.objects.count() == 0


CORRECTING = f"{HEADER};nature;motif"


def test_a_file_may_cancel_a_decision_with_its_reason() -> None:
    published(f"{HEAD};45.2BE;6;01/01/2026;mixte", GOOD)
    campaign = checked(f"{HEAD};45.2BE;;01/01/2027;;annulation;Erreur de dossier", header=CORRECTING)
    assert problems(campaign) == []
    actions.publish_campaign(campaign=campaign, by=None, on=ON)
    sweep()
    decision = campaign.decisions.get()
    assert (decision.nature, decision.version, decision.rate, decision.mode, decision.reason) == (
        "cancellation", 2, Decimal(6), "mixed", "Erreur de dossier",
    )  # fmt: skip
    again = checked(f"{HEAD};45.2BE;;01/01/2027;;annulation;Encore", header=CORRECTING)
    assert again.import_file.unchanged == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (f"{HEAD};45.2BE;;01/01/2027;;annulation;", ("motif", "Une annulation dit pourquoi : écrivez son motif.")),
        (
            f"{HEAD};45.2BE;7;01/01/2027;;annulation;Erreur",
            ("taux", "Une annulation rétablit ce qui valait avant : laissez cette cellule vide."),
        ),
        (
            f"{HEAD};45.2BE;;01/07/2027;;annulation;Erreur",
            ("date_effet", "Aucune décision à annuler pour ce code à cette date d'effet."),
        ),
        (
            f"{HEAD};45.2BE;;01/01/2027;;annulation;Erreur",
            ("nature", "Aucun taux antérieur à rétablir : rectifiez plutôt cette décision."),
        ),
        (
            f"{HEAD};45.2BE;7;01/01/2027;mixte;retrait;x",
            ("nature", "« retrait » : écrivez taux ou annulation, ou rien."),
        ),
        (
            f"{HEAD};45.2BE;7;01/01/2027;mixte;;{'x' * 301}",
            ("motif", "Ce motif a 301 caractères : la limite est de 300."),
        ),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused_by_line(line: str, problem: tuple[str, str]) -> None:
    published(GOOD)
    assert problems(checked(line, header=CORRECTING)) == [(2, *problem)]


def test_the_same_file_again_is_recognised_until_something_else_is_decided() -> None:
    first = published(GOOD)
    assert (checked(GOOD).import_file.unchanged, StagedRate.objects.count()) == (1, 0)
    published(f"{HEAD};45.2BE;8,00;01/01/2027;individuel")
    again = checked(GOOD)
    assert (again.import_file.unchanged, StagedRate.objects.count()) == (0, 1)
    assert first.import_file.sha256 == again.import_file.sha256


def test_the_same_file_again_is_read_when_it_had_a_wrong_line() -> None:
    lines = (GOOD, f"{OTHER};99.9ZZ;1,78;01/01/2027;collectif")
    published(*lines)
    assert [line for line, _column, _message in problems(checked(*lines))] == [3]


def test_many_doubles_are_each_told_of_the_first_line() -> None:
    campaign = checked(GOOD, GOOD, GOOD, f"{SECOND};45.2BE;7,39;01/01/2027;mixte")
    assert problems(campaign) == [(3, "siret", TWICE), (4, "siret", TWICE)]
