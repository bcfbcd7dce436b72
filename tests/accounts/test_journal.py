"""The journal: chained by enterprise, and a command that finds what was changed, added or taken away."""

import datetime as dt
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.actions.journal import breaks, departures, digest, heads, record
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
    [
        {"summary": "Essai 7"}, {"actor_name": "Anais Le Goff"}, {"verb": "essaj"}, {"source": "x"},
        {"at": ON + dt.timedelta(hours=1, microseconds=1)}, {"digest": "0" * 64},
    ],
)  # fmt: skip
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


def test_an_entry_inserted_in_the_middle_is_found(written: None, company: Company) -> None:
    siren = company.enterprise.siren
    JournalEntry.objects.filter(chain=siren, number=3).update(number=4)
    kept = {"at": ON, "actor_name": "X", "verb": "x", "summary": "x", "enterprise_id": siren}
    JournalEntry.objects.create(chain=siren, number=3, digest="0" * 64, **kept)
    JournalChain.objects.filter(name=siren).update(number=4)
    places = [f"Chaîne {siren}, entrée {number} : son contenu a changé." for number in (3, 4)]
    assert list(breaks()) == places


def test_an_entry_given_to_another_chain_is_found(written: None, company: Company) -> None:
    JournalEntry.objects.filter(chain=company.enterprise.siren, number=1).update(chain="", number=3)
    assert "Chaîne sans entreprise, entrée 3 : elle a changé d'entreprise." in list(breaks())


def test_an_entry_shown_to_another_enterprise_is_found(written: None, company: Company) -> None:
    JournalEntry.objects.filter(chain=company.enterprise.siren, number=3).update(enterprise=None)
    assert list(breaks()) == [f"Chaîne {company.enterprise.siren}, entrée 3 : elle a changé d'entreprise."]


def test_two_entries_swapped_are_found(written: None, company: Company) -> None:
    mine = JournalEntry.objects.filter(chain=company.enterprise.siren)
    for before, after in ((1, 9), (2, 1), (9, 2)):
        mine.filter(number=before).update(number=after)
    places = [f"Chaîne {company.enterprise.siren}, entrée {number} : son contenu a changé." for number in (1, 2, 3)]
    assert list(breaks()) == places


def rewrite(siren: str) -> None:
    """What the owner of the tables can do: another past, every digest after it computed anew."""
    JournalEntry.objects.filter(chain=siren, number=1).update(summary="Une autre histoire")
    last = ""
    for entry in JournalEntry.objects.filter(chain=siren).order_by("number"):
        last = digest(last, entry)
        JournalEntry.objects.filter(pk=entry.pk).update(digest=last)
    JournalChain.objects.filter(name=siren).update(digest=last)


def test_a_chain_rewritten_as_a_whole_is_found_by_an_anchor_alone(
    written: None, company: Company, tmp_path: Path
) -> None:
    anchor, out = tmp_path / "ancre", StringIO()
    call_command("verify_journal", heads=True, stdout=out)
    anchor.write_text(out.getvalue())
    record(by=None, on=ON, verb="essai", summary="Après l'ancre", enterprise=company.enterprise)
    call_command("verify_journal", anchor=anchor, stdout=StringIO())
    rewrite(company.enterprise.siren)
    call_command("verify_journal", stdout=StringIO())
    err = StringIO()
    with pytest.raises(CommandError, match=r"1\srupture"):
        call_command("verify_journal", anchor=anchor, stderr=err)
    told = f"Chaîne {company.enterprise.siren}, entrée 3 : ce n'est pas celle que l'ancre a gardée.\n"
    assert err.getvalue() == told


def test_an_anchor_knows_how_many_entries_there_were(written: None, company: Company) -> None:
    before = list(heads())
    JournalEntry.objects.filter(chain=company.enterprise.siren).delete()
    JournalChain.objects.filter(name=company.enterprise.siren).delete()
    assert (list(breaks()), len(list(departures(before)))) == ([], 1)


@pytest.mark.parametrize("text", ["x", "982820011 deux abc", "a b c d"])
def test_a_file_that_is_no_anchor_is_refused(written: None, tmp_path: Path, text: str) -> None:
    anchor = tmp_path / "ancre"
    anchor.write_text(text)
    with pytest.raises(CommandError, match="ne se lit pas"):
        call_command("verify_journal", anchor=anchor)


def test_an_entry_added_behind_the_portals_back_is_found(written: None) -> None:
    JournalEntry.objects.create(chain="", number=3, at=ON, actor_name="X", verb="x", summary="x", digest="0" * 64)
    assert len(list(breaks())) == 2


def test_a_chain_whose_end_was_taken_too_is_found(written: None, company: Company) -> None:
    JournalChain.objects.filter(name=company.enterprise.siren).delete()
    assert list(breaks()) == [f"Chaîne {company.enterprise.siren} : sa fin n'est pas celle qui a été écrite."]


def test_the_command_ends_with_an_error_when_something_changed(written: None) -> None:
    JournalEntry.objects.filter(number=1).update(summary="autre")
    with pytest.raises(CommandError, match=r"Le journal ne tient pas : 2"):
        call_command("verify_journal", stderr=StringIO())


def test_every_family_of_verbs_can_be_filtered_by_staff() -> None:
    root = Path(__file__).resolve().parents[2]
    apps = ("accounts", "habilitations", "portfolios", "notifications")
    sources = "\n".join(path.read_text() for app in apps for path in (root / app).rglob("*.py"))
    assert set(re.findall(r'verb=f?"([a-z]+)\.', sources)) - set(FAMILIES) == set()
