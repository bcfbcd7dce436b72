"""« Votre compte » → « Je me connecte » (G5.1): who gets in, who waits, and that the answer tells nothing."""

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from accounts.models import LoginFailure, User
from portal import clock
from tests.factories.accounts import PASSWORD, UserFactory
from tests.headers import without_chance
from tests.people import Company

URL = "/connexion/"
MISMATCH = "Le SIRET, le nom, le prénom ou le mot de passe ne correspondent pas."
WAIT = "Trop d&#x27;essais"


def attempt(user: User, password: str = PASSWORD, source: str = "127.0.0.1", **changes: str) -> HttpResponse:
    assert user.establishment is not None
    values = {
        "siret": user.establishment.siret,
        "last_name": user.last_name,
        "first_name": user.first_name,
        "password": password,
    }
    response: Any = Client(REMOTE_ADDR=source).post(URL, values | changes)
    return response


def let_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"] == "/menu/"


def test_the_page_has_the_guides_button(client: Client, db: None) -> None:
    assert "Je me connecte" in client.get(URL).content.decode()


def test_siret_name_and_first_name_are_the_login(administrator: User) -> None:
    assert let_in(attempt(administrator))


@pytest.mark.parametrize(
    "changes",
    [
        {"last_name": "le  goff", "first_name": "ANAIS"},
        {"last_name": "LE-GOFF", "first_name": " anaïs "},
        {"last_name": "le goff", "first_name": "Anai\u0308s"},
    ],
)
def test_case_accents_hyphens_and_spaces_do_not_matter(administrator: User, changes: dict[str, str]) -> None:
    assert let_in(attempt(administrator, **changes))


def test_a_siret_with_spaces_is_accepted(administrator: User) -> None:
    siret = administrator.establishment.siret  # type: ignore[union-attr]
    assert let_in(attempt(administrator, siret=f"{siret[:3]} {siret[3:6]} {siret[6:9]}\xa0{siret[9:]}"))


@pytest.mark.parametrize(
    ("last_name", "typed"),
    [("Lœtitia", "loetitia"), ("D'Hervé", "d herve"), ("Łukasz", "lukasz"), ("Strauß", "STRAUSS")],
)
def test_letters_that_do_not_come_apart_are_folded(company: Company, last_name: str, typed: str) -> None:
    assert let_in(attempt(UserFactory(establishment=company.head_office, last_name=last_name), last_name=typed))


def test_homonyms_are_told_apart(company: Company) -> None:
    first = UserFactory(establishment=company.head_office, last_name="Riou")
    key = f"{first.login_key}|junior"
    second = UserFactory(establishment=company.head_office, last_name="Riou", homonym="junior", login_key=key)
    assert let_in(attempt(second, homonym="Junior"))
    assert not let_in(attempt(second, homonym="senior"))


def test_a_suspended_person_does_not_get_in(suspended: User) -> None:
    response = attempt(suspended)
    assert (response.status_code, response["Location"]) == (302, "/compte-suspendu/")


def test_a_person_suspended_meanwhile_is_out_on_the_next_request(administrator: User) -> None:
    client = Client()
    client.force_login(administrator)
    assert client.get("/menu/").status_code == 200
    User.objects.update(state=User.State.SUSPENDED)
    assert client.get("/menu/")["Location"] == "/connexion/?next=/menu/"


