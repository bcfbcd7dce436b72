"""Backup and restoration, drilled by the commands on an installation of its own: all is lost, all comes back."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.jobs.portal_process import Portal, portal

SERVER = os.environ.get("DATABASE_URL", "").rpartition("/")[0]
POSTGRES = "postgres" in SERVER
DATABASE, ROLE, PASSWORD = f"atelier_backup_{os.getpid()}", f"atelier_backup_role_{os.getpid()}", "Fictif-2027"
UPLOADS = {"imports/répertoire.csv": "siret;nom", "archives/2027/un.zip": "x" * 70_000}
LOG_IN = """
from django.test import Client
from sandbox.personas import PASSWORD, personas
one = personas()[0]
told = {"siret": one.siret, "last_name": one.nom, "first_name": one.prenom, "password": PASSWORD}
assert Client().post("/connexion/", told)["Location"] == "/menu/"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[str], None]]:
    """Runs a statement on the server of PostgreSQL; on SQLite there is none."""
    if not POSTGRES:
        yield lambda sql: None
        return
    opened = psycopg2.connect(os.environ["DATABASE_URL"])
    opened.autocommit = True
    yield opened.cursor().execute
    opened.close()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, server: Callable[[str], None]) -> Iterator[Portal]:
    """The demo and some private files, on a database that goes afterwards."""
    server(f"CREATE DATABASE {DATABASE}")
    environment = {"DATABASE_URL": f"{SERVER}/{DATABASE}", "APPLICATION_PASSWORD": PASSWORD} if POSTGRES else {}
    try:
        with portal(tmp_path_factory.mktemp("var"), **environment) as made:
            done(made, "migrate", "--verbosity=0")
            if POSTGRES:
                done(made, "grant_application", ROLE)
            done(made, "load_demo")
            for name, text in UPLOADS.items():
                path = made.var / "uploads" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            yield made
    finally:
        server(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        server(f"DROP ROLE IF EXISTS {ROLE}")


@pytest.fixture(scope="module")
def saved(installation: Portal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "one"
    told = done(served(installation), "backup", str(folder))
    assert ("SECRET_KEY" in told, "SEAL_KEY" in told) == (True, True)
    return folder


def done(made: Portal, *command: str) -> str:
    run = made.command(*command)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def refused(made: Portal, *command: str) -> str:
    run = made.command(*command)
    assert (run.returncode, run.stdout) == (1, "")
    return run.stderr


def served(made: Portal) -> Portal:
    """The same installation, as whoever serves the portal."""
    if not POSTGRES:
        return made
    host = SERVER.rpartition("@")[2]
    return Portal(made.var, DATABASE_URL=f"postgres://{ROLE}:{PASSWORD}@{host}/{DATABASE}")


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text())


def lose_everything(made: Portal, server: Callable[[str], None]) -> None:
    """All but the keys, which are kept apart."""
    shutil.rmtree(made.var / "uploads")
    for path in made.var.glob("atelier.sqlite3*"):
        path.unlink()
    server(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    server(f"CREATE DATABASE {DATABASE}")


def change(made: Portal, sql: str) -> None:
    if POSTGRES:
        with psycopg2.connect(made.environment["DATABASE_URL"]) as opened, opened.cursor() as cursor:
            cursor.execute(sql)
    else:
        with sqlite3.connect(made.var / "atelier.sqlite3") as opened:
            opened.execute(sql)
    opened.close()


def test_a_backup_holds_every_row_and_file_and_no_key(installation: Portal, saved: Path) -> None:
    held = manifest(saved)
    assert held["tables"]["accounts_user"][0] == installation.value("SELECT COUNT(*) FROM accounts_user") > 5
    assert {name for name in held["files"] if name.startswith("uploads/")} == {f"uploads/{name}" for name in UPLOADS}
    key = (installation.var / "secret-key").read_bytes()
    files = [path for path in saved.rglob("*") if path.is_file()]
    assert [path for path in files if key in path.read_bytes()] == []
    assert {path.stat().st_mode & 0o077 for path in (saved, *files)} == {0}


def test_all_is_lost_and_all_comes_back(
    installation: Portal, saved: Path, server: Callable[[str], None], tmp_path: Path
) -> None:
    lose_everything(installation, server)
    done(installation, "restore", str(saved))
    if POSTGRES:
        # Whatever was restored is closed to the portal until its rights are given again.
        assert "permission denied" in served(installation).command("verify_journal").stderr
        done(installation, "grant_application", ROLE)
    done(served(installation), "backup", str(tmp_path / "again"))
    before, after = manifest(saved), manifest(tmp_path / "again")
    assert (after["tables"], after["migrations"]) == (before["tables"], before["migrations"])
    assert {name: (installation.var / "uploads" / name).read_text() for name in UPLOADS} == UPLOADS
    done(served(installation), "verify_journal")
    served(installation).python(LOG_IN)
    done(installation, "migrate", "--check")


def test_a_portal_that_is_not_empty_is_replaced_only_when_asked(installation: Portal, saved: Path) -> None:
    change(installation, "DELETE FROM accounts_sweep")
    change(installation, "INSERT INTO accounts_sweep (name, ended_at) VALUES ('essai', '2027-01-20 09:00:00Z')")
    change(installation, "CREATE TABLE of_a_newer_version (id int)")
    stray = installation.var / "uploads" / "imports" / "depuis.csv"
    stray.write_text("x")
    assert "Ce portail n'est pas vide" in refused(installation, "restore", str(saved))
    assert (stray.exists(), installation.value("SELECT COUNT(*) FROM accounts_sweep")) == (True, 1)
    done(installation, "restore", str(saved), "--replace")
    sweeps = manifest(saved)["tables"]["accounts_sweep"][0]
    assert (stray.exists(), installation.value("SELECT COUNT(*) FROM accounts_sweep")) == (False, sweeps)


DUMP = "database.dump" if POSTGRES else "database.sqlite3"


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("damage", "name", "told"),
    [
        (flip, DUMP, "abîmée"),
        (cut, DUMP, "abîmée"),
        (Path.unlink, DUMP, "abîmée"),
        (flip, "uploads/archives/2027/un.zip", "abîmée"),
        (Path.unlink, "uploads/imports/répertoire.csv", "abîmée"),
        (flip, "manifest.json", "abîmée"),
        (Path.unlink, "manifest.json", "n'est pas une sauvegarde entière"),
        (Path.unlink, "manifest.json.sha256", "n'est pas une sauvegarde entière"),
    ],
)
def test_a_damaged_backup_changes_nothing(
    installation: Portal, saved: Path, tmp_path: Path, damage: Callable[[Path], None], name: str, told: str
) -> None:
    copy = shutil.copytree(saved, tmp_path / "copy")
    damage(copy / name)
    change(installation, "DELETE FROM accounts_sweep")
    change(installation, "INSERT INTO accounts_sweep (name, ended_at) VALUES ('essai', '2027-01-20 09:00:00Z')")
    assert told in refused(installation, "restore", str(copy), "--replace")
    assert installation.value("SELECT name FROM accounts_sweep") == "essai"
    assert (installation.var / "uploads" / "imports" / "répertoire.csv").exists()


def test_a_backup_of_a_newer_portal_or_of_the_other_database_is_refused(
    installation: Portal, saved: Path, tmp_path: Path
) -> None:
    for number, (changes, told) in enumerate(
        [
            ({"migrations": [["accounts", "0999_later"]]}, "plus récente du portail : accounts.0999_later"),
            ({"vendor": "oracle"}, "celle d'une base oracle"),
            ({"format": 2}, "une autre forme"),
            ({"files": {"../../secret-key": [1, "x"]}}, "abîmée"),
        ]
    ):
        copy = shutil.copytree(saved, tmp_path / str(number))
        rewrite(copy, changes)
        assert told in refused(installation, "restore", str(copy), "--replace")


def rewrite(folder: Path, changes: dict[str, Any]) -> None:
    """Write another manifest with its right proof."""
    text = json.dumps(manifest(folder) | changes)
    (folder / "manifest.json").write_text(text)
    (folder / "manifest.json.sha256").write_text(f"{hashlib.sha256(text.encode()).hexdigest()}  manifest.json\n")


def test_what_was_restored_is_compared_with_what_was_saved(installation: Portal, saved: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(saved, tmp_path / "copy")
    rewrite(copy, {"tables": manifest(copy)["tables"] | {"accounts_user": [1, "0"]}})
    assert "n'est pas celle qui a été sauvegardée : accounts_user" in refused(
        installation, "restore", str(copy), "--replace"
    )


def test_another_secret_key_is_told(installation: Portal, saved: Path) -> None:
    other = Portal(installation.var, **installation.environment | {"SECRET_KEY": "x" * 50})
    run = other.command("restore", str(saved), "--replace")
    assert (run.returncode, "SECRET_KEY n'est pas celle" in run.stderr) == (0, True)


def test_a_database_in_use_is_left_as_it_is(installation: Portal, saved: Path) -> None:
    change(installation, "INSERT INTO accounts_sweep (name, ended_at) VALUES ('essai', '2027-01-20 09:00:00Z')")
    if POSTGRES:
        user: Any = psycopg2.connect(installation.environment["DATABASE_URL"])
        user.cursor().execute("SELECT * FROM accounts_sweep")
    else:
        user = sqlite3.connect(installation.var / "atelier.sqlite3")
        user.execute("BEGIN IMMEDIATE")
    told = refused(installation, "restore", str(saved), "--replace")
    user.close()
    assert "arrêtez le portail" in told
    assert installation.value("SELECT COUNT(*) FROM accounts_sweep WHERE name = 'essai'") == 1


def test_a_backup_never_goes_over_another(installation: Portal, saved: Path) -> None:
    assert "n'est pas vide" in refused(installation, "backup", str(saved))
