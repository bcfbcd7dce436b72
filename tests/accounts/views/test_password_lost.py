"""Lost and first passwords, by a mailed link then the secret question (trust.md, Identity)."""

import datetime as dt
import re

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.actions.people import invite_declarant
from accounts.models import JournalEntry, Mail, User
from portal import clock
from tests.accounts.views.test_account_detail import is_in, log_in
from tests.headers import without_chance
from tests.people import Company, logged_in

LOST, SENT = reverse("accounts:password_lost"), reverse("accounts:password_sent")
NEW = "Trombone47vert"
TYPED = {"password": NEW, "again": NEW}
ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


def ask(user: User, **changes: str) -> HttpResponse:
    assert user.establishment is not None
    values = {"siret": user.establishment.siret, "last_name": user.last_name, "first_name": user.first_name}
    return Client().post(LOST, values | changes)  # type: ignore[return-value]


def link() -> str:
    found = re.search(r"/mot-de-passe/\d+/\S+/", mail.outbox[-1].body)
    assert found
    return found[0]


@pytest.fixture
def questioned(declarant: User) -> User:
    """Return a déclarant with a secret question."""
    declarant.question, declarant.answer = User.Question.PET, make_password("medor")
    declarant.save()
    return declarant


def test_a_link_is_mailed_and_the_password_chosen_by_it(declarant: User) -> None:
    elsewhere = log_in(declarant)
    assertRedirects(ask(declarant), SENT)
    assert (mail.outbox[0].to, "23 janvier 2027" in mail.outbox[0].body) == ([declarant.email], True)
    page = Client().post(link(), TYPED, follow=True)
    assertRedirects(page, reverse("account_login"))
    assertContains(page, "Votre mot de passe est enregistré")
    assert (is_in(elsewhere), is_in(log_in(declarant, NEW))) == (False, True)
    assert mail.outbox[1].subject == "[SIMULATEUR] Votre mot de passe a changé"


def test_a_link_serves_once(declarant: User) -> None:
    ask(declarant)
    address = link()
    Client().post(address, TYPED)
    for response in (Client().get(address), Client().post(address, TYPED)):
        assertContains(response, "Ce lien ne vaut plus rien")


def test_following_the_link_changes_nothing(declarant: User) -> None:
    ask(declarant)
    before = User.objects.filter(pk=declarant.pk).values().get()
    assertContains(Client().get(link()), "Choisissez votre mot de passe")
    assert User.objects.filter(pk=declarant.pk).values().get() == before


@pytest.mark.parametrize("address", ["1/abc", "abc/def", f"{'9' * 40}/x", "٣/x", "0/x-y"])
def test_a_link_that_is_none_says_so(db: None, address: str) -> None:
    assertContains(Client().get(f"/mot-de-passe/{address}/"), "Ce lien ne vaut plus rien")


def test_the_question_is_asked_behind_the_link_never_instead_of_it(questioned: User) -> None:
    ask(questioned)
    address = link()
    assertContains(Client().get(address), "Comment s&#x27;appelait votre premier animal")
    assertContains(Client().post(address, TYPED), "Ce champ est obligatoire.")
    assertContains(Client().post(address, TYPED | {"secret": "Rex"}), "Ce n&#x27;est pas la réponse.")
    assert not is_in(log_in(questioned, NEW))
    Client().post(address, TYPED | {"secret": " MÉDOR ! "})
    assert is_in(log_in(questioned, NEW))


