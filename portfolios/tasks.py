"""Periodic jobs: the DSN rule, files of clients and rights."""

from celery import shared_task

from accounts.tasks import sweep
from portal import clock
from portfolios.actions.bulk import work_once
from portfolios.actions.window import check_next_firm


@shared_task(name="portfolios.tasks.check_dsn_access")
def check_dsn_access() -> int:
    """Tell tiers déclarants what their DSN opened, and what closes without one (G0.5). Return the firms looked at."""
    return sweep("portfolios.tasks.check_dsn_access", lambda: check_next_firm(on=clock.now()))


@shared_task(name="portfolios.tasks.process_bulk_requests")
def process_bulk_requests() -> int:
    """Read waiting files of clients and rights, and apply their lines. Return the pieces of work done."""
    return sweep("portfolios.tasks.process_bulk_requests", lambda: work_once(on=clock.now()))
