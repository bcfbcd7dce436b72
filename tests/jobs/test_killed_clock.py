"""A move of the clock whose process is killed with -9 again and again arrives all the same, each day lived once."""

import sys
from pathlib import Path

import pytest

from tests.jobs.portal_process import Portal, portal, until

DAYS, KILLS = 60, 4
ORDER = f"""
from sandbox.actions.clock import order_advance
from sandbox.rules import Jump
from portal import clock
order_advance(jump=Jump("essai", days={DAYS}), at=clock.real_now())
"""
WORKER = "from sandbox.tasks import move_clock\nwhile move_clock(): pass"
REACHED = "SELECT CAST(julianday(reached_at) - julianday(from_at) AS integer) FROM sandbox_advance"
OFFSET_DAYS = "SELECT round(offset / 86400000000.0, 1) FROM sandbox_clock"
EXPIRED = "SELECT COUNT(*) FROM habilitations_cooptation WHERE status = 'expired'"
MAILS = "SELECT COUNT(*) FROM accounts_mail WHERE subject LIKE '%Votre demande a expir%'"


def agree(installation: Portal) -> bool:
    """The clock stands where the move says it is: never half-way."""
    return abs(float(installation.value(OFFSET_DAYS)) - int(installation.value(REACHED))) <= 1


@pytest.mark.sqlite
def test_a_move_killed_again_and_again_arrives(tmp_path: Path) -> None:
    with portal(tmp_path) as installation:
        installation.command("migrate", "--verbosity=0")
        installation.command("load_demo")
        installation.python(ORDER)
        for kill in range(1, KILLS + 1):
            worker = installation.start(sys.executable, "manage.py", "shell", "--verbosity=0", "-c", WORKER)
            goal = DAYS * kill // (KILLS + 2)
            until(lambda goal=goal: installation.value(REACHED) >= goal, seconds=120, what="some days are lived")
            installation.kill(worker)
            assert agree(installation)
        assert installation.value("SELECT status FROM sandbox_advance") == "running"
        installation.python(WORKER)
        assert installation.value("SELECT status FROM sandbox_advance") == "done"
        assert (installation.value(REACHED), agree(installation)) == (DAYS, True)
        assert (installation.value(EXPIRED), installation.value(MAILS)) == (1, 1)
        assert installation.command("verify_journal").returncode == 0
