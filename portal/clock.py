"""The only reader of the system clock.

Views, tasks and commands ask here and hand the instant down; nothing below them
knows what time it is. settings.CLOCK_OFFSET moves business time forward.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.module_loading import import_string

PARIS = ZoneInfo("Europe/Paris")


def real_now() -> dt.datetime:
    """Return the machine's time (UTC, aware): for sessions, tokens, throttling and heartbeats."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251


def now() -> dt.datetime:
    """Return the portal's time (UTC, aware): for everything the guide or the law dates."""
    path: str | None = getattr(settings, "CLOCK_OFFSET", None)
    if path is None:
        return real_now()
    offset: dt.timedelta = import_string(path)()
    return real_now() + offset


def today() -> dt.date:
    """Return the portal's day in Paris."""
    return day(now())


def midnight(day: dt.date, days: int = 0) -> dt.datetime:
    """Return the first instant in Paris of a day, so many days later."""
    return dt.datetime.combine(day + dt.timedelta(days=days), dt.time(), PARIS).astimezone(dt.UTC)


def day(instant: dt.datetime) -> dt.date:
    """Return the day in Paris of an aware instant."""
    return instant.astimezone(PARIS).date()
