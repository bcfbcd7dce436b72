"""A trainee's card: his own copy's people, situations, mails and letters, and nobody else's."""

import html
import re

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Mail
from habilitations.actions.cooptation import choose_route
from habilitations.models import Cooptation
from portal.kit import french
from sandbox.actions.clock import order_advance, work_until
from sandbox.documents import card_token, card_url
from sandbox.models import Advance, Copy, Letter
from sandbox.rules import Jump
from tests.conftest import NOW
from tests.factories.accounts import UserFactory
from tests.people import logged_in
from tests.sandbox.copies import check_class, load, play
from tests.sandbox.views.test_copy_list import trainer

PEOPLE = "/simulateur/personnages/"


def url(copy: Copy) -> str:
    return f"/simulateur/carte/{card_token(copy)}/"


def read(client: Client, path: str) -> str:
    return html.unescape(client.get(path).content.decode())


def test_it_shows_who_one_may_be_and_what_there_is_to_do_where(client: Client, db: None) -> None:
    [copy] = load("multi-etablissements")
    page = read(client, url(copy))
    assert card_url(copy) == f"http://localhost:8000{url(copy)}"
    assert copy.card["password"] in page
    for place in copy.card["places"]:
        assert french.siret(place["siret"]) in page
        assert french.typeset(place["shows"]) in page
    assert page.count("Devenir ") == len(copy.card["people"]) == 4


def test_many_alike_are_one_line(client: Client, db: None) -> None:
    [copy] = load("cabinet-40-clients")
    page = read(client, url(copy))
    assert "Artisan du bâtiment 1 à 15" in page
    assert page.count('<th scope="row">') == 5


@pytest.mark.parametrize("token", ["1", "1:abc", "1:" + "x" * 43, "²:abc"])
def test_a_guessed_address_leads_nowhere(client: Client, db: None, token: str) -> None:
    load("mono-sans-compte")
    assert client.get(f"/simulateur/carte/{token}/").status_code == 404


def test_one_that_is_not_ready_says_so(client: Client, db: None) -> None:
    copy = Copy.objects.create(scenario="decouverte", number=1, created_at=NOW)
    assert "n'est pas prête" in read(client, url(copy))


# One after the other; on PostgreSQL they act at once: tests/jobs/test_races_copies.py.
@pytest.mark.sqlite
def test_a_class_of_twenty_sees_each_his_own(db: None) -> None:
    """20 trainees, each by the pages of the portal and of the tools, one after the other."""
    copies = load("decouverte", 20)
    check_class(copies, [play(copy) for copy in copies])


def test_somebody_of_a_copy_becomes_nobody_of_another(client: Client, db: None) -> None:
    first, second = load("mono-sans-compte", 2)
    client.post(f"{PEOPLE}{first.pk}-gwenn/")
    assert client.post(f"{PEOPLE}{second.pk}-gwenn/").status_code == 404
    assert client.post(f"{PEOPLE}aubepine-admin/").status_code == 302  # the demo's people, on a demo instance
    # With the card of the other one, whoever holds it is let in.
    answer = client.post(f"{PEOPLE}{second.pk}-gwenn/", {"carte": card_token(second)})
    assert answer["Location"] == "/menu/"


def test_the_copy_is_kept_after_logging_out(client: Client, db: None) -> None:
    first, second = load("candidat-jour-14", 2)
    client.post(f"{PEOPLE}{first.pk}-brune/")
    client.get("/simulateur/")
    client.post("/deconnexion/")
    page = read(client, "/simulateur/courriels/")
    assert (f"@copie-{first.pk}.example" in page, f"@copie-{second.pk}.example" in page) == (True, False)
    assert "Ma copie" in page


def test_mails_and_letters_of_others_are_not_found_by_their_number(client: Client, db: None) -> None:
    first, second = load("administrateur-parti", 2)
    for asked in Cooptation.objects.all():
        choose_route(cooptation=asked, route="key", on=NOW)
    report = f"/simulateur/horloge/{order_advance(jump=Jump('x', days=5), at=NOW).pk}/"
    work_until(enough=lambda: False)
    client.post(f"{PEOPLE}{first.pk}-nolwenn/")
    sirens = [copy.enterprises.get().enterprise_id for copy in (first, second)]
    mails = [Mail.objects.filter(siren=siren).first() for siren in sirens]
    letters = [Letter.objects.get(siret__startswith=siren) for siren in sirens]
    for path in ("/simulateur/courriels/{0}/", "/simulateur/courriels/{0}/contenu/"):
        assert [client.get(path.format(mail.pk)).status_code for mail in mails] == [200, 404]  # type: ignore[union-attr]
    for path in ("/simulateur/lettres/{0}/", "/simulateur/lettres/{0}/pdf/"):
        assert [client.get(path.format(letter.pk)).status_code for letter in letters] == [200, 404]
    mine, yours = (f"@copie-{copy.pk}.example" for copy in (first, second))
    happened = read(client, report)
    assert (mine in happened, yours in happened) == (True, False)
    assert set(re.findall(r"\d{3}\s\d{3}\s\d{3}\s\d{5}", happened)) == {french.siret(letters[0].siret)}
    # The trainer sees all.
    page = read(logged_in(trainer()), report)
    assert (mine in page, yours in page) == (True, True)


