"""The letterbox: envelopes on their way, and their PDF once they are there."""

import datetime as dt
import re
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from accounts.models import User
from habilitations import rules
from habilitations.actions.cooptation import ask_letter
from habilitations.models import Cooptation
from portal import clock
from sandbox.actions.post import collect_next, read_copy
from sandbox.models import Letter
from tests.conftest import NOW
from tests.people import logged_in
from tests.sandbox.test_advance import advance, days

URL = "/simulateur/lettres/"


@pytest.fixture
def posted(candidate: User) -> Letter:
    """A key asked for on the 20th in the morning, one day later: on its way until the 23rd."""
    ask_letter(cooptation=Cooptation.objects.get(user=candidate), on=NOW)
    advance()
    return Letter.objects.get()


def text_of(pdf: bytes) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_an_envelope_on_its_way_is_seen_and_not_read(client: Client, posted: Letter) -> None:
    page = client.get(f"{URL}{posted.pk}/").content.decode()
    assert "En route" in page
    assert "1 RUE DES ESSAIS<br>29200 BREST" in page
    assert f'href="{URL}{posted.pk}/pdf/"' not in page
    assert client.get(f"{URL}{posted.pk}/pdf/")["Location"] == f"{URL}{posted.pk}/"


def test_once_there_its_key_opens_the_account(client: Client, posted: Letter, candidate: User) -> None:
    """G4.3, G4.8: from the letterbox to the cells of the key."""
    advance(days(2))
    assert clock.today() == dt.date(2027, 1, 23)
    pdf = client.get(f"{URL}{posted.pk}/pdf/")
    key = rules.spell_key(read_copy(posted).key)
    assert (pdf["Content-Type"], "no-store" in pdf["Cache-Control"]) == ("application/pdf", True)
    assert key in text_of(pdf.content)
    answer = logged_in(candidate).post("/habilitations/ma-demande/cle/", {"key": key})
    assert answer["Location"] == "/habilitations/ma-demande/activee/"
    assert "utilisée" in client.get(f"{URL}{posted.pk}/").content.decode()


def test_a_rate_on_paper_is_the_official_document(client: Client, demo: None) -> None:
    while collect_next(on=NOW):
        pass
    letter = Letter.objects.latest("posted_at")
    text = text_of(client.get(f"{URL}{letter.pk}/pdf/").content)
    assert ("SPÉCIMEN" in text, "Restaurant La Dentelière" in text) == (True, True)


def test_a_letter_that_staff_has_not_posted_is_nowhere(client: Client, posted: Letter) -> None:
    Letter.objects.update(posted_at=None, arrives_on=None)
    assert "Aucune lettre." in client.get(URL).content.decode()
    assert [client.get(f"{URL}{posted.pk}/{page}").status_code for page in ("", "pdf/")] == [404, 404]


@pytest.mark.parametrize("letters", [1, 3])
def test_the_list_has_constant_queries(
    client: Client, demo: None, letters: int, django_assert_num_queries: object
) -> None:
    while collect_next(on=NOW):
        pass
    Letter.objects.filter(pk__in=list(Letter.objects.order_by("pk").values_list("pk", flat=True)[letters:])).delete()
    # The clock's row, the letters.
    with django_assert_num_queries(2):  # type: ignore[operator]
        page = client.get(URL).content.decode()
    assert len(re.findall(r'<th scope="row">', page)) == letters


@pytest.mark.parametrize(
    ("word", "found"), [("denteli", 3), ("zzz", 0), ("000", 3), ("98", 0), ("a\0", 0), ("x" * 101, 0)]
)
def test_letters_are_found_by_name_and_by_siret(client: Client, demo: None, word: str, found: int) -> None:
    while collect_next(on=NOW):
        pass
    assert client.get(URL, {"mot": word}).content.decode().count('<th scope="row">') == found
