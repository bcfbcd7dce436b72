"""CSV files for a spreadsheet: « ; », BOM, decimal comma, and no cell that starts a formula."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.http import StreamingHttpResponse

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """What csv.writer writes to; hands each line back."""

    def write(self, line: str) -> str:
        return line


def cell(value: object) -> str:
    """Return a value as a cell: « 2,10 », « 01/01/2027 », and an apostrophe before what would be a formula."""
    if isinstance(value, Decimal):
        whole, decimals = f"{value:.4f}".split(".")
        text = f"{whole},{decimals[:2]}{decimals[2:].rstrip('0')}"
    elif isinstance(value, dt.date):
        text = f"{value:%d/%m/%Y}"
    else:
        text = str(value)
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
