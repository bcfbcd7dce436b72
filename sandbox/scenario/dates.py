"""Dates of a scenario, relative to the portal's clock, as pure functions: « -3 mois », « 1er janvier -1 an »."""

import calendar
import datetime as dt
import re
from zoneinfo import ZoneInfo

_PARIS = ZoneInfo("Europe/Paris")
# A day that is named begins for people, not at midnight.
_OPENING = dt.time(9)
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_ANCHOR = re.compile(rf"(?:le )?(1er|\d{{1,2}}) ({'|'.join(_MONTHS)})")
_STEP = re.compile(r"\s*([+-])\s*(\d{1,4})\s*(heures?|jours?|semaines?|mois|ans?)(?=\s|[+-]|$)")
_HINT = "écrivez par exemple « -14 jours », « -3 mois », « 1er janvier », « 1er janvier -1 an »"


class WrongDate(ValueError):
    """A date that cannot be read; its text is the sentence for whoever wrote it."""


def parse(text: str, now: dt.datetime) -> dt.datetime:
    """Return the instant, in UTC, that a text names when it is now: an anchor, then steps from it.

    Anchors: nothing or « aujourd'hui » for now; a day and a month of this year, at nine o'clock in Paris;
    « trimestre prochain », the first day of it. Raises WrongDate.
    """
    local = now.astimezone(_PARIS)
    rest = " ".join(text.replace("\N{MINUS SIGN}", "-").replace("’", "'").casefold().split())
    if not rest:
        raise WrongDate(f"date absente : {_HINT}.")
    if rest.startswith("aujourd'hui"):
        rest = rest.removeprefix("aujourd'hui")
    elif rest.startswith("trimestre prochain"):
        rest = rest.removeprefix("trimestre prochain")
        local = _at(_months(local.date().replace(day=1), 3 - (local.month - 1) % 3))
    elif anchor := _ANCHOR.match(rest):
        rest = rest[anchor.end() :]
        local = _at(_named(text, anchor, local.year))
    while rest:
        step = _STEP.match(rest)
        if step is None:
            raise WrongDate(f"« {text} » n'est pas une date : {_HINT}.")
        local = _step(local, int(step[1] + step[2]), step[3])
        rest = rest[step.end() :].rstrip()
    return local.astimezone(dt.UTC)


def _named(text: str, anchor: re.Match[str], year: int) -> dt.date:
    try:
        return dt.date(year, 1 + _MONTHS.index(anchor[2]), int(anchor[1].removesuffix("er")))
    except ValueError:
        raise WrongDate(f"« {text} » : ce jour n'existe pas.") from None


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, _OPENING, _PARIS)


def _step(local: dt.datetime, count: int, unit: str) -> dt.datetime:
    """Go so many units further, at the same hour in Paris."""
    if unit.startswith("heure"):
        return (local.astimezone(dt.UTC) + dt.timedelta(hours=count)).astimezone(_PARIS)
    if unit.startswith("jour"):
        return local + dt.timedelta(days=count)
    if unit.startswith("semaine"):
        return local + dt.timedelta(weeks=count)
    try:
        return dt.datetime.combine(_months(local.date(), count * (12 if unit.startswith("an") else 1)), local.timetz())
    except ValueError:
        raise WrongDate("cette date est trop loin.") from None


def _months(day: dt.date, count: int) -> dt.date:
    """Go so many months further; the 31st becomes the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not 1900 <= year <= 2200:
        raise WrongDate("cette date est trop loin.")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
