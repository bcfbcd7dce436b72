"""What is counted as it happens, for `/metrics`: log-ins and refusals.

With PROMETHEUS_MULTIPROC_DIR set, the processes of one machine count in files of that folder, and any of them answers
for all. What the database knows is not counted here: it is read when somebody asks.
"""

import logging
import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.multiprocess import MultiProcessCollector

# The library reads the variable too, and takes the folder for granted.
_folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if _folder:
    Path(_folder).mkdir(parents=True, exist_ok=True)

told = logging.getLogger("portal.told")
_own = CollectorRegistry()
logins = Counter("atelier_logins", "Log-ins, and tries: « paused » is not even looked at.", ["outcome"], registry=_own)
refusals = Counter("atelier_refusals", "Answers 403, by the rule that refused.", ["rule"], registry=_own)


def count_login(outcome: str) -> None:
    """Count how a log-in ended, and tell it beside its request's line."""
    logins.labels(outcome).inc()
    told.info("log-in", extra={"fields": {"outcome": outcome}})


def counted() -> CollectorRegistry:
    """Return what was counted since the start, by this process or by all of its machine."""
    if not _folder:
        return _own
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
