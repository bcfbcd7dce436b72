"""Personas: one POST, two windows; the ordinary log-in stays."""

import re

import pytest
from django.test import Client

from accounts.models import User
from sandbox.personas import personas
from tests.factors import AUTHENTICATE, with_application

URL = "/simulateur/personnages/"


@pytest.mark.parametrize("key", [persona.key for persona in personas()])
def test_one_post_makes_one_somebody(client: Client, demo: None, key: str) -> None:
    answer = client.post(f"{URL}{key}/", follow=True)
    name = next(f"{one.prenom} {one.nom}".strip() for one in personas() if one.key == key)
    assert answer.status_code == 200
    assert str(answer.wsgi_request.user) == name
    if key == "equipe":
        assert answer.redirect_chain[-1][0] == "/gestion/"


def test_changing_ends_the_one_before(client: Client, demo: None) -> None:
    client.post(f"{URL}aubepine-admin/")
    before = client.session.session_key
    client.post(f"{URL}belharra-admin/")
    assert client.session.session_key != before
    assert client.get("/menu/").wsgi_request.user.last_name == "Kervella"  # type: ignore[union-attr]


def test_a_persona_who_has_a_second_factor_is_asked_for_it(client: Client, demo: None) -> None:
    """The switch stands for the password alone: nothing goes around a factor."""
    code = with_application(User.objects.get(last_name="Le Goff", first_name="Anaïs"))
    assert client.post(f"{URL}aubepine-admin/")["Location"] == AUTHENTICATE
    assert client.get("/menu/").status_code == 302
    client.post(AUTHENTICATE, {"code": code})
    assert client.get("/menu/").status_code == 200


def test_two_browsers_are_two_people(demo: None) -> None:
    one, other = Client(), Client()
    one.post(f"{URL}aubepine-admin/")
    other.post(f"{URL}belharra-admin/")
    seen = [browser.get("/menu/").wsgi_request.user.last_name for browser in (one, other)]  # type: ignore[union-attr]
    assert seen == ["Le Goff", "Kervella"]


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("localhost:8971", "http://127.0.0.1:8971/simulateur/personnages/"),
        ("127.0.0.1:8971", "http://localhost:8971/simulateur/personnages/"),
        ("portail.example", ""),
    ],
)
def test_the_page_says_how_to_be_two_at_once(client: Client, demo: None, host: str, other: str) -> None:
    page = client.get(URL, headers={"host": host}).content.decode()
    assert (f'href="{other}"' in page) == bool(other)
    assert ("navigation privée" in page) == (not other)


def test_it_leads_where_it_was_asked_and_nowhere_else(client: Client, demo: None) -> None:
    inside = client.post(f"{URL}aubepine-admin/", {"next": "/notifications/"})
    outside = client.post(f"{URL}belharra-admin/", {"next": "https://ailleurs.example/"})
    assert (inside["Location"], outside["Location"]) == ("/notifications/", "/menu/")


def test_it_takes_a_post_with_its_token(demo: None) -> None:
    checked = Client(enforce_csrf_checks=True)
    assert checked.get(f"{URL}aubepine-admin/").status_code == 405
    assert checked.post(f"{URL}aubepine-admin/").status_code == 403
    assert checked.get("/menu/").status_code == 302


def test_somebody_suspended_or_gone_has_no_button(client: Client, demo: None) -> None:
    User.objects.filter(last_name="Kervella").update(state=User.State.SUSPENDED)
    User.objects.filter(last_name="Guégan").delete()
    page = client.get(URL).content.decode()
    assert ("Suspendu" in page, "Compte supprimé" in page) == (True, True)
    assert page.count("Devenir ") == len(personas()) - 2
    for key in ("belharra-admin", "belharra-declarant"):
        assert client.post(f"{URL}{key}/")["Location"] == URL
    assert client.get("/menu/").status_code == 302
    assert client.post(f"{URL}personne/").status_code == 404


def test_oneself_is_named(client: Client, demo: None) -> None:
    client.post(f"{URL}aubepine-admin/")
    page = client.get(URL).content.decode()
    assert (page.count("C'est vous"), page.count("Devenir ")) == (1, len(personas()) - 1)


def test_in_an_empty_database_the_page_says_so(client: Client, db: None) -> None:
    assert "Personne n'est là." in client.get(URL).content.decode()


def test_its_queries_do_not_depend_on_people(client: Client, demo: None, django_assert_num_queries: object) -> None:
    # The clock's row, the people, the copies.
    with django_assert_num_queries(3):  # type: ignore[operator]
        client.get(URL)


def test_the_ordinary_log_in_stays_as_an_exercise(client: Client, demo: None) -> None:
    page = client.get(URL).content.decode()
    assert re.search("connexion ordinaire.+Bonjour2027", page, re.DOTALL)