def test_behind_a_class_code_whoever_is_in_no_copy_sees_none(db: None, settings: Settings) -> None:
    """A mailed link resets a password: one trainee is not to take over another's people."""
    [copy] = load("administrateur-parti")
    choose_route(cooptation=Cooptation.objects.get(), route="key", on=NOW)
    order_advance(jump=Jump("x", days=5), at=NOW)
    work_until(enough=lambda: False)
    outside: Mail = Mail.objects.create(
        recipient="a@exemple.example", siren="982820011", sender="x", subject="x", text="x", created_at=NOW
    )
    settings.CLASS_CODE = "Brest-2027"
    mine, letter = Mail.objects.filter(siren=copy.enterprises.get().enterprise_id)[0], Letter.objects.get()
    paths = [f"/simulateur/courriels/{one.pk}/" for one in (outside, mine)]
    paths += [f"/simulateur/lettres/{letter.pk}/", f"/simulateur/courriels/boite/?adresse={mine.recipient}"]
    reception = logged_in(UserFactory(staff=True, is_superuser=False))
    for browser, demo, found in (
        (Client(), False, [200, 404, 404, 404]),
        (Client(), True, [200, 404, 404, 404]),
        (reception, False, [200, 404, 404, 404]),
        (logged_in(trainer()), False, [200, 200, 200, 200]),
    ):
        settings.DEMO = demo
        browser.post("/simulateur/code/", {"code": "Brest-2027"})
        assert [browser.get(path).status_code for path in paths] == found
        lists = read(browser, "/simulateur/courriels/") + read(browser, "/simulateur/lettres/")
        lists += read(browser, f"/simulateur/horloge/{Advance.objects.get().pk}/")
        whole = found[1] == 200
        assert (outside.recipient in lists, mine.recipient in lists, letter.addressee in lists) == (True, whole, whole)
        assert (browser.post(f"{PEOPLE}{copy.pk}-nolwenn/").status_code == 302) is whole


def test_behind_a_class_code_the_demo_shows_no_copy_to_become(db: None, demo: None, settings: Settings) -> None:
    [copy] = load("mono-sans-compte")
    assert str(copy) in read(Client(), PEOPLE)
    settings.CLASS_CODE = "Brest-2027"
    browser = Client()
    browser.post("/simulateur/code/", {"code": "Brest-2027"})
    assert (str(copy) in read(browser, PEOPLE), "Devenir Anaïs" in read(browser, PEOPLE)) == (False, True)


def test_with_a_class_code_the_card_is_shown_after_it(client: Client, db: None, settings: Settings) -> None:
    settings.CLASS_CODE, settings.DEMO = "Brest-2027", False
    [copy] = load("mono-sans-compte")
    asks = client.get(url(copy))["Location"]
    assert asks.startswith("/simulateur/code/?next=")
    assert client.post(asks, {"code": "Brest-2027"})["Location"] == url(copy)
    assert client.get(PEOPLE).status_code == 404
    assert "Devenir Gwenn" in read(client, url(copy))
    assert "Devenir Gwenn" in read(client, PEOPLE)
    assert client.post(f"{PEOPLE}{copy.pk}-gwenn/")["Location"] == "/menu/"


def test_a_cookie_that_was_tampered_with_shows_no_copy(client: Client, db: None) -> None:
    first, second = load("mono-sans-compte", 2)
    client.get(url(first))
    client.cookies["copie"] = client.cookies["copie"].value.replace(f"{first.pk}:", f"{second.pk}:", 1)
    assert "Ma copie" not in read(client, "/simulateur/")
    assert second.pk != first.pk


def test_the_trainer_becomes_anybody(db: None, settings: Settings) -> None:
    settings.CLASS_CODE, settings.DEMO = "", True
    first, second = load("mono-sans-compte", 2)
    for copy in (first, second):
        browser = logged_in(trainer())
        assert "Ma copie" not in read(browser, url(copy))
        assert browser.post(f"{PEOPLE}{copy.pk}-gwenn/")["Location"] == "/menu/"
