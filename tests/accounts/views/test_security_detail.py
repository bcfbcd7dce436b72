"""« Sécurité de mon compte »: an application added, codes shown once, factors removed, sessions closed."""

import datetime as dt
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import JournalEntry, User
from accounts.rules.codes import code_at
from portal import clock
from tests.accounts.views.test_account_detail import is_in, log_in
from tests.factories.accounts import PASSWORD
from tests.factors import (
    AUTHENTICATE,
    SECRET,
    STEP,
    application_of,
    gives_password,
    recovery_codes,
    with_application,
    with_passkey,
)
from tests.people import logged_in

URL, APPLICATION, CODES, FILE, KEPT, SESSIONS = (
    reverse(f"accounts:security_{name}")
    for name in ("detail", "application", "codes", "codes_file", "codes_kept", "sessions")
)
PROOF = {"current": PASSWORD}


def remove(factor: Authenticator) -> str:
    return reverse("accounts:security_remove", args=[factor.pk])


def shown_secret(page: HttpResponse) -> tuple[str, str]:
    """Return the secret that a page shows, and the hidden field that carries it."""
    text = page.content.decode()
    secret, sealed = re.search(r'class="secret">([^<]+)<', text), re.search(r'name="secret" value="([^"]+)"', text)
    assert secret
    assert sealed
    return secret[1].replace(" ", ""), sealed[1]


def enrol(client: Client, **changes: str) -> HttpResponse:
    secret, sealed = shown_secret(client.get(APPLICATION))
    values = {"secret": sealed, "code": code_at(secret, STEP)} | PROOF | changes
    response: HttpResponse = client.post(APPLICATION, values)
    return response


def verbs() -> list[str]:
    return list(JournalEntry.objects.filter(verb__startswith="factor.").order_by("id").values_list("verb", flat=True))


# Who may ---------------------------------------------------------------------
def test_a_candidate_has_no_such_page(candidate: User) -> None:
    client = logged_in(candidate)
    assert {client.get(page).status_code for page in (URL, APPLICATION, CODES, FILE)} == {404}
    assert {client.post(page).status_code for page in (APPLICATION, CODES, KEPT, SESSIONS)} == {404}


def test_whoever_has_no_factor_is_offered_both(declarant: User) -> None:
    page = logged_in(declarant).get(URL)
    for words in ("Aucun second facteur", "Ajouter une application", "Ajouter une clé d'accès", "si vous le voulez"):
        assertContains(page, words)


# An application ----------------------------------------------------------------
def test_the_secret_is_shown_as_a_picture_and_as_text_and_looking_writes_nothing(declarant: User) -> None:
    client = logged_in(declarant)
    session = client.session.session_key
    page = client.get(APPLICATION)
    secret, _sealed = shown_secret(page)
    assertContains(page, "otpauth://totp/Zo%C3%A9%20Kervella%2C%20SIRET%20")
    assertContains(page, f"secret={secret}")
    assertContains(page, "<svg")
    assertNotContains(page, "style=")
    assert len(secret) == 32
    assert (client.session.session_key, dict(client.session).get("mfa.totp.secret")) == (session, None)
    assert not Authenticator.objects.exists()


def test_the_first_code_adds_it_and_the_owner_is_told(declarant: User) -> None:
    client = logged_in(declarant)
    assertRedirects(enrol(client), CODES)
    assert verbs() == ["factor.add"]
    assert [one.subject for one in mail.outbox] == ["[SIMULATEUR] Votre second facteur a changé"]
    assert "Un second facteur a été ajouté\xa0: une application" in mail.outbox[0].body
    assertContains(client.get(URL), "Application d'authentification")


def test_its_secret_lies_encrypted(declarant: User) -> None:
    with_application(declarant)
    assert SECRET not in str(application_of(declarant).data)
    assert "seed" in Authenticator.objects.get(type="recovery_codes").data
    assert [code for code in recovery_codes(declarant) if code in str(Authenticator.objects.values_list("data"))] == []


def test_the_code_that_added_it_does_not_log_in(declarant: User) -> None:
    client = logged_in(declarant)
    secret, sealed = shown_secret(client.get(APPLICATION))
    client.post(APPLICATION, {"secret": sealed, "code": code_at(secret, STEP)} | PROOF)
    later = gives_password(declarant)
    assertContains(later.post(AUTHENTICATE, {"code": code_at(secret, STEP)}), "il a déjà servi")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "000000"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "x" * 10_000}, "code"),
        ({"current": "Faux12345"}, "current"),
        ({"current": ""}, "current"),
        ({"secret": "abc"}, "code"),
        ({"secret": ""}, "secret"),
        ({"secret": "x" * 10_000}, "secret"),
    ],
)
def test_what_is_wrong_is_said_and_adds_nothing(declarant: User, changes: dict[str, str], field: str) -> None:
    response = enrol(logged_in(declarant), **changes)
    assert field in response.context["form"].errors  # type: ignore[attr-defined]
    assert (Authenticator.objects.exists(), mail.outbox) == (False, [])


