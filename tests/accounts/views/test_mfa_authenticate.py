"""The second step of a log-in: a code, once; a passkey; five wrong codes, then a pause; no way around it."""

import datetime as dt
import json
import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import JournalEntry, LoginFailure, User
from accounts.rules.codes import code_at
from portal import clock
from tests.factors import (
    AUTHENTICATE,
    SECRET,
    STEP,
    SoftwareKey,
    gives_password,
    recovery_codes,
    with_application,
    with_passkey,
)

WRONG = "Ce code n&#x27;est pas le bon, ou il a déjà servi."
OPTIONS, CANCEL = reverse("mfa_passkey_options"), reverse("mfa_cancel")


def is_in(client: Client) -> bool:
    return client.get("/securite/").status_code == 200


def let_in(user: User, code: str) -> bool:
    client = gives_password(user)
    client.post(AUTHENTICATE, {"code": code})
    return is_in(client)


def test_without_a_factor_the_password_is_enough(declarant: User) -> None:
    assert is_in(gives_password(declarant))


def test_with_one_the_password_leads_to_the_code(declarant: User) -> None:
    code = with_application(declarant)
    client = gives_password(declarant)
    assert not is_in(client)
    assertContains(client.get(AUTHENTICATE), "Encore une étape")
    assertRedirects(client.get("/connexion/"), AUTHENTICATE)
    assertRedirects(
        client.post(AUTHENTICATE, {"code": f"{code[:3]} {code[3:]}"}), "/menu/", fetch_redirect_response=False
    )
    assert is_in(client)


def test_staff_are_asked_too(staff: User) -> None:
    code = with_application(staff)
    client = gives_password(staff)
    assert client.get("/gestion/").status_code == 302
    assertRedirects(client.post(AUTHENTICATE, {"code": code}), "/gestion/")


