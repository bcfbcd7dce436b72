"""Mails whose sender is killed with -9 again and again: none lost, none doubled more often than it was killed."""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.jobs.portal_process import Portal, portal, until

# 4 000 mails and 24 kills are `make chaos`.
MAILS, KILLS = 1_500, 8
WAITING = "SELECT COUNT(*) FROM accounts_mail WHERE sent_at IS NULL"
WRITER = f"""
from django.core.mail import send_mail
from django.db import transaction
with transaction.atomic():
    for n in range({MAILS}):
        send_mail(f'Numero {{n}}.', 'x', None, ['a@exemple.example'])
"""
SENDER = "from accounts.tasks import send_mails\nwhile send_mails(): pass"


def kill_half_way(installation: Portal, sender: object, step: int) -> None:
    left = MAILS - MAILS * step // (KILLS + 1)
    until(lambda: installation.value(WAITING) < left, seconds=60, what="some mails are sent")
    installation.kill(sender)  # type: ignore[arg-type]


@pytest.mark.sqlite
def test_no_mail_is_lost_and_hardly_one_doubled(tmp_path: Path) -> None:
    kept = tmp_path / "mails"
    with portal(tmp_path, EMAIL_URL=f"filemail:///{kept}") as installation:
        installation.command("migrate", "--verbosity=0")
        installation.python(WRITER)
        for step in range(1, KILLS + 1):
            sender = installation.start(sys.executable, "manage.py", "shell", "--verbosity=0", "-c", SENDER)
            kill_half_way(installation, sender, step)
        assert installation.value(WAITING) > 0
        installation.python(SENDER)
        assert installation.value(WAITING) == 0
    sent = Counter(
        number for path in kept.iterdir() for number in re.findall(r"^Subject: Numero (\d+)\.", path.read_text(), re.M)
    )
    assert (len(sent), sum(sent.values()) - len(sent) <= KILLS) == (MAILS, True)
