"""A class of twenty at once, each on a connection of its own, on PostgreSQL: nobody sees another's."""

import pytest

from habilitations.models import ATMP
from sandbox.actions.copies import load_next, order_copies, order_reset
from sandbox.models import Copy
from tests.conftest import NOW
from tests.factories.habilitations import DeclarationFactory
from tests.jobs.races import race
from tests.sandbox.copies import check_class, load, play, rows_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def training_room(settings: object) -> None:
    # A test in real transactions before this one has emptied the catalogue.
    for code in (ATMP, "dsn"):
        DeclarationFactory(code=code)
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"  # type: ignore[attr-defined]
    settings.CLOCK_OFFSET = "sandbox.clock.offset"  # type: ignore[attr-defined]


def test_twenty_act_at_once_and_a_reset_touches_one() -> None:
    copies = load("decouverte", 20)
    shown = race(*[lambda copy=copy: play(copy) for copy in copies])  # type: ignore[misc]
    check_class(copies, shown)
    others = [rows_of(copy) for copy in copies[1:]]
    order_reset(copy=copies[0], by=None, on=NOW)
    assert load_next(on=NOW)
    assert [rows_of(copy) for copy in copies[1:]] == others
    copies[0].refresh_from_db()
    assert copies[0].state == "ready"


def test_two_workers_load_each_copy_once() -> None:
    order_copies(name="mono-sans-compte", count=6, by=None, on=NOW)

    def work() -> int:
        done = 0
        while load_next(on=NOW):
            done += 1
        return done

    done = race(work, work)
    assert sum(done) == 6
    sirens = list(Copy.objects.values_list("enterprises__enterprise", flat=True))
    assert (len(set(sirens)), set(Copy.objects.values_list("state", flat=True))) == (6, {"ready"})
