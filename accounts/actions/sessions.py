"""Sessions: listed, closed by their owner, and ended with a right or a password."""

import datetime as dt

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from accounts.actions.journal import record
from accounts.models import User


def open_sessions(*, user: User, at: dt.datetime) -> QuerySet[UserSession]:
    """Return a person's sessions that are still open, the latest first. at: real time."""
    alive = Session.objects.filter(expire_date__gt=at).values("session_key")
    sessions: QuerySet[UserSession] = UserSession.objects.filter(user=user, session_key__in=alive)
    return sessions.order_by("-last_seen_at", "-id")


@transaction.atomic
def end_sessions(*, user: User, keep: str = "", only: int | None = None) -> int:
    """End a person's sessions, but the one of this key; or only the one of this number. Return how many."""
    ended = UserSession.objects.filter(user=user).exclude(session_key=keep)
    if only is not None:
        ended = ended.filter(pk=only)
    keys = list(ended.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    ended.delete()
    return len(keys)


@transaction.atomic
def close_sessions(*, user: User, keep: str, only: int | None, on: dt.datetime) -> int:
    """Close one's own other sessions, or one of them; return how many."""
    count = end_sessions(user=user, keep=keep, only=only)
    if count:
        told = (
            f"{user.full_name} ferme {count} de ses sessions." if count > 1 else f"{user.full_name} ferme une session."
        )
        place = user.establishment
        record(by=user, on=on, verb="session.end", summary=told, enterprise=place.enterprise_id if place else None)
    return count


def note_session(*, key: str, at: dt.datetime) -> None:
    """Note that a session is still in use. at: real time."""
    UserSession.objects.filter(session_key=key).update(last_seen_at=at)
