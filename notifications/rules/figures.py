"""Figures of a line of inputs as typed in a file, as pure functions: each raises ValueError with a sentence."""

import re

_MOST_EUROS = 10**13
_MOST_COUNT = 10**7
_YES_NO = {"oui": True, "non": False, "1": True, "0": False, "true": True, "false": False}


def parse_count(text: str) -> int:
    """Return a whole number below ten million, as people write it: « 1 250 »."""
    compact = re.sub(r"\s", "", text)
    if not (compact.isascii() and compact.isdigit()) or len(compact) > 18 or int(compact) >= _MOST_COUNT:
        raise ValueError(f"« {text.strip()[:40]} » n'est pas un nombre entier, comme 85.")
    return int(compact)


def parse_euros(text: str) -> int:
    """Return an amount in whole euros: « 2 150 000 », « 2150000 € », « 2150000,00 »."""
    compact = re.sub(r"[,.]00?$", "", re.sub(r"\s|€$", "", text.strip()))
    if not (compact.isascii() and compact.isdigit()) or len(compact) > 18 or int(compact) >= _MOST_EUROS:
        raise ValueError(f"« {text.strip()[:40]} » n'est pas un montant en euros entiers, comme 2150000.")
    return int(compact)


def parse_year(text: str) -> int:
    """Return a year from 1900 to 2100."""
    compact = text.strip()
    if not re.fullmatch("[0-9]{4}", compact) or not 1900 <= int(compact) <= 2100:
        raise ValueError(f"« {compact[:40]} » n'est pas une année, comme 2025.")
    return int(compact)


def parse_yes_no(text: str) -> bool:
    """Return the answer of « oui » or « non »."""
    try:
        return _YES_NO[text.strip().casefold()]
    except KeyError:
        raise ValueError(f"« {text.strip()[:40]} » : écrivez oui ou non.") from None
