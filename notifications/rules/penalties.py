"""The penalty of an enterprise that did not register to « Compte AT/MP » (domain.md, section 3: A/B), pure functions.

Code de la sécurité sociale, L.242-5: per head 0.5, 1 or 1.5 % of the monthly ceiling of social security (PMSS), rounded
up to the euro; at most 10 000 € for one enterprise and one year.
"""

from dataclasses import dataclass

CEILING = 10_000
# Euros per head by year, under 20 heads, from 20 to 149, from 150.
PER_HEAD = {
    2022: (18, 35, 52),
    2023: (19, 37, 55),
    2024: (20, 39, 58),
    2025: (20, 40, 59),
    2026: (21, 41, 61),
}


@dataclass(frozen=True)
class Penalty:
    """What an enterprise would owe, in euros. capped: it would be more without the ceiling."""

    per_head: int
    amount: int
    capped: bool


def penalty(headcount: int, year: int) -> Penalty | None:
    """Return the penalty of a year for a headcount; None for a year whose amounts are not known.

    Raises ValueError for a negative headcount.
    """
    if headcount < 0:
        raise ValueError("Un effectif n'est pas négatif.")
    amounts = PER_HEAD.get(year)
    if amounts is None:
        return None
    per_head = amounts[0] if headcount < 20 else amounts[1] if headcount < 150 else amounts[2]
    whole = per_head * headcount
    return Penalty(per_head, min(whole, CEILING), whole > CEILING)
