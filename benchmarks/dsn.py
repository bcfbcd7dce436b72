"""How many times longer than reading its lines does a DSN take? `python -m benchmarks.dsn [EMPLOYEES]` prints JSON.

A made-up company: some twenty lines an employee, as in the norm's examples, of which four matter here.
"""

from __future__ import annotations

import io
import json
import sys

import django

django.setup()

from benchmarks.world import best  # noqa: E402
from portfolios.rules.dsn import raw_lines, read_dsn, read_file, text_lines  # noqa: E402
from tests.portfolios.dsn import declaration, encoded, rubriques  # noqa: E402

PERSONAL = [f"S21.G00.30.{number:03d},'VALEUR {number}'" for number in range(3, 20)]


def payroll(employees: int) -> bytes:
    """Return one monthly declaration of that many employees."""
    head = declaration(rates=())
    contract = ["S21.G00.40.001,'01012020'", "S21.G00.40.039,'200'", "S21.G00.40.040,'452BE'", "S21.G00.40.043,'7.39'"]
    of_each = ["S21.G00.30.001,'2690549588157'", "S21.G00.30.002,'D'ORVAL'", *PERSONAL, *contract]
    return encoded(rubriques([[*head, *(of_each * employees)]]))


if __name__ == "__main__":
    content = payroll(int(sys.argv[1]) if len(sys.argv) > 1 else 8_700)

    def line_by_line() -> None:
        read_dsn(text_lines(raw_lines(io.BytesIO(content))))

    print(
        json.dumps(
            {
                "lines": content.count(b"\n"),
                "read": best(lambda: sum(1 for _line in io.BytesIO(content)), 5),
                "parsed": best(lambda: read_file(io.BytesIO(content)), 5),
                "line_by_line": best(line_by_line, 2),
            }
        )
    )
