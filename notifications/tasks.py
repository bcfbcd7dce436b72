"""Periodic jobs of the campaigns."""

from celery import shared_task

from accounts.actions.imports import work_once
from accounts.tasks import sweep
from notifications.actions.campaign import RATES
from portal import clock


@shared_task(name="notifications.tasks.process_campaigns")
def process_campaigns() -> int:
    """Read waiting files of rates and publish ordered campaigns, batch by batch. Return the pieces of work done."""
    return sweep("notifications.tasks.process_campaigns", lambda: work_once(importer=RATES, on=clock.now()))
