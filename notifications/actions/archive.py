"""« Tous les documents d'une année » (G0.2): ordered, made by batches, taken, forgotten.

A batch is one transaction and one part in the store; the last puts the parts together. Whatever is killed makes its
batch again: a part has one name, and the documents are the same bytes each time (decision 0019).
"""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, transaction

from accounts.actions.journal import record
from accounts.models import User
from notifications.access import archivable, notification_scope
from notifications.actions.receipts import log_documents
from notifications.documents import sealed_decision_pdf
from notifications.models import DocumentArchive, Notification
from portal.kit import french
from portal.kit.bulk import skip_locked

logger = logging.getLogger(__name__)
# Documents made in one transaction, which on SQLite keeps every other writer waiting: about half a second.
BATCH = 20
MOST_DOCUMENTS = 5_000
_Status = DocumentArchive.Status


@transaction.atomic
def order_archive(*, year: int, by: User, on: dt.datetime) -> DocumentArchive:
    """Order the documents of a year of effect that this person may take; the next sweeps make them.

    Raises ValidationError: none, too many, or another archive of his still in the making.
    """
    scope = notification_scope(by, on)
    # Grouped as one looks for them: by establishment, then by day of effect.
    found = archivable(scope, on).effective_in(year).order_by("establishment__siret", "decision__effective_on", "id")
    ids = list(found.values_list("pk", flat=True)[: MOST_DOCUMENTS + 1])
    if not ids:
        raise ValidationError({"year": f"Aucun document de {year} n'est à prendre."})
    if len(ids) > MOST_DOCUMENTS:
        raise ValidationError({"year": (
            f"Il y a plus de {french.number(MOST_DOCUMENTS)} documents : prenez-les depuis chaque notification."
        )})  # fmt: skip
    archive = DocumentArchive(
        enterprise_id=scope.siren, user=by, year=year, notifications=ids, total=len(ids), created_at=on
    )
    try:
        with transaction.atomic():
            archive.save()
    except IntegrityError:
        raise ValidationError({"year": "Une archive est déjà en cours : attendez sa fin."}) from None
    _tell(archive, "order", f"Archive des {french.plural(len(ids), 'document')} de {year} demandée.", by, on)
    return archive


def work_once(*, on: dt.datetime) -> bool:
    """Make one batch, or delete one archive past its days. Return False when nothing waits."""
    return make_next_batch(on=on) or forget_next_archive(on=on)


def make_next_batch(*, on: dt.datetime) -> bool:
    """Make the next documents of the oldest archive; with the last ones, put them all together. False if none waits.

    One that cannot be made, the store being full for instance, fails: it would keep the others from their turn.
    """
    archive: DocumentArchive | None = None
    try:
        with transaction.atomic():
            archive = skip_locked(DocumentArchive.objects.filter(status=_Status.ORDERED).order_by("id")).first()
            if archive is None:
                return False
            _make_batch(archive, on)
    except DatabaseError:
        # The archive is not to blame: the next sweep tries again.
        raise
    except Exception:
        assert archive is not None  # noqa: S101 - reading the queue is all that came before
        logger.exception("archive %s cannot be made", archive.pk)
        _fail(archive, on)
    return True


def _make_batch(archive: DocumentArchive, on: dt.datetime) -> None:
    _write_part(archive)
    if archive.done == archive.total:
        _put_together(archive)
        archive.status, archive.ended_at = _Status.DONE, on
        _tell(archive, "make", f"Archive des documents de {archive.year} prête.", None, on)
    archive.save(update_fields=["done", "status", "file", "size", "ended_at"])


@transaction.atomic
def _fail(archive: DocumentArchive, on: dt.datetime) -> None:
    """Give up: nothing half-made stays."""
    ordered = DocumentArchive.objects.filter(pk=archive.pk, status=_Status.ORDERED)
    if ordered.update(status=_Status.FAILED, ended_at=on):
        delete_files(archive)
        _tell(archive, "fail", f"Archive des documents de {archive.year} échouée.", None, on)


@transaction.atomic
def take_archive(*, archive: DocumentArchive, by: User, on: dt.datetime) -> IO[bytes]:
    """Log that this person takes each of its documents, and return the file, for the caller to close.

    Raises FileNotFoundError when the store has lost it.
    """
    log_documents(notifications=archive.notifications, by=by, on=on)
    _tell(archive, "take", f"Archive des {french.plural(archive.total, 'document')} de {archive.year} prise.", by, on)
    return default_storage.open(archive.file)


@transaction.atomic
def forget_next_archive(*, on: dt.datetime) -> bool:
    """Delete the file of one archive made more than settings.ARCHIVE_DAYS days ago. Return False if there is none."""
    old = on - dt.timedelta(days=settings.ARCHIVE_DAYS)
    archive = skip_locked(DocumentArchive.objects.filter(status=_Status.DONE, ended_at__lt=old).order_by("id")).first()
    if archive is None:
        return False
    delete_files(archive)
    archive.status, archive.file, archive.notifications = _Status.FORGOTTEN, "", []
    archive.save(update_fields=["status", "file", "notifications"])
    return True


def _parts(archive: DocumentArchive) -> list[str]:
    return [f"archives/{archive.pk}-{first}.part" for first in range(0, archive.total, BATCH)]


def _write_part(archive: DocumentArchive) -> None:
    """Make one batch of documents, in the order of the archive."""
    ids = archive.notifications[archive.done : archive.done + BATCH]
    with tempfile.TemporaryFile() as file:
        # A PDF is compressed already.
        with zipfile.ZipFile(file, "w") as part:
            for name, content in _documents(ids):
                part.writestr(zipfile.ZipInfo(name), content)
        _store(f"archives/{archive.pk}-{archive.done}.part", file)
    archive.done += len(ids)


def _documents(ids: list[int]) -> Iterator[tuple[str, bytes]]:
    found = Notification.objects.select_related("decision__establishment", "decision__calculation").in_bulk(ids)
    for pk in ids:
        decision = found[pk].decision
        yield f"{decision.establishment.siret}-{decision.number}.pdf", sealed_decision_pdf(decision)


def _put_together(archive: DocumentArchive) -> None:
    """Copy the documents of every part into one file, a block at a time, and drop the parts."""
    archive.file = _whole(archive)
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w") as whole:
            for name in _parts(archive):
                with default_storage.open(name) as stored, zipfile.ZipFile(stored) as part:
                    for entry in part.infolist():
                        with part.open(entry) as source, whole.open(zipfile.ZipInfo(entry.filename), "w") as target:
                            shutil.copyfileobj(source, target)
        archive.size = file.tell()
        _store(archive.file, file)
    # Were the transaction undone, the batch would be made again and need the parts before it.
    transaction.on_commit(lambda: _delete(_parts(archive)))


def delete_files(archive: DocumentArchive) -> None:
    """Delete whatever the store has of an archive; what is not there is no matter."""
    _delete([*_parts(archive), _whole(archive)])


def _delete(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _whole(archive: DocumentArchive) -> str:
    return f"archives/{archive.pk}.zip"


def _store(name: str, file: IO[bytes]) -> None:
    """Keep a file under that very name, in the place of what a killed job may have left."""
    default_storage.delete(name)
    file.seek(0)
    default_storage.save(name, File(file))


def _tell(archive: DocumentArchive, verb: str, summary: str, by: User | None, on: dt.datetime) -> None:
    record(by=by, on=on, verb=f"archive.{verb}", summary=summary, enterprise=archive.enterprise_id)
