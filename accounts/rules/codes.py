"""Codes of an authenticator application (RFC 6238: SHA-1, six digits, thirty seconds) and of a recovery sheet."""

import base64
import datetime as dt
import secrets

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

STEP_SECONDS = 30
# Clocks of telephones are seldom more than half a minute wrong.
_STEPS = (0, -1, 1)


def new_secret() -> str:
    """Return a secret of 160 bits, in base 32 as applications take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """Return the code of one step of thirty seconds."""
    # RFC 6238 means SHA-1, which every application knows.
    return HOTP(base64.b32decode(secret), 6, SHA1()).generate(step).decode()  # noqa: S303 - no signature


def step_of(secret: str, typed: str, at: dt.datetime, *, after: int = 0) -> int | None:
    """Return the step that a typed code is of, None when it is wrong or not after the last one used."""
    code, now = digits(typed), int(at.timestamp()) // STEP_SECONDS
    steps = [now + one for one in _STEPS if now + one > after]
    return next((step for step in steps if secrets.compare_digest(code_at(secret, step), code)), None)


def digits(typed: str) -> str:
    """Return a typed code without the spaces and hyphens that make it readable; empty when it is no number."""
    code = "".join(typed.split()).replace("-", "")
    return code if code.isascii() and code.isdigit() else ""


def in_groups(code: str) -> str:
    """Return « 1234 5678 »."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
