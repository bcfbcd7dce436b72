"""« Valider l'inscription » (G3.13): once; and a name that is taken, which nothing gives away (trust.md, Identity)."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertRedirects

from accounts.actions.people import create_user
from accounts.models import Establishment, JournalEntry, Mail, RegistrationDraft, User
from habilitations.actions import registration as actions
from habilitations.models import Registration
from tests.accounts.views.test_account_login import attempt, hashes
from tests.conftest import NOW
from tests.headers import without_chance
from tests.people import Company
from tests.registering import PASSWORD, REPORT, fill, register, submit, url

pytestmark = pytest.mark.django_db
__all__ = ["hashes"]


@pytest.fixture
def ready(client: Client, company: Company) -> Client:
    """Return a visitor before the last button."""
    fill(client, company.head_office)
    return client


def test_the_account_is_an_administrators_and_waits_for_its_address(ready: Client, company: Company) -> None:
    assertRedirects(submit(ready), REPORT)
    user = User.objects.get()
    assert (user.login_key, user.role, user.state) == (
        f"{company.head_office.siret}|tanguy|mael", User.Role.ADMINISTRATOR, User.State.UNVERIFIED,
    )  # fmt: skip
    assert (user.email, user.phone, user.question) == ("mael@exemple.example", "01 23 45 67 89", "school")
    assert (user.terms_version, user.terms_accepted_at, user.created_at) == ("1.0", NOW, NOW)
    assert (check_password(PASSWORD, user.password), check_password("les tilleuls", user.answer)) == (True, True)
    address = EmailAddress.objects.get()
    assert (address.user_id, address.email, address.verified, address.primary) == (user.pk, user.email, False, True)
    asked = Registration.objects.get()
    assert (asked.user, asked.profile, asked.submitted_at) == (user, "enterprise", NOW)
    assert [declaration.code for declaration in asked.declarations.all()] == ["compte-atmp"]


def test_one_mail_leads_to_the_validation_of_the_address(ready: Client) -> None:
    """G3.15."""
    submit(ready)
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["mael@exemple.example"], "[SIMULATEUR] Validez votre adresse électronique")
    [path] = re.findall(r"/inscription/adresse/\S+/", str(sent.body))
    assertContains(Client().post(path), "Vous pouvez vous connecter.")
    assert attempt(User.objects.get(), PASSWORD)["Location"] == "/menu/"


def test_the_journal_names_the_newcomer_by_his_pseudonym(ready: Client, company: Company) -> None:
    submit(ready)
    entry, user = JournalEntry.objects.get(), User.objects.get()
    assert (entry.verb, entry.enterprise, entry.actor) == ("registration.submit", company.enterprise, user)
    assert [word for word in ("Tanguy", "Maël") if word in entry.summary + entry.actor_name] == []


def test_pressing_twice_makes_one_account_and_one_report(ready: Client) -> None:
    submit(ready)
    number = Registration.objects.get().number
    assertRedirects(submit(ready), REPORT)
    assert [one.number for one in Registration.objects.all()] == [number]
    assert (len(mail.outbox), User.objects.count()) == (1, 1)
    assertContains(ready.get(REPORT), number)


def test_the_action_itself_consumes_a_draft_once(ready: Client) -> None:
    draft = RegistrationDraft.objects.get()
    for _time in range(2):
        actions.submit_registration(draft=draft, on=NOW, at=NOW)
    draft.refresh_from_db()
    assert (list(draft.data), User.objects.count(), len(mail.outbox)) == (["report"], 1, 1)


def test_the_button_works_only_after_every_step(client: Client, company: Company) -> None:
    assertRedirects(submit(client), url("identite"))
    fill(client, company.head_office, until="recapitulatif")
    assertRedirects(submit(client), url("recapitulatif"))
    assert not User.objects.exists()


def test_somebody_elses_draft_cannot_be_submitted(ready: Client, company: Company) -> None:
    other = Client()
    fill(other, company.head_office, last_name="Autre")
    theirs = other.session["registration_draft"]
    assert ready.post(url("valider"), {"draft": theirs}).status_code == 404
    assert not User.objects.exists()


def test_looking_submits_nothing(ready: Client) -> None:
    assert ready.get(url("valider")).status_code == 405
    assert ready.post(url("validation"), {"draft": ready.session["registration_draft"]}).status_code == 404
    assert not User.objects.exists()


def test_an_establishment_closed_meanwhile_takes_nobody(ready: Client, company: Company) -> None:
    Establishment.objects.filter(pk=company.head_office.pk).update(closed_on="2027-01-20")
    assertContains(
        ready.post(url("valider"), {"draft": ready.session["registration_draft"]}, follow=True), "vient de fermer"
    )
    assert not User.objects.exists()


def test_homonyms_told_apart_are_two_accounts(company: Company) -> None:
    register(company.head_office)
    register(company.head_office, homonym="junior")
    assert [user.login_key.split("|")[1:] for user in User.objects.order_by("login_key")] == [
        ["tanguy", "mael"], ["tanguy", "mael", "junior"],
    ]  # fmt: skip


def test_an_account_never_validated_is_replaced_and_its_link_dies(company: Company) -> None:
    """Whoever mistyped his address begins again."""
    register(company.head_office, email="faute@exemple.example")
    dead = EmailConfirmationHMAC.create(EmailAddress.objects.get()).key
    register(company.head_office)
    assert [user.email for user in User.objects.all()] == ["mael@exemple.example"]
    assertContains(Client().post(reverse("account_confirm_email", args=[dead])), "Ce lien ne mène à rien")
    assert User.objects.get().state == User.State.UNVERIFIED


# A name that is taken ----------------------------------------------------------
@pytest.fixture(params=[User.State.ACTIVE, User.State.PENDING, User.State.SUSPENDED])
def holder(request: pytest.FixtureRequest, company: Company) -> User:
    """Return somebody of the visitor's name, registered before."""
    user = create_user(
        establishment=company.head_office,
        last_name="TANGUY",
        first_name="Mael",
        email="titulaire@exemple.example",
        role=User.Role.DECLARANT,
        password="Autre1234x",
        by=None,
        on=NOW,
    )
    User.objects.update(state=request.param)
    user.refresh_from_db()
    return user


