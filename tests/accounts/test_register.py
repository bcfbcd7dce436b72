"""The register's import: bad lines are named, good ones kept, the same file changes nothing (G3.4)."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from pytest_django import Settings
from stdnum import luhn

from accounts.actions.imports import (
    apply_next_batch,
    cancel_file,
    close_applied_files,
    confirm_file,
    read_next_file,
    receive_file,
    work_once,
)
from accounts.actions.register import REGISTER
from accounts.models import (
    Enterprise,
    Establishment,
    Headcount,
    ImportBatch,
    ImportFile,
    ImportProblem,
    JournalEntry,
    StagedEstablishment,
    StagedHeadcount,
)
from portal.kit.csvfile import FileProblem

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
HEADER = "siret;etablissementSiege;denominationUniteLegale;etatAdministratifEtablissement"
A1, A2, A3 = "73282932000074", "73282932000082", "73282932000090"
B1 = "20003452800014"
POST_OFFICE = "35600000009075"

pytestmark = pytest.mark.django_db


def received(content: bytes, name: str = "stock.csv") -> ImportFile:
    return receive_file(kind="register", content=ContentFile(content, name), by=None, on=ON)


def read(content: bytes) -> ImportFile:
    import_file = received(content)
    assert read_next_file(importer=REGISTER, on=ON)
    import_file.refresh_from_db()
    return import_file


def imported(*lines: str, header: str = HEADER) -> ImportFile:
    import_file = read("\n".join([header, *lines]).encode())
    confirm_file(import_file=import_file, importer=REGISTER, by=None, on=ON)
    while work_once(importer=REGISTER, on=ON):
        pass
    import_file.refresh_from_db()
    return import_file


def problems(import_file: ImportFile) -> list[tuple[int, str, str]]:
    return list(import_file.problems.values_list("line", "column", "message"))


def register() -> list[tuple[str, str, bool]]:
    return list(Establishment.objects.values_list("siret", "enterprise__name", "is_head_office"))


def test_good_lines_become_enterprises_and_establishments() -> None:
    done = imported(f"{A1};true;ALPHA;A", f"{A2};false;ALPHA;A", f"{POST_OFFICE};false;LA POSTE;A")
    assert (done.status, done.outcome, done.lines, done.good, done.wrong) == ("applied", "OK", 3, 3, 0)
    assert register() == [(POST_OFFICE, "LA POSTE", False), (A1, "ALPHA", True), (A2, "ALPHA", False)]


def test_every_column_of_the_stock_is_kept() -> None:
    header = (
        "siren,nic,siret,etablissementSiege,denominationUniteLegale,categorieJuridiqueUniteLegale,"
        "enseigne1Etablissement,complementAdresseEtablissement,numeroVoieEtablissement,"
        "indiceRepetitionEtablissement,typeVoieEtablissement,libelleVoieEtablissement,codePostalEtablissement,"
        "libelleCommuneEtablissement,activitePrincipaleEtablissement,etatAdministratifEtablissement,dateDebut,"
        "codeRisque,effectif2024,effectif2025"
    )
    imported(
        f"732829320,00074,{A1},true,ALPHA,5710,Chez Alpha,BAT B,12,BIS,RUE,DES LILAS,67000,STRASBOURG,43.32A,A,,"
        "452BE,18,21",
        header=header,
    )
    place = Establishment.objects.get()
    assert (place.enterprise.legal_form, place.sign, place.naf, place.code_risque) == (
        "5710",
        "Chez Alpha",
        "43.32A",
        "45.2BE",
    )
    assert place.address_lines == ["BAT B, 12 BIS RUE DES LILAS", "67000 STRASBOURG"]
    assert (place.nic, place.alsace_moselle, place.closed_on) == ("00074", True, None)
    assert list(Headcount.objects.values_list("year", "headcount")) == [(2025, 21), (2024, 18)]


def test_a_column_that_the_file_does_not_have_keeps_its_value() -> None:
    imported(f"{A1};true;ALPHA;A;BREST", header=HEADER + ";libelleCommuneEtablissement")
    imported(f"{A1};true;ALPHA SAS;A")
    assert list(Establishment.objects.values_list("city", "enterprise__name")) == [("BREST", "ALPHA SAS")]


def test_the_same_file_twice_changes_nothing() -> None:
    lines = (f"{A1};true;ALPHA;A;12", f"{A2};false;ALPHA;A;12")
    imported(*lines, header=HEADER + ";effectif2024")
    before = register()
    again = imported(*lines, header=HEADER + ";effectif2024")
    assert (again.outcome, again.unchanged, again.batches.count()) == ("OK", 2, 0)
    assert register() == before


def test_a_correction_changes_only_what_it_corrects() -> None:
    imported(f"{A1};true;ALPHA;A", f"{B1};true;BETA;A")
    done = imported(f"{A1};true;ALPHA BOIS;A", f"{B1};true;BETA;A")
    assert done.unchanged == 1
    assert register() == [(B1, "BETA", True), (A1, "ALPHA BOIS", True)]


def test_a_head_office_that_moves_leaves_its_old_place() -> None:
    imported(f"{A1};true;ALPHA;A", f"{A2};false;ALPHA;A")
    imported(f"{A2};true;ALPHA;A")
    assert register() == [(A1, "ALPHA", False), (A2, "ALPHA", True)]


def test_a_closed_establishment_keeps_its_day() -> None:
    imported(f"{A1};true;ALPHA;F;2026-03-31", header=HEADER + ";dateDebut")
    assert Establishment.objects.get().closed_on == dt.date(2026, 3, 31)


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        (
            "20003452800041;true;X;A",
            "siret",
            "« 20003452800041 » : la clé de ce SIRET est fausse, vérifiez les chiffres.",
        ),
        ("7328293200007;true;X;A", "siret", "« 7328293200007 » : un SIRET a 14 chiffres, celui-ci en a 13."),
        (
            "8,19129E+13;true;X;A",
            "siret",
            "« 8,19129E+13 » : SIRET abîmé par un tableur (notation scientifique).",
        ),
        (";true;X;A", "siret", "SIRET absent."),
        (f"{B1};peut-être;X;A", "etablissementSiege", "« peut-être » : écrivez true ou false."),
        (f"{B1};;X;A", "etablissementSiege", "Valeur absente."),
        (f"{B1};true;;A", "denominationUniteLegale", "Dénomination absente."),
        (f"{B1};true;{'X' * 201};A", "denominationUniteLegale", "201 caractères, 200 au plus."),
        (f"{B1};true;X;Z", "etatAdministratifEtablissement", "« Z » : écrivez A (actif) ou F (fermé)."),
        (f"{B1};true;X;F", "dateDebut", "Établissement fermé sans date de fermeture."),
        (f"{B1};true;X", "", "3\xa0cellules au lieu de 4 : un séparateur de trop ?"),
        (f"{A1};true;ALPHA;A", "siret", "SIRET déjà donné à la ligne 2."),
        (
            f"{A2};true;ALPHA;A",
            "etablissementSiege",
            "Deux sièges pour le SIREN 732829320 : l'autre est à la ligne 2.",
        ),
        (
            f"{A2};false;AUTRE;A",
            "denominationUniteLegale",
            "Autre dénomination qu'à la ligne 2 pour le même SIREN.",
        ),
    ],
)
def test_a_bad_line_is_named_and_the_good_one_is_kept(line: str, column: str, message: str) -> None:
    done = imported(f"{A1};true;ALPHA;A", line)
    assert problems(done) == [(3, column, message)]
    assert (done.outcome, done.good, done.wrong) == ("OK partiel", 1, 1)
    assert register() == [(A1, "ALPHA", True)]


def test_a_siren_or_nic_that_contradicts_the_siret_is_named() -> None:
    done = imported(f"{A1};true;ALPHA;A;200034528;74", header=HEADER + ";siren;nic")
    assert problems(done) == [
        (2, "siren", f"« 200034528 » ne correspond pas au SIRET {A1}."),
        (2, "nic", f"« 74 » ne correspond pas au SIRET {A1}."),
    ]


def test_two_headcounts_for_one_year_are_named() -> None:
    done = imported(f"{A1};true;ALPHA;A;10", f"{A2};false;ALPHA;A;11", header=HEADER + ";effectif2025")
    assert problems(done) == [(3, "effectif", "Autre effectif qu'à la ligne 2 pour le même SIREN et la même année.")]
    assert list(Headcount.objects.values_list("headcount", flat=True)) == [10]


@pytest.mark.parametrize("spelling", ["732 829 320 00074", "732\xa0829\xa0320\xa000074", " 73282932000074 "])
def test_spaces_in_a_siret_are_accepted(spelling: str) -> None:
    assert imported(f"{spelling};true;ALPHA;A").outcome == "OK"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "iso-8859-15"])
def test_usual_encodings_are_read(encoding: str) -> None:
    read(f"{HEADER}\r\n{A1};true;Hôtel Été;A\r\n".encode(encoding))
    assert StagedEstablishment.objects.get().name == "Hôtel Été"


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_usual_separators_are_read(separator: str) -> None:
    assert imported(f"{A1};true;ALPHA;A".replace(";", separator), header=HEADER.replace(";", separator)).outcome == "OK"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (
            b"PK\x03\x04\0\0",
            "Ce fichier n'est pas un texte CSV : enregistrez-le au format CSV depuis le tableur.",
        ),
        (
            b"siret;nom\n1;2\n",
            "La première ligne doit nommer les colonnes ; il manque : etablissementSiege, "
            "denominationUniteLegale, etatAdministratifEtablissement. Elle contient : siret;nom",
        ),
        (
            f"siret;{HEADER}\n".encode(),
            "La colonne siret figure deux fois dans la première ligne.",
        ),
        (HEADER.encode(), "Le fichier n'a aucune ligne sous ses titres de colonnes."),
        (
            f'{HEADER}\n{A1};true;"ALPHA;A\n'.encode(),
            "Ligne 2 : la lecture s'arrête ici, sans doute un guillemet ouvert et jamais fermé.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(content: bytes, refusal: str) -> None:
    refused = read(content)
    assert (refused.status, refused.outcome, refused.refusal) == ("refused", "KO", refusal)
    assert not StagedEstablishment.objects.exists()


def test_a_file_without_a_good_line_is_refused_with_each_problem() -> None:
    refused = imported("1;true;X;A", "2;true;X;A")
    assert (refused.outcome, refused.refusal) == (
        "KO",
        "Aucune ligne n'est bonne : voyez le problème de chacune.",
    )
    assert [line for line, _column, _message in problems(refused)] == [2, 3]
    assert not Enterprise.objects.exists()


def test_an_empty_file_is_refused_on_deposit() -> None:
    with pytest.raises(FileProblem, match=r"^Le fichier est vide \(0 octet\)\.$"):
        received(b"")
    assert not ImportFile.objects.exists()


def test_a_file_above_the_limit_is_refused_on_deposit(settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = 10
    with pytest.raises(FileProblem, match="la limite est de"):
        received(b"x" * 11)


def test_a_file_name_cannot_climb_out_of_its_folder() -> None:
    kept = received(b"x", name="../../../etc/passwd")
    assert (kept.name, kept.upload.name.rsplit("/", 1)[0]) == ("passwd", "imports")


def test_a_file_waits_for_its_confirmation() -> None:
    read(f"{HEADER}\n{A1};true;ALPHA;A".encode())
    assert not work_once(importer=REGISTER, on=ON)
    assert not Enterprise.objects.exists()


def test_a_file_given_up_leaves_nothing() -> None:
    import_file = read(f"{HEADER};effectif2025\n{A1};true;ALPHA;A;3".encode())
    assert cancel_file(import_file=import_file, importer=REGISTER, by=None, on=ON)
    assert not confirm_file(import_file=import_file, importer=REGISTER, by=None, on=ON)
    assert (StagedEstablishment.objects.count(), StagedHeadcount.objects.count()) == (0, 0)


def test_a_file_confirmed_twice_is_applied_once() -> None:
    import_file = read(f"{HEADER}\n{A1};true;ALPHA;A".encode())
    assert confirm_file(import_file=import_file, importer=REGISTER, by=None, on=ON)
    assert not confirm_file(import_file=import_file, importer=REGISTER, by=None, on=ON)
    assert ImportBatch.objects.count() == 1


def test_a_file_is_not_closed_while_a_batch_remains(settings: Settings) -> None:
    settings.IMPORT_BATCH_LINES = 1
    import_file = read(f"{HEADER}\n{A1};true;ALPHA;A\n{B1};true;BETA;A".encode())
    confirm_file(import_file=import_file, importer=REGISTER, by=None, on=ON)
    assert apply_next_batch(importer=REGISTER, on=ON)
    close_applied_files(importer=REGISTER, on=ON)
    import_file.refresh_from_db()
    assert import_file.status == "applying"
    assert apply_next_batch(importer=REGISTER, on=ON)
    close_applied_files(importer=REGISTER, on=ON)
    import_file.refresh_from_db()
    assert (import_file.status, StagedEstablishment.objects.count()) == ("applied", 0)


def test_two_hundred_thousand_lines_are_read_and_applied(settings: Settings) -> None:
    settings.IMPORT_BATCH_LINES = 50_000
    sirens = (body + luhn.calc_check_digit(body) for body in map("9{:07d}".format, range(200_000)))
    sirets = (body + luhn.calc_check_digit(body) for body in (f"{siren}0001" for siren in sirens))
    done = imported(*(f"{siret};true;ALPHA;A" for siret in sirets))
    assert (done.outcome, done.lines, done.batches.count()) == ("OK", 200_000, 4)
    assert Establishment.objects.count() == 200_000


def test_each_step_leaves_a_journal_entry() -> None:
    imported(f"{A1};true;ALPHA;A")
    assert list(JournalEntry.objects.values_list("verb", flat=True)) == [
        "import.apply",
        "import.confirm",
        "import.read",
        "import.receive",
    ]


def test_problems_of_one_line_are_all_named() -> None:
    done = imported("1;oui;;Z")
    assert ImportProblem.objects.count() == 3
    assert done.wrong == 1
