"""Tables for a spreadsheet."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.http import Http404
from django.http.response import HttpResponseBase
from openpyxl import load_workbook

from portal.kit.export import cell, table_response
from tests.workbooks import content_of, sheet

# Closing a response tells the database.
pytestmark = pytest.mark.django_db

HEADER = ("SIRET", "Taux", "Date", "Nom")
ROW = ["01234567890123", Decimal("2.1"), dt.date(2027, 1, 31), '=HYPERLINK("x")']


def body(response: HttpResponseBase) -> bytes:
    return content_of(response)


def test_a_csv_has_a_mark_semicolons_and_no_formula() -> None:
    response = table_response("x", "csv", HEADER, [ROW])
    assert body(response).decode() == (
        '\N{BYTE ORDER MARK}SIRET;Taux;Date;Nom\r\n01234567890123;2,10;31/01/2027;"\'=HYPERLINK(""x"")"\r\n'
    )
    assert response["Content-Disposition"] == 'attachment; filename="x.csv"'


def test_a_number_below_zero_is_no_formula() -> None:
    assert cell(Decimal("-0.11")) == "-0,11"
    assert cell("-0,11") == "'-0,11"


def test_a_workbook_keeps_texts_as_texts_and_numbers_as_numbers() -> None:
    response = table_response("x", "xlsx", HEADER, [ROW])
    [heads, row] = sheet(body(response))
    assert heads == list(HEADER)
    assert row == ["01234567890123", 2.1, dt.datetime(2027, 1, 31), '=HYPERLINK("x")']  # noqa: DTZ001
    assert response["Content-Disposition"] == 'attachment; filename="x.xlsx"'


def test_a_workbook_has_no_formula() -> None:
    content = body(table_response("x", "xlsx", HEADER, [ROW, ["\x01", 1, "", ""]]))
    cells = [cell for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "d"}
    assert (cells[7].data_type, cells[7].value) == ("s", ROW[3])


def test_another_format_does_not_exist() -> None:
    with pytest.raises(Http404):
        table_response("x", "pdf", HEADER, [])
