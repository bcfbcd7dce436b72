"""The journal: chained by enterprise, and a command that finds what was changed, added or taken away."""

import datetime as dt
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.actions.journal import breaks, record
from accounts.admin.journal import FAMILIES
from accounts.models import JournalChain, JournalEntry, User
from tests.people import Company

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


@pytest.fixture
def written(company: Company, administrator: User) -> None:
    """Three entries of one enterprise, two of none."""
    for number in range(3):
        on = ON + dt.timedelta(hours=number)
        record(by=administrator, on=on, verb="essai", summary=f"Essai {number}", enterprise=company.enterprise)
    for number in range(2):
        record(by=None, on=ON, verb="essai", summary=f"Portail {number}")


def test_each_enterprise_has_its_own_numbers(written: None, company: Company) -> None:
    assert list(JournalEntry.objects.order_by("chain", "number").values_list("chain", "number")) == [
        ("", 1),
        ("", 2),
        (company.enterprise.siren, 1),
        (company.enterprise.siren, 2),
        (company.enterprise.siren, 3),
    ]


def test_a_journal_nobody_touched_holds(written: None) -> None:
    out = StringIO()
    call_command("verify_journal", stdout=out)
    assert (list(breaks()), out.getvalue()) == ([], "Le journal tient : 5\xa0entrées.\n")


def test_deleting_the_person_keeps_the_chain_whole(written: None, administrator: User) -> None:
    administrator.delete()
    assert list(breaks()) == []
    assert JournalEntry.objects.filter(actor=None, actor_name="Anaïs Le Goff").count() == 3


@pytest.mark.parametrize(
    "change",
    [{"summary": "Essai 7"}, {"actor_name": "X"}, {"at": ON}, {"verb": "autre"}, {"source": "x"}, {"digest": "0" * 64}],
)
def test_a_changed_entry_is_found(written: None, company: Company, change: dict[str, object]) -> None:
    JournalEntry.objects.filter(chain=company.enterprise.siren, number=2).update(**change)
    place = f"Chaîne {company.enterprise.siren}, entrée 2"
    assert f"{place} : son contenu a changé." in list(breaks())


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (1, "entrée 2 : il manque 1 entrée(s) avant elle."),
        (2, "entrée 3 : il manque 1 entrée(s) avant elle."),
        (3, "sa fin n'est pas celle qui a été écrite."),
    ],
)
def test_a_missing_entry_is_found(written: None, company: Company, number: int, sentence: str) -> None:
    JournalEntry.objects.filter(chain=company.enterprise.siren, number=number).delete()
    assert [found for found in breaks() if found.endswith(sentence)] != []


def test_a_chain_that_disappeared_is_found(written: None, company: Company) -> None:
    JournalEntry.objects.filter(chain=company.enterprise.siren).delete()
    assert list(breaks()) == [f"Chaîne {company.enterprise.siren} : ses entrées ont disparu."]


def test_an_entry_added_behind_the_portals_back_is_found(written: None) -> None:
    JournalEntry.objects.create(chain="", number=3, at=ON, actor_name="X", verb="x", summary="x", digest="0" * 64)
    assert len(list(breaks())) == 2


def test_a_chain_whose_end_was_taken_too_is_found(written: None, company: Company) -> None:
    JournalChain.objects.filter(name=company.enterprise.siren).delete()
    assert list(breaks()) == [f"Chaîne {company.enterprise.siren} : sa fin n'est pas celle qui a été écrite."]


def test_the_command_ends_with_an_error_when_something_changed(written: None) -> None:
    JournalEntry.objects.filter(number=1).update(summary="autre")
    with pytest.raises(CommandError, match=r"Le journal ne tient pas : 2"):
        call_command("verify_journal", stdout=StringIO())


def test_every_family_of_verbs_can_be_filtered_by_staff() -> None:
    root = Path(__file__).resolve().parents[2]
    apps = ("accounts", "habilitations", "portfolios", "notifications")
    sources = "\n".join(path.read_text() for app in apps for path in (root / app).rglob("*.py"))
    assert set(re.findall(r'verb=f?"([a-z]+)\.', sources)) - set(FAMILIES) == set()
