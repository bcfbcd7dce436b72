"""The Celery application: settings prefixed CELERY_, tasks of every app."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun

from portal.kit import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def _logs_are_set_up(**_signal: Any) -> None:
    """Let settings.LOGGING stand: somebody listens, so Celery installs nothing of its own."""


def _job_begins(task_id: str = "", **_signal: Any) -> None:
    logs.number.set(task_id)


def _job_ends(**_signal: Any) -> None:
    logs.number.set("")


setup_logging.connect(_logs_are_set_up)
task_prerun.connect(_job_begins)
task_postrun.connect(_job_ends)
