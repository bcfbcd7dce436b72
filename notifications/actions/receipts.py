"""What a person does with a notification (G5.5, G5.6). Done twice, each of these does nothing more."""

import datetime as dt
from typing import Protocol

from django.db import connection, transaction

from accounts.actions.journal import record
from accounts.models import User
from notifications.access import notification_access
from notifications.models import Consultation, Notification, Receipt


class Action(Protocol):
    """What each of these is."""

    def __call__(self, *, notification: Notification, by: User, on: dt.datetime) -> None: ...


@transaction.atomic
def open_notification(*, notification: Notification, by: User, on: dt.datetime) -> None:
    """Mark as read, and log it: the first consultation is the one that counts (domain.md, section 3)."""
    if _mark("read_at", notification, by, on):
        _log(Consultation.Way.OPENED, notification, by, on)
        _tell("read", "consultée", notification, by, on)


@transaction.atomic
def take_document(*, notification: Notification, by: User, on: dt.datetime) -> None:
    """Log that this person takes the official document: each time is one more entry (domain.md, section 3)."""
    _log(Consultation.Way.DOWNLOADED, notification, by, on)
    _tell("document", "téléchargée", notification, by, on)


@transaction.atomic
def log_documents(*, notifications: list[int], by: User, on: dt.datetime) -> None:
    """Log that this person takes these documents at once. He is entitled to each: the caller asked (G0.2)."""
    Consultation.objects.bulk_create(
        Consultation(
            notification_id=pk,
            user=by,
            name=by.journal_name,
            at=on,
            way=Consultation.Way.DOWNLOADED,
            entitled=True,
        )
        for pk in notifications
    )


@transaction.atomic
def archive(*, notification: Notification, by: User, on: dt.datetime) -> None:
    """Put away, to be read later (G5.6): it leaves the badge, read or not."""
    if _mark("archived_at", notification, by, on):
        _tell("archive", "archivée", notification, by, on)


@transaction.atomic
def unarchive(*, notification: Notification, by: User, on: dt.datetime) -> None:
    """Take back out of the archive; one never read is unread again."""
    if _unmark("archived_at", notification, by):
        _tell("unarchive", "désarchivée", notification, by, on)


@transaction.atomic
def delete(*, notification: Notification, by: User, on: dt.datetime) -> None:
    """Take out of this person's list (G5.6). The notification itself stays, for him to restore and for others."""
    if _mark("deleted_at", notification, by, on):
        _tell("delete", "supprimée de sa liste", notification, by, on)


@transaction.atomic
def restore(*, notification: Notification, by: User, on: dt.datetime) -> None:
    """Undo a deletion: the notification is again what it was, archived, read or unread."""
    if _unmark("deleted_at", notification, by):
        _tell("restore", "rétablie", notification, by, on)


def _mark(field: str, notification: Notification, by: User, on: dt.datetime) -> bool:
    """Date one field of the receipt unless it has a date, in one statement; say whether something changed."""
    table = Receipt._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (user_id, notification_id, {field}) VALUES (%s, %s, %s)"  # noqa: S608 - our names
            f" ON CONFLICT (user_id, notification_id) DO UPDATE SET {field} = excluded.{field}"
            f" WHERE {table}.{field} IS NULL",
            [by.pk, notification.pk, connection.ops.adapt_datetimefield_value(on)],
        )
        return bool(cursor.rowcount)


def _unmark(field: str, notification: Notification, by: User) -> bool:
    """Clear one date of the receipt, and drop the receipt when it says nothing any more."""
    receipt = (
        Receipt.objects.select_for_update().filter(user=by, notification=notification).exclude(**{field: None}).first()
    )
    if receipt is None:
        return False
    setattr(receipt, field, None)
    if receipt.read_at or receipt.archived_at or receipt.deleted_at:
        receipt.save(update_fields=[field])
    else:
        receipt.delete()
    return True


def _log(way: Consultation.Way, notification: Notification, by: User, on: dt.datetime) -> None:
    """Add an entry to the log. It starts the clock only for who may receive the notification (G0.6), at that instant.

    A tiers déclarant and the staff never may (domain.md, section 3).
    """
    Consultation.objects.create(
        notification=notification,
        user=by,
        name=by.journal_name,
        at=on,
        way=way,
        entitled=notification_access(by, notification, on).allowed,
    )


def _tell(verb: str, done: str, notification: Notification, by: User, on: dt.datetime) -> None:
    record(
        by=by,
        on=on,
        verb=f"notification.{verb}",
        summary=f"Notification {notification.pk} {done}.",
        enterprise=notification.enterprise_id,
    )
