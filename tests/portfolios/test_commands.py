"""`manage.py import_dsn`."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portfolios.models import DsnFiling
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory
from tests.people import Company
from tests.portfolios.dsn import CLIENT, declaration, encoded, rubriques


@pytest.fixture
def folder(tmp_path: Path, company: Company) -> Path:
    EstablishmentFactory(enterprise=EnterpriseFactory(siren=CLIENT[:9]), siret=CLIENT)
    (tmp_path / "a.dsn").write_bytes(encoded(rubriques([declaration(month="01112026")])))
    (tmp_path / "b.dsn").write_bytes(encoded(rubriques([declaration(month="01122026")])))
    return tmp_path


def run(*args: object) -> str:
    out = StringIO()
    call_command("import_dsn", *map(str, args), stdout=out)
    return out.getvalue()


def test_a_folder_is_deposited_in_the_name_of_the_sender(folder: Path, company: Company) -> None:
    assert run(folder) == "a.dsn : OK : 1 acceptée(s), 0 refusée(s)\nb.dsn : OK : 1 acceptée(s), 0 refusée(s)\n"
    assert set(DsnFiling.objects.values_list("depositor", flat=True)) == {company.enterprise.pk}
    assert "(déjà déposé)" in run(folder)
    assert DsnFiling.objects.count() == 2


def test_a_depositor_may_be_named(folder: Path) -> None:
    other = EnterpriseFactory()
    run(folder / "a.dsn", "--siren", other.pk)
    assert DsnFiling.objects.get().depositor == other


def test_a_bad_file_is_told_and_the_others_are_taken(folder: Path) -> None:
    (folder / "c.dsn").write_bytes(b"rien")
    (folder / "d.dsn").write_bytes(b"")
    out = StringIO()
    with pytest.raises(CommandError, match=r"2 fichier\(s\) KO"):
        call_command("import_dsn", str(folder), stdout=out)
    assert "c.dsn : KO : Émetteur du fichier : SIREN absent." in out.getvalue()
    assert DsnFiling.objects.count() == 2


@pytest.mark.parametrize(("siren", "said"), [("123", "celui-ci en a 3"), ("356000000", "n'est pas au répertoire")])
def test_an_unknown_depositor_is_said(folder: Path, siren: str, said: str) -> None:
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("import_dsn", str(folder / "a.dsn"), "--siren", siren, stdout=out)
    assert said in out.getvalue()


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        run(tmp_path / "rien.dsn")
