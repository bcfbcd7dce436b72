"""Figures of a line of inputs, as people write them in a file."""

import re
from collections.abc import Callable

import pytest

from notifications.rules.figures import parse_count, parse_euros, parse_year, parse_yes_no

WHOLE = "n'est pas un nombre entier, comme 85."
EUROS = "n'est pas un montant en euros entiers, comme 2150000."
YEAR = "n'est pas une année, comme 2025."


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (parse_count, "85", 85),
        (parse_count, " 1 250\N{NARROW NO-BREAK SPACE}000 ", 1_250_000),
        (parse_count, "9999999", 9_999_999),
        (parse_count, "0" * 17 + "7", 7),
        (parse_euros, "2 150 000", 2_150_000),
        (parse_euros, " 2150000 € ", 2_150_000),
        (parse_euros, "2150000,00", 2_150_000),
        (parse_euros, "2150000.0 €", 2_150_000),
        (parse_euros, "9999999999999", 9_999_999_999_999),
        (parse_euros, "0" * 17 + "7", 7),
        (parse_year, " 2025 ", 2025),
        (parse_year, "1900", 1900),
        (parse_year, "2100", 2100),
        (parse_yes_no, " Oui ", True),
        (parse_yes_no, "TRUE", True),
        (parse_yes_no, "1", True),
        (parse_yes_no, "non", False),
        (parse_yes_no, "false", False),
        (parse_yes_no, "0", False),
    ],
)
def test_a_figure_is_read_as_people_write_it(read: Callable[[str], object], text: str, value: object) -> None:
    found = read(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        (parse_count, "", f"« » {WHOLE}"),
        (parse_count, " 8,5 ", f"« 8,5 » {WHOLE}"),
        (parse_count, "-1", f"« -1 » {WHOLE}"),
        (parse_count, "٣", f"« ٣ » {WHOLE}"),
        (parse_count, "²", f"« ² » {WHOLE}"),
        (parse_count, "10000000", f"« 10000000 » {WHOLE}"),
        (parse_count, "0" * 18 + "7", f"« {'0' * 18}7 » {WHOLE}"),
        (parse_count, "9" * 60, f"« {'9' * 40} » {WHOLE}"),
        (parse_euros, "", f"« » {EUROS}"),
        (parse_euros, " 12,50 ", f"« 12,50 » {EUROS}"),
        (parse_euros, "12,000", f"« 12,000 » {EUROS}"),
        (parse_euros, "€ 12", f"« € 12 » {EUROS}"),
        (parse_euros, "٣", f"« ٣ » {EUROS}"),
        (parse_euros, "10000000000000", f"« 10000000000000 » {EUROS}"),
        (parse_euros, "0" * 18 + "7", f"« {'0' * 18}7 » {EUROS}"),
        (parse_euros, "9" * 60, f"« {'9' * 40} » {EUROS}"),
        (parse_year, "25", f"« 25 » {YEAR}"),
        (parse_year, "1899", f"« 1899 » {YEAR}"),
        (parse_year, "2101", f"« 2101 » {YEAR}"),
        (parse_year, "٢٠٢٥", f"« ٢٠٢٥ » {YEAR}"),
        (parse_year, "9" * 60, f"« {'9' * 40} » {YEAR}"),
        (parse_yes_no, " peut-être ", "« peut-être » : écrivez oui ou non."),
        (parse_yes_no, "x" * 60, f"« {'x' * 40} » : écrivez oui ou non."),
    ],
)
def test_what_is_no_figure_is_told_in_a_sentence(read: Callable[[str], object], text: str, sentence: str) -> None:
    sentence = sentence.replace("« »", "«  »")
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        read(text)
