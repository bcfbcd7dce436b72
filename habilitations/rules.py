"""When a declaration may be used, how long a candidate waits, and activation keys, as pure functions."""

import datetime as dt
import secrets
from zoneinfo import ZoneInfo

_PARIS = ZoneInfo("Europe/Paris")
COOPTATION_DAYS = 15
REMINDER_DAYS = 10
# Crockford's base 32: no I, L, O or U. Twelve of them hold 60 bits (trust.md, Identity).
KEY_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY_LENGTH = 12
_LOOKALIKES = str.maketrans("OIL", "011")


def opens_at(registered_at: dt.datetime, delay_hours: int) -> dt.datetime:
    """Return the instant from which a declaration may be used: registration and access delay (G2.8).

    delay_hours: 24 for « Compte AT/MP » (domain.md, section 1, grade B). Real hours, whatever the clock change.
    """
    return (registered_at.astimezone(dt.UTC) + dt.timedelta(hours=delay_hours)).astimezone(registered_at.tzinfo)


def cooptation_deadline(requested_at: dt.datetime) -> dt.datetime:
    """Return the end of the fifteenth day in Paris after the request, in UTC (G4.7).

    Asked on 1 March at any time, a request is pending on the 16th at 23:59 and gone on the 17th at 00:00.
    """
    return _midnight(requested_at, COOPTATION_DAYS + 1)


def cooptation_reminder(requested_at: dt.datetime) -> dt.datetime:
    """Return the start of the tenth day in Paris after the request, in UTC (trust.md, Learned from peers)."""
    return _midnight(requested_at, REMINDER_DAYS)


def days_left(deadline: dt.datetime, at: dt.datetime) -> int:
    """Return how many days in Paris are left before a deadline, today not counted; 0 on the last day."""
    last = deadline.astimezone(_PARIS) - dt.timedelta(microseconds=1)
    return max((last.date() - at.astimezone(_PARIS).date()).days, 0)


def _midnight(instant: dt.datetime, days: int) -> dt.datetime:
    day = instant.astimezone(_PARIS).date() + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(), _PARIS).astimezone(dt.UTC)


def new_key() -> str:
    """Return a new activation key: twelve characters drawn by the system's own source of chance."""
    return "".join(secrets.choice(KEY_ALPHABET) for _character in range(KEY_LENGTH))


def clean_key(text: str) -> str:
    """Return a key as it was printed: spaces, hyphens and lower case are taken, O is 0, I and L are 1.

    Raises ValueError with a sentence in French.
    """
    compact = "".join(text.split()).replace("-", "").upper().translate(_LOOKALIKES)
    if len(compact) != KEY_LENGTH:
        raise ValueError(f"Une clé a {KEY_LENGTH} caractères, celle-ci en a {len(compact)}.")
    if strange := sorted(set(compact) - set(KEY_ALPHABET)):
        raise ValueError(f"« {strange[0]} » ne figure dans aucune clé : vérifiez la lettre.")
    return compact


def spell_key(key: str) -> str:
    """Return a key in three groups of four, as the letter prints it."""
    return f"{key[:4]}-{key[4:8]}-{key[8:]}"


def letter_refusal(states: list[str], most: int) -> str:
    """Say why no further letter can be asked for, empty when one can (trust.md, Learned from peers).

    states: of the keys asked for so far. most: letters per request, a choice.
    """
    if "to_print" in states:
        return "Une lettre attend déjà d'être imprimée."
    if len(states) >= most:
        return f"{most} lettres ont déjà été demandées : choisissez la cooptation."
    return ""
