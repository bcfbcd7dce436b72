"""Periodic jobs of the training room."""

from celery import shared_task

from accounts.tasks import sweep
from portal import clock
from sandbox.actions.clock import work_once
from sandbox.actions.copies import load_next
from sandbox.actions.post import collect_next


@shared_task(name="sandbox.tasks.move_clock")
def move_clock() -> int:
    """Go on with the moves of the clock that take longer than a page. Return the simulated days."""
    return sweep("sandbox.tasks.move_clock", work_once)


@shared_task(name="sandbox.tasks.collect_post")
def collect_post() -> int:
    """Collect the letters that are due. Return the batches."""
    return sweep("sandbox.tasks.collect_post", lambda: collect_next(on=clock.now()))


@shared_task(name="sandbox.tasks.load_copies")
def load_copies() -> int:
    """Load the copies of scenarios that wait, and reset others. Return how many."""
    return sweep("sandbox.tasks.load_copies", lambda: load_next(on=clock.now()))
