"""Lines of a campaign that say nothing unusual, staged by PostgreSQL in one statement instead of one by one.

What a cell may hold is told by the same parsers as for any line, once for each distinct text of a column. A line is
ordinary when its cells all read well, its establishment is known and open on its day, and its code is in the tariff of
its year. The others are left to be read as everywhere, which says what is wrong with them (decision 0025).
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from accounts.models import Establishment, ImportFile
from notifications.actions import inputs, natures
from notifications.models import CollectiveRate, StagedRate
from portal.kit.bulk import copy_lines, sort_in_memory
from portal.kit.csvfile import CsvFile, read_once

Lines = Iterator[tuple[int, list[str]]]
# Column of the file → its name in what follows.
_COLUMNS = {"siret": "siret", "code_risque": "code", "taux": "rate", "date_effet": "day", "mode": "mode"}
_LINES = "campaign_lines"
_NAMES = {"lines": _LINES, "staged": StagedRate._meta.db_table, "establishment": Establishment._meta.db_table}
_DISTINCT = """SELECT code, day, rate, mode FROM (SELECT {cells} FROM {lines} l OFFSET 0) s
    GROUP BY GROUPING SETS ((code, day), (rate), (mode))"""
_TAKE = """INSERT INTO {staged} (import_file_id, line, siret, code_risque, rate, effective_on, mode, known)
    SELECT %(file)s, s.line, e.siret, told.code_risque, rate.value, told.effective_on, mode.value, TRUE
    FROM (SELECT l.line, {cells} FROM {lines} l
        WHERE octet_length(l.text) - octet_length(replace(l.text, %(separator)s, '')) = %(separators)s) s
    JOIN {establishment} e ON e.siret = s.siret
    JOIN unnest(%(codes)s::text[], %(days)s::text[], %(codes_read)s::text[], %(days_read)s::date[])
        AS told (code, day, code_risque, effective_on) ON told.code = s.code AND told.day = s.day
    JOIN unnest(%(rates)s::text[], %(rates_read)s::numeric[]) AS rate (text, value) ON rate.text = s.rate
    JOIN unnest(%(modes)s::text[], %(modes_read)s::text[]) AS mode (text, value) ON mode.text = s.mode
    WHERE e.closed_on IS NULL OR e.closed_on > told.effective_on"""
_OTHERS = """SELECT l.line, l.text FROM {lines} l
    WHERE NOT EXISTS (SELECT 1 FROM {staged} s WHERE s.import_file_id = %s AND s.line = l.line) ORDER BY l.line"""


def sift(import_file: ImportFile, csv_file: CsvFile, parsers: dict[str, inputs.Parser]) -> tuple[int, Lines]:
    """Stage the ordinary lines, and return how many there are and the (line, cells) of the others.

    parsers: of the columns of every campaign. Elsewhere than on PostgreSQL, or in a file that brings inputs or corrects
    decisions, no line is ordinary.
    """
    others = (*natures.COLUMNS, *inputs.COLUMNS)
    if not (
        connection.vendor == "postgresql"
        and csv_file.plain
        and all(name in csv_file.columns for name in _COLUMNS)
        and not any(name in csv_file.columns for name in others)
    ):
        return 0, csv_file.lines()
    total = copy_lines(_LINES, csv_file.body())
    sort_in_memory()
    cells = ", ".join(
        f"split_part(l.text, %(separator)s, {csv_file.columns[column] + 1}) AS {name}"
        for column, name in _COLUMNS.items()
    )
    params: dict[str, Any] = {"file": import_file.pk, "separator": csv_file.separator, "separators": csv_file.width - 1}
    with connection.cursor() as cursor:
        cursor.execute(_DISTINCT.format(cells=cells, **_NAMES), params)
        params |= _read(cursor.fetchall(), parsers)
        # Whole tables are joined: a planner without statistics would look lines up one by one.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_TAKE.format(cells=cells, **_NAMES), params)
        taken = int(cursor.rowcount)
        cursor.execute("SET LOCAL enable_nestloop = on")
    return taken, _others(import_file, csv_file) if taken < total else iter(())


def _read(said: list[tuple[str | None, ...]], parsers: dict[str, Callable[[str], Any]]) -> dict[str, list[Any]]:
    """Read the distinct texts of each column, and return those that read well beside what they say."""
    pairs = [(code, day) for code, day, *_others in said if code is not None and day is not None]
    codes, _wrong = read_once((code for code, _day in pairs), parsers["code_risque"])
    days, _wrong = read_once((day for _code, day in pairs), parsers["date_effet"])
    rates, _wrong = read_once((rate for _code, _day, rate, _mode in said if rate is not None), parsers["taux"])
    modes, _wrong = read_once((mode for *_others, mode in said if mode is not None), parsers["mode"])
    tariffs: set[tuple[int, Any]] = set(CollectiveRate.objects.values_list("tariff_id", "code"))
    told = [
        (code, day, codes[code], days[day])
        for code, day in pairs
        if code in codes and day in days and (days[day].year, codes[code]) in tariffs
    ]
    names = ("codes", "days", "codes_read", "days_read")
    return dict(zip(names, map(list, zip(*told, strict=True)) if told else ([], [], [], []), strict=True)) | {
        "rates": list(rates),
        "rates_read": list(rates.values()),
        "modes": list(modes),
        "modes_read": list(modes.values()),
    }


def _others(import_file: ImportFile, csv_file: CsvFile) -> Lines:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_OTHERS.format(**_NAMES), [import_file.pk])
        for number, text in cursor:
            cells = csv_file.cut(number, text)
            if "".join(cells).strip():
                yield number, cells