def test_three_answers_a_day(questioned: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(questioned)
    address = link()
    for _time in range(3):
        Client().post(address, TYPED | {"secret": "Rex"})
    assertContains(Client().post(address, TYPED | {"secret": "Médor"}), "revenez demain")
    monkeypatch.setattr(clock, "real_now", lambda: ON + dt.timedelta(days=1))
    assertRedirects(Client().post(address, TYPED | {"secret": "Médor"}), reverse("account_login"))


def test_the_reinforced_mode_asks_no_question(questioned: User, settings: Settings) -> None:
    settings.PASSWORD_REINFORCED = True
    ask(questioned)
    assertNotContains(Client().get(link()), "premier animal")


def test_a_weak_password_says_what_is_missing(declarant: User) -> None:
    ask(declarant)
    page = Client().post(link(), {"password": "abc", "again": "abc"})
    assertContains(page, "Il manque à ce mot de passe")
    assertContains(page, "manquante")


def answer(user: User, **changes: str) -> tuple[int, str, dict[str, str], int]:
    """Return status, address, headers and the number of statements of a request for a link."""
    with CaptureQueriesContext(connection) as queries:
        response = ask(user, **changes)
    headers, _text = without_chance(response)
    return response.status_code, response.headers["Location"], headers, len(queries)


@pytest.mark.parametrize("other", ["administrator", "candidate", "suspended", "nobody"])
def test_known_and_unknown_get_the_same_answer_for_the_same_work(
    declarant: User, other: str, request: pytest.FixtureRequest
) -> None:
    """trust.md, Identity: status, headers, body and work tell nothing."""
    ask(request.getfixturevalue("secondary_administrator"))
    user, changes = declarant, {"last_name": "Personne"}
    if other != "nobody":
        user, changes = request.getfixturevalue(other), {}
    expected = answer(declarant)
    got = answer(user, **changes)
    assert got[:3] == expected[:3]
    # Undoing is one statement more, and one savepoint less to release.
    assert abs(got[3] - expected[3]) <= 1


def test_nobody_gets_no_mail_and_leaves_no_entry(declarant: User, suspended: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"
    entries = JournalEntry.objects.count()
    ask(declarant, last_name="Personne")
    ask(suspended)
    assert (Mail.objects.count(), JournalEntry.objects.count()) == (0, entries)


@pytest.mark.parametrize("name", ["Kervella", "Personne"])
def test_the_sixth_request_waits_known_or_not(declarant: User, name: str) -> None:
    for _time in range(5):
        assertRedirects(ask(declarant, last_name=name), SENT)
    assertContains(ask(declarant, last_name=name), "Trop de demandes")  # type: ignore[arg-type]


def test_asking_does_not_count_as_failing_to_log_in(declarant: User) -> None:
    for _time in range(5):
        ask(declarant)
    assert is_in(log_in(declarant))


@pytest.mark.parametrize(
    ("field", "value"), [("siret", "123"), ("siret", "a\0"), ("last_name", "x" * 10_000), ("first_name", "")]
)
def test_bad_input_gets_an_error_at_its_field(declarant: User, field: str, value: str) -> None:
    response = ask(declarant, **{field: value})
    assert list(response.context["form"].errors) == [field]  # type: ignore[attr-defined]


def invited(company: Company, administrator: User) -> User:
    return invite_declarant(
        establishment=company.head_office, last_name="Quéré", first_name="Maï", homonym="",
        email="mai@exemple.example", phone="", by=administrator, on=ON,
    )  # fmt: skip


def test_an_invited_colleague_chooses_password_and_question_and_is_active(
    company: Company, administrator: User
) -> None:
    """G3.5, G3.15: following the link shows that the address is his."""
    user = invited(company, administrator)
    assertContains(Client().get(link()), "Bienvenue Maï Quéré")
    page = Client().post(link(), TYPED | {"question": "pet", "answer": "Médor"}, follow=True)
    assertRedirects(page, reverse("account_login"))
    user.refresh_from_db()
    assert (user.state, user.question) == (User.State.ACTIVE, "pet")
    assert is_in(log_in(user, NEW))


def test_an_invited_colleague_who_is_removed_has_a_dead_link(company: Company, administrator: User) -> None:
    user = invited(company, administrator)
    logged_in(administrator).post(reverse("accounts:person_act", args=[user.pk, "retirer"]))
    found = next(sent for sent in mail.outbox if "inscrit" in sent.subject)
    address = re.search(r"/mot-de-passe/\d+/\S+/", found.body)
    assert address
    assertContains(Client().get(address[0]), "Ce lien ne vaut plus rien")


def test_who_registered_himself_still_has_to_validate_his_address(company: Company, administrator: User) -> None:
    """A new password by mail makes no administrator."""
    administrator.state = User.State.UNVERIFIED
    administrator.save()
    ask(administrator)
    Client().post(link(), TYPED)
    administrator.refresh_from_db()
    assert administrator.state == User.State.UNVERIFIED


def test_the_page_after_says_the_same_to_everybody(db: None) -> None:
    assertContains(Client().get(SENT), "Si ce compte existe")
