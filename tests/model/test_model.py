"""The portal against a model of it: what is played, hypothesis draws; each transition is counted, and reached."""

import os
from contextlib import nullcontext

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as drawn
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import Settings

from accounts.models import User
from habilitations.models import Declaration
from portal import clock
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory
from tests.factories.notifications import CollectiveRateFactory
from tests.model.base import Cast, Ground
from tests.model.machine import Portal
from tests.model.transitions import ALL
from tests.model.world import LETTERS_MAX, PENDING_MAX, TRIES_MAX

# `make model` plays the long form: it tells how often each transition was reached, and makes what it finds short.
LONG = "MODEL_RUNS" in os.environ
DRAWN = drawn(
    max_examples=int(os.environ.get("MODEL_RUNS", "25")),
    stateful_step_count=50,
    phases=(Phase.generate, Phase.shrink) if LONG else (Phase.generate,),
    # A step takes the time that its acts take.
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def cast(staff: User) -> Cast:
    """A company of two places, one of a single place, an accounting firm of two."""
    places = {}
    for letter, count in (("A", 2), ("B", 1), ("F", 2)):
        enterprise = EnterpriseFactory(name=f"Maison {letter}")
        for number in range(count):
            places[f"{letter}{number}"] = EstablishmentFactory(
                enterprise=enterprise, number=number + 1, is_head_office=number == 0
            )
    CollectiveRateFactory()
    return Cast(places, {row.code: row for row in Declaration.objects.all()}, staff)


def test_the_portal_does_what_the_model_says(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"
    settings.COOPTATION_PENDING_MAX, settings.KEY_LETTERS_MAX = PENDING_MAX, LETTERS_MAX
    settings.KEY_TRIES_PER_DAY = TRIES_MAX
    monkeypatch.setattr(clock, "real_now", lambda: Ground.instant)
    monkeypatch.setattr(Ground, "cast", cast, raising=False)
    Ground.counts.clear()
    Ground.runs = Ground.steps = 0
    with capsys.disabled() if LONG else nullcontext():
        run_state_machine_as_test(Portal, settings=DRAWN)
        for transition in ALL:
            print(f"{Ground.counts[transition]:8} {transition}")
    # Twenty-five runs need not reach them all.
    assert not LONG or [transition for transition in ALL if not Ground.counts[transition]] == []
