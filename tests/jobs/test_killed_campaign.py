"""A campaign of 20 000 rates killed with -9 half-way and started again ends complete, with no duplicate."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from tests.jobs.portal_process import Portal, free_port, portal, status, until

RATES, KILLS = 20_000, 5
UNDONE = "SELECT COUNT(*) FROM accounts_importbatch WHERE done_at IS NULL"
DONE = "SELECT COUNT(*) FROM accounts_importbatch WHERE done_at IS NOT NULL"
STATUS = "SELECT status FROM accounts_importfile"
SMALL_BATCHES = {"IMPORT_BATCH_LINES": "250"}


def ordered(installation: Portal) -> None:
    installation.python(f"from tests.jobs.prepare import order_campaign; order_campaign({RATES})")


def half_way(installation: Portal) -> None:
    done = until(lambda: installation.value(DONE), seconds=60, what="a batch is done")
    left = installation.value(UNDONE)
    assert (done > 0, left > 0) == (True, True), "the campaign ended before it could be killed"


def finished(installation: Portal) -> None:
    until(lambda: installation.value(STATUS) == "applied", seconds=120, what="the campaign ends")


def result(installation: Portal) -> tuple[int, ...]:
    """Decisions, establishments they are for, notifications, and the counts that staff see."""
    return tuple(
        installation.value(sql)
        for sql in (
            "SELECT COUNT(*) FROM notifications_ratedecision",
            "SELECT COUNT(DISTINCT establishment_id) FROM notifications_ratedecision",
            "SELECT COUNT(*) FROM notifications_notification",
            "SELECT notified FROM notifications_campaign",
            "SELECT on_paper FROM notifications_campaign",
        )
    )


EXPECTED = (RATES, RATES, RATES * 9 // 10, RATES * 9 // 10, RATES // 10)


@pytest.mark.sqlite
def test_one_process_on_sqlite_serves_pages_meanwhile_and_survives_a_kill(tmp_path: Path) -> None:
    with portal(tmp_path, **SMALL_BATCHES) as installation:
        installation.command("migrate", "--verbosity=0")
        ordered(installation)
        port = free_port()
        killed = installation.serve(port)
        half_way(installation)
        assert {status(port, page) for page in ("/", "/connexion/", "/healthz")} == {200}
        installation.kill(killed)
        assert installation.value(UNDONE) > 0
        installation.serve(port)
        served = set()
        while installation.value(UNDONE):
            served |= {status(port, page) for page in ("/", "/connexion/")}
        finished(installation)
        assert (result(installation), served | {200}) == (EXPECTED, {200})


@pytest.fixture
def real_parts(tmp_path: Path) -> Iterator[Portal]:
    """An installation on PostgreSQL and Redis, on a database and a broker number of its own."""
    server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    name = f"atelier_kill_{os.getpid()}"
    admin = psycopg2.connect(os.environ["DATABASE_URL"])
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    broker = os.environ["TEST_REDIS_URL"].rsplit("/", 1)[0] + "/9"
    try:
        with portal(tmp_path, DATABASE_URL=f"{server}/{name}", REDIS_URL=broker, **SMALL_BATCHES) as installation:
            yield installation
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        admin.close()


@pytest.mark.postgres
@pytest.mark.redis
def test_two_real_workers_on_postgresql_and_redis_survive_five_kills_each(real_parts: Portal) -> None:
    celery = [sys.executable, "-m", "celery", "--app=portal"]
    worker = [*celery, "worker", "--concurrency=1", "--without-mingle", "--without-gossip"]
    real_parts.command("migrate", "--verbosity=0")
    ordered(real_parts)
    real_parts.start(*celery, "beat", f"--schedule={real_parts.var / 'schedule'}")
    for _kill in range(KILLS):
        running = [real_parts.start(*worker, f"--hostname={name}@%h") for name in "ab"]
        done = real_parts.value(DONE)
        until(lambda before=done: real_parts.value(DONE) > before + 3, seconds=60, what="some batches are done")
        for one in running:
            real_parts.kill(one)
        assert real_parts.value(UNDONE) > 0
    for name in "ab":
        real_parts.start(*worker, f"--hostname={name}@%h")
    finished(real_parts)
    assert result(real_parts) == EXPECTED
