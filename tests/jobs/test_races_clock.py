"""Two who move the clock at the same instant, on PostgreSQL: one after the other, every day once."""

import datetime as dt
from itertools import pairwise

import pytest
from django.db.models import F

from accounts.models import JournalEntry, Mail
from habilitations.models import Cooptation
from portal import clock
from sandbox.actions.clock import order_advance, work_until
from sandbox.clock import forget
from sandbox.models import Advance, Clock
from sandbox.rules import Jump
from tests.conftest import NOW
from tests.factories.habilitations import CooptationFactory
from tests.jobs.races import race

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
MOVES = 40


def move(days: int) -> Advance:
    """What a page does: order, then live through whatever is left to live."""
    forget()
    ordered = order_advance(jump=Jump("x", days=days), at=clock.real_now())
    work_until(enough=lambda: False)
    return ordered


def test_moves_at_once_run_one_after_the_other(settings: object) -> None:
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"  # type: ignore[attr-defined]
    settings.CLOCK_OFFSET = "sandbox.clock.offset"  # type: ignore[attr-defined]
    asked = CooptationFactory()
    for _round in range(MOVES // 2):
        race(lambda: move(1), lambda: move(2))
    work_until(enough=lambda: False)
    moves = list(Advance.objects.order_by("id"))
    assert {one.status for one in moves} == {"done"}
    assert [one.to_at for one, _next in pairwise(moves)] == [one.from_at for _before, one in pairwise(moves)]
    assert Advance.objects.filter(problem="", reached_at=F("to_at")).count() == MOVES
    assert Clock.objects.get().offset == moves[-1].to_at - NOW == moves[-1].landed_at - NOW  # type: ignore[operator]
    assert (moves[-1].to_at - NOW).days in (MOVES // 2 * 3, MOVES // 2 * 3 - 1)
    asked.refresh_from_db()
    assert asked.status == Cooptation.Status.EXPIRED
    assert asked.decided_at == dt.datetime(2027, 2, 2, 23, tzinfo=dt.UTC)
    assert JournalEntry.objects.filter(verb="cooptation.expire").count() == 1
    assert Mail.objects.filter(subject__contains="expiré").count() == 1
