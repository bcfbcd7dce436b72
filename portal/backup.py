"""A folder that holds the whole portal but its keys: the database, the private files, and what proves them whole.

Restoring checks all of it before anything is written, and what was written afterwards. See docs/operations.md.
"""

import datetime as dt
import hashlib
import hmac
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient
from django.db.migrations.loader import MigrationLoader

from accounts.models import Enterprise, JournalEntry, User

FORMAT = 1
MANIFEST, PROOF = "manifest.json", "manifest.json.sha256"
DUMPS = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}
UPLOADS = "uploads"
# Seconds that a restoration waits for whoever still uses the database.
LOCK_SECONDS = 10


class BackupError(Exception):
    """What could not be saved or restored, in one sentence."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    tables: rows and checksum of each, whatever their order. files: bytes and SHA-256 of each, by its path. secret:
    tells whether SECRET_KEY is the same, and nothing else of it.
    """

    format: int
    made_at: str
    vendor: str
    secret: str
    migrations: list[list[str]]
    tables: dict[str, list[Any]]
    files: dict[str, list[Any]]

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(count for count, _checksum in self.tables.values())


def secret_mark() -> str:
    """Return 32 bits of a keyed hash: enough to tell two keys apart, too few to find one."""
    return hmac.new(settings.SECRET_KEY.encode(), b"portal.backup", hashlib.sha256).hexdigest()[:8]


# Made ---------------------------------------------------------------------


def make_backup(folder: Path, *, at: dt.datetime) -> Manifest:
    """Save the portal, while it runs or not, into a folder that is new or empty. at: real time.

    The manifest comes last: a backup cut short has none. Raises BackupError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BackupError(f"{folder} n'est pas vide : une sauvegarde a son dossier à elle.")
    dump = folder / DUMPS[connection.vendor]
    with _snapshot() as snapshot:
        # Files first, dumps take longer: one that a job has read meanwhile is gone, and its row says « à lire ».
        _copy_files(Path(settings.MEDIA_ROOT), folder / UPLOADS)
        tables = _dump(dump, snapshot)
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
            migrations = [list(row) for row in cursor.fetchall()]
    files = {path.relative_to(folder).as_posix(): _measure(path) for path in sorted(_files(folder))}
    manifest = Manifest(FORMAT, at.isoformat(), connection.vendor, secret_mark(), migrations, tables, files)
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text)
    # As sha256sum -c reads it.
    (folder / PROOF).write_text(f"{hashlib.sha256(text.encode()).hexdigest()}  {MANIFEST}\n")
    for path in _files(folder):
        path.chmod(0o600)
    return manifest


@contextmanager
def _snapshot() -> Iterator[str]:
    """On PostgreSQL, a transaction that others can read the same state as; SQLite's copy is one by itself."""
    if connection.vendor == "sqlite":
        yield ""
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _dump(path: Path, snapshot: str) -> dict[str, list[Any]]:
    if connection.vendor == "postgresql":
        _tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}")
        return _postgresql_tables()
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
        # One file, without the log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
    return _sqlite_tables(path)


# Restored -----------------------------------------------------------------


def read_backup(folder: Path) -> Manifest:
    """Return a backup's manifest once everything in it was found whole. Writes nothing.

    Raises BackupError for a backup cut short, damaged, of another database, or of a newer portal.
    """
    try:
        text = (folder / MANIFEST).read_text()
        proof = (folder / PROOF).read_text()
    except (OSError, UnicodeDecodeError):
        raise BackupError(
            f"{folder} n'est pas une sauvegarde entière : son manifeste manque ou ne se lit pas."
        ) from None
    if proof.split() != [hashlib.sha256(text.encode()).hexdigest(), MANIFEST]:
        raise BackupError("Cette sauvegarde est abîmée : son manifeste n'est pas celui qui a été écrit.")
    known = json.loads(text)
    if known["format"] != FORMAT:
        raise BackupError("Cette sauvegarde a une autre forme : prenez la version du portail qui l'a faite.")
    manifest = Manifest(**known)
    for name, measure in manifest.files.items():
        path = folder / name
        inside = path.resolve().is_relative_to(folder.resolve())
        if not inside or not path.is_file() or _measure(path) != measure:
            raise BackupError(f"Cette sauvegarde est abîmée : {name} manque ou n'est pas celui qui a été écrit.")
    if manifest.vendor != connection.vendor:
        raise BackupError(
            f"Cette sauvegarde est celle d'une base {manifest.vendor} : celle-ci est {connection.vendor}."
        )
    _refuse_newer(manifest)
    if manifest.vendor == "postgresql":
        _tool("pg_restore", "--list", str(folder / DUMPS["postgresql"]), to_database=False)
    return manifest


def _refuse_newer(manifest: Manifest) -> None:
    disk = MigrationLoader(None).disk_migrations
    labels = {config.label for config in apps.get_app_configs()}
    unknown = [f"{app}.{name}" for app, name in manifest.migrations if app in labels and (app, name) not in disk]
    if unknown:
        raise BackupError(f"Cette sauvegarde vient d'une version plus récente du portail : {', '.join(unknown)}.")


