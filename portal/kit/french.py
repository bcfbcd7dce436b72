"""French spelling of numbers, dates and identifiers."""

import datetime as dt
import re
from decimal import Decimal

from django.utils.formats import date_format

NBSP = "\N{NO-BREAK SPACE}"
_FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
NNBSP = "\N{NARROW NO-BREAK SPACE}"


def siret(value: str) -> str:
    """Return « 732 829 320 00074 », with no-break spaces; « 732 829 320 » for a SIREN."""
    return NBSP.join(part for part in (value[:3], value[3:6], value[6:9], value[9:]) if part)


def rate(value: Decimal) -> str:
    """Return a rate in percent: « 2,10 % »; two decimals, more only where they are not zero."""
    text = f"{value:.4f}"
    whole, decimals = text.split(".")
    decimals = decimals[:2] + decimals[2:].rstrip("0")
    return f"{whole},{decimals}{NBSP}%"


def day(value: dt.date) -> str:
    """Return « 1er janvier 2027 » (Django's own French format prints « 1 janvier »)."""
    text = date_format(value, "j F Y")
    return f"1er{text[1:]}" if value.day == 1 else text


def number(value: int) -> str:
    """Return « 2 400 000 », grouped by narrow no-break spaces."""
    return f"{value:,}".replace(",", NNBSP)


def plural(count: int, one: str, many: str = "") -> str:
    """Return « 1 ligne », « 0 ligne », « 2 lignes »: French plurals start at two."""
    return f"{number(count)}{NBSP}{one if abs(count) < 2 else many or one + 's'}"


def parse_day(text: str) -> dt.date:
    """Return the day written « 31/12/2026 » or « 2026-12-31 », from 2000 to 2100.

    Raises ValueError with a sentence in French.
    """
    french, iso = _FRENCH_DAY.fullmatch(text.strip()), _ISO_DAY.fullmatch(text.strip())
    try:
        if french:
            day, month, year = (int(part) for part in french.groups())
        elif iso:
            year, month, day = (int(part) for part in iso.groups())
        else:
            raise ValueError
        parsed = dt.date(year, month, day)
    except ValueError:
        raise ValueError(f"« {text.strip()[:40]} » n'est pas une date : écrivez JJ/MM/AAAA.") from None
    if not 2000 <= parsed.year <= 2100:
        raise ValueError(f"« {text.strip()} » : l'année doit être entre 2000 et 2100.")
    return parsed
