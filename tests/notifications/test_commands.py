"""`manage.py import_tariff` and `import_rates` do at once what the pages and the job do together."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from notifications.models import Campaign, CollectiveRate, Notification, RateDecision, Tariff
from tests.factories.accounts import EstablishmentFactory
from tests.factories.notifications import CollectiveRateFactory
from tests.people import Company

pytestmark = pytest.mark.django_db

ROW = {"Code risque": "45.2BE", "Nature du risque": "Gros œuvre", "Catégorie": "BTP", "Taux net": "7,39 %"}


@pytest.fixture
def tariff(tmp_path: Path) -> Path:
    path = tmp_path / "2026.json"
    path.write_text(json.dumps([ROW]))
    return path


@pytest.fixture
def rates(tmp_path: Path, company: Company) -> Path:
    CollectiveRateFactory()
    path = tmp_path / "taux.csv"
    sirets = (company.head_office.siret, EstablishmentFactory().siret, "1")
    lines = [f"{siret};45.2BE;7,39;01/01/2027;mixte" for siret in sirets]
    path.write_text("\n".join(["siret;code_risque;taux;date_effet;mode", *lines]))
    return path


def test_a_tariff_is_imported(tariff: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_tariff", tariff, year=2026)
    told = "OK : Tarif 2026 : 1\xa0code risque, 1\xa0ajouté, 0\xa0modifié, 0\xa0retiré."
    assert capsys.readouterr().out.splitlines() == [told]
    assert list(Tariff.objects.values_list("year", "source", "file_name")) == [(2026, "2026.json", "2026.json")]


def test_a_tariff_keeps_the_source_it_is_given(tariff: Path) -> None:
    call_command("import_tariff", tariff, year=2026, source="Journal officiel")
    assert Tariff.objects.get().source == "Journal officiel"


def test_a_dry_run_of_a_tariff_writes_nothing(tariff: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_tariff", tariff, year=2026, dry_run=True)
    assert capsys.readouterr().out == "OK : 1\xa0code risque, rien n'a été écrit (--dry-run).\n"
    assert not Tariff.objects.exists()


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_tariff_that_is_ko_ends_with_status_1(tariff: Path, *, dry_run: bool) -> None:
    tariff.write_text("[{")
    with pytest.raises(CommandError) as refusal:
        call_command("import_tariff", tariff, year=2026, dry_run=dry_run)
    assert (str(refusal.value), refusal.value.returncode) == (
        "KO : Le fichier est tronqué : il s'arrête à la ligne 1.",
        1,
    )
    assert not Tariff.objects.exists()


def test_a_tariff_that_is_not_there_is_ko(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="ne se lit pas"):
        call_command("import_tariff", tmp_path / "absent.json", year=2026)


@pytest.mark.open_data
@pytest.mark.parametrize(("year", "codes"), [(2022, 215), (2025, 215), (2026, 216)])
def test_the_published_files_are_taken_as_they_are(open_data: Path, year: int, codes: int) -> None:
    call_command("import_tariff", open_data / "rates" / f"{year}.json", year=year)
    assert CollectiveRate.objects.filter(tariff=year).count() == codes


def test_rates_wait_for_staff_unless_told_to_publish(rates: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_rates", rates, name="Campagne 2027")
    assert capsys.readouterr().out.splitlines() == [
        "ligne 4, siret : « 1 » : un SIRET a 14 chiffres, celui-ci en a 1.",
        "3\xa0lignes lues, 1 en erreur, 0 sans changement.",
        "OK partiel : campagne à confirmer dans la gestion (1\xa0notification en ligne, "
        "1\xa0établissement par courrier).",
    ]
    assert Campaign.objects.get().import_file.status == "checked"
    assert not RateDecision.objects.exists()


def test_rates_are_published_when_told_to(rates: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_rates", rates, name="Campagne 2027", publish=True)
    told = "OK partiel : campagne publiée, 1\xa0notification en ligne, 1\xa0établissement par courrier."
    assert capsys.readouterr().out.splitlines()[-1] == told
    campaign = Campaign.objects.get()
    assert (campaign.name, campaign.notified, campaign.on_paper) == ("Campagne 2027", 1, 1)
    call_command("import_rates", rates, name="Encore", publish=True)
    assert (Notification.objects.count(), RateDecision.objects.count()) == (1, 2)


def test_a_dry_run_of_rates_says_what_would_be_published(rates: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_rates", rates, name="Essai", publish=True, dry_run=True)
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Prévu : 1\xa0notification en ligne, 1\xa0établissement par courrier.",
        "OK partiel : rien n'a été écrit (--dry-run).",
    ]
    assert not RateDecision.objects.exists()


def test_rates_without_a_tariff_are_ko(rates: Path) -> None:
    CollectiveRate.objects.all().delete()
    Tariff.objects.all().delete()
    with pytest.raises(CommandError, match="KO : Importez d'abord un tarif collectif"):
        call_command("import_rates", rates, name="Campagne 2027")
