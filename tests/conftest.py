"""What every test stands on: a fixed day, a closed network, templates that know all their variables."""

import datetime as dt
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.test import Client
from playwright.sync_api import Browser
from pytest_django import Settings

from portal import clock
from tests.chaos import servers
from tests.headers import faults

pytest_plugins = ["tests.people", "tests.roles", "tests.tools"]

# SANDBOX=0 takes the training room away, and the tests of it and of its people; all others stay green.
collect_ignore = (
    []
    if django_settings.SANDBOX
    else [
        "sandbox",
        *(f"jobs/test_{name}.py" for name in ("killed_clock", "races_clock", "races_copies")),
    ]
)
NOW = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
REDIS_URL = os.environ.get("TEST_REDIS_URL", "")
OPEN_DATA = Path(os.environ.get("OPEN_DATA") or "open-data")
MISSING = {
    "browser": (
        CHROMIUM is not None,
        "Chromium manque : installez le paquet « chromium » (ou nommez-le par CHROMIUM=…).",
    ),
    "pdfsig": (
        shutil.which("pdfsig") is not None,
        "pdfsig manque : installez le paquet « poppler-utils ».",
    ),
    "redis": (bool(REDIS_URL), "Redis manque : lancez un serveur et nommez-le par TEST_REDIS_URL=redis://…/0"),
    "servers": (
        servers.PRESENT,
        "initdb ou redis-server manque : installez les paquets « postgresql » et « redis-server ».",
    ),
    "open_data": (
        (OPEN_DATA / "rates" / "2026.json").exists(),
        "Tarifs publiés absents : prenez les fichiers JSON du dépôt betagouv/taux-collectifs-cotisation-atmp, "
        "rangez-les comme rates/2026.json et nommez leur dossier par OPEN_DATA=…",
    ),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-all", action="store_true", help="a test that lacks something fails instead of skipping")
    parser.addoption("--write-permissions", action="store_true", help="write docs/permissions.md after what came")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the other database or the training room shows; skip, or refuse to skip, what the machine lacks."""
    postgres = "postgres" in os.environ.get("DATABASE_URL", "")
    others = ["sqlite" if postgres else "postgres", *([] if django_settings.SANDBOX else ["sandbox"])]
    apart = [item for item in items if any(map(item.get_closest_marker, others))]
    if apart:
        config.hook.pytest_deselected(items=apart)
        items[:] = [item for item in items if item not in apart]
    for item in items:
        params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        if "browser_name" in params and not item.get_closest_marker("browser"):
            # Taken for a journey, it would run among them, in a database that they empty.
            raise pytest.UsageError(f"{item.nodeid}: « page » and « browser » are the browser's, name it otherwise.")
        for marker, (present, how) in MISSING.items():
            if item.get_closest_marker(marker) and not present and not config.getoption("--require-all"):
                item.add_marker(pytest.mark.skip(reason=how))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say once what was left out, and how to get it."""
    if "postgres" not in os.environ.get("DATABASE_URL", ""):
        terminalreporter.write_line(
            "Suite jouée sur SQLite. Les essais propres à PostgreSQL se jouent avec DATABASE_URL=postgres://…"
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if item.config.getoption("--require-all") and report.skipped:  # type: ignore[attr-defined]
        report.outcome = "failed"  # type: ignore[attr-defined]
        report.longrepr = f"sauté alors que rien ne doit l'être : {report.longrepr}"  # type: ignore[attr-defined]
    return report


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> dt.datetime:
    """It is 20 January 2027, ten o'clock in Paris; the training room's clock is for its own tests."""
    monkeypatch.setattr(clock, "real_now", lambda: NOW)
    settings.CLOCK_OFFSET = None
    # A test that moves the day goes on with whoever is logged in; those of the limit set it themselves.
    settings.SESSION_LONGEST_SECONDS = 10**9
    return NOW


@pytest.fixture(scope="module")
def machine_elsewhere() -> Iterator[None]:
    """The machine itself lives in Auckland: what a rule says of Paris must not come from there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(autouse=True)
def closed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves the machine."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> Any:
        if self.family == socket.AF_UNIX or address[0] in ("127.0.0.1", "localhost", "::1"):
            return connect(self, address)
        raise AssertionError(f"a test reached for the network: {address}")

    monkeypatch.setattr(socket.socket, "connect", local_only)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """allauth counts requests there: one test's log-ins are not another's."""
    cache.clear()


@pytest.fixture(autouse=True)
def private_files(settings: Settings, tmp_path: Path) -> None:
    """Uploads of one test are seen by that test alone."""
    settings.MEDIA_ROOT = tmp_path / "uploads"


@pytest.fixture(scope="session", autouse=True)
def kept_rows_go_between_tests() -> Iterator[None]:
    """Tests in real transactions end with every table emptied, which on SQLite the triggers of the logs refuse."""
    operations = DatabaseWrapper.ops_class
    flush = operations.sql_flush

    def without_triggers(self: Any, *args: Any, **kwargs: Any) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        drops, creations = [f"DROP TRIGGER {name}" for name, _sql in triggers], [sql for _name, sql in triggers]
        return [*drops, *flush(self, *args, **kwargs), *creations]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", without_triggers)
        yield


@pytest.fixture(scope="module", autouse=True)
def dead_rows_are_swept_away(django_db_blocker: Any) -> Iterator[None]:
    """What tests undo stays in PostgreSQL's tables until they are vacuumed: each test after would read past it."""
    yield
    if connection.vendor == "postgresql" and connection.connection is not None:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_stat_user_tables WHERE n_dead_tup > 2000")
            for (table,) in cursor.fetchall():
                cursor.execute(f"VACUUM {table}")


class _Unknown(str):
    """Fails a test that renders a variable its template was not given."""

    __slots__ = ()

    def __contains__(self, key: object) -> bool:
        return key == "%s"

    def __mod__(self, name: Any) -> str:
        text = str(getattr(name, "var", name))
        raise AssertionError(f"unknown template variable: {text}")


@pytest.fixture(scope="session", autouse=True)
def passwords_are_hashed_in_no_time() -> None:
    """What the portal hashes them with is held by tests/house/test_asvs.py."""
    django_settings.PASSWORD_HASHERS = ["tests.hashers.QuickArgon2"]


@pytest.fixture(scope="session", autouse=True)
def static_files_are_found_when_asked_for() -> None:
    """Each test client would otherwise look them all up first."""
    django_settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def unknown_variables_fail() -> None:
    """A misspelt variable is a failed test; Django's admin relies on absent ones and is let through.

    Once, before the first template is read: a setting changed in each test would have them all compiled again.
    """
    django_settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = _Unknown("%s")


@pytest.fixture
def open_data() -> Path:
    """Return the folder of the published tariffs."""
    return OPEN_DATA


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    return browser_type_launch_args | {
        "executable_path": CHROMIUM,
        "args": [*quiet, "--disable-sync", "--no-first-run", "--disable-quic"],
    }


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Iterator[Browser]:
    """Close the second database connection that Django opens in this thread while the browser's event loop runs."""
    yield browser
    connections.close_all()


@pytest.fixture
def vendor(db: None) -> str:
    """Return « sqlite » or « postgresql »."""
    return connection.vendor


@pytest.fixture(scope="session", autouse=True)
def every_answer_has_its_headers() -> Iterator[None]:
    """Whatever page, download or error a test asks for: tests/headers.py."""
    ask = Client.request

    def held(self: Client, **request: Any) -> Any:
        response = ask(self, **request)
        # Followed, a redirection hands down what each step was asked for.
        assert faults(request.get("PATH_INFO", "/"), response) == [], request.get("PATH_INFO")
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", held)
        yield
