"""SIRENs and SIRETs that nobody has, with right keys: those of the copies (docs/decisions/0020)."""

from collections.abc import Container, Iterator

from stdnum import luhn

# Of the SIRENs in 000 to 004, which nobody has: the demo's lie below 00 010, generated ones from there to 00 299.
FIRST, END = 300_000, 500_000
PREFIXES = ("003", "004")


def free_sirens(taken: Container[str]) -> Iterator[str]:
    """Yield the SIRENs of the range that are not taken, in order."""
    for number in range(FIRST, END):
        if (siren := keyed(f"00{number:06d}")) not in taken:
            yield siren


def siret(siren: str, number: int) -> str:
    """Return the SIRET of the establishment of that number."""
    return keyed(f"{siren}{number:04d}")


def keyed(body: str) -> str:
    """Return the digits with the one that makes their key of Luhn right."""
    return str(body + luhn.calc_check_digit(body))
