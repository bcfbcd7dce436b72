"""Two last administrators leave at the same instant, on PostgreSQL: one stays (trust.md, Changes of state)."""

import datetime as dt
import time
from collections.abc import Callable

import pytest
from django.core import mail
from django.db import transaction

from accounts.actions import people
from accounts.models import Enterprise, User
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.jobs.races import ROUNDS, race

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


def two() -> tuple[Enterprise, list[User]]:
    place = EstablishmentFactory(head_office=True)
    mail.outbox.clear()
    return place.enterprise, UserFactory.create_batch(2, establishment=place, administrator=True)


def leave(user: User) -> bool:
    return people.remove_user(user=user, by=user, on=ON)


def step_down(user: User) -> bool:
    return people.change_role(user=user, role=User.Role.DECLARANT, by=user, on=ON)


@transaction.atomic
def naive(user: User) -> bool:
    """Count, check, delete: what must not be written."""
    assert user.establishment is not None
    if User.objects.administrators_of(user.establishment.enterprise).count() < 2:
        return False
    # The time that a mail and a journal entry take.
    time.sleep(0.001)
    User.objects.filter(pk=user.pk).delete()
    return True


@pytest.mark.parametrize("other", [leave, step_down])
def test_one_of_two_last_administrators_stays(other: Callable[[User], bool]) -> None:
    for _round in range(ROUNDS):
        enterprise, (first, second) = two()
        race(lambda: leave(first), lambda: other(second))
        assert User.objects.administrators_of(enterprise).count() == 1


def test_the_naive_variant_leaves_nobody() -> None:
    """The test above can fail."""
    orphans = 0
    for _round in range(ROUNDS):
        enterprise, (first, second) = two()
        race(lambda: naive(first), lambda: naive(second))
        orphans += not User.objects.administrators_of(enterprise).exists()
    assert orphans >= 0.9 * ROUNDS
