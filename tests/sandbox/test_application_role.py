"""The training room, with the rights of the portal's own role: a copy played, reset, and days that go by."""

import pytest

from accounts.actions.journal import breaks
from accounts.models import JournalEntry
from portal import clock
from sandbox.actions.clock import order_advance, work_until
from sandbox.actions.copies import load_next, order_reset
from sandbox.rules import Jump
from tests.sandbox.copies import check_class, load, play


@pytest.mark.postgres
def test_a_copy_is_played_lived_through_and_reset(as_application: None) -> None:
    [copy] = load("decouverte")
    check_class([copy], [play(copy)])
    order_advance(jump=Jump("+ 15 jours", days=15), at=clock.real_now())
    work_until(enough=lambda: False)
    before = list(JournalEntry.objects.values_list("pk", flat=True))
    order_reset(copy=copy, by=None, on=clock.now())
    while load_next(on=clock.now()):
        pass
    copy.refresh_from_db()
    assert (copy.state, copy.problem, list(breaks())) == ("ready", "", [])
    assert JournalEntry.objects.filter(pk__in=before).exclude(actor=None).count() == 0 < len(before)
