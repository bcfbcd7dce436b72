"""Moves the clock, day by day: each simulated day is one transaction, with the work that fell due in it.

A crash leaves the portal at the end of a whole day; whoever comes next, a request or a worker, goes on from there.
"""

import datetime as dt
import logging
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction

from portal import clock
from sandbox import rules
from sandbox.clock import forget, standing_at
from sandbox.models import Advance, Clock
from sandbox.sweeps import FILES, POST, due_jobs, run_jobs

logger = logging.getLogger(__name__)
_Status = Advance.Status


def locked_clock() -> Clock:
    """Return the clock's row; one writer at a time gets past this line."""
    Clock.objects.get_or_create(pk=1)
    return Clock.objects.select_for_update().get(pk=1)


@transaction.atomic
def order_advance(*, jump: rules.Jump, at: dt.datetime) -> Advance:
    """Write down a move of the clock, to begin where the ones before it end. Nothing moves yet.

    at: real time. Raises ValidationError when it leads backward, or too far.
    """
    row = locked_clock()
    last = Advance.objects.open().last()
    start = last.to_at if last else at + row.offset
    try:
        end = rules.end_of(jump, start)
    except ValueError as error:
        raise ValidationError(str(error)) from error
    return Advance.objects.create(label=jump.label, from_at=start, to_at=end, reached_at=start)


def work_until(*, enough: Callable[[], bool]) -> None:
    """Live through simulated days until nothing is left to do, or it is enough for now."""
    while not enough() and work_once():
        pass


def work_once() -> bool:
    """Live through one simulated day of the oldest move, or end what was due before it. Return False when none is left.

    A job that fails undoes its day: the move says so, and the next call tries again.
    """
    advance = Advance.objects.open().first()
    if advance is None:
        return False
    try:
        if advance.status == _Status.WAITING:
            # Now is not over yet: what waits before the clock moves is done before, as on any day.
            run_jobs([*FILES, *due_jobs()])
        _live_one_day(advance)
        forget()
    except Exception as error:
        logger.exception("advance %s stopped", advance.pk)
        Advance.objects.filter(pk=advance.pk).exclude(status=_Status.DONE).update(
            problem=f"{type(error).__name__} : {error}"[:300]
        )
        return False
    return True


@transaction.atomic
def _live_one_day(advance: Advance) -> None:
    """Do one day's work at its hours, then move the clock to its end: together, or not at all."""
    row = locked_clock()
    if Advance.objects.open().values_list("pk", flat=True).first() != advance.pk:
        return
    advance.refresh_from_db()
    real = clock.real_now()
    end = rules.step_end(advance.reached_at, advance.to_at)
    for moment in rules.due_moments(advance.reached_at, end):
        # Time went on while the move waited for its turn: nothing is dated before what already happened.
        jobs = [POST] if moment < end and rules.is_collection(moment) else due_jobs()
        with standing_at(max(moment, real + row.offset)):
            run_jobs(jobs)
    arrived = end == advance.to_at
    ahead = row.offset + (end - advance.reached_at)
    mine = Advance.objects.filter(pk=advance.pk, reached_at=advance.reached_at)
    mine.update(
        reached_at=end,
        status=_Status.DONE if arrived else _Status.RUNNING,
        landed_at=max(end, real + ahead) if arrived else None,
        problem="",
    )
    Clock.objects.filter(pk=row.pk).update(offset=ahead)
