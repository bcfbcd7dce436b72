"""Periodic job of the DSN rule."""

from celery import shared_task

from accounts.tasks import sweep
from portal import clock
from portfolios.actions.window import check_next_firm


@shared_task(name="portfolios.tasks.check_dsn_access")
def check_dsn_access() -> int:
    """Tell tiers déclarants what their DSN opened, and what closes without one (G0.5). Return the firms looked at."""
    return sweep("portfolios.tasks.check_dsn_access", lambda: check_next_firm(on=clock.now()))
