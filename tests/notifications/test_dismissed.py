"""The database counts what a person dismissed; the badge is what was published less that count (scale.md, goal 16)."""

import datetime as dt
from collections import Counter
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from notifications.access import BADGE_CEILING, badge
from notifications.actions import receipts
from notifications.models import Dismissed, Notification, Receipt
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.habilitations import EstablishmentDeclarationFactory
from tests.factories.notifications import NotificationFactory, several
from tests.people import Company

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
DEEDS = [receipts.open_notification, receipts.archive, receipts.unarchive, receipts.delete, receipts.restore]
Counts = dict[tuple[int, str], int]


def counted() -> Counts:
    """Return the counts that are not nought, by person and enterprise."""
    rows = Dismissed.objects.exclude(count=0).values_list("user", "enterprise", "count")
    return {(user, siren): count for user, siren, count in rows}


def true_counts() -> Counts:
    """Return the same from the receipts themselves."""
    return dict(Counter(Receipt.objects.exclude(user=None).values_list("user", "notification__enterprise")))


def truly_unread(user: User, siren: str) -> int:
    return min(Notification.objects.unread_by(user).filter(enterprise=siren).count(), BADGE_CEILING)


@pytest.mark.django_db
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 3), st.integers(0, 1)), max_size=12))
def test_the_count_is_right_whatever_is_done_in_whatever_order(deeds: list[tuple[receipts.Action, int, int]]) -> None:
    with transaction.atomic():
        place = EstablishmentFactory(head_office=True)
        EstablishmentDeclarationFactory(establishment=place)
        people = UserFactory.create_batch(2, establishment=place, administrator=True)
        those = [*several(3, place), NotificationFactory()]
        for deed, number, person in deeds:
            deed(notification=those[number], by=people[person], on=ON)
            assert counted() == true_counts()
        unread = [badge(person, ON) for person in people]
        assert unread == [truly_unread(person, place.enterprise_id) for person in people]
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("published", "dismissed"), [(0, 0), (3, 0), (3, 3), (99, 0), (100, 0), (101, 0), (140, 39), (140, 41)]
)
def test_the_badge_counts_to_a_hundred(published: int, dismissed: int, company: Company, administrator: User) -> None:
    those = several(published, company.head_office)
    Receipt.objects.bulk_create(Receipt(user=administrator, notification=one, read_at=ON) for one in those[:dismissed])
    assert badge(administrator, ON) == min(published - dismissed, 100)


def test_receipts_written_and_deleted_together_are_counted(
    company: Company, administrator: User, stranger: User
) -> None:
    those = [*several(5, company.head_office), NotificationFactory(decision__establishment=stranger.establishment)]
    Receipt.objects.bulk_create(
        Receipt(user=person, notification=one, read_at=ON) for one in those for person in (administrator, stranger)
    )
    assert counted() == true_counts()
    assert sorted(counted().values()) == [1, 1, 5, 5]
    Receipt.objects.filter(notification__in=[one.pk for one in those[2:]]).delete()
    assert counted() == true_counts()
    assert sorted(counted().values()) == [2, 2]


def test_somebody_who_leaves_takes_his_count_away_not_the_trace(
    company: Company, administrator: User, declarant: User
) -> None:
    [one] = several(1, company.head_office)
    for person in (administrator, declarant):
        receipts.open_notification(notification=one, by=person, on=ON)
    administrator.delete()
    assert counted() == {(declarant.pk, company.enterprise.pk): 1}
    assert Receipt.objects.filter(user=None).count() == 1
    Receipt.objects.filter(user=None).delete()
    assert counted() == {(declarant.pk, company.enterprise.pk): 1}


def test_the_migration_counts_what_is_there(company: Company, administrator: User) -> None:
    migration = import_module("notifications.migrations.0009_dismissed")
    for one in several(3, company.secondary):
        receipts.archive(notification=one, by=administrator, on=ON)
    Dismissed.objects.all().delete()
    with connection.cursor() as cursor:
        # Django's own editor cannot work inside a test's transaction on SQLite.
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        migration.forget(None, editor)
        migration.count(None, editor)
    assert counted() == true_counts() == {(administrator.pk, company.enterprise.pk): 3}
