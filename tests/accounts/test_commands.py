"""`manage.py import_register` does at once what the page and the job do together."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from accounts.actions.imports import receive_file
from accounts.models import Establishment, ImportFile
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

HEADER = "siret;etablissementSiege;denominationUniteLegale;etatAdministratifEtablissement"
A1, B1 = "73282932000074", "20003452800014"


@pytest.fixture
def stock(tmp_path: Path) -> Path:
    path = tmp_path / "stock.csv"
    path.write_text(f"{HEADER}\n{A1};true;ALPHA;A\n{B1};true;BETA;A\n1;true;X;A\n")
    return path


def test_a_register_is_imported(stock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_register", stock)
    assert capsys.readouterr().out.splitlines() == [
        "ligne 4, siret : « 1 » : un SIRET a 14 chiffres, celui-ci en a 1.",
        "3\xa0lignes lues, 1 en erreur, 0 sans changement.",
        "OK partiel : répertoire à jour.",
    ]
    assert Establishment.objects.count() == 2
    import_file = ImportFile.objects.get()
    assert (import_file.status, import_file.name, import_file.created_at) == ("applied", "stock.csv", NOW)


def test_the_same_file_twice_changes_nothing(stock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_register", stock)
    before = list(Establishment.objects.values())
    call_command("import_register", stock)
    assert "1 en erreur, 2 sans changement." in capsys.readouterr().out
    assert list(Establishment.objects.values()) == before


def test_a_dry_run_writes_nothing(stock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_register", stock, dry_run=True)
    assert capsys.readouterr().out.splitlines()[-1] == "OK partiel : rien n'a été écrit (--dry-run)."
    assert not Establishment.objects.exists()
    assert ImportFile.objects.get().status == "cancelled"


def test_other_files_that_wait_are_left_alone(stock: Path) -> None:
    content = ContentFile(f"{HEADER}\n73282932000082;false;ALPHA;A\n".encode(), "autre.csv")
    waiting = receive_file(kind="register", content=content, by=None, on=NOW)
    call_command("import_register", stock)
    waiting.refresh_from_db()
    assert waiting.status == "received"
    assert Establishment.objects.count() == 2


def test_twenty_problems_are_told_and_the_rest_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "stock.csv"
    lines = [f"{HEADER}", f"{A1};true;ALPHA;A", *(f"{n};true;X;A" for n in range(23))]
    path.write_text("\n".join(lines))
    call_command("import_register", path)
    out = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("ligne ") for line in out) == 20
    assert out[20] == "… et 3\xa0autres problèmes."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "KO : Le fichier est vide (0 octet)."),
        (f"{HEADER}\n", "KO : Le fichier n'a aucune ligne sous ses titres de colonnes."),
        (f"{HEADER}\n1;true;X;A\n", "KO : Aucune ligne n'est bonne : voyez le problème de chacune."),
    ],
)
def test_a_file_that_is_ko_ends_with_status_1(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "stock.csv"
    path.write_text(content)
    with pytest.raises(CommandError) as refusal:
        call_command("import_register", path)
    assert (str(refusal.value), refusal.value.returncode) == (sentence, 1)
    assert not Establishment.objects.exists()


def test_a_file_that_is_not_there_is_ko(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("import_register", tmp_path / "absent.csv")
    assert str(refusal.value) == f"KO : {tmp_path / 'absent.csv'} ne se lit pas : vérifiez son nom et vos droits."
