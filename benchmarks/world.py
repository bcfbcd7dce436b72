"""A database of its own for the benchmarks: made-up establishments, a campaign, people, a firm and its clients."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parents[1]
BIG, FIRM = 20_000, 10_000
PASSWORD = "Mesure-2027-portail"  # noqa: S105 - a database that lives for some minutes


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """Make an empty database on a server, and drop it afterwards. Return its URL."""
    admin = psycopg2.connect(server)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{server.rsplit('/', 1)[0]}/{name}"
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        admin.close()


def inside(environment: dict[str, str], code: str) -> str:
    """Run lines of Python in a process of its own that knows the portal, and return what they print."""
    program = f"import django; django.setup()\n{code}"
    done = subprocess.run(  # noqa: S603 - our own lines
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{code}\n{done.stderr[-3000:]}")
    return done.stdout


def environment(url: str, var: Path, **more: str) -> dict[str, str]:
    """Return the environment of an installation on that database."""
    kept = {key: value for key, value in os.environ.items() if key != "REDIS_URL"}
    return (
        kept
        | {
            "DATABASE_URL": url,
            "ATELIER_VAR": str(var),
            "ATELIER_ENV": "local",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        | more
    )


def prepare(size: int, folder: Path) -> None:
    """Migrate, then write a register of that many establishments and their campaign's file.

    One enterprise of them has BIG establishments, when the register is large enough; nine enterprises of ten are
    registered to « Compte AT/MP ».
    """
    from django.core.management import call_command

    from accounts.models import Enterprise, Establishment
    from habilitations.models import ATMP, Declaration
    from notifications.models import CollectiveRate
    from portal import clock
    from sandbox import demo

    call_command("migrate", verbosity=0)
    january = dt.date(clock.today().year, 1, 1)
    for year in sorted({*demo.TARIFF_YEARS, january.year}):
        if year in demo.TARIFF_YEARS:
            demo.import_demo_tariff(year, demo.TARIFF_YEARS.index(year), clock.now())
    call_command("generate", str(folder), establishments=size, stdout=io.StringIO())
    _copy_register(folder / "repertoire.csv")
    declaration, now = Declaration.objects.get(code=ATMP), clock.now() - dt.timedelta(days=400)
    _execute(
        """INSERT INTO habilitations_establishmentdeclaration
            (establishment_id, declaration_id, registered_at, opens_at)
        SELECT e.id, %s, %s, %s FROM accounts_establishment e WHERE e.is_head_office AND e.id %% 10 > 0""",
        [declaration.pk, now, now],
    )
    _grow_one_enterprise(folder / "taux.csv", min(BIG, size // 5), january)
    _execute("ANALYZE", [])
    assert CollectiveRate.objects.exists()  # noqa: S101 - a benchmark without tariff measures refusals
    assert Enterprise.objects.count() < Establishment.objects.count()  # noqa: S101 - the same


def _execute(sql: str, params: list[Any]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _copy_register(path: Path) -> None:
    """Write the register as its importer would, without measuring it."""
    from django.db import connection

    with connection.cursor() as cursor, path.open() as file:
        cursor.execute(
            "CREATE TEMP TABLE r (siret text, head boolean, name text, state text, postcode text, city text, "
            "code text, headcount integer)"
        )
        cursor.copy_expert("COPY r FROM STDIN (FORMAT csv, HEADER, DELIMITER ';')", file)
        cursor.execute("INSERT INTO accounts_enterprise (siren, name, legal_form) "
                       "SELECT substr(siret, 1, 9), min(name), '' FROM r GROUP BY 1")  # fmt: skip
        columns = _columns("accounts_establishment")
        values = {
            "siret": "siret", "siren": "substr(siret, 1, 9)", "is_head_office": "head", "postcode": "postcode",
            "city": "city", "code_risque": "code", "address": "'1 RUE DES MESURES'", "alsace_moselle": "false",
        }  # fmt: skip
        names = [name for name in columns if name in values]
        texts = [name for name, nullable in columns.items() if name not in values and not nullable]
        cursor.execute(
            f"INSERT INTO accounts_establishment ({', '.join([*names, *texts])}) "  # noqa: S608 - names of columns
            f"SELECT {', '.join([*(values[name] for name in names), *(chr(39) * 2 for _ in texts)])} FROM r"
        )


def _columns(table: str) -> dict[str, bool]:
    """Return the columns of a table that have no default of their own: name → may be NULL."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns WHERE table_name = %s "
            "AND column_name <> 'id' AND column_default IS NULL ORDER BY ordinal_position",
            [table],
        )
        return dict(cursor.fetchall())


def _grow_one_enterprise(rates: Path, count: int, january: dt.date) -> None:
    """Add an enterprise of many establishments, and their lines in the file of rates."""
    from accounts.models import Enterprise, Establishment
    from accounts.rules.identifiers import LA_POSTE
    from habilitations.models import ATMP, Declaration, EstablishmentDeclaration
    from portal import clock

    # The only SIREN under which twenty thousand SIRETs have a right key.
    whole = Enterprise.objects.create(siren=LA_POSTE, name="MESURE")
    head = Establishment.objects.create(
        siret="35600000000048", enterprise=whole, is_head_office=True, code_risque="60.2MG"
    )
    nics = (f"{nic:05d}" for nic in range(100, 100_000) if (14 + sum(map(int, str(nic)))) % 5 == 0)
    sirets = [LA_POSTE + nic for nic in islice(nics, count - 1)]
    Establishment.objects.bulk_create(
        (Establishment(siret=one, enterprise=whole, city="BREST", postcode="29200") for one in sirets),
        batch_size=5_000,
    )
    long_ago = clock.now() - dt.timedelta(days=400)
    EstablishmentDeclaration.objects.create(
        establishment=head, declaration=Declaration.objects.get(code=ATMP), registered_at=long_ago, opens_at=long_ago
    )
    with rates.open("a", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerows([one, head.code_risque, "2,34", f"{january:%d/%m/%Y}", "collectif"] for one in sirets)


def person_of(enterprise: str) -> Any:
    """Return the administrator of an enterprise's head office, made when there is none."""
    from accounts.actions.people import create_user
    from accounts.models import Establishment, User
    from portal import clock

    head = Establishment.objects.get(enterprise=enterprise, is_head_office=True)
    found = User.objects.filter(establishment=head).first()
    return found or create_user(
        establishment=head, last_name="Mesure", first_name="Une", email="mesure@exemple.example",
        role=User.Role.ADMINISTRATOR, password=PASSWORD, by=None, on=clock.now(),
    )  # fmt: skip


def seconds(work: Callable[[], Any]) -> float:
    """Return how long one run takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best(work: Callable[[], Any], rounds: int = 5) -> float:
    """Return the quickest of some runs: what the work costs when nobody disturbs it."""
    return min(seconds(work) for _round in range(rounds))
