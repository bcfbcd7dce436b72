"""Does an answer's time tell whether an account exists? Ratios of medians, known against unknown, in one run.

    .venv/bin/python benchmarks/enumeration.py [ROUNDS]

Log-in, lost password and the end of the registration, each alternating a known and an unknown name, on a fresh
SQLite demo. A ratio near 1 tells nothing.
"""

import datetime as dt
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["ATELIER_VAR"] = tempfile.mkdtemp(prefix="atelier-enumeration-")
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 200

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.actions.registration import secrets_kept  # noqa: E402
from accounts.models import RegistrationDraft, User  # noqa: E402
from accounts.rules import terms  # noqa: E402
from habilitations.actions.registration import submit_registration  # noqa: E402
from habilitations.models import ATMP  # noqa: E402
from portal import clock  # noqa: E402

call_command("migrate", verbosity=0)
call_command("load_demo", verbosity=0)
PERSON = User.objects.select_related("establishment").get(last_name="Le Goff")
SECRETS = secrets_kept(password="Trombone47vert", question="pet", answer="Médor", strength="strong")  # noqa: S106 - nobody has it


def post(path: str, name: str, source: int, **more: str) -> None:
    """Post a name from an address of its own: the pause after five failures is not what is measured."""
    assert PERSON.establishment is not None  # noqa: S101 - made with one
    values = {"siret": PERSON.establishment.siret, "last_name": name, "first_name": PERSON.first_name, **more}
    Client().post(path, values, REMOTE_ADDR=f"10.1.{source // 250}.{source % 250 + 1}")


def submit(name: str) -> None:
    """End a registration; the account it makes goes again, out of the measured time."""
    assert PERSON.establishment is not None  # noqa: S101 - made with one
    identity = {"last_name": name, "first_name": PERSON.first_name, "homonym": "", "phone": "", "email": "x@y.example"}
    draft = RegistrationDraft.objects.create(
        expires_at=clock.real_now() + dt.timedelta(hours=1),
        data={
            "identity": identity | {"siret": PERSON.establishment.siret},
            "terms": {"version": terms.VERSION, "accepted_at": clock.now().isoformat()},
            "password": SECRETS,
            "profile": {"profile": "enterprise"},
            "declarations": {"codes": [ATMP]},
        },
    )
    started = time.perf_counter()
    submit_registration(draft=draft, on=clock.now(), at=clock.real_now())
    submitted.append(time.perf_counter() - started)
    User.objects.filter(state=User.State.UNVERIFIED).delete()


submitted: list[float] = []


def ratio(act: Callable[[str, int], None]) -> float:
    """Return the median time of the known name over that of the unknown one."""
    times: dict[str, list[float]] = {PERSON.last_name: [], "Personne": []}
    for number in range(2 * ROUNDS):
        name = list(times)[number % 2]
        submitted.clear()
        started = time.perf_counter()
        act(name, number)
        times[name].append(submitted[0] if submitted else time.perf_counter() - started)
    known, unknown = (median(found[2:]) for found in times.values())
    return known / unknown


wrong = {"password": "Faux12345"}
print(f"log-in, wrong password   {ratio(lambda name, n: post('/connexion/', name, n, **wrong)):.2f}")
print(f"lost password            {ratio(lambda name, n: post('/mot-de-passe/perdu/', name, n)):.2f}")
print(f"end of the registration  {ratio(lambda name, _n: submit(name)):.2f}")
