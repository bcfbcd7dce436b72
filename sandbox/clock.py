"""How far the portal's clock is ahead: settings.CLOCK_OFFSET names `offset`.

The database row is read once a request, and once a task, so that every process agrees at once; outside of both it is
kept for a second. While a day is simulated the clock stands still at the instant whose work is being done.
"""

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from portal import clock
from portal.kit.origin import origin
from sandbox.models import Clock

KEPT_SECONDS = 1.0
_kept: ContextVar[tuple[float, dt.timedelta] | None] = ContextVar("kept", default=None)
_standing: ContextVar[dt.datetime | None] = ContextVar("standing", default=None)


def offset() -> dt.timedelta:
    """Return what to add to the machine's time."""
    if (instant := _standing.get()) is not None:
        return instant - clock.real_now()
    kept = _kept.get()
    if kept is None or time.monotonic() - kept[0] > KEPT_SECONDS:
        kept = (time.monotonic(), Clock.objects.values_list("offset", flat=True).first() or dt.timedelta())
        _kept.set(kept)
    return kept[1]


def forget(**_signal: Any) -> None:
    """Read the row again next time: a request or a task begins, or the clock was moved."""
    _kept.set(None)


@contextmanager
def standing_at(instant: dt.datetime) -> Iterator[None]:
    """Let it be that instant meanwhile, for this thread alone; what is written then comes from the portal itself."""
    stood, came_from = _standing.set(instant), origin.set("")
    try:
        yield
    finally:
        _standing.reset(stood)
        origin.reset(came_from)