@pytest.mark.parametrize(("step", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_half_a_minute_wrong_is_forgiven(declarant: User, step: int, right: bool) -> None:
    with_application(declarant)
    assert let_in(declarant, code_at(SECRET, STEP + step)) is right


def test_a_code_serves_once(declarant: User) -> None:
    code = with_application(declarant)
    assert let_in(declarant, code)
    cache.clear()
    assertContains(gives_password(declarant).post(AUTHENTICATE, {"code": code}), WRONG)
    assert not let_in(declarant, code_at(SECRET, STEP - 1))
    assert let_in(declarant, code_at(SECRET, STEP + 1))


def test_a_recovery_code_serves_once_and_its_owner_is_told(declarant: User) -> None:
    with_application(declarant)
    codes = recovery_codes(declarant)
    assert len(set(codes)) == 10
    mail.outbox.clear()
    assert let_in(declarant, f"{codes[3][:4]} {codes[3][4:]}")
    assert not let_in(declarant, codes[3])
    assert recovery_codes(declarant) == codes[:3] + codes[4:]
    assert "il en reste 9" in mail.outbox[0].body
    assert JournalEntry.objects.filter(verb="factor.code").count() == 1


def test_five_wrong_codes_pause_the_account_wherever_they_come_from(declarant: User) -> None:
    code = with_application(declarant)
    mail.outbox.clear()
    for number in range(5):
        client = gives_password(declarant, client=Client(REMOTE_ADDR=f"192.0.2.{number}"))
        assertContains(client.post(AUTHENTICATE, {"code": "000000"}), WRONG)
    cache.clear()
    assertContains(gives_password(declarant).post(AUTHENTICATE, {"code": code}), "Trop de codes faux")
    assert [one.subject for one in mail.outbox] == ["[SIMULATEUR] Des codes faux ont été essayés sur votre compte"]
    assert JournalEntry.objects.filter(verb="factor.pause").count() == 1


@pytest.mark.parametrize(("minutes", "free"), [(14, False), (15, True)])
def test_the_pause_ends(
    declarant: User, monkeypatch: pytest.MonkeyPatch, fixed_day: dt.datetime, minutes: int, free: bool
) -> None:
    with_application(declarant)
    for _time in range(5):
        let_in(declarant, "000000")
    monkeypatch.setattr(clock, "real_now", lambda: fixed_day + dt.timedelta(minutes=minutes))
    assert let_in(declarant, code_at(SECRET, STEP + 2 * minutes)) is free


def test_a_right_code_starts_the_count_again(declarant: User) -> None:
    code = with_application(declarant)
    for _time in range(4):
        let_in(declarant, "000000")
    assert let_in(declarant, code)
    assert not LoginFailure.objects.exists()


@pytest.mark.parametrize("code", ["", "x" * 10_000, "12345", "1234567", "a\0b", "٣٣٣٣٣٣", "abcdef", "-", " "])
def test_bad_input_is_refused(declarant: User, code: str) -> None:
    with_application(declarant)
    client = gives_password(declarant)
    assert client.post(AUTHENTICATE, {"code": code}).context["form"].errors.keys() == {"code"}
    assert not is_in(client)


def test_the_page_is_for_whoever_gave_his_password(client: Client, declarant: User) -> None:
    code = with_application(declarant)
    for answer in (client.get(AUTHENTICATE), client.post(AUTHENTICATE, {"code": code}), client.post(OPTIONS)):
        assertRedirects(answer, "/connexion/")


def test_one_may_start_again(declarant: User) -> None:
    with_application(declarant)
    client = gives_password(declarant)
    assertRedirects(client.post(CANCEL), "/connexion/")
    assertContains(client.get("/connexion/"), "Je me connecte")


def test_a_lost_password_does_not_get_around_it(declarant: User) -> None:
    """Neither the mailed link nor the secret question stand for the factor."""
    with_application(declarant)
    siret = declarant.establishment.siret  # type: ignore[union-attr]
    names = {"siret": siret, "last_name": declarant.last_name, "first_name": declarant.first_name}
    mail.outbox.clear()
    client = Client()
    client.post(reverse("accounts:password_lost"), names)
    link = re.search(r"/mot-de-passe/\d+/\S+/", mail.outbox[0].body)
    assert link
    chosen = {"password": "Trombone47vert", "again": "Trombone47vert", "secret": ""}
    client.post(link[0], chosen, follow=True)
    declarant.refresh_from_db()
    assert declarant.check_password("Trombone47vert")
    assert not is_in(client)
    waiting = gives_password(declarant, "Trombone47vert")
    assert not is_in(waiting)
    assertContains(waiting.get(AUTHENTICATE), "changer de mot de passe n'y suffit pas")


def test_codes_whose_key_is_gone_are_wrong_and_nothing_breaks(declarant: User, settings: object) -> None:
    """Another SECRET_KEY reads no secret; put among the former keys, the old one still does."""
    code, old = with_application(declarant), settings.SECRET_KEY  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another" * 10  # type: ignore[attr-defined]
    assert not let_in(declarant, code)
    settings.SECRET_KEY_FALLBACKS = [old]  # type: ignore[attr-defined]
    assert let_in(declarant, code)


# A passkey -----------------------------------------------------------------
def challenged(user: User) -> tuple[Client, dict[str, object]]:
    client = gives_password(user, client=Client())
    return client, client.post(OPTIONS).json()


def test_a_passkey_opens_and_its_use_is_noted(declarant: User) -> None:
    key = with_passkey(declarant)
    client, options = challenged(declarant)
    assertRedirects(
        client.post(AUTHENTICATE, {"credential": key.get(options)}), "/menu/", fetch_redirect_response=False
    )
    assert is_in(client)
    assert declarant.authenticator_set.get(type="webauthn").last_used_at == clock.real_now()


def test_an_answer_serves_once(declarant: User) -> None:
    key = with_passkey(declarant)
    client, options = challenged(declarant)
    answer = key.get(options)
    client.post(AUTHENTICATE, {"credential": answer})
    other, _options = challenged(declarant)
    assertContains(other.post(AUTHENTICATE, {"credential": answer}), "recommencez")
    assert not is_in(other)


def test_without_a_challenge_nothing_opens(declarant: User) -> None:
    key = with_passkey(declarant)
    _client, options = challenged(declarant)
    other = gives_password(declarant)
    other.post(AUTHENTICATE, {"credential": key.get(options)})
    assert not is_in(other)


def test_another_key_another_site_or_another_person_opens_nothing(declarant: User, administrator: User) -> None:
    key, others = with_passkey(declarant), with_passkey(administrator)
    phished = SoftwareKey("https://testserver.example")
    phished.key = key.key
    for wrong in (SoftwareKey(), others, phished):
        client, options = challenged(declarant)
        assertContains(client.post(AUTHENTICATE, {"credential": wrong.get(options)}), "recommencez")
        assert not is_in(client)


@pytest.mark.parametrize(
    "answer",
    ["", "x", "[]", "1", "null", "{}", '{"id": 1}', json.dumps({"type": "public-key", "id": "x", "response": {}}),
     '{"type":"public-key","id":"YQ","rawId":"YQ","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}'],
)  # fmt: skip
def test_nonsense_from_a_browser_is_refused(declarant: User, answer: str) -> None:
    with_passkey(declarant)
    client, _options = challenged(declarant)
    assert client.post(AUTHENTICATE, {"credential": answer}).status_code == 200
    assert not is_in(client)


def test_who_has_no_passkey_is_not_offered_one(declarant: User) -> None:
    with_application(declarant)
    assertNotContains(gives_password(declarant).get(AUTHENTICATE), "Utiliser ma clé")