def test_a_taken_name_creates_nothing_and_tells_its_holder(holder: User, company: Company) -> None:
    before = {"password": holder.password, "state": holder.state, "email": holder.email}
    register(company.head_office)
    assert User.objects.filter(**before).count() == User.objects.count() == 1
    assert (EmailAddress.objects.count(), Registration.objects.count()) == (1, 0)
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([holder.email], "[SIMULATEUR] Une inscription a été demandée à votre nom")
    assert "rien n'a été créé" in str(sent.body)
    assert "mael@exemple.example" not in str(sent.body)


def plain(response: HttpResponse) -> tuple[int, dict[str, str], str]:
    """Return status, headers and text, without what chance draws."""
    headers, text = without_chance(response)
    return response.status_code, headers, re.sub(r"2027-[0-9]{7}", "NUMBER", text)


def test_a_taken_name_gets_the_same_answer(holder: User, company: Company) -> None:
    seen = []
    for _world in ("taken", "free"):
        visitor = Client()
        fill(visitor, company.head_office)
        seen.append([plain(submit(visitor)), plain(visitor.get(REPORT)), plain(submit(visitor))])  # type: ignore[arg-type]
        User.objects.filter(email=holder.email).delete()
    assert Registration.objects.count() == 1
    assert seen[0] == seen[1]
    assert "NUMBER" in seen[0][1][2]


def work(client: Client) -> list[str]:
    """Return the statements that the last button takes, without their values."""
    with CaptureQueriesContext(connection) as captured:
        submit(client)
    heads = [" ".join(query["sql"].split()[:3]) for query in captured]
    return [re.sub(r'"s\d+_x\d+"', "…", head) for head in heads if not head.startswith("ROLLBACK TO")]


def test_a_taken_name_takes_the_same_work(
    holder: User, company: Company, hashes: list[str], settings: Settings
) -> None:
    """The same statements in the same order, but for the undoing; no password hashed in either case."""
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"
    taken, free = Client(), Client()
    fill(taken, company.head_office)
    fill(free, company.head_office, homonym="libre")
    hashes.clear()
    assert work(taken) == work(free)
    assert hashes == []
    assert (User.objects.count(), Mail.objects.count()) == (2, 2)


def test_a_name_taken_in_between_is_taken(ready: Client, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Staff register the same person between the look and the write: the answer is the usual one."""
    create, looks = actions._create, []

    def late(*args: Any) -> EmailAddress:
        if not looks:
            looks.append(args)
            raise IntegrityError
        return create(*args)

    monkeypatch.setattr(actions, "_create", late)
    assertRedirects(submit(ready), REPORT)
    assert (len(looks), User.objects.count(), len(mail.outbox)) == (1, 1, 1)
