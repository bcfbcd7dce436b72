"""The class code: asked for once, kept in a cookie of its own, and not to be guessed."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from sandbox.models import Advance

URL = "/simulateur/code/"


@pytest.fixture(autouse=True)
def code(settings: Settings, db: None) -> None:
    settings.CLASS_CODE = "Brest-2027"


def test_every_tool_asks_for_it_and_leads_back(client: Client) -> None:
    answer = client.get("/simulateur/courriels/?adresse=anais")
    assert answer["Location"] == f"{URL}?next=%2Fsimulateur%2Fcourriels%2F%3Fadresse%3Danais"
    answer = client.post(answer["Location"], {"code": " brest-2027 "})
    assert answer["Location"] == "/simulateur/courriels/?adresse=anais"
    assert client.get(answer["Location"]).status_code == 200


def test_without_it_nothing_moves(client: Client) -> None:
    assert client.post("/simulateur/horloge/avancer/", {"jump": "jour"})["Location"].startswith(URL)
    assert not Advance.objects.exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("Brest-2028", "n'est pas celui de la classe"),
        ("", "obligatoire"),
        ("x" * 61, "60 caractères"),
        ("a\0b", "caractère nul"),
    ],
)
def test_a_wrong_one_is_refused_at_its_field(client: Client, given: str, message: str) -> None:
    answer = client.post(URL, {"code": given})
    [error] = answer.context["form"].errors["code"]
    assert message in error.replace("’", "'")
    assert client.get("/simulateur/").status_code == 302


def test_it_leads_nowhere_else(client: Client) -> None:
    answer = client.post(f"{URL}?next=https://ailleurs.example/", {"code": "Brest-2027"})
    assert answer["Location"] == "/simulateur/"


def test_it_survives_a_change_of_person(client: Client, administrator: User) -> None:
    client.post(URL, {"code": "Brest-2027"})
    client.force_login(administrator)
    client.post("/deconnexion/")
    assert client.get("/simulateur/horloge/").status_code == 200


def test_a_new_code_shuts_out_whoever_had_the_old_one(client: Client, settings: Settings) -> None:
    client.post(URL, {"code": "Brest-2027"})
    settings.CLASS_CODE = "Quimper-2028"
    assert client.get("/simulateur/").status_code == 302


def test_a_forged_cookie_opens_nothing(client: Client) -> None:
    client.post(URL, {"code": "Brest-2027"})
    client.cookies["classe"] = client.cookies["classe"].value[:-1] + "x"
    assert client.get("/simulateur/").status_code == 302


def test_thirty_tries_in_five_minutes_are_enough(client: Client) -> None:
    for _time in range(30):
        assert client.post(URL, {"code": "faux"}).status_code == 200
    assert client.post(URL, {"code": "Brest-2027"}).status_code == 429


def test_without_a_code_the_page_leads_on(client: Client, settings: Settings) -> None:
    settings.CLASS_CODE = ""
    assert client.get(URL)["Location"] == "/simulateur/"
