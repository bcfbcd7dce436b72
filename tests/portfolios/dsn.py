"""DSN files made after the norm's tables, line by line."""

from collections.abc import Iterable

SENDER = "98282001100012"
CLIENT = "73282932000074"
POST = "35600000009075"


def rubriques(
    declarations: Iterable[list[str]], *, test: str = "02", nil: str = "01", norm: str = "P26V01"
) -> list[str]:
    """Return the lines of an envoi: S10, the declarations, S90 with right totals."""
    blocks = list(declarations)
    lines = [
        "S10.G00.00.001,'Paie d'été, 'version' L'",
        f"S10.G00.00.005,'{test}'",
        "S10.G00.00.006,'P26V01'",
        f"S10.G00.00.008,'{nil}'",
        f"S10.G00.01.001,'{SENDER[:9]}'",
        f"S10.G00.01.002,'{SENDER[9:]}'",
        *(line for block in blocks for line in block),
    ]
    total = len(lines) + 2
    return [*lines, f"S90.G00.90.001,'{total}'", f"S90.G00.90.002,'{len(blocks)}'"]


def declaration(
    siret: str = CLIENT,
    *,
    nature: str = "01",
    kind: str = "01",
    month: str = "01122026",
    fraction: str = "11",
    rates: Iterable[tuple[str, str, str]] = (("200", "452BE", "7.39"),),
) -> list[str]:
    """Return the lines of one S20: an enterprise, an establishment, and one contract per (regime, code, rate)."""
    lines = [f"S20.G00.05.001,'{nature}'", f"S20.G00.05.002,'{kind}'", f"S20.G00.05.003,'{fraction}'"]
    lines += ["S20.G00.05.004,'1'"]
    lines += [f"S20.G00.05.005,'{month}'"] if month else []
    lines += ["S20.G00.05.007,'05012027'", f"S21.G00.06.001,'{siret[:9]}'", "S21.G00.06.002,'00012'"]
    lines += [f"S21.G00.11.001,'{siret[9:]}'", "S21.G00.11.003,'1 RUE DE L'ÉTÉ, BÂT. 'A''"]
    for number, (regime, code, rate) in enumerate(rates, 1):
        lines += [
            "S21.G00.30.001,'2690549588157'",
            "S21.G00.30.002,'D'ORVAL'",
            f"S21.G00.40.001,'0101202{number % 10}'",
        ]
        lines += [f"S21.G00.40.039,'{regime}'"] if regime else []
        lines += [f"S21.G00.40.040,'{code}'"]
        lines += [f"S21.G00.40.043,'{rate}'"] if rate else []
    return lines


def encoded(lines: Iterable[str], encoding: str = "latin-1", end: str = "\n") -> bytes:
    """Return the file."""
    return "".join(line + end for line in lines).encode(encoding)