def answer(user: User, **changes: str) -> tuple[int, dict[str, str], str]:
    """Return status, headers and text of a failure, without the form's token and the names that were typed."""
    response = attempt(user, password="Faux12345", **changes)
    # The names are of different lengths.
    headers, text = without_chance(response, "Content-Length")
    return response.status_code, headers, re.sub(r'(last_name|first_name)" value="[^"]+"', r"\1", text)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the passwords that were hashed: the time an answer takes."""
    done: list[str] = []
    for name in ("verify", "encode"):
        method = getattr(Argon2PasswordHasher, name)

        def counted(*args: Any, method: Any = method, **kwargs: Any) -> Any:
            done.append(args[1])
            return method(*args, **kwargs)

        monkeypatch.setattr(Argon2PasswordHasher, name, counted)
    return done


@pytest.mark.parametrize("other", ["suspended", "candidate", "nobody"])
def test_every_failure_gets_the_same_answer_in_the_same_time(
    request: pytest.FixtureRequest, administrator: User, other: str, hashes: list[str]
) -> None:
    """A wrong password, an unknown name, a person who is not active: nothing tells them apart (trust.md, Identity)."""
    changes = {"last_name": "Personne"} if other == "nobody" else {}
    got = answer(administrator if other == "nobody" else request.getfixturevalue(other), **changes)
    assert (got[0], MISMATCH in got[2], hashes) == (200, True, ["Faux12345"])
    assert got == answer(administrator)


@pytest.mark.parametrize("known", [True, False])
def test_five_failures_pause_known_and_unknown_alike(administrator: User, known: bool) -> None:
    name = administrator.last_name if known else "Personne"
    for _time in range(5):
        assert MISMATCH in attempt(administrator, password="Faux12345", last_name=name).content.decode()
    assert WAIT in attempt(administrator, last_name=name).content.decode()


def failed(user: User, times: int = 5, **kwargs: str) -> None:
    for _time in range(times):
        attempt(user, password="Faux12345", **kwargs)


def test_the_pause_holds_for_that_account_and_source_only(administrator: User, declarant: User) -> None:
    failed(administrator)
    assert not let_in(attempt(administrator))
    assert let_in(attempt(administrator, source="192.0.2.7"))
    assert let_in(attempt(declarant))


def test_another_address_of_the_same_subscriber_waits_too(administrator: User) -> None:
    """Whoever has an IPv6 network would otherwise try from each of its addresses."""
    failed(administrator, source="2001:db8:1:2::1")
    assert not let_in(attempt(administrator, source="2001:db8:1:2::ffff"))
    assert let_in(attempt(administrator, source="2001:db8:1:3::1"))


def test_a_header_does_not_change_the_source(administrator: User) -> None:
    """No proxy is trusted unless the operator names one."""
    failed(administrator)
    values = {"siret": "982 820 011 00012", "last_name": "Le Goff", "first_name": "Anaïs", "password": PASSWORD}
    assert not let_in(Client(headers={"X-Forwarded-For": "192.0.2.7"}).post(URL, values))  # type: ignore[arg-type]


def test_flushing_the_cache_frees_nobody(administrator: User) -> None:
    failed(administrator)
    cache.clear()
    assert WAIT in attempt(administrator).content.decode()


@pytest.mark.parametrize(("minutes", "free"), [(14, False), (15, True)])
def test_the_pause_ends(
    administrator: User, monkeypatch: pytest.MonkeyPatch, fixed_day: dt.datetime, minutes: int, free: bool
) -> None:
    failed(administrator)
    monkeypatch.setattr(clock, "real_now", lambda: fixed_day + dt.timedelta(minutes=minutes))
    assert let_in(attempt(administrator)) is free


def test_a_success_starts_the_count_again(administrator: User) -> None:
    failed(administrator, times=4)
    assert let_in(attempt(administrator))
    failed(administrator, times=4)
    assert let_in(attempt(administrator))


def test_the_count_keeps_neither_name_nor_siret(administrator: User) -> None:
    failed(administrator, times=1)
    failure = LoginFailure.objects.get()
    assert (len(failure.key_hash), administrator.last_name.lower() in failure.key_hash) == (64, False)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("siret", "20003452800041", "la clé de ce SIRET est fausse"),
        ("siret", "123", "un SIRET a 14 chiffres, celui-ci en a 3"),
        ("siret", "x" * 10_000, "40 caractères"),
        ("last_name", "x" * 10_000, "80 caractères"),
        ("first_name", "x" * 10_000, "80 caractères"),
        ("password", "x" * 10_000, "128 caractères"),
        ("siret", "a\0b", "Le caractère nul n’est pas autorisé."),
        ("homonym", "x" * 10_000, "40 caractères"),
        ("last_name", "a\0b", "Le caractère nul n’est pas autorisé."),
        ("password", "a\0b", "Le caractère nul n’est pas autorisé."),
        ("last_name", "", "Ce champ est obligatoire."),
    ],
)
def test_bad_input_gets_an_error_at_its_field(administrator: User, field: str, value: str, message: str) -> None:
    response = attempt(administrator, **({"password": PASSWORD} | {field: value}))  # type: ignore[arg-type]
    assert response.status_code == 200
    [error] = response.context["form"].errors[field]  # type: ignore[attr-defined]
    assert message in error
    assert not LoginFailure.objects.exists()


def test_who_is_logged_in_is_led_to_his_menu(administrator: User) -> None:
    client = Client()
    client.force_login(administrator)
    assert client.get(URL)["Location"] == "/menu/"


def test_logging_out_takes_a_post(administrator: User) -> None:
    client = Client()
    client.force_login(administrator)
    client.get("/deconnexion/")
    assert client.get("/menu/").status_code == 200
    client.post("/deconnexion/")
    assert client.get("/menu/").status_code == 302
