"""/readyz: the database, the broker when there is one, and the age of each periodic job."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from pytest_django import Settings

from accounts.models import Sweep
from notifications.tasks import process_campaigns
from portal import clock
from portal.celery import app

JOBS, LATE = set(settings.CELERY_BEAT_SCHEDULE), settings.SWEEP_MAX_AGE_SECONDS


def run_every_job() -> None:
    app.loader.import_default_modules()
    for name in JOBS:
        app.tasks[name]()


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/readyz")
    return response.status_code, response.json()


def test_it_is_ready_once_every_job_ran(client: Client, db: None) -> None:
    run_every_job()
    status, state = ready(client)
    assert (status, state["ready"], set(state["sweeps"]), state["late"]) == (200, True, JOBS, [])


def test_it_is_not_ready_before_the_jobs_ran(client: Client, db: None) -> None:
    status, state = ready(client)
    assert (status, state["database"], set(state["late"])) == (503, True, JOBS)


@pytest.mark.parametrize(("seconds", "status"), [(120, 200), (121, 503)])
def test_a_job_too_long_ago_is_late(
    client: Client, db: None, fixed_day: dt.datetime, seconds: int, status: int
) -> None:
    for name in JOBS:
        Sweep.objects.create(name=name, ended_at=fixed_day - dt.timedelta(seconds=seconds))
    assert ready(client)[0] == status


def test_a_database_that_does_not_answer_is_said(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OperationalError

    with monkeypatch.context() as down:
        down.setattr(connection, "cursor", broken)
        status, state = ready(client)
    assert (status, state["database"], state["ready"]) == (503, False, False)


def test_a_broker_that_does_not_answer_is_said(client: Client, db: None, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    run_every_job()
    status, state = ready(client)
    assert (status, state["broker"], state["late"]) == (503, False, [])


def test_the_jobs_pulse_is_in_real_time(db: None, settings: Settings) -> None:
    settings.CLOCK_OFFSET = "tests.portal.test_clock.fifteen_days"
    process_campaigns()
    assert Sweep.objects.get().ended_at == clock.real_now()


def test_every_job_runs_twice_within_the_age_that_makes_it_late() -> None:
    slow = [job["task"] for job in settings.CELERY_BEAT_SCHEDULE.values() if job["schedule"] * 2 > LATE]
    assert slow == []
