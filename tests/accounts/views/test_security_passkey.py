"""A passkey is added: the browser proves that it holds it, for this site and this challenge."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse
from fido2.utils import websafe_encode
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import JournalEntry, User
from tests.factories.accounts import PASSWORD
from tests.factors import SoftwareKey, with_application, with_passkey
from tests.people import logged_in

URL, OPTIONS, CODES = (reverse(f"accounts:security_{name}") for name in ("passkey", "passkey_options", "codes"))


def add(client: Client, key: SoftwareKey, **changes: str) -> object:
    credential = key.create(client.post(OPTIONS).json())
    return client.post(URL, {"name": "Téléphone", "current": PASSWORD, "credential": credential} | changes)


def test_the_page_says_what_it_needs_and_proposes_a_name(declarant: User) -> None:
    page = logged_in(declarant).get(URL, headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"})
    assertContains(page, "Les clés d'accès demandent JavaScript")
    assertContains(page, 'value="Firefox sous Windows"')
    assertContains(page, "portal/passkey.js")


def test_a_candidate_gets_no_challenge(candidate: User) -> None:
    client = logged_in(candidate)
    assert (client.get(URL).status_code, client.post(OPTIONS).status_code) == (404, 404)


def test_a_passkey_is_added_with_recovery_codes_and_its_owner_told(declarant: User) -> None:
    client = logged_in(declarant)
    assertRedirects(add(client, SoftwareKey()), CODES)
    assert sorted(Authenticator.objects.values_list("type", flat=True)) == ["recovery_codes", "webauthn"]
    assert JournalEntry.objects.get().summary.endswith("ajoute la clé d'accès « Téléphone ».")
    assert len(mail.outbox) == 1


def test_a_key_that_is_there_already_is_named_to_the_browser(declarant: User) -> None:
    key = with_passkey(declarant)
    options = logged_in(declarant).post(OPTIONS).json()["publicKey"]
    assert [one["id"] for one in options["excludeCredentials"]] == [websafe_encode(key.identifier)]


def test_a_second_factor_shows_no_codes_again(declarant: User) -> None:
    with_application(declarant)
    client = logged_in(declarant)
    assertRedirects(add(client, SoftwareKey()), "/securite/")
    assert client.get("/securite/codes.txt").status_code == 404


def test_the_same_answer_adds_one_key(declarant: User) -> None:
    client = logged_in(declarant)
    credential = SoftwareKey().create(client.post(OPTIONS).json())
    values = {"name": "Téléphone", "current": PASSWORD, "credential": credential}
    client.post(URL, values)
    assertContains(client.post(URL, values), "recommencez")
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_a_wrong_password_adds_none(declarant: User) -> None:
    assertContains(add(logged_in(declarant), SoftwareKey(), current="Faux12345"), "pas votre mot de passe")  # type: ignore[arg-type]
    assert not Authenticator.objects.exists()


def test_a_key_made_for_another_site_is_refused(declarant: User) -> None:
    assertContains(add(logged_in(declarant), SoftwareKey("https://testserver.example")), "recommencez")  # type: ignore[arg-type]
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 10_000),
        ("name", "a\0b"),
        *(("credential", text) for text in ("", "x", "[]", "1", "null", "{}", '{"response": 1}', '"x"')),
        ("credential", json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {
            "clientDataJSON": "e30", "attestationObject": "oA"}})),
        ("credential", json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {
            "clientDataJSON": "e30", "attestationObject": "____"}})),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(declarant: User, field: str, value: str) -> None:
    client = logged_in(declarant)
    client.post(OPTIONS)
    response = client.post(URL, {"name": "x", "current": PASSWORD, "credential": "{}"} | {field: value})
    assert field in response.context["form"].errors
    assert not Authenticator.objects.exists()
