"""What takes seconds to load is loaded once a process; its rows are written again for the tests that come after."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection

Rows = dict[str, set[tuple[Any, ...]]]
# A trigger writes these, when the rows that it counts are written.
FED = {"notifications_dismissed"}
# What was made, and over which rows → the rows and the files it added.
_KEPT: list[tuple[object, Rows, Rows, dict[str, bytes]]] = []


def kept(key: object, make: Callable[[], object]) -> None:
    """Make something that only adds, or write again what it added when the database was as it is now."""
    before = _rows()
    for made, over, rows, files in _KEPT:
        if (made, over) == (key, before):
            _write(rows, files)
            return
    make()
    after = _rows()
    assert all(rows <= after[table] for table, rows in before.items()), "it changes rows"
    root = Path(settings.MEDIA_ROOT)
    files = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    _KEPT.append((key, before, {table: rows - before[table] for table, rows in after.items()}, files))


@cache
def _tables() -> dict[str, list[str]]:
    """Return the columns of each table, without those that the database makes itself."""
    found = apps.get_models(include_auto_created=True)
    return {
        model._meta.db_table: [field.column for field in model._meta.local_concrete_fields if not field.generated]
        for model in found
        if model._meta.managed and not model._meta.proxy
    }


def _rows() -> Rows:
    found = {}
    with connection.cursor() as cursor:
        for table, columns in _tables().items():
            cursor.execute(f"SELECT {', '.join(map(connection.ops.quote_name, columns))} FROM {table}")
            found[table] = set(cursor.fetchall())
    return found


def _write(added: Rows, files: dict[str, bytes]) -> None:
    with connection.cursor() as cursor:
        for table, columns in _tables().items():
            if added[table] and table not in FED:
                names = ", ".join(map(connection.ops.quote_name, columns))
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", added[table])
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
            cursor.execute(statement)
    for name, content in files.items():
        path = Path(settings.MEDIA_ROOT) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
