"""Two at the same instant, each on a connection of its own, again and again."""

import os
import threading
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection

ROUNDS = int(os.environ.get("ROUNDS", "200"))
# A class of twenty takes minutes where the machine is busy; what waits for itself never ends.
LONGEST_SECONDS = 300


def race(*acts: Callable[[], Any]) -> list[Any]:
    """Run all at once; return what each returned, or the ValidationError it raised. Anything else fails the test."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)
    failures: list[BaseException] = []

    def run(position: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(LONGEST_SECONDS)
            results[position] = act()
        except ValidationError as refusal:
            results[position] = refusal
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST_SECONDS)
    assert not any(thread.is_alive() for thread in threads), f"not over after {LONGEST_SECONDS} seconds"
    if failures:
        raise failures[0]
    return results
