"""What a person does with a notification is kept once, for him alone (G5.5, G5.6)."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.models import JournalEntry, User
from notifications.actions import receipts
from notifications.models import Notification, Receipt
from tests.factories.notifications import NotificationFactory

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
LATER = dt.datetime(2027, 1, 21, 9, tzinfo=dt.UTC)
Dates = tuple[dt.datetime | None, dt.datetime | None, dt.datetime | None]


@pytest.fixture
def notification(db: None) -> Notification:
    return NotificationFactory()


def dates(user: User) -> list[Dates]:
    """Return read_at, archived_at, deleted_at of each receipt of a person."""
    return list(Receipt.objects.filter(user=user).values_list("read_at", "archived_at", "deleted_at"))


def state(user: User) -> str:
    return Notification.objects.seen_by(user).get().state


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (receipts.open_notification, (ON, None, None)),
        (receipts.archive, (None, ON, None)),
        (receipts.delete, (None, None, ON)),
    ],
)
def test_each_action_dates_its_own_field_and_the_first_time_counts(
    action: Callable[..., None], expected: Dates, notification: Notification, administrator: User
) -> None:
    action(notification=notification, by=administrator, on=ON)
    action(notification=notification, by=administrator, on=LATER)
    assert dates(administrator) == [expected]


def test_what_one_person_does_leaves_the_notification_unread_for_another(
    notification: Notification, administrator: User, declarant: User
) -> None:
    receipts.open_notification(notification=notification, by=administrator, on=ON)
    receipts.delete(notification=notification, by=administrator, on=ON)
    assert (state(administrator), state(declarant)) == ("deleted", "unread")
    assert list(Notification.objects.unread_by(declarant)) == [notification]


def test_a_notification_archived_before_it_was_read_can_still_be_opened(
    notification: Notification, administrator: User
) -> None:
    """G5.6: archived to be read later."""
    receipts.archive(notification=notification, by=administrator, on=ON)
    receipts.open_notification(notification=notification, by=administrator, on=LATER)
    assert dates(administrator) == [(LATER, ON, None)]
    assert state(administrator) == "archived"


@pytest.mark.parametrize(
    ("before", "undone", "after"),
    [
        ([receipts.delete], receipts.restore, "unread"),
        ([receipts.archive], receipts.unarchive, "unread"),
        ([receipts.open_notification, receipts.delete], receipts.restore, "read"),
        ([receipts.open_notification, receipts.archive], receipts.unarchive, "read"),
        ([receipts.archive, receipts.delete], receipts.restore, "archived"),
        ([receipts.archive, receipts.delete], receipts.unarchive, "deleted"),
        ([], receipts.restore, "unread"),
        ([], receipts.unarchive, "unread"),
    ],
)
def test_undoing_brings_back_what_was_before(
    before: list[Callable[..., None]],
    undone: Callable[..., None],
    after: str,
    notification: Notification,
    administrator: User,
) -> None:
    for action in before:
        action(notification=notification, by=administrator, on=ON)
    undone(notification=notification, by=administrator, on=LATER)
    undone(notification=notification, by=administrator, on=LATER)
    assert state(administrator) == after
    assert Receipt.objects.exists() is (after != "unread")


@pytest.mark.parametrize(
    ("name", "kept"),
    [("unread_by", [0]), ("read_by", [1]), ("current_for", [0, 1]), ("archived_by", [2, 3]), ("deleted_by", [4, 5])],
)
def test_every_notification_is_filed_in_one_place(name: str, kept: list[int], administrator: User) -> None:
    everything = NotificationFactory.create_batch(6)
    for number, actions in {
        1: [receipts.open_notification],
        2: [receipts.archive],
        3: [receipts.open_notification, receipts.archive],
        4: [receipts.delete],
        5: [receipts.open_notification, receipts.archive, receipts.delete],
    }.items():
        for action in actions:
            action(notification=everything[number], by=administrator, on=ON)
    found = getattr(Notification.objects, name)(administrator).order_by("id")
    assert list(found) == [everything[number] for number in kept]


def test_each_change_leaves_one_entry_in_the_journal_of_the_enterprise(
    notification: Notification, administrator: User
) -> None:
    for action in (
        receipts.open_notification,
        receipts.archive,
        receipts.unarchive,
        receipts.delete,
        receipts.restore,
    ):
        action(notification=notification, by=administrator, on=ON)
        action(notification=notification, by=administrator, on=LATER)
    entries = JournalEntry.objects.order_by("id").values_list("verb", "at", "actor", "enterprise")
    verbs = ["read", "archive", "unarchive", "delete", "restore"]
    assert list(entries) == [
        (f"notification.{verb}", ON, administrator.pk, notification.enterprise_id) for verb in verbs
    ]


def together(*calls: Callable[[], None]) -> list[Exception]:
    """Run calls at the same time, each on a connection of its own; return what they raised."""
    start, problems = threading.Barrier(len(calls)), []

    def run(call: Callable[[], None]) -> None:
        try:
            start.wait()
            call()
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_double_click_marks_and_tells_once(notification: Notification, administrator: User) -> None:
    def click() -> None:
        receipts.open_notification(notification=notification, by=administrator, on=ON)

    for _round in range(20):
        assert together(click, click, click) == []
        assert (dates(administrator), JournalEntry.objects.count()) == ([(ON, None, None)], 1)
        Receipt.objects.all().delete()
        JournalEntry.objects.all().delete()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_unarchiving_and_restoring_at_the_same_time_leaves_an_unread_notification(
    notification: Notification, administrator: User
) -> None:
    for _round in range(20):
        receipts.archive(notification=notification, by=administrator, on=ON)
        receipts.delete(notification=notification, by=administrator, on=ON)
        problems = together(
            lambda: receipts.unarchive(notification=notification, by=administrator, on=LATER),
            lambda: receipts.restore(notification=notification, by=administrator, on=LATER),
        )
        assert (problems, dates(administrator)) == ([], [])
