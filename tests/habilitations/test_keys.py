"""Activation keys: printed, posted, returned, typed (G4.3, G4.8)."""

import datetime as dt
import io
import re

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from accounts.models import JournalEntry, User
from habilitations import rules
from habilitations.actions import keys
from habilitations.actions.cooptation import choose_route
from habilitations.documents import Letter, activation_letters_pdf
from habilitations.models import ActivationKey, Cooptation
from tests.factories.habilitations import CooptationFactory
from tests.people import Company

NOW = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
DAY = dt.date(2027, 1, 20)
WRONG = "0123456789AB"


@pytest.fixture
def letter(candidate: User, staff: User) -> Letter:
    """Return the printed letter of a candidate who chose the key."""
    choose_route(cooptation=candidate.cooptation, route=Cooptation.Route.KEY, on=NOW)
    return print_all(staff)[0]


def print_all(by: User) -> list[Letter]:
    return keys.print_letters(keys=ActivationKey.objects.all(), by=by, on=NOW, day=DAY)


def states() -> list[str]:
    return list(ActivationKey.objects.order_by("pk").values_list("state", flat=True))


def type_key(asked: Cooptation, key: str, on: dt.datetime = NOW, day: dt.date = DAY) -> bool:
    return keys.use_key(cooptation=asked, key=key, on=on, day=day)


@given(st.text(st.sampled_from(rules.KEY_ALPHABET), min_size=12, max_size=12))
def test_a_key_is_read_however_it_is_typed(key: str) -> None:
    for typed in (
        key.lower(),
        rules.spell_key(key),
        f" {key[:5]} {key[5:]}\n",
        key.replace("0", "O").replace("1", "l"),
    ):
        assert rules.clean_key(typed) == key


@pytest.mark.parametrize(
    ("typed", "said"),
    [("ABC", "celle-ci en a 3"), ("", "celle-ci en a 0"), ("ABCDEFGHJKMU", "« U » ne figure dans aucune clé"),
     ("ABCDEFGHJKMÉ", "« É » ne figure"), ("A" * 13, "celle-ci en a 13")],
)  # fmt: skip
def test_what_no_letter_prints_is_refused(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        rules.clean_key(typed)


def test_keys_are_drawn_from_the_whole_alphabet() -> None:
    drawn = [rules.new_key() for _time in range(400)]
    assert {len(key) for key in drawn} == {12}
    assert (set("".join(drawn)), len(set(drawn))) == (set(rules.KEY_ALPHABET), 400)


def test_only_the_hash_of_a_printed_key_is_kept(letter: Letter) -> None:
    row = ActivationKey.objects.get()
    assert (row.state, row.key_hash) == ("printed", keys.key_hash(letter.key))
    kept = [entry.summary for entry in JournalEntry.objects.all()] + [sent.body for sent in mail.outbox]
    assert [text for text in kept if letter.key in text or rules.spell_key(letter.key) in text] == []


def test_a_letter_is_printed_once(letter: Letter, staff: User) -> None:
    assert print_all(staff) == []


def test_the_letter_goes_to_the_establishment_and_carries_the_key(letter: Letter) -> None:
    """Read by another program than the one that wrote it."""
    reader = PdfReader(io.BytesIO(activation_letters_pdf([letter])))
    text = " ".join(reader.pages[0].extract_text().replace("\N{NO-BREAK SPACE}", " ").split())
    for words in (
        "Belharra Logistique À l'attention de Camille Riou 1 RUE DES ESSAIS 29200 BREST",
        f"Voici la clé qui active son inscription : {rules.spell_key(letter.key)}",
        "Cette clé vaut jusqu’au 2 février 2027 compris, une seule fois.",
        "au SIRET 982 820 011 00012",
        "SPÉCIMEN",
    ):
        assert words in text
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "pdfuaid:part>1<" in reader.xmp_metadata.stream.get_data().decode()  # type: ignore[union-attr]


def test_letters_printed_together_take_a_page_each(letter: Letter, company: Company, staff: User) -> None:
    other = CooptationFactory(user__establishment=company.secondary, user__last_name="𝕏 Łœ" + "x" * 70)
    choose_route(cooptation=other, route=Cooptation.Route.KEY, on=NOW)
    [second] = print_all(staff)
    pages = PdfReader(io.BytesIO(activation_letters_pdf([letter, second]))).pages
    found = [re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page.extract_text()) for page in pages]
    assert found == [[rules.spell_key(letter.key)], [rules.spell_key(second.key)]]


