"""Two registrations at the same instant, on PostgreSQL: one account, one report, no error (trust.md)."""

import datetime as dt
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core import mail

from accounts.models import Establishment, RegistrationDraft, User
from habilitations.actions.registration import submit_registration
from habilitations.models import Registration
from tests.factories.accounts import EstablishmentFactory
from tests.factories.habilitations import DeclarationFactory
from tests.jobs.races import ROUNDS, race

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NOW = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def emptied_outbox() -> Iterator[None]:
    DeclarationFactory()
    yield
    mail.outbox.clear()


@pytest.fixture(scope="module")
def secret() -> str:
    """Return a hash, computed once."""
    return make_password("Zebulon42kx")


def draft(place: Establishment, secret: str) -> RegistrationDraft:
    """Return a draft with every answer, always of the same person."""
    names = {"last_name": "Tanguy", "first_name": "Maël", "homonym": "", "phone": ""}
    return RegistrationDraft.objects.create(
        expires_at=NOW + dt.timedelta(hours=1),
        data={
            "identity": {"siret": place.siret, "email": "mael@exemple.example"} | names,
            "terms": {"version": "1.0", "accepted_at": NOW.isoformat()},
            "password": {"password": secret, "question": "school", "answer": secret, "strength": "strong"},
            "profile": {"profile": "enterprise"},
            "declarations": {"codes": ["compte-atmp"]},
        },
    )


def submit(one: RegistrationDraft) -> None:
    submit_registration(draft=RegistrationDraft.objects.get(pk=one.pk), on=NOW, at=NOW)


def test_a_double_click_registers_once(secret: str) -> None:
    for done in range(1, ROUNDS + 1):
        one = draft(EstablishmentFactory(), secret)
        race(lambda one=one: submit(one), lambda one=one: submit(one))  # type: ignore[misc]
        one.refresh_from_db()
        number = Registration.objects.latest("id").number
        assert one.data["report"]["number"] == number
        assert (User.objects.count(), Registration.objects.count(), len(mail.outbox)) == (done, done, done)


def test_two_drafts_of_one_name_leave_one_account(secret: str) -> None:
    for done in range(1, ROUNDS + 1):
        place = EstablishmentFactory()
        first, second = draft(place, secret), draft(place, secret)
        race(lambda one=first: submit(one), lambda one=second: submit(one))  # type: ignore[misc]
        reports = RegistrationDraft.objects.filter(pk__in=[first.pk, second.pk], data__has_key="report")
        assert (reports.count(), User.objects.filter(establishment=place).count()) == (2, 1)
        assert (Registration.objects.count(), EmailAddress.objects.count()) == (done, done)
