"""Secrets at rest: one purpose, one key; too old, foreign or damaged is unreadable."""

import datetime as dt

import pytest
from pytest_django import Settings

from portal.kit.cipher import UnreadableError, decrypt, encrypt
from tests.conftest import NOW


def test_what_was_encrypted_is_read_again_and_never_looks_the_same() -> None:
    one, other = (encrypt("été", "essai", at=NOW) for _time in range(2))
    assert (one != other, decrypt(one, "essai"), decrypt(other, "essai")) == (True, "été", "été")


@pytest.mark.parametrize("token", ["", "abc", "é", "gAAAAA", "x" * 10_000])
def test_nonsense_is_unreadable(token: str) -> None:
    with pytest.raises(UnreadableError):
        decrypt(token, "essai")


def test_another_purpose_has_another_key() -> None:
    with pytest.raises(UnreadableError):
        decrypt(encrypt("x", "un", at=NOW), "autre")


@pytest.mark.parametrize(("seconds", "readable"), [(60, True), (61, False)])
def test_a_token_ages_when_asked(seconds: int, readable: bool) -> None:
    token, later = encrypt("x", "essai", at=NOW), NOW + dt.timedelta(seconds=seconds)
    if readable:
        assert decrypt(token, "essai", at=later, seconds=60) == "x"
    else:
        with pytest.raises(UnreadableError):
            decrypt(token, "essai", at=later, seconds=60)


def test_a_former_key_still_reads(settings: Settings) -> None:
    token, former = encrypt("x", "essai", at=NOW), settings.SECRET_KEY
    settings.SECRET_KEY = "y" * 50
    with pytest.raises(UnreadableError):
        decrypt(token, "essai")
    settings.SECRET_KEY_FALLBACKS = [former]
    assert decrypt(token, "essai") == "x"