def test_the_right_key_activates_once(candidate: User, letter: Letter) -> None:
    """G4.8."""
    assert type_key(candidate.cooptation, letter.key)
    candidate.refresh_from_db()
    asked = Cooptation.objects.get()
    assert (candidate.is_administrator, asked.status, asked.decided_by, states()) == (True, "granted", None, ["used"])
    assert mail.outbox[-1].subject == "[SIMULATEUR] Vous êtes administrateur"
    with pytest.raises(ValidationError):
        type_key(candidate.cooptation, letter.key)


def test_a_wrong_key_changes_nothing_but_the_tries(candidate: User, letter: Letter) -> None:
    assert not type_key(candidate.cooptation, WRONG)
    asked = Cooptation.objects.get()
    assert (asked.status, asked.tries, states()) == ("pending", 1, ["printed"])


def test_the_key_of_somebody_else_is_a_wrong_key(company: Company, candidate: User, letter: Letter) -> None:
    other = CooptationFactory(user__establishment=company.secondary)
    assert not type_key(other, letter.key)
    assert states() == ["printed"]


def test_five_tries_a_day(candidate: User, letter: Letter) -> None:
    for _time in range(5):
        assert not type_key(candidate.cooptation, WRONG)
    with pytest.raises(ValidationError, match="5 clés aujourd'hui : revenez demain"):
        type_key(candidate.cooptation, letter.key)
    assert type_key(candidate.cooptation, letter.key, day=DAY + dt.timedelta(days=1))


def test_a_key_dies_with_the_fifteen_days(candidate: User, letter: Letter) -> None:
    asked = candidate.cooptation
    with pytest.raises(ValidationError, match="a expiré"):
        type_key(asked, letter.key, on=asked.deadline)
    assert type_key(asked, letter.key, on=asked.deadline - dt.timedelta(seconds=1))


def test_a_letter_made_again_kills_the_key_before(candidate: User, letter: Letter, staff: User) -> None:
    assert keys.reprint_letters(keys=ActivationKey.objects.all(), by=staff, on=NOW) == 1
    [again] = print_all(staff)
    assert (states(), again.key == letter.key) == (["replaced", "printed"], False)
    assert not type_key(candidate.cooptation, letter.key)
    assert type_key(candidate.cooptation, again.key)


def test_a_letter_is_posted_then_may_come_back(candidate: User, letter: Letter, staff: User) -> None:
    """Each step is told to the candidate, once; a letter that came back opens nothing."""
    every = ActivationKey.objects.all()
    assert keys.return_letters(keys=every, by=staff, on=NOW) == 0
    assert [keys.post_letters(keys=every, by=staff, on=NOW) for _time in range(2)] == [1, 0]
    assert [keys.return_letters(keys=every, by=staff, on=NOW) for _time in range(2)] == [1, 0]
    assert [sent.subject.removeprefix("[SIMULATEUR] ") for sent in mail.outbox] == [
        "Votre clé d'activation est postée",
        "Votre lettre est revenue",
    ]
    assert states() == ["returned"]
    assert not type_key(candidate.cooptation, letter.key)


def test_nothing_is_printed_for_a_request_that_is_over(candidate: User, staff: User) -> None:
    choose_route(cooptation=candidate.cooptation, route=Cooptation.Route.KEY, on=NOW)
    Cooptation.objects.update(status="expired", decided_at=NOW)
    assert print_all(staff) == []


def test_nothing_is_printed_nor_made_again_once_the_days_are_over(candidate: User, letter: Letter, staff: User) -> None:
    """Though the sweep that deletes the candidate has not run yet."""
    asked, every = candidate.cooptation, ActivationKey.objects.all()
    assert keys.reprint_letters(keys=every, by=staff, on=asked.deadline) == 0
    assert keys.reprint_letters(keys=every, by=staff, on=asked.deadline - dt.timedelta(seconds=1)) == 1
    assert keys.print_letters(keys=every, by=staff, on=asked.deadline, day=DAY) == []
    assert len(print_all(staff)) == 1
