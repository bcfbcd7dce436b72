"""Periodic jobs of the register."""

import logging
import time
from collections.abc import Callable

from celery import shared_task
from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models import F

from accounts.actions.imports import work_once
from accounts.actions.mail import send_next_mail
from accounts.actions.purge import purge_mails, purge_traces, purge_uploads
from accounts.actions.register import REGISTER
from accounts.actions.registration import purge_drafts, purge_unverified
from accounts.models import Sweep
from portal import clock

told = logging.getLogger("portal.told")


def sweep(name: str, step: Callable[[], bool]) -> int:
    """Call step until it returns False or settings.SWEEP_SECONDS have gone; return how often it did something.

    The pulse that /readyz reads is written at the end, even when nothing was due.
    """
    # A connection that its server dropped is replaced, as Django does between two requests, never amid a transaction.
    if not connection.in_atomic_block:
        close_old_connections()
    began = time.monotonic()
    done = 0
    while time.monotonic() < began + settings.SWEEP_SECONDS and step():
        done += 1
    seconds = time.monotonic() - began
    Sweep.objects.get_or_create(name=name, defaults={"ended_at": clock.real_now()})
    # Two workers may end the same job at once: the database adds.
    Sweep.objects.filter(name=name).update(ended_at=clock.real_now(), seconds=seconds, processed=F("processed") + done)
    if done:
        told.info("job", extra={"fields": {"job": name, "processed": done, "ms": round(seconds * 1000)}})
    return done


@shared_task(name="accounts.tasks.process_register_files")
def process_register_files() -> int:
    """Read waiting register files and apply confirmed ones. Return the pieces of work done."""
    return sweep("accounts.tasks.process_register_files", lambda: work_once(importer=REGISTER, on=clock.now()))


@shared_task(name="accounts.tasks.send_mails")
def send_mails() -> int:
    """Send what waits in the outbox. Return how many mails were taken."""
    return sweep("accounts.tasks.send_mails", lambda: send_next_mail(at=clock.real_now()))


@shared_task(name="accounts.tasks.purge_registrations")
def purge_registrations() -> int:
    """Delete expired drafts, and registrations whose address nobody validated. Return the batches."""

    def step() -> bool:
        drafts = purge_drafts(at=clock.real_now())
        return purge_unverified(on=clock.now()) or drafts

    return sweep("accounts.tasks.purge_registrations", step)


@shared_task(name="accounts.tasks.purge_personal_data")
def purge_personal_data() -> int:
    """Delete mails, ended sessions, counted failures and lost uploads that are kept no longer. Return the batches."""

    def step() -> bool:
        at = clock.real_now()
        others = [purge_traces(at=at), purge_uploads(at=at)]
        return purge_mails(on=clock.now(), at=at) or any(others)

    return sweep("accounts.tasks.purge_personal_data", step)
