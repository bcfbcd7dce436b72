"""Reads a CSV as people send it: any usual encoding, separator and spelling of the header."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

T = TypeVar("T")
_CHUNK = 1 << 20
csv.field_size_limit(100_000)


class FileProblem(ValueError):
    """The file as a whole cannot be taken; its text is the sentence for the person who sent it."""


@dataclass(frozen=True)
class CsvFile:
    """An opened CSV: where each known column stands, and its lines.

    columns: name as asked for → index in a line. width: number of cells a line must have. unknown: the other columns,
    as the file spells them.
    """

    columns: dict[str, int]
    width: int
    unknown: tuple[str, ...]
    _reader: Any

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (line number, cells) for each line that is not empty; the header is line 1.

        Raises FileProblem when the text stops being a CSV (an unclosed quotation mark).
        """
        try:
            for cells in self._reader:
                if "".join(cells).strip():
                    yield self._reader.line_num + 1, cells
        except csv.Error:
            line = self._reader.line_num + 1
            raise FileProblem(
                f"Ligne {line} : la lecture s'arrête ici, sans doute un guillemet ouvert et jamais fermé."
            ) from None


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
    text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
    header = text.readline()
    separator = max(";,\t", key=header.count)
    names = next(csv.reader([header], delimiter=separator), [])
    known, unknown = find_columns(names, required, optional)
    reader = csv.reader(text, delimiter=separator, strict=True)
    return CsvFile(columns=known, width=len(names), unknown=unknown, _reader=reader)


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


def _encoding(file: BinaryIO) -> str:
    """Find the encoding by reading the whole file once, a megabyte at a time."""
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "cp1252")}
    size = 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if b"\0" in chunk:
            raise FileProblem("Ce fichier n'est pas un texte CSV : enregistrez-le au format CSV depuis le tableur.")
        for name in list(decoders):
            try:
                decoders[name].decode(chunk)
            except UnicodeDecodeError:
                del decoders[name]
    if not size:
        raise FileProblem("Le fichier est vide (0 octet).")
    if "utf-8" in decoders:
        try:
            decoders["utf-8"].decode(b"", final=True)
        except UnicodeDecodeError:
            del decoders["utf-8"]
    file.seek(0)
    return {"utf-8": "utf-8-sig", "cp1252": "cp1252"}[next(iter(decoders))] if decoders else "iso-8859-1"
