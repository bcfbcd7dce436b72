"""Workbooks for tests: ordinary ones, and archives that lie."""

import io
import zipfile

from django.http.response import HttpResponseBase
from openpyxl import Workbook, load_workbook


def workbook(*rows: list[object]) -> bytes:
    """Return an XLSX whose only sheet has these rows."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def bomb(megabytes: int) -> bytes:
    """Return an archive that looks like a workbook and unpacks to that many megabytes."""
    file = io.BytesIO(workbook(["SIRET", "client"]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/more.xml", "w") as part:
        for _ in range(megabytes):
            part.write(b" " * 1_000_000)
    return file.getvalue()


def sheet(content: bytes) -> list[list[object]]:
    """Return the values of the first sheet."""
    return [list(row) for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)]


def content_of(response: HttpResponseBase) -> bytes:
    """Return what a response streams, and let go of its file.

    Closing the response itself would tell the database that a request ended, which drops the test's own connection.
    """
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    for close in response._resource_closers:  # type: ignore[attr-defined]
        close()
    return content
