"""What every deposited file needs: a name that is only a name, a fingerprint, and room."""

import errno
import hashlib
import secrets
from typing import Any

from django.core.files import File
from django.db import OperationalError
from django.db.models.fields.files import FieldFile

from portal.kit.csvfile import FileProblem

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
# What PostgreSQL (disk_full) and SQLite say.
_DISK_FULL, _SQLITE_FULL = "53100", "database or disk is full"


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


def no_room(error: BaseException | None) -> bool:
    """Say whether an error means that a disk is full, the files' or the database's."""
    if isinstance(error, OperationalError):
        return getattr(error.__cause__, "pgcode", None) == _DISK_FULL or _SQLITE_FULL in str(error)
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def keep(upload: FieldFile, name: str, content: "File[Any]") -> None:
    """Store a deposited file whole, or nothing of it; its row is still to be saved.

    Raises FileProblem when the disk is full.
    """
    # A name that nobody else has: what is half-written can be taken away again.
    whole = upload.field.generate_filename(upload.instance, f"{secrets.token_hex(8)}-{name}")
    try:
        stored = upload.storage.save(whole, content, max_length=upload.field.max_length)
    except BaseException as error:
        upload.storage.delete(whole)
        if no_room(error):
            raise FileProblem(
                "Le portail n'a plus de place : ce fichier n'a pas été gardé. "
                "Prévenez l'équipe de l'atelier, puis déposez-le de nouveau."
            ) from error
        raise
    setattr(upload.instance, upload.field.attname, stored)
