"""One person in two tabs, two of one enterprise: the count of what is dismissed stays true (scale.md, goal 16)."""

import datetime as dt
import random
from functools import partial

import pytest

from accounts.models import User
from notifications.access import badge
from notifications.models import Dismissed, Notification, Receipt
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.habilitations import EstablishmentDeclarationFactory
from tests.factories.notifications import several
from tests.jobs.races import ROUNDS, race
from tests.notifications.test_dismissed import DEEDS, counted, true_counts, truly_unread

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NOW = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


def company(size: int) -> tuple[list[User], list[Notification]]:
    """Return two administrators of a new enterprise, and its notifications."""
    place = EstablishmentFactory(head_office=True)
    EstablishmentDeclarationFactory(establishment=place)
    return UserFactory.create_batch(2, establishment=place, administrator=True), several(size, place)


def test_the_count_is_true_after_any_race() -> None:
    people, those = company(2)
    for round_ in range(ROUNDS):
        chance = random.Random(round_)  # to play it again
        race(
            *(
                partial(chance.choice(DEEDS), notification=chance.choice(those), by=chance.choice(people), on=NOW)
                for _act in range(4)
            )
        )
        assert counted() == true_counts(), f"round {round_}"
        siren = those[0].enterprise_id
        assert [badge(one, NOW) for one in people] == [truly_unread(one, siren) for one in people]


def naive(person: User, notification: Notification) -> None:
    """Read, add, save: what must not be written."""
    Receipt.objects.create(user=person, notification=notification, read_at=NOW)
    count = Dismissed.objects.filter(user=person).values_list("count", flat=True).get()
    Dismissed.objects.filter(user=person).update(count=count)


def test_a_count_read_and_saved_would_be_lost() -> None:
    """The race is real: without the database's own count, this is what happens."""
    [person, _other], those = company(ROUNDS * 2)
    lost = 0
    for round_ in range(ROUNDS):
        race(*(partial(naive, person, one) for one in those[2 * round_ : 2 * round_ + 2]))
        lost += counted() != true_counts()
        if lost:
            break
    assert lost
