"""Many rows at once: COPY on PostgreSQL, executemany elsewhere; and work that several workers share."""

import csv
import io
from collections.abc import Sequence
from typing import Any, BinaryIO, TypeVar

from django.db import connection, models

# A control character, which no imported cell may hold, tells NULL from an empty text.
_NULL = "\x01"

Q = TypeVar("Q", bound="models.QuerySet[Any]")


def skip_locked(queryset: Q) -> Q:
    """Take what no other worker is taking; SQLite has one writer at a time and needs no lock."""
    if connection.features.has_select_for_update_skip_locked:
        return queryset.select_for_update(skip_locked=True, of=("self",))
    return queryset


def insert_rows(model: type[models.Model], columns: tuple[str, ...], rows: Sequence[Sequence[object]]) -> None:
    """Insert rows of plain values, in the current transaction, without one object per row.

    columns: database column names. Values: str, int, date, Decimal, bool as 0 or 1, or None for NULL.
    """
    if not rows:
        return
    table, names = connection.ops.quote_name(model._meta.db_table), ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            buffer = io.StringIO()
            csv.writer(buffer).writerows(
                [_NULL if cell is None else cell for cell in row] if None in row else row for row in rows
            )
            buffer.seek(0)
            cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN (FORMAT csv, NULL '{_NULL}')", buffer)
        else:
            marks = ", ".join("%s" for _ in columns)
            cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names come from the models
                [[cell if cell is None or isinstance(cell, int) else str(cell) for cell in row] for row in rows],
            )


def copy_lines(table: str, body: BinaryIO) -> int:
    """Copy the lines of a plain file (portal.kit.csvfile) into a table that lives as long as this transaction.

    PostgreSQL only. The table: line, from 2 on, and text. Return how many lines there are.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {table} (line integer GENERATED ALWAYS AS IDENTITY (START 2), text text NOT NULL)"
            " ON COMMIT DROP"
        )
        cursor.copy_expert(
            f"COPY {table} (text) FROM STDIN "
            "(FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01', NULL E'\\x03', ENCODING 'UTF8')",
            body,
        )
        return int(cursor.rowcount)


def refresh_statistics(*models_: type[models.Model]) -> None:
    """Tell PostgreSQL's planner about tables just filled: without it a join may take the slowest way."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE " + ", ".join(connection.ops.quote_name(m._meta.db_table) for m in models_))


def look_rows_up() -> None:
    """Make PostgreSQL look rows up by their keys for the rest of this transaction.

    A batch then costs what its lines cost, whatever the tables hold and however old their statistics are; left to
    itself, the planner reads whole tables for every batch.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for way in ("hashjoin", "mergejoin", "seqscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")


def sort_in_memory() -> None:
    """Let PostgreSQL join a whole file in memory for the rest of this transaction; its own limit is for pages."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '128MB'")
