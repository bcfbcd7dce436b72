"""The letters that carry activation keys, one page each, in one PDF (G4.3)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from habilitations import rules
from portal import clock
from portal.kit import french
from portal.kit.pdf import document_pdf, printable, typst_day, unbroken


@dataclass(frozen=True)
class Letter:
    """What the letter of a key says. The key itself is nowhere else."""

    number: int
    key: str
    candidate: str
    enterprise: str
    address: tuple[str, ...]
    siret: str
    printed_on: dt.date
    deadline: dt.datetime


def activation_letters_pdf(letters: list[Letter]) -> bytes:
    """Return the letters for a window envelope, addressed to the establishments (layout: a choice).

    PDF/A-2a and PDF/UA-1; there is at least one letter.
    """
    day = letters[0].printed_on
    facts = {
        "title": "Clés d’activation" if len(letters) > 1 else f"Clé d’activation n° {letters[0].number}",
        "date": typst_day(day),
        "portal": settings.PORTAL_URL,
        "letters": [_printed(letter) for letter in letters],
    }
    return document_pdf("habilitations/documents/activation_letter.typ", facts, dated=day)


def _printed(letter: Letter) -> dict[str, Any]:
    last_day = clock.day(letter.deadline - dt.timedelta(microseconds=1))
    recipient = (letter.enterprise, f"À l'attention de {letter.candidate}", *letter.address)
    return {
        "number": str(letter.number),
        "recipient": [line for line in map(printable, recipient) if line],
        "candidate": printable(letter.candidate),
        "enterprise": printable(letter.enterprise),
        "siret": french.siret(letter.siret),
        "key": rules.spell_key(letter.key),
        "printed_on": unbroken(letter.printed_on),
        "last_day": unbroken(last_day),
    }
