"""The home page leads to « Votre compte » (G5.1) and says that it is not the real service."""

import pytest
from django.test import Client

from accounts.models import User
from tests.people import logged_in


@pytest.fixture
def home(db: None, client: Client) -> str:
    return client.get("/").content.decode()


def test_a_visitor_finds_votre_compte(home: str) -> None:
    assert 'href="/connexion/"' in home
    assert "Votre compte" in home


def test_the_page_says_what_it_is_not(home: str) -> None:
    assert "n'est pas le service officiel" in home
    assert "ne saisissez jamais un vrai mot de passe" in home


def test_the_page_stays_out_of_search_engines(client: Client, db: None) -> None:
    response = client.get("/")
    assert (response["X-Robots-Tag"], b'name="robots" content="noindex' in response.content) == (
        "noindex, nofollow",
        True,
    )


def test_headers_are_strict(client: Client, db: None) -> None:
    headers = client.get("/").headers
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["X-Frame-Options"], headers["Cross-Origin-Resource-Policy"]) == ("DENY", "same-origin")


def test_the_bar_shows_the_portals_day(home: str) -> None:
    assert "20 janvier 2027" in home


def test_a_logged_in_person_finds_his_menu(administrator: User) -> None:
    page = logged_in(administrator).get("/").content.decode()
    assert ('href="/menu/"' in page, administrator.full_name in page) == (True, True)


def test_a_page_of_a_logged_in_person_is_kept_by_no_cache(administrator: User) -> None:
    assert "no-store" in logged_in(administrator).get("/")["Cache-Control"]