def restore_backup(folder: Path, *, replace: bool = False) -> Manifest:
    """Put the portal back as it was saved: the whole database or nothing of it, then the files. Again is harmless.

    replace: even over a portal that is not empty. Raises BackupError; what is refused by `read_backup`, or because the
    portal is not empty, leaves it as it was.
    """
    manifest = read_backup(folder)
    if not replace and _holds_something():
        raise BackupError("Ce portail n'est pas vide : ajoutez --replace pour perdre ce qu'il contient.")
    dump = folder / DUMPS[manifest.vendor]
    if manifest.vendor == "postgresql":
        _restore_postgresql(dump)
        found = _postgresql_tables()
    else:
        place = Path(connection.settings_dict["NAME"])
        _restore_sqlite(dump, place)
        found = _sqlite_tables(place)
    names = sorted({*found, *manifest.tables})
    if wrong := [name for name in names if found.get(name) != manifest.tables.get(name)]:
        raise BackupError(f"La base restaurée n'est pas celle qui a été sauvegardée : {', '.join(wrong)}.")
    _restore_files(folder / UPLOADS)
    return manifest


def _holds_something() -> bool:
    known = set(connection.introspection.table_names())
    return any(
        model._meta.db_table in known and model._default_manager.exists() for model in (Enterprise, User, JournalEntry)
    )


def _restore_sqlite(dump: Path, place: Path) -> None:
    connection.close()
    place.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(dump)) as source, closing(sqlite3.connect(place, timeout=LOCK_SECONDS)) as target:
        try:
            source.backup(target, progress=_not_for_ever)
        except sqlite3.Error as error:
            raise BackupError(f"Rien n'a été restauré ({error}) : arrêtez le portail, puis recommencez.") from None


def _not_for_ever(status: int, _left: int, _all: int) -> None:
    """Python would try again without end."""
    if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        raise sqlite3.OperationalError("la base est prise")


def _restore_postgresql(dump: Path) -> None:
    """Replace every table in one transaction, which is committed once pg_restore has said all."""
    quote = connection.ops.quote_name
    tables = ", ".join(map(quote, connection.introspection.table_names()))
    connection.close()
    drop = f"DROP TABLE {tables} CASCADE;" if tables else ""
    script = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--file=-", str(dump)]
    args, environment = _client("psql", "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1")
    with (
        tempfile.TemporaryFile() as told,
        subprocess.Popen(args, env=environment, stdin=subprocess.PIPE, stderr=told) as psql,  # noqa: S603 - ours
    ):
        assert psql.stdin is not None  # noqa: S101 - it was asked for
        try:
            psql.stdin.write(f"BEGIN; SET LOCAL lock_timeout = '{LOCK_SECONDS}s'; {drop}\n".encode())
            psql.stdin.flush()
            said = subprocess.run(script, stdout=psql.stdin, stderr=told, check=False).returncode  # noqa: S603 - our own tool
            psql.stdin.write(b"\nCOMMIT;\n" if said == 0 else b"\nROLLBACK;\n")
            psql.stdin.close()
        except BrokenPipeError:
            said = 1
        if psql.wait() or said:
            told.seek(0)
            lines = told.read().decode(errors="replace").strip().splitlines()
            why = next((line for line in lines if "ERROR" in line or "FATAL" in line), lines[-1] if lines else "")
            raise BackupError(f"Rien n'a été restauré ({why}) : arrêtez le portail, puis recommencez.")


def _restore_files(source: Path) -> None:
    """Leave in MEDIA_ROOT, which may be a mounted volume, what the backup holds and nothing else."""
    target = Path(settings.MEDIA_ROOT)
    for path in _files(target):
        path.unlink()
    _copy_files(source, target)


# Files and tables ---------------------------------------------------------


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _copy_files(source: Path, target: Path) -> None:
    for path in list(_files(source)):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, place)
        except FileNotFoundError:
            place.unlink(missing_ok=True)


def _measure(path: Path) -> list[Any]:
    with path.open("rb") as file:
        return [path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()]


def _postgresql_tables() -> dict[str, list[Any]]:
    """Return rows and checksum of each table: the sum of its rows' MD5, computed by the database."""
    found = {}
    with transaction.atomic(), connection.cursor() as cursor:
        # What a row's text depends on.
        for name, value in (("TimeZone", "UTC"), ("DateStyle", "ISO"), ("bytea_output", "hex")):
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        for table in sorted(connection.introspection.table_names(cursor)):
            half = "coalesce(sum(('x' || substr(h, {}, 16))::bit(64)::bigint::numeric), 0)"
            cursor.execute(
                f"SELECT count(*), {half.format(1)}, {half.format(17)}"  # noqa: S608 - names come from the database
                f" FROM (SELECT md5(t::text) AS h FROM {connection.ops.quote_name(table)} t) hashes"
            )
            rows, first, second = cursor.fetchone()
            found[table] = [rows, f"{first} {second}"]
    return found


def _sqlite_tables(path: Path) -> dict[str, list[Any]]:
    """Return the same of a file, its rows read one by one."""
    found = {}
    with closing(sqlite3.connect(path)) as opened:
        listed = opened.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        for [table] in sorted(listed.fetchall()):
            rows, total = 0, 0
            for row in opened.execute(f"SELECT * FROM {connection.ops.quote_name(table)}"):  # noqa: S608 - as above
                rows += 1
                total += int.from_bytes(hashlib.sha256(repr(row).encode()).digest()[:16])
            found[table] = [rows, str(total)]
    return found


def _client(tool: str, *args: str) -> tuple[list[str], dict[str, str]]:
    """Return the command line of a PostgreSQL tool for our database, and its environment: the password is there."""
    command, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, list(args))
    return [tool, *command[1:]], os.environ | (environment or {})


def _tool(name: str, *args: str, to_database: bool = True) -> None:
    command, environment = _client(name, *args) if to_database else ([name, *args], dict(os.environ))
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own tool
    except FileNotFoundError:
        raise BackupError(f"{name} manque : installez les outils clients de PostgreSQL (postgresql-client).") from None
    if done.returncode:
        raise BackupError(f"{name} a échoué : {done.stderr.strip().splitlines()[0]}")
