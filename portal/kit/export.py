"""Tables for a spreadsheet. CSV: « ; », BOM, decimal comma, no cell that starts a formula. XLSX: texts are texts."""

import csv
import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.http import FileResponse, Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.workbook.child import _WorkbookChild

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """What csv.writer writes to; hands each line back."""

    def write(self, line: str) -> str:
        return line


def cell(value: object) -> str:
    """Return a value as a cell: « 2,10 », « 01/01/2027 », and an apostrophe before what would be a formula."""
    if isinstance(value, Decimal):
        whole, decimals = f"{value:.4f}".split(".")
        # A number below zero is a number.
        return f"{whole},{decimals[:2]}{decimals[2:].rstrip('0')}"
    text = f"{value:%d/%m/%Y}" if isinstance(value, dt.date) else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """Send a CSV as it is made, in constant memory, under that file name."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo(), delimiter=";")
        yield "\N{BYTE ORDER MARK}"
        yield writer.writerow(header)
        for row in rows:
            yield writer.writerow([cell(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def table_response(name: str, kind: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponseBase:
    """Send a table under that file name, without its ending. kind: « csv » or « xlsx »; raises Http404 otherwise."""
    if kind == "csv":
        return csv_response(f"{name}.csv", header, rows)
    if kind == "xlsx":
        return _xlsx_response(f"{name}.xlsx", header, rows)
    raise Http404("Ce format n'existe pas.")


def _xlsx_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> FileResponse:
    """Send a workbook of one sheet, written row by row to a temporary file."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Feuille 1")
    sheet.freeze_panes = "A2"
    for index, title in enumerate(header):
        sheet.column_dimensions[chr(ord("A") + index)].width = max(12, min(40, len(title) + 4))
    heads = [WriteOnlyCell(sheet, value=title) for title in header]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in rows:
        sheet.append([_xlsx_cell(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    workbook.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)


def _xlsx_cell(sheet: _WorkbookChild, value: object) -> Cell:
    """Return a cell: numbers and days as themselves, everything else a text, never a formula."""
    if isinstance(value, Decimal | int):
        return WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        made = WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]
        made.number_format = "DD/MM/YYYY"
        return made
    made = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    made.data_type = "s"
    # « Text »: a SIRET stays one when the cell is edited.
    made.number_format = "@"
    return made
