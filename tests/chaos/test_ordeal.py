"""The short form of `make chaos`: whatever is hurt, nothing is lost and all is done afterwards (docs/trust.md)."""

import pytest

from portal.celery import app
from tests.chaos.ordeal import SHORT, broken, ordeal, table


@pytest.mark.servers
# Once is enough: it brings servers of its own, whatever the suite runs on.
@pytest.mark.sqlite
def test_every_fault_leaves_the_promises_kept() -> None:
    with ordeal(SHORT) as whole:
        whole.begin()
        rows = list(whole.play())
    print(table(rows))
    assert [told for row in rows for told in broken(row)] == []


def test_a_worker_never_stops_looking_for_its_broker() -> None:
    assert app.conf.broker_connection_max_retries is None
