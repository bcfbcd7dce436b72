"""Periodic jobs of candidates."""

from celery import shared_task

from accounts.tasks import sweep
from habilitations.actions.cooptation import expire_next, remind_next
from portal import clock


@shared_task(name="habilitations.tasks.expire_cooptations")
def expire_cooptations() -> int:
    """Delete the candidates whose fifteen days are over (G4.7). Return how many were looked at."""
    return sweep("habilitations.tasks.expire_cooptations", lambda: expire_next(on=clock.now()))


@shared_task(name="habilitations.tasks.remind_cooptations")
def remind_cooptations() -> int:
    """Remind, on the tenth day, candidates and administrators. Return how many enterprises were."""
    return sweep("habilitations.tasks.remind_cooptations", lambda: remind_next(on=clock.now()))
