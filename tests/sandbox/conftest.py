"""The training room as it runs: its clock, its outbox, the demo loaded on the tests' day."""

from importlib import import_module

import pytest
from django.apps import apps
from pytest_django import Settings

from habilitations.models import Declaration
from sandbox.clock import forget
from sandbox.demo import load_demo
from tests.conftest import NOW
from tests.sandbox.kept import kept


@pytest.fixture(autouse=True)
def training_room(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is the one of the database, and mails are written down."""
    settings.CLOCK_OFFSET = "sandbox.clock.offset"
    # A busy machine is no failure: what takes longer than a page has tests of its own.
    settings.CLOCK_PAGE_SECONDS = 600
    # Nor is a page that takes more than a second: it would read the clock's row once more.
    monkeypatch.setattr("sandbox.clock.KEPT_SECONDS", 600)
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"
    forget()


@pytest.fixture
def demo(db: None) -> None:
    if not Declaration.objects.exists():
        # A test in real transactions before this one has emptied the catalogue that migrations fill.
        for name in ("0002_compte_atmp", "0005_starting_catalogue"):
            import_module(f"habilitations.migrations.{name}").add(apps, None)
    kept("demo", lambda: load_demo(on=NOW))
