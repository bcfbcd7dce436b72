"""What every deposited file needs: a name that is only a name, and a fingerprint."""

import hashlib
from typing import Any

from django.core.files import File


def base_name(file: "File[Any]") -> str:
    """Return the name of a file without the folders that a browser, or somebody else, put before it."""
    return (file.name or "fichier").replace("\\", "/").rsplit("/", 1)[-1][-200:] or "fichier"


def fingerprint(file: "File[Any]") -> str:
    """Return the SHA-256 of a file in hexadecimal, and leave it at its beginning."""
    digest = hashlib.sha256()
    for chunk in file.chunks(1 << 20):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
