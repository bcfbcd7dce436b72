"""Personal data past its limit: mails, what log-ins leave (decision 0022), lost uploads (0023). By a sweep."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, FileField, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.actions.journal import record
from accounts.models import LoginFailure, Mail
from portal.kit.french import plural

BATCH = 500
# A request takes less between its file and its row.
UPLOAD_GRACE = dt.timedelta(days=1)


@transaction.atomic
def purge_mails(*, on: dt.datetime, at: dt.datetime) -> bool:
    """Delete a batch of mails that are kept no longer. Return False when there is none. at: real time.

    A mail that was sent lives MAIL_KEPT_DAYS, one that was given up too; sent to an address that belongs to nobody any
    more, for the account is gone, MAIL_KEPT_DAYS_NOBODY.
    """
    old, nobodys = (dt.timedelta(days=days) for days in (settings.MAIL_KEPT_DAYS, settings.MAIL_KEPT_DAYS_NOBODY))
    given_up = Q(sent_at=None, next_try_at=None, created_at__lte=on - old)
    count = _delete(Mail.objects.filter(Q(sent_at__lte=at - old) | given_up)) or _delete(
        _to_nobody(Mail.objects.filter(sent_at__lte=at - nobodys))
    )
    if count:
        told = f"{plural(count, 'courriel effacé', 'courriels effacés')} au bout du délai de conservation."
        record(by=None, on=on, verb="purge.mails", summary=told)
    return count > 0


@transaction.atomic
def purge_traces(*, at: dt.datetime) -> bool:
    """Delete a batch of what log-ins leave: failures past their pause, sessions that ended, with their addresses.

    Return False when there is none. at: real time.
    """
    pause = dt.timedelta(minutes=settings.LOGIN_PAUSE_MINUTES)
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    gone = (
        _delete(LoginFailure.objects.filter(last_at__lte=at - pause)),
        _delete(Session.objects.filter(expire_date__lte=at)),
        _delete(UserSession.objects.filter(~Exists(alive))),
    )
    return any(gone)


def purge_uploads(*, at: dt.datetime) -> bool:
    """Delete the files of deposits that no row names: what killed them came between the file and the row.

    Return False when there is none. at: real time.
    """
    lost = [(field, name) for field in _deposits() for name in _stored(field, at - UPLOAD_GRACE)]
    for field, name in lost:
        field.storage.delete(name)
    return bool(lost)


def _deposits() -> Iterator[FileField]:
    for model in apps.get_models():
        yield from (field for field in model._meta.get_fields() if isinstance(field, FileField))


def _stored(field: FileField, before: dt.datetime) -> Iterator[str]:
    """Yield the names in a field's folder, older than that instant, that none of its rows has."""
    try:
        names = [f"{field.upload_to}{name}" for name in field.storage.listdir(str(field.upload_to))[1]]
    except FileNotFoundError:
        return
    rows = field.model._default_manager.filter(**{f"{field.name}__in": names})
    named = set(rows.values_list(field.name, flat=True)) if names else set()
    for name in set(names) - named:
        if field.storage.get_modified_time(name) < before:
            yield name


def _to_nobody(mails: QuerySet[Mail]) -> QuerySet[Mail]:
    # allauth writes addresses in small letters, rows made in bulk keep theirs; either way the index on them answers.
    folded = EmailAddress.objects.filter(email=Lower(OuterRef("recipient")))
    same = EmailAddress.objects.filter(email=OuterRef("recipient"))
    return mails.filter(~Exists(folded), ~Exists(same))


def _delete(rows: QuerySet[Any]) -> int:
    keys = list(rows.order_by().values_list("pk", flat=True)[:BATCH])
    deleted: int = rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return deleted
