"""Reading a table from a workbook."""

import datetime as dt
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.csvfile import FileProblem
from portal.kit.xlsxfile import open_table
from tests.workbooks import bomb, workbook

GOOD = workbook(["Note", " siret ", None], ["x", 73282932000074, None], [], [None, "1"])


def read(content: bytes) -> list[tuple[int, list[str]]]:
    return list(open_table(io.BytesIO(content), required=("SIRET",), optional=("Note",)).lines())


def test_columns_are_found_in_any_order_and_case() -> None:
    table = open_table(io.BytesIO(GOOD), required=("SIRET",))
    assert (table.columns, table.width, table.unknown) == ({"SIRET": 1}, 2, ("Note",))


def test_lines_are_texts_with_their_number_and_empty_ones_are_left_out() -> None:
    assert read(GOOD) == [(2, ["x", "73282932000074"]), (4, ["", "1"])]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.0, "1"), (True, "1"), (0.5, "0.5"), (dt.date(2027, 1, 31), "31/01/2027"), ("=1+1", "=1+1")],
)
def test_a_cell_reads_as_a_person_does(value: object, text: str) -> None:
    assert read(workbook(["SIRET"], [value])) == [(2, [text])]


def test_a_csv_is_still_a_csv() -> None:
    assert read(b"SIRET;Note\n1;2\n") == [(2, ["1", "2"])]


def test_a_workbook_that_unpacks_too_far_is_not_read() -> None:
    content = bomb(300)
    assert len(content) < 2_000_000
    with pytest.raises(FileProblem, match="pèse 300 Mo une fois ouvert"):
        read(content)


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/") + ".xml", content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\3\4 nothing", "abîmé ou incomplet"),
        (GOOD[:-30], "abîmé ou incomplet"),
        (archive(other=b""), "n'est pas un classeur"),
        (archive(xl__workbook=b"<oups"), "ne se lit pas"),
        (workbook(["SIREN"]), "il manque : SIRET"),
        (workbook(["SIRET", "SIRET"]), "figure deux fois"),
        (workbook(), "il manque : SIRET"),
    ],
)
def test_what_is_no_such_workbook_is_refused_with_its_reason(content: bytes, message: str) -> None:
    with pytest.raises(FileProblem, match=message):
        read(content)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_damaged_workbook_reads_or_is_refused(place: int, change: int) -> None:
    damaged = bytearray(GOOD)
    damaged[place] ^= change
    with suppress(FileProblem):
        read(bytes(damaged))


def with_doctype(doctype: str, value: str) -> bytes:
    """Return a workbook whose sheet defines entities, and uses one in a cell."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["SIRET"], ["x"]))) as good, zipfile.ZipFile(file, "w") as archive:
        for part in good.infolist():
            text = good.read(part).decode()
            if part.filename == "xl/worksheets/sheet1.xml":
                text = doctype + text.replace("<t>x</t>", f"<t>{value}</t>")
                assert value in text
            archive.writestr(part.filename, text)
    return file.getvalue()


def test_a_workbook_that_entities_would_swell_is_not_read() -> None:
    laughs = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]>'
    assert read(with_doctype(doctype, "&l0;")) == [(2, ["lol"])]
    with pytest.raises(FileProblem, match="ne se lit pas"):
        read(with_doctype(doctype, "&l9;"))


def test_a_workbook_reaches_no_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("73282932000074")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    with pytest.raises(FileProblem, match="ne se lit pas"):
        read(with_doctype(doctype, "&e;"))
