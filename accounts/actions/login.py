"""Failed log-ins, per key and source, in the machine's real time (trust.md, Identity)."""

import datetime as dt
import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.models import LoginFailure


def _hash(key: str) -> str:
    return hashlib.sha256(f"{settings.SECRET_KEY}|{key}".encode()).hexdigest()


def _pause() -> dt.timedelta:
    return dt.timedelta(minutes=settings.LOGIN_PAUSE_MINUTES)


def login_paused(*, key: str, source: str, at: dt.datetime) -> bool:
    """Say whether this key must wait, from this source; known and unknown keys alike."""
    return LoginFailure.objects.filter(
        key_hash=_hash(key),
        source=source,
        failures__gte=settings.LOGIN_FAILURES_ALLOWED,
        last_at__gt=at - _pause(),
    ).exists()


@transaction.atomic
def record_login_failure(*, key: str, source: str, at: dt.datetime) -> None:
    """Count one more failure; the count starts again when the last one is older than the pause."""
    LoginFailure.objects.filter(last_at__lte=at - _pause()).delete()
    failure, created = LoginFailure.objects.get_or_create(
        key_hash=_hash(key), source=source, defaults={"failures": 1, "last_at": at}
    )
    if not created:
        LoginFailure.objects.filter(pk=failure.pk).update(failures=F("failures") + 1, last_at=at)


def forget_login_failures(*, key: str, source: str) -> None:
    """Start counting again after a success."""
    LoginFailure.objects.filter(key_hash=_hash(key), source=source).delete()


def forget_all_login_failures(*, keys: Iterable[str]) -> None:
    """Start counting again for these keys, from every source: their accounts are gone."""
    LoginFailure.objects.filter(key_hash__in=[_hash(key) for key in keys]).delete()
