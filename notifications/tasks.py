"""Periodic jobs of the campaigns and of the legal dates."""

from celery import shared_task
from django.conf import settings

from accounts.actions.imports import work_once
from accounts.tasks import sweep
from notifications.actions import archive
from notifications.actions.campaign import RATES
from notifications.actions.notices import tell_next
from portal import clock


@shared_task(name="notifications.tasks.process_campaigns")
def process_campaigns() -> int:
    """Read waiting files of rates and publish ordered campaigns, batch by batch. Return the pieces of work done."""
    return sweep("notifications.tasks.process_campaigns", lambda: work_once(importer=RATES, on=clock.now()))


@shared_task(name="notifications.tasks.make_archives")
def make_archives() -> int:
    """Make the archives of documents that people ordered, and delete the old ones. Return the pieces of work done."""
    return sweep("notifications.tasks.make_archives", lambda: archive.work_once(on=clock.now()))


@shared_task(name="notifications.tasks.tell_legal_dates")
def tell_legal_dates() -> int:
    """Send the notices of deposit and the reminders that are due, batch by batch. Return the batches."""
    return sweep(
        "notifications.tasks.tell_legal_dates",
        lambda: tell_next(on=clock.now(), policy=settings.NOTIFICATION_POLICY),
    )