def test_a_wrong_code_keeps_the_secret_that_the_telephone_has(declarant: User) -> None:
    client = logged_in(declarant)
    secret, sealed = shown_secret(client.get(APPLICATION))
    page = client.post(APPLICATION, {"secret": sealed, "code": "000000"} | PROOF)
    assert shown_secret(page) == (secret, sealed)


def test_the_secret_of_a_page_dies_after_an_hour_and_is_its_owners_alone(
    declarant: User, administrator: User, monkeypatch: pytest.MonkeyPatch, fixed_day: dt.datetime
) -> None:
    secret, sealed = shown_secret(logged_in(declarant).get(APPLICATION))
    values = {"secret": sealed, "code": code_at(secret, STEP)} | PROOF
    assertContains(logged_in(administrator).post(APPLICATION, values), "Cette page a expiré")
    monkeypatch.setattr(clock, "real_now", lambda: fixed_day + dt.timedelta(seconds=3601))
    late = values | {"code": code_at(secret, STEP + 120)}
    assertContains(logged_in(declarant).post(APPLICATION, late), "Cette page a expiré")
    assert not Authenticator.objects.exists()


def test_there_is_one_application(declarant: User) -> None:
    client = logged_in(declarant)
    answer = enrol(client)
    assertRedirects(client.get(APPLICATION), URL)
    assert (answer.status_code, Authenticator.objects.filter(type="totp").count()) == (302, 1)


