"""Lines of a campaign that say what they do to the decision of their day: replace it, or cancel it (decision 0018)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notifications.models import RateDecision
from notifications.models.decision import REASON_LENGTH
from portal.kit.csvfile import CsvFile

Problem = tuple[int, str, str]
_NATURES = {"": RateDecision.Nature.RATE, "taux": RateDecision.Nature.RATE}
_NATURES |= {"annulation": RateDecision.Nature.CANCELLATION}
# What a cancellation is read with: it takes its rate and mode from the decision of a day before.
_RESTORED = {"taux": "0", "mode": RateDecision.Mode.COLLECTIVE.label}


def parse_nature(text: str) -> str:
    """Return what a line is. Raises ValueError."""
    try:
        return str(_NATURES[text.strip().casefold()])
    except KeyError:
        raise ValueError(f"« {text.strip()[:40]} » : écrivez taux ou annulation, ou rien.") from None


def parse_reason(text: str) -> str:
    """Return the reason that the company reads. Raises ValueError."""
    reason = " ".join(text.split())
    if len(reason) > REASON_LENGTH:
        raise ValueError(f"Ce motif a {len(reason)} caractères : la limite est de {REASON_LENGTH}.")
    return reason


# Columns of the file, both optional.
COLUMNS = ("nature", "motif")


def restoring(
    lines: Iterable[tuple[int, list[str]]], csv_file: CsvFile, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines, those that cancel with a rate and mode to be replaced; note what is wrong with these."""
    at = {name: csv_file.columns.get(name) for name in ("nature", "motif", *_RESTORED)}
    nature, motif = at["nature"], at["motif"]
    if nature is None:
        yield from lines
        return
    for number, cells in lines:
        if cells[nature].strip().casefold() != "annulation":
            yield number, cells
            continue
        told = [name for name in _RESTORED if (index := at[name]) is not None and cells[index].strip()]
        wrong = [
            (number, name, "Une annulation rétablit ce qui valait avant : laissez cette cellule vide.") for name in told
        ]
        if motif is None or not cells[motif].strip():
            wrong.append((number, "motif", "Une annulation dit pourquoi : écrivez son motif."))
        if wrong:
            problems += wrong
            continue
        cells = list(cells)
        for name, text in _RESTORED.items():
            if (index := at[name]) is not None:
                cells[index] = text
        yield number, cells
