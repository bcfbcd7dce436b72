"""Reads a CSV as people send it: any usual encoding, separator and spelling of the header."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar, cast

T = TypeVar("T")
_CHUNK = 1 << 20
# What keeps the lines of a file from being cut at each separator, or copied as they are: quotation marks, what COPY
# takes for its own marks, and a carriage return alone, which ends a line for `csv` only.
_MARKS = (b'"', b"\x01", b"\x02", b"\x03", b"\\.")
csv.field_size_limit(100_000)


class FileProblem(ValueError):
    """The file as a whole cannot be taken; its text is the sentence for the person who sent it."""


@dataclass(frozen=True)
class CsvFile:
    """An opened CSV: where each known column stands, and its lines.

    columns: name as asked for → index in a line. width: number of cells a line must have. unknown: the other columns,
    as the file spells them. plain: it is UTF-8, and a line of text is a line of cells, cut at each separator.
    """

    columns: dict[str, int]
    width: int
    unknown: tuple[str, ...]
    separator: str
    plain: bool
    _reader: Any
    _file: BinaryIO

    def body(self) -> BinaryIO:
        """Return the bytes under the header of a plain file, its lines ended by \\n. lines() is then of no use."""
        self._file.seek(0)
        self._file.readline()
        return cast(BinaryIO, _UnixLines(self._file))

    def cut(self, number: int, text: str) -> list[str]:
        """Return the cells of a line of a plain file. Raises FileProblem as lines() would."""
        try:
            return next(csv.reader([text], delimiter=self.separator, strict=True), [])
        except csv.Error:
            raise _stopped(number) from None

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (line number, cells) for each line that is not empty; the header is line 1.

        Raises FileProblem when the text stops being a CSV (an unclosed quotation mark).
        """
        try:
            for cells in self._reader:
                if "".join(cells).strip():
                    yield self._reader.line_num + 1, cells
        except csv.Error:
            raise _stopped(self._reader.line_num + 1) from None


class _UnixLines:
    """Reads a file with \\r\\n as \\n, a megabyte at a time."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def read(self, _size: int = -1) -> bytes:
        chunk = self.file.read(_CHUNK)
        if chunk.endswith(b"\r"):
            chunk += self.file.read(1)
        return chunk.replace(b"\r\n", b"\n")


def _stopped(line: int) -> FileProblem:
    return FileProblem(f"Ligne {line} : la lecture s'arrête ici, sans doute un guillemet ouvert et jamais fermé.")


def read_once(texts: Iterable[str], parse: Callable[[str], T]) -> tuple[dict[str, T], dict[str, str]]:
    """Parse each distinct text of a column, and return the values and what the ValueErrors said, by text."""
    values: dict[str, T] = {}
    wrong: dict[str, str] = {}
    for text in set(texts):
        try:
            values[text] = parse(text)
        except ValueError as error:
            wrong[text] = str(error)
    return values, wrong


def open_csv(file: BinaryIO, *, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> CsvFile:
    """Open a CSV whose header holds the required columns, in any order and case.

    The text is UTF-8 with or without BOM, else cp1252, else ISO-8859-1; the separator « ; », « , » or a tab.
    Raises FileProblem: empty, not a text, a required column absent or given twice, no line under the header.
    """
    encoding, plain = _survey(file)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    header = text.readline()
    separator = max(";,\t", key=header.count)
    names = next(csv.reader([header], delimiter=separator), [])
    known, unknown = find_columns(names, required, optional)
    reader = csv.reader(text, delimiter=separator, strict=True)
    return CsvFile(known, len(names), unknown, separator, plain, reader, file)


def find_columns(
    titles: Sequence[str], required: tuple[str, ...], optional: tuple[str, ...]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return where each known column stands in the first line, in any order and case, and the titles nobody asked for.

    Raises FileProblem when a required column is absent or a known one given twice.
    """
    names = [title.strip().casefold() for title in titles]
    if missing := [name for name in required if name.casefold() not in names]:
        found = ";".join(titles).strip(" ;\r\n")[:150] or "(ligne vide)"
        raise FileProblem(
            f"La première ligne doit nommer les colonnes ; il manque : {', '.join(missing)}. Elle contient : {found}"
        )
    known = {name: names.index(name.casefold()) for name in required + optional if name.casefold() in names}
    if twice := [name for name in known if names.count(name.casefold()) > 1]:
        raise FileProblem(f"La colonne {twice[0]} figure deux fois dans la première ligne.")
    indexes = set(known.values())
    return known, tuple(title.strip() for index, title in enumerate(titles) if index not in indexes and title.strip())


def _survey(file: BinaryIO) -> tuple[str, bool]:
    """Return the encoding of a file, and whether it is plain, by reading the whole of it a megabyte at a time."""
    plain, before = True, b""
    while chunk := file.read(_CHUNK):
        if b"\0" in chunk:
            raise FileProblem("Ce fichier n'est pas un texte CSV : enregistrez-le au format CSV depuis le tableur.")
        # With the last byte of the chunk before: a mark may have been cut in two.
        seen, before = before + chunk, chunk[-1:]
        returns = seen.count(b"\r", 0, len(seen) - 1)
        plain = plain and returns == seen.count(b"\r\n") and not any(mark in seen for mark in _MARKS)
    if not before:
        raise FileProblem("Le fichier est vide (0 octet).")
    found = next((name for name in ("utf-8", "cp1252") if _decodes(file, name)), "iso-8859-1")
    file.seek(0)
    return {"utf-8": "utf-8-sig"}.get(found, found), plain and found == "utf-8" and before != b"\r"


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