def test_the_first_factor_ends_the_sessions_that_were_opened_without(declarant: User, machine_time: None) -> None:
    here, elsewhere = log_in(declarant), log_in(declarant)
    secret, sealed = shown_secret(here.get(APPLICATION))
    now = code_at(secret, int(clock.real_now().timestamp()) // 30)
    here.post(APPLICATION, {"secret": sealed, "code": now} | PROOF)
    assert (is_in(here), is_in(elsewhere)) == (True, False)


# Recovery codes ------------------------------------------------------------------
def test_codes_are_read_once_then_hidden_for_good(declarant: User) -> None:
    client = logged_in(declarant)
    enrol(client)
    codes = recovery_codes(declarant)
    spelled = [f"{code[:4]} {code[4:]}" for code in codes]
    for words in spelled:
        assertContains(client.get(CODES), words)
    assert client.get(FILE).content.decode().splitlines()[2:] == spelled
    assertRedirects(client.post(KEPT), URL)
    assertNotContains(client.get(CODES), spelled[0])
    assert client.get(FILE).status_code == 404
    assertContains(client.get(URL), "10&nbsp;codes de secours")


def test_codes_are_hidden_after_a_quarter_of_an_hour_and_from_other_sessions(
    declarant: User, monkeypatch: pytest.MonkeyPatch, fixed_day: dt.datetime
) -> None:
    client, other = logged_in(declarant), logged_in(declarant)
    enrol(client)
    assert (client.get(FILE).status_code, other.get(FILE).status_code) == (200, 404)
    monkeypatch.setattr(clock, "real_now", lambda: fixed_day + dt.timedelta(minutes=16))
    assert client.get(FILE).status_code == 404


def test_new_codes_kill_the_old_ones_and_ask_for_the_password(declarant: User) -> None:
    with_application(declarant)
    old = recovery_codes(declarant)
    client = logged_in(declarant)
    assertContains(client.post(CODES, {"current": "Faux12345"}), "pas votre mot de passe actuel")
    assert recovery_codes(declarant) == old
    mail.outbox.clear()
    assertRedirects(client.post(CODES, PROOF), CODES)
    assert set(old) & set(recovery_codes(declarant)) == set()
    assert (verbs()[-1], len(mail.outbox)) == ("factor.codes", 1)


def test_without_a_factor_there_are_no_codes(declarant: User) -> None:
    assertRedirects(logged_in(declarant).post(CODES, PROOF), URL)
    assert not Authenticator.objects.exists()


# Removing ----------------------------------------------------------------------
def test_the_last_factor_takes_the_codes_with_it(declarant: User) -> None:
    with_application(declarant)
    with_passkey(declarant)
    client = logged_in(declarant)
    page = remove(application_of(declarant))
    assertContains(client.post(page, {"current": "Faux12345"}), "pas votre mot de passe actuel")
    mail.outbox.clear()
    assertRedirects(client.post(page, PROOF), URL)
    assert sorted(Authenticator.objects.values_list("type", flat=True)) == ["recovery_codes", "webauthn"]
    assertRedirects(client.post(remove(Authenticator.objects.get(type="webauthn")), PROOF), URL)
    assert not Authenticator.objects.exists()
    assert verbs()[-2:] == ["factor.remove", "factor.remove"]
    assert "Un second facteur a été retiré\xa0: la clé d'accès «\xa0Téléphone\xa0»" in mail.outbox[1].body


def test_the_factor_of_somebody_else_does_not_exist(declarant: User, administrator: User) -> None:
    with_application(administrator)
    page = remove(application_of(administrator))
    client = logged_in(declarant)
    assert (client.get(page).status_code, client.post(page, PROOF).status_code) == (404, 404)
    assert Authenticator.objects.count() == 2


def test_recovery_codes_are_not_removed_alone(declarant: User) -> None:
    with_application(declarant)
    assert logged_in(declarant).get(remove(Authenticator.objects.get(type="recovery_codes"))).status_code == 404


def test_staff_keep_one_where_it_is_compulsory(staff: User, settings: Settings) -> None:
    with_application(staff)
    settings.STAFF_MFA = True
    client = logged_in(staff)
    page = remove(application_of(staff))
    assertContains(client.post(page, PROOF, follow=True), "garde toujours un second facteur")
    with_passkey(staff)
    client.post(page, PROOF)
    assert sorted(Authenticator.objects.values_list("type", flat=True)) == ["recovery_codes", "webauthn"]


# Compulsory for staff ----------------------------------------------------------
@pytest.mark.parametrize("address", ["/gestion/", "/gestion/accounts/user/"])
def test_staff_without_a_factor_are_led_to_add_one(staff: User, settings: Settings, address: str) -> None:
    settings.STAFF_MFA = True
    client = logged_in(staff)
    page = client.get(address, follow=True)
    assert page.redirect_chain == [(URL, 302)]
    assertContains(page, "ajoutez-en un pour continuer")
    assert client.post(f"{address}?x").status_code == 302
    enrol(client)
    assert client.get(address).status_code == 200


def test_where_it_is_optional_staff_come_in_as_before(staff: User, settings: Settings) -> None:
    settings.STAFF_MFA = False
    assert logged_in(staff).get("/gestion/").status_code == 200


# Sessions ------------------------------------------------------------------------
@pytest.fixture
def machine_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions end by the machine's own clock, which Django reads itself."""
    monkeypatch.setattr(clock, "real_now", lambda: dt.datetime.now(dt.UTC))  # noqa: TID251


MACHINE = pytest.mark.usefixtures("machine_time")


@MACHINE
def test_staff_close_their_sessions_too(staff: User) -> None:
    here, other = gives_password(staff), gives_password(staff)
    assertContains(here.post(SESSIONS, follow=True), "Session fermée.")
    assert (here.get(URL).status_code, other.get(URL).status_code) == (200, 302)
    assert JournalEntry.objects.get().verb == "session.end"


@MACHINE
def test_a_session_is_seen_every_five_minutes_and_other_requests_write_nothing(
    declarant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = log_in(declarant)
    opened = UserSession.objects.get().last_seen_at
    for minutes, seen in ((4, False), (5, True), (9, True)):
        at = opened + dt.timedelta(minutes=minutes, seconds=1)
        monkeypatch.setattr(clock, "real_now", lambda at=at: at)
        client.get(URL)
        last = UserSession.objects.get().last_seen_at
        assert (last > opened) is seen
    assert last == opened + dt.timedelta(minutes=5, seconds=1)


@MACHINE
def test_sessions_are_listed_in_plain_words(declarant: User) -> None:
    here = log_in(declarant)
    log_in(declarant, agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1")
    page = here.get(URL)
    for words in ("Firefox sous Windows", "Safari sous iPhone", "Cette session", "127.0.0.1"):
        assertContains(page, words)


@MACHINE
def test_one_session_is_closed_or_all_the_others(declarant: User) -> None:
    here, second, third = (log_in(declarant) for _session in range(3))
    other = UserSession.objects.get(session_key=second.session.session_key)
    assertContains(here.post(SESSIONS, {"session": other.pk}, follow=True), "Session fermée.")
    assert (is_in(here), is_in(second), is_in(third)) == (True, False, True)
    log_in(declarant)
    assertContains(here.post(SESSIONS, follow=True), "2 sessions fermées.")
    assert (is_in(here), is_in(third)) == (True, False)


@MACHINE
def test_the_session_of_somebody_else_is_not_closed(declarant: User, administrator: User) -> None:
    theirs = log_in(administrator)
    number = UserSession.objects.get(user=administrator).pk
    log_in(declarant).post(SESSIONS, {"session": number})
    assert is_in(theirs)


@MACHINE
@pytest.mark.parametrize("number", ["abc", "-1", "9" * 40, "٣"])
def test_a_session_that_is_none_does_not_exist(declarant: User, number: str) -> None:
    assert logged_in(declarant).post(SESSIONS, {"session": number}).status_code == 404


@MACHINE
def test_a_closed_session_is_no_longer_listed(declarant: User) -> None:
    here, other = log_in(declarant), log_in(declarant)
    other.post(reverse("account_logout"))
    assert len(here.get(URL).context["sessions"]) == 1
