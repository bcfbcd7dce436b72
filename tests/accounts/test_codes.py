"""Codes of an application (RFC 6238, its own test vectors), and how codes are typed and shown."""

import base64
import datetime as dt

import pytest

from accounts.rules.codes import code_at, digits, in_groups, new_secret, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()
# Appendix B of the RFC has eight digits: the last six are ours.
VECTORS = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
AT = dt.datetime.fromtimestamp(1111111111, dt.UTC)
STEP = 1111111111 // 30


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_a_code_is_the_one_of_the_standard(seconds: int, code: str) -> None:
    at = dt.datetime.fromtimestamp(seconds, dt.UTC)
    assert (code_at(SECRET, seconds // 30), step_of(SECRET, code, at)) == (code, seconds // 30)


@pytest.mark.parametrize(("late", "found"), [(-2, None), (-1, -1), (0, 0), (1, 1), (2, None)])
def test_a_telephone_may_be_one_step_wrong(late: int, found: int | None) -> None:
    expected = None if found is None else STEP + found
    assert step_of(SECRET, code_at(SECRET, STEP + late), AT) == expected


@pytest.mark.parametrize(
    ("of", "after", "found"),
    [
        (STEP, STEP - 1, STEP),
        (STEP, STEP, None),
        # After a code, the next one is taken, and never the one before.
        (STEP + 1, STEP, STEP + 1),
        (STEP - 1, STEP, None),
    ],
)
def test_a_code_is_taken_once(of: int, after: int, found: int | None) -> None:
    assert step_of(SECRET, code_at(SECRET, of), AT, after=after) == found


@pytest.mark.parametrize("typed", ["", "000000", "05047", "abcdef"])
def test_a_wrong_code_is_of_no_step(typed: str) -> None:
    assert step_of(SECRET, typed, AT) is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("050471", "050471"),
        (" 050 471\n", "050471"),
        ("1234-5678", "12345678"),
        ("05047a", ""),
        ("٠٥٠٤٧١", ""),
        ("", ""),
    ],
)
def test_spaces_and_hyphens_of_a_code_do_not_matter(typed: str, code: str) -> None:
    assert digits(typed) == code


@pytest.mark.parametrize(("code", "shown"), [("12345678", "1234 5678"), ("123456789", "1234 5678 9"), ("123", "123")])
def test_a_long_code_is_shown_in_groups_of_four(code: str, shown: str) -> None:
    assert in_groups(code) == shown


def test_a_secret_has_160_bits_and_is_new_each_time() -> None:
    first, second = new_secret(), new_secret()
    assert ([len(base64.b32decode(one)) for one in (first, second)], first == second) == ([20, 20], False)
