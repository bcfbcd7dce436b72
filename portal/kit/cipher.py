"""Secrets that have to be read again, encrypted with a key derived from SECRET_KEY (decision 0022)."""

import base64
import datetime as dt

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class UnreadableError(ValueError):
    """Not ours, for another purpose, too old, or encrypted with a key that is gone."""


def encrypt(text: str, purpose: str, *, at: dt.datetime) -> str:
    """Return the text encrypted for one purpose, with the instant in it. at: real time."""
    return _cipher(purpose).encrypt_at_time(text.encode(), int(at.timestamp())).decode()


def decrypt(token: str, purpose: str, *, at: dt.datetime | None = None, seconds: int | None = None) -> str:
    """Return the text of a token, no older than so many seconds when at is given. Raises UnreadableError."""
    cipher = _cipher(purpose)
    try:
        if at is None or seconds is None:
            return cipher.decrypt(token).decode()
        return cipher.decrypt_at_time(token, seconds, int(at.timestamp())).decode()
    except (InvalidToken, ValueError):
        raise UnreadableError(purpose) from None


def _cipher(purpose: str) -> MultiFernet:
    """Write with SECRET_KEY, read with the former keys too."""
    return MultiFernet(
        [Fernet(_key(secret, purpose)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(secret: str, purpose: str) -> bytes:
    derived = HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
