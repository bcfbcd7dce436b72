"""`manage.py generate`: right keys, the same again from the same seed, files that the importers take."""

import os
import subprocess
import sys
from io import StringIO
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

from accounts.models import Enterprise, Establishment
from notifications.models import Notification, RateDecision
from sandbox import generated
from sandbox.generated import places
from tests.factories.habilitations import EstablishmentDeclarationFactory
from tests.factories.notifications import CollectiveRateFactory
from tests.jobs.portal_process import ROOT

CODES = ["45.2BE", "55.3AC"]


def test_keys_are_right_and_nobodys() -> None:
    made = list(places(2_000, CODES))
    assert [one.siret for one in made if not stdnum_siret.is_valid(one.siret)] == []
    assert {one.siret[:3] for one in made} <= {"000", "001", "002"}
    assert len({one.siret for one in made}) == 2_000
    assert sum(one.head_office for one in made) == len({one.siret[:9] for one in made})


def test_beyond_the_first_range_sirens_are_right_too() -> None:
    last = [generated._siren(number) for number in (289_999, 290_000, generated.MOST_ENTERPRISES - 1)]
    assert [one[:3] for one in last] == ["002", "990", "999"]
    assert all(stdnum_siren.is_valid(one) for one in last)


def test_the_same_seed_gives_the_same_and_another_does_not() -> None:
    one, again, other = (list(places(50, CODES, seed)) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    # More of them begins with the same ones.
    assert list(islice(places(500, CODES, 1), 40)) == one[:40]


def test_more_than_the_reserved_sirens_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "MOST_ENTERPRISES", 3)
    with pytest.raises(ValueError, match="SIREN réservés"):
        list(places(1_000, CODES))


def test_the_importers_take_every_line(db: None, tmp_path: Path) -> None:
    for code in CODES:
        CollectiveRateFactory(code=code)
    call_command("generate", str(tmp_path / "new"), "--establishments", "300", stdout=StringIO())
    call_command("import_register", str(tmp_path / "new" / "repertoire.csv"), stdout=StringIO())
    assert Establishment.objects.count() == 300
    for place in Establishment.objects.filter(is_head_office=True)[:100]:
        EstablishmentDeclarationFactory(establishment=place)
    call_command(
        "import_rates", str(tmp_path / "new" / "taux.csv"), "--name", "Campagne", "--publish", stdout=StringIO()
    )
    assert RateDecision.objects.count() == 300
    registered = Enterprise.objects.filter(establishments__declarations__isnull=False)
    assert Notification.objects.count() == Establishment.objects.filter(enterprise__in=registered).count()


@pytest.mark.parametrize("count", ["0", "-1"])
def test_nothing_is_no_size(db: None, tmp_path: Path, count: str) -> None:
    with pytest.raises(CommandError, match="Au moins un"):
        call_command("generate", str(tmp_path), f"--establishments={count}")


def test_a_folder_that_cannot_be_written_is_one_sentence(db: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="ne peut pas être écrit"):
        call_command("generate", str(tmp_path / "file"))


def test_a_command_on_a_database_that_is_not_ready_says_so(tmp_path: Path) -> None:
    environment = os.environ | {"ATELIER_VAR": str(tmp_path), "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "manage.py", "generate", str(tmp_path / "x")],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "La base n'est pas prête : lancez d'abord « manage.py migrate ».\n")
