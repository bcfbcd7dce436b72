"""The gauge (G3.7): what the server thinks of a password, while it is typed."""

import re

import pytest
from django.test import Client

from tests.people import Company

pytestmark = pytest.mark.django_db
URL = "/mot-de-passe/solidite/"


def verdict(client: Client, password: str, *known: str) -> tuple[str, list[str]]:
    """Return the strength, and the rules that are missing."""
    page = client.post(URL, {"password": password, "known": list(known)}).content.decode()
    text = re.sub(r"\s+", " ", page)
    rules = [re.sub("<[^>]+>", "", item) for item in re.findall(r"<li[ >].*?<span>(.*?)</span> </li>", text)]
    missing = [rule.removesuffix("&nbsp;: manquante") for rule in rules if rule.endswith("manquante")]
    return re.findall(r"Solidité du mot de passe&nbsp;: <strong>(.*?)</strong>", text)[0], missing


@pytest.mark.parametrize(
    ("password", "strength", "missing"),
    [
        ("Zqbulo42", "moyen", []),
        ("Zebulon42kx", "fort", []),
        ("abc12", "faible", ["au moins 6 lettres", "une majuscule"]),
        ("Motdepasse123", "faible", ["pas un mot de passe courant"]),
    ],
)
def test_it_is_green_orange_or_red_and_says_which_rules_are_missing(
    client: Client, password: str, strength: str, missing: list[str]
) -> None:
    assert verdict(client, password) == (strength, missing)


def test_names_are_refused(client: Client) -> None:
    assert verdict(client, "Tanguyxk42", "Tanguy", "Maël")[1] == ["ni votre nom, ni votre prénom, ni votre SIRET"]


def test_the_password_is_not_sent_back(client: Client) -> None:
    assert b"Zebulon42kx" not in client.post(URL, {"password": "Zebulon42kx"}).content


@pytest.mark.parametrize("password", ["x" * 10_000, "a\0b", "", "é" * 200])
def test_nothing_typed_breaks_it(client: Client, password: str) -> None:
    assert client.post(URL, {"password": password, "known": ["y" * 10_000] * 50}).status_code == 200


def test_a_password_is_never_in_an_address(client: Client, company: Company) -> None:
    assert client.get(URL + "?password=x").status_code == 405
