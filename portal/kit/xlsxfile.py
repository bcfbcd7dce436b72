"""Reads a table from an XLSX workbook, as a CSV would be read, without letting it unpack more than it may."""

import datetime as dt
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from openpyxl import load_workbook

from portal.kit.csvfile import CsvFile, FileProblem, find_columns, open_csv

# 1.5 MB can unpack to 300 (trust.md): what the archive declares bounds what is ever read of it.
MOST_UNPACKED = 60_000_000
_MOST_PARTS = 1_000
MOST_COLUMNS = 100
_MAGIC = b"PK\3\4"


@dataclass(frozen=True)
class XlsxFile:
    """An opened first sheet; the same members as a CsvFile."""

    columns: dict[str, int]
    width: int
    unknown: tuple[str, ...]
    _rows: Iterator[list[str]]

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (line number, cells as texts) for each line that is not empty; the header is line 1."""
        for number, cells in enumerate(self._rows, 2):
            if any(cell.strip() for cell in cells):
                yield number, cells


def open_table(file: BinaryIO, *, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> CsvFile | XlsxFile:
    """Open a CSV or an XLSX, told apart by its first bytes. Raises FileProblem as `open_csv` does."""
    if not is_xlsx(file):
        return open_csv(file, required=required, optional=optional)
    check_archive(file)
    titles = next(_rows(file, MOST_COLUMNS), [])
    while titles and not titles[-1].strip():
        titles.pop()
    columns, unknown = find_columns(titles, required, optional)
    width = len(titles)
    return XlsxFile(columns, width, unknown, islice(_rows(file, width), 1, None))


def is_xlsx(file: BinaryIO) -> bool:
    """Say whether a file is an archive, as every XLSX is; leaves it at its beginning."""
    magic = file.read(4)
    file.seek(0)
    return magic == _MAGIC


def check_archive(file: BinaryIO) -> None:
    """Look at what an archive declares, before any of it is unpacked. Raises FileProblem."""
    try:
        parts = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise FileProblem("Ce classeur XLSX est abîmé ou incomplet : enregistrez-le de nouveau.") from None
    finally:
        file.seek(0)
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise FileProblem("Cette archive n'est pas un classeur XLSX.")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED or len(parts) > _MOST_PARTS:
        raise FileProblem(
            f"Ce classeur pèse {unpacked // 1_000_000} Mo une fois ouvert, la limite est de "
            f"{MOST_UNPACKED // 1_000_000} Mo : il n'a pas été lu."
        )


def _rows(file: BinaryIO, width: int) -> Iterator[list[str]]:
    """Yield that many cells of each row of the first sheet, as texts. Raises FileProblem when the workbook breaks."""
    try:
        workbook = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        sheet = workbook.worksheets[0]
        # The sheet's own word on its size may be a lie.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_col=width):
            yield [_text(cell) for cell in row]
    except Exception:  # noqa: BLE001, RUF100 - a broken workbook raises anything: KeyError, ParseError, BadZipFile…
        raise FileProblem("Ce classeur XLSX ne se lit pas : enregistrez-le de nouveau, ou en CSV.") from None


def _text(cell: Any) -> str:
    """Return a cell as a person reads it: whole numbers without decimals, days as JJ/MM/AAAA, formulas as written."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return f"{value:%d/%m/%Y}"
    return str(value)[:1000]
