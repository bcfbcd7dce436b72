"""Codes that come at the same instant, on PostgreSQL: one serves, and a hundred wrong ones are still five."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from accounts.actions.factors import use_code
from accounts.models import LoginFailure, User
from accounts.rules.codes import code_at
from tests.conftest import NOW
from tests.factories.accounts import UserFactory
from tests.factors import SECRET, STEP, recovery_codes, with_application
from tests.jobs.races import ROUNDS, race

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def emptied_outbox() -> Iterator[None]:
    yield
    mail.outbox.clear()


@pytest.fixture
def user(db: None) -> User:
    person: User = UserFactory()
    with_application(person)
    return person


def served(results: list[object]) -> int:
    return len([one for one in results if not isinstance(one, ValidationError)])


def test_a_code_serves_one_of_two(user: User) -> None:
    for done in range(1, ROUNDS + 1):
        at = NOW + dt.timedelta(seconds=30 * done)
        code = code_at(SECRET, STEP + done)
        assert served(race(*[lambda: use_code(user=user, code=code, on=NOW, at=at)] * 2)) == 1, done


def test_a_recovery_code_serves_one_of_two(user: User) -> None:
    for code in recovery_codes(user):
        assert served(race(*[lambda: use_code(user=user, code=code, on=NOW, at=NOW)] * 2)) == 1
    assert recovery_codes(user) == []


def test_wrong_codes_at_once_are_counted_one_by_one(user: User) -> None:
    """Twenty at once: five are tried, the others are told to wait."""
    results = race(*[lambda: use_code(user=user, code="000000", on=NOW, at=NOW)] * 20)
    told = [str(one) for one in results]
    assert (sum("il a déjà servi" in one for one in told), sum("Trop de codes" in one for one in told)) == (5, 15)
    assert LoginFailure.objects.get().failures == 5
