"""The admin's door: an identifier, the same throttle, and only for staff."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.factories.accounts import PASSWORD
from tests.people import logged_in

URL = "/gestion/connexion/"


def attempt(password: str = PASSWORD, identifier: str = "Équipe") -> bool:
    response = Client().post(URL, {"identifier": identifier, "password": password})
    return response.status_code == 302 and response["Location"] == "/gestion/"


def test_staff_get_in_by_identifier(staff: User) -> None:
    assert attempt()


@pytest.mark.parametrize("address", ["/gestion/", "/gestion/login/"])
def test_the_admin_sends_visitors_to_the_throttled_page(db: None, address: str) -> None:
    response = Client().get(address, follow=True)
    assert response.redirect_chain[-1][0].startswith(URL)


def test_five_failures_pause_the_staff_too(staff: User) -> None:
    for _time in range(5):
        assert not attempt(password="Faux12345")
    cache.clear()
    assert not attempt()


def test_djangos_own_log_in_takes_no_password(staff: User) -> None:
    response = Client().post("/gestion/login/", {"username": staff.login_key, "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, URL)


def test_a_person_who_is_not_of_the_staff_is_refused_without_a_loop(administrator: User) -> None:
    client = logged_in(administrator)
    assert client.get("/gestion/").status_code == 403
    assert client.get(f"{URL}?next=/gestion/")["Location"] == "/menu/"


def test_a_persons_key_is_no_identifier(administrator: User) -> None:
    assert not attempt(identifier=administrator.login_key)


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("x" * 10_000, "80 caractères"),
        ("a\0b", "Le caractère nul n’est pas autorisé."),
        ("", "Ce champ est obligatoire."),
    ],
)
def test_bad_input_gets_an_error_at_its_field(db: None, identifier: str, message: str) -> None:
    response = Client().post(URL, {"identifier": identifier, "password": PASSWORD})
    assert response.status_code == 200
    [error] = response.context["form"].errors["identifier"]
    assert message in error
