"""Rates as typed or published (domain.md, section 5), as pure functions."""

import re
from decimal import Decimal

_RATE = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]+))?%?")


class RateError(ValueError):
    """A text that is no rate; its text is the sentence for the person who wrote it."""


def parse_rate(text: str) -> Decimal:
    """Return a rate in percent, 0 ≤ rate < 100, at most four decimals (domain.md, section 5).

    Reads « 8,83 », « 7,38% », « 6,64 % », with any space and a comma or a dot. Raises RateError.
    """
    compact = re.sub(r"\s", "", text)
    if not compact:
        raise RateError("Taux absent.")
    shown = f"« {text.strip()[:40]} »"
    if compact.startswith(("-", "−")):
        raise RateError(f"{shown} : un taux n'est pas négatif.")
    match = _RATE.fullmatch(compact)
    if match is None:
        raise RateError(f"{shown} n'est pas un taux : écrivez-le comme 7,39.")
    whole, decimals = match.group(1), match.group(2) or ""
    if len(decimals) > 4:
        raise RateError(f"{shown} : un taux a quatre décimales au plus.")
    rate = Decimal(f"{whole}.{decimals or 0}")
    if rate >= 100:
        raise RateError(f"{shown} : un taux est inférieur à 100.")
    return rate
