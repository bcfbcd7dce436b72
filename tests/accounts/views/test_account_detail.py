"""« Mes informations »: password, question, address, telephone, leaving."""

import datetime as dt

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from portal import clock
from tests.factories.accounts import PASSWORD
from tests.people import logged_in

pytestmark = pytest.mark.usefixtures("machine_time")
URL, LEAVE = (reverse(f"accounts:account_{name}") for name in ("detail", "leave"))
FIREFOX = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
CHANGES = ("mot-de-passe", "question", "adresse", "telephone")


@pytest.fixture
def machine_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions end by the machine's own clock, which Django reads itself."""
    monkeypatch.setattr(clock, "real_now", lambda: dt.datetime.now(dt.UTC))  # noqa: TID251


def change(slug: str) -> str:
    return reverse("accounts:account_change", args=[slug])


def log_in(user: User, password: str = PASSWORD, agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    assert user.establishment is not None
    values = {"siret": user.establishment.siret, "last_name": user.last_name, "first_name": user.first_name}
    client.post(reverse("account_login"), values | {"password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get(URL).status_code == 200


@pytest.mark.parametrize("person", ["candidate", "staff"])
def test_a_candidate_and_the_staff_have_no_such_page(person: str, request: pytest.FixtureRequest) -> None:
    """A candidate sees his state and the days left, nothing else."""
    client = logged_in(request.getfixturevalue(person))
    assert {client.get(page).status_code for page in (URL, LEAVE, *map(change, CHANGES))} == {404}
    assert {client.post(page).status_code for page in (LEAVE, *map(change, CHANGES))} == {404}


def test_what_is_known_is_shown(declarant: User) -> None:
    page = logged_in(declarant).get(URL)
    for words in ("Zoé Kervella", "Déclarant", declarant.email):
        assertContains(page, words)


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(declarant: User) -> None:
    here, elsewhere = log_in(declarant), log_in(declarant)
    values = {"current": PASSWORD, "password": "Trombone47vert", "again": "Trombone47vert"}
    assertContains(here.post(change("mot-de-passe"), values, follow=True), "Votre mot de passe est changé.")
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert is_in(log_in(declarant, "Trombone47vert"))
    assert mail.outbox[0].subject == "[SIMULATEUR] Votre mot de passe a changé"


@pytest.mark.parametrize(
    ("slug", "values", "field"),
    [
        ("mot-de-passe", {"current": "Faux12345", "password": "Trombone47vert", "again": "Trombone47vert"}, "current"),
        ("mot-de-passe", {"current": PASSWORD, "password": "Trombone47vert", "again": "Autre47vert"}, "again"),
        ("mot-de-passe", {"current": PASSWORD, "password": "Kervella47", "again": "Kervella47"}, "password"),
        ("question", {"current": "Faux12345", "question": "pet", "answer": "Médor"}, "current"),
        ("question", {"current": PASSWORD, "question": "autre", "answer": "Médor"}, "question"),
        ("question", {"current": PASSWORD, "question": "pet", "answer": "--"}, "answer"),
        ("adresse", {"current": PASSWORD, "email": "a@exemple.example\nX: y"}, "email"),
        ("adresse", {"current": "Faux12345", "email": "a@exemple.example"}, "current"),
        ("telephone", {"phone": "x" * 10_000}, "phone"),
        ("telephone", {"phone": "a\0b"}, "phone"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(declarant: User, slug: str, values: dict[str, str], field: str) -> None:
    response = logged_in(declarant).post(change(slug), values)
    assert field in response.context["form"].errors
    assert mail.outbox == []


def test_a_borrowed_session_tries_five_passwords(declarant: User) -> None:
    client = logged_in(declarant)
    wrong = {"current": "Faux12345", "email": "neuve@exemple.example"}
    for _time in range(5):
        assertContains(client.post(change("adresse"), wrong), "Ce n&#x27;est pas votre mot de passe actuel.")
    assertContains(client.post(change("adresse"), wrong | {"current": PASSWORD}), "Trop d&#x27;essais")
    assert mail.outbox == []


def test_the_question_is_changed_and_its_answer_kept_hashed(declarant: User) -> None:
    values = {"current": PASSWORD, "question": "pet", "answer": "Médor"}
    assertContains(logged_in(declarant).post(change("question"), values, follow=True), "est changée")
    declarant.refresh_from_db()
    assert (declarant.question, declarant.answer.startswith("argon2")) == ("pet", True)


def test_the_reinforced_mode_has_no_question(declarant: User, settings: Settings) -> None:
    settings.PASSWORD_REINFORCED = True
    client = logged_in(declarant)
    assert client.get(change("question")).status_code == 404
    assertNotContains(client.get(URL), "Changer de question")


def test_a_new_address_waits_for_its_link(declarant: User) -> None:
    values = {"current": PASSWORD, "email": "neuve@exemple.example"}
    assertContains(logged_in(declarant).post(change("adresse"), values, follow=True), "votre adresse changera")
    declarant.refresh_from_db()
    assert (declarant.email == "neuve@exemple.example", mail.outbox[0].to) == (False, ["neuve@exemple.example"])
    link = next(word for word in mail.outbox[0].body.split() if "/inscription/adresse/" in word)
    Client().post(link[link.index("/inscription") :])
    declarant.refresh_from_db()
    assert declarant.email == "neuve@exemple.example"


def test_a_telephone_is_changed_or_taken_away(declarant: User) -> None:
    for phone in ("01 23 45 67 89", ""):
        logged_in(declarant).post(change("telephone"), {"phone": phone})
        declarant.refresh_from_db()
        assert declarant.phone == phone


def test_an_unknown_thing_cannot_be_changed(declarant: User) -> None:
    assert logged_in(declarant).get(change("role")).status_code == 404


def test_whoever_leaves_is_out_and_gone(declarant: User, administrator: User) -> None:
    client = logged_in(declarant)
    assertContains(client.get(LEAVE), "Supprimer mon compte")
    assertRedirects(client.post(LEAVE), reverse("portal:home"))
    assert not User.objects.filter(pk=declarant.pk).exists()


def test_the_last_administrator_reads_why_he_stays(administrator: User) -> None:
    page = logged_in(administrator).post(LEAVE, follow=True)
    assertContains(page, "est le dernier administrateur de l&#x27;entreprise")
    assert User.objects.filter(pk=administrator.pk).exists()
