"""French spelling of numbers, dates and identifiers. Free of Django: the rules print with it."""

import datetime as dt
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

NBSP = "\N{NO-BREAK SPACE}"
NNBSP = "\N{NARROW NO-BREAK SPACE}"
_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_PARIS = ZoneInfo("Europe/Paris")
_LOOSE_SPACE = re.compile(r"(?<=«) |(?<=\bn°) | (?=[»:;!?%€])|(?<=[0-9]) (?=Mo\b)")
_BEFORE_VOWEL = re.compile(r"\b([Dd])e (?=[aâeéèêhiîoôu])", re.IGNORECASE)
_FRENCH_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def siret(value: str) -> str:
    """Return « 732 829 320 00074 », with no-break spaces; « 732 829 320 » for a SIREN; anything else as it is."""
    if not value.isdecimal():
        return value
    return NBSP.join(part for part in (value[:3], value[3:6], value[6:9], value[9:]) if part)


def rate(value: Decimal) -> str:
    """Return a rate in percent: « 2,10 % »; two decimals, more only where they are not zero."""
    text = f"{value:.4f}"
    whole, decimals = text.split(".")
    decimals = decimals[:2] + decimals[2:].rstrip("0")
    return f"{whole},{decimals}{NBSP}%"


def typeset(text: str) -> str:
    """Return a sentence with the no-break spaces of French: inside « », after « n° », before « : ; ! ? % € Mo »."""
    return _LOOSE_SPACE.sub(NBSP, text)


def elide(text: str) -> str:
    """Return « Modification d'entreprise » for a title that a program put together, « Modification de entreprise »."""
    return _BEFORE_VOWEL.sub(r"\1'", text)


def difference(value: Decimal) -> str:
    """Return a change of rate in points: « +0,12 point », « −2,00 points », « inchangé »."""
    if not value:
        return "inchangé"
    figures = rate(abs(value)).removesuffix("%")
    return f"{'+' if value > 0 else '−'}{figures}{'point' if abs(value) < 2 else 'points'}"


def day(value: dt.date) -> str:
    """Return « 1er janvier 2027 » (Django's own French format prints « 1 janvier »)."""
    return f"{value.day}{'er' if value.day == 1 else ''} {_MONTHS[value.month - 1]} {value.year}"


def month(value: dt.date) -> str:
    """Return « janvier 2027 »."""
    return f"{_MONTHS[value.month - 1]} {value.year}"


def moment(value: dt.datetime) -> str:
    """Return « 1er janvier 2027 à 9 h 05 », in Paris."""
    local = value.astimezone(_PARIS)
    return f"{day(local)} à {local.hour}{NBSP}h{NBSP}{local:%M}"


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
    compact = text.strip()
    if not compact:
        raise ValueError("Date absente.")
    shown = f"« {compact[:40]} »"
    if french := _FRENCH_DAY.fullmatch(compact):
        day, month, year = (int(part) for part in french.groups())
    elif iso := _ISO_DAY.fullmatch(compact):
        year, month, day = (int(part) for part in iso.groups())
    else:
        raise ValueError(f"{shown} n'est pas une date : écrivez JJ/MM/AAAA.")
    if not 2000 <= year <= 2100:
        raise ValueError(f"{shown} : l'année doit être entre 2000 et 2100.")
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ValueError(f"{shown} : ce jour n'existe pas.") from None
