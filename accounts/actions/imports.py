"""The way of every imported file: received, read, previewed, confirmed, applied in batches.

What a line means belongs to its kind: an `Importer` reads and applies it. Reading is one transaction,
each batch another, which also records that it is done: whatever is killed starts again where it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import connection, transaction
from django.db.models import Exists, Max, Min, OuterRef, QuerySet

from accounts.actions.journal import record
from accounts.models import ImportBatch, ImportFile, ImportProblem, User
from portal.kit.bulk import insert_rows, refresh_statistics, skip_locked
from portal.kit.csvfile import CsvFile, FileProblem, open_csv
from portal.kit.french import plural
from portal.kit.uploads import base_name, fingerprint, keep

READ_CHUNK = 20_000


@dataclass(frozen=True)
class Importer:
    """How one kind of file is read and applied.

    stage: takes the file's row, (line, cells) pairs and the columns; inserts the good lines into its staging table
    and returns (line, column, message) for the others. check: sets aside, in SQL, staged lines that contradict the
    register or each other, and returns how many change nothing. apply: writes lines first to last, on that instant.
    staged: the table of lines, whose span makes the batches. staging: every table to empty afterwards. filled: the
    tables that applying fills. planned: a batch is planned by their statistics, to be refreshed after each one.
    again: returns how many lines a file has that was applied before, word for word, and would change nothing; else 0.
    sift: stages by itself the lines that it can, and returns how many and the (line, cells) pairs of the others.
    """

    kind: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    stage: Callable[[ImportFile, Iterable[tuple[int, list[str]]], CsvFile], list[tuple[int, str, str]]]
    check: Callable[[ImportFile], int]
    apply: Callable[[ImportFile, int, int, dt.datetime], None]
    staged: type[Any]
    staging: tuple[type[Any], ...]
    filled: tuple[type[Any], ...]
    planned: bool
    again: Callable[[ImportFile], int] | None = None
    sift: Callable[[ImportFile, CsvFile], tuple[int, Iterator[tuple[int, list[str]]]]] | None = None


@transaction.atomic
def receive_file(*, kind: str, content: File[bytes], by: User | None, on: dt.datetime) -> ImportFile:
    """Keep a deposited file for the next sweep to read.

    Raises FileProblem when it is empty, above settings.IMPORT_MAX_BYTES, or the disk is full.
    """
    if not content.size:
        raise FileProblem("Le fichier est vide (0 octet).")
    if content.size > settings.IMPORT_MAX_BYTES:
        raise FileProblem(
            f"Le fichier pèse {content.size // 1_000_000} Mo : la limite est de "
            f"{settings.IMPORT_MAX_BYTES // 1_000_000} Mo, partagez-le."
        )
    name, sha256 = base_name(content), fingerprint(content)
    import_file = ImportFile(kind=kind, name=name, size=content.size, sha256=sha256, created_by=by, created_at=on)
    keep(import_file.upload, f"{sha256[:16]}.csv", content)
    import_file.save()
    record(
        by=by,
        on=on,
        verb="import.receive",
        summary=f"Fichier « {name} » déposé : {import_file.get_kind_display()}",
    )
    return import_file


@transaction.atomic
def read_next_file(*, importer: Importer, on: dt.datetime, only: ImportFile | None = None) -> bool:
    """Read the oldest waiting file of this kind, or only that one, into its staging table.

    Return False when none waits.
    """
    waiting = _files(importer, only).filter(status=ImportFile.Status.RECEIVED)
    import_file: ImportFile | None = skip_locked(waiting.order_by("id")).first()
    if import_file is None:
        return False
    try:
        with transaction.atomic():
            _read(import_file, importer)
    except (FileProblem, FileNotFoundError) as problem:
        # Without its upload a file can never be read, and would keep the others from their turn.
        lost = "Le fichier déposé n'est plus là : déposez-le de nouveau."
        import_file.status = ImportFile.Status.REFUSED
        import_file.refusal = str(problem)[:500] if isinstance(problem, FileProblem) else lost
        import_file.save(update_fields=["status", "refusal"])
    if import_file.status == ImportFile.Status.REFUSED:
        _forget_upload(import_file)
    summary = f"Fichier « {import_file.name} » lu : {import_file.outcome}"
    record(by=None, on=on, verb="import.read", summary=summary)
    return True


def _read(import_file: ImportFile, importer: Importer) -> None:
    if importer.again and (known := importer.again(import_file)):
        import_file.lines = import_file.good = import_file.unchanged = known
        import_file.status = ImportFile.Status.CHECKED
        import_file.save()
        return
    with import_file.upload.open("rb") as upload:
        csv_file = open_csv(upload.file, required=importer.required, optional=importer.optional)
        total, lines = importer.sift(import_file, csv_file) if importer.sift else (0, csv_file.lines())
        while chunk := list(islice(lines, READ_CHUNK)):
            total += len(chunk)
            whole = [(line, cells) for line, cells in chunk if len(cells) == csv_file.width]
            problems = importer.stage(import_file, whole, csv_file)
            problems += [
                (
                    line,
                    "",
                    f"{plural(len(cells), 'cellule')} au lieu de {csv_file.width} : un séparateur de trop ?",
                )
                for line, cells in chunk
                if len(cells) != csv_file.width
            ]
            note_problems(import_file, problems)
    if not total:
        raise FileProblem("Le fichier n'a aucune ligne sous ses titres de colonnes.")
    refresh_statistics(*importer.staging, ImportProblem)
    import_file.unchanged = importer.check(import_file)
    import_file.lines = total
    told = ImportProblem.objects.filter(import_file=import_file).values("line").distinct()
    import_file.wrong = told.filter(warning=False).count()
    import_file.warned = told.filter(warning=True).count()
    import_file.good = total - import_file.wrong
    import_file.status = ImportFile.Status.CHECKED
    if not import_file.good:
        import_file.status = ImportFile.Status.REFUSED
        import_file.refusal = "Aucune ligne n'est bonne : voyez le problème de chacune."
    import_file.save()


def note_problems(import_file: ImportFile, problems: Iterable[tuple[int, str, str]], *, warning: bool = False) -> None:
    """Keep (line, column, message) problems of a file; a warning does not keep its line from being taken."""
    insert_rows(
        ImportProblem,
        ("import_file_id", "line", '"column"', "message", "warning"),
        [(import_file.pk, line, column, message[:300], int(warning)) for line, column, message in problems],
    )


@transaction.atomic
def confirm_file(*, import_file: ImportFile, importer: Importer, by: User | None, on: dt.datetime) -> bool:
    """Order a checked file to be applied, by batches that the next sweeps take. Return False if it was not waiting."""
    changed = ImportFile.objects.filter(pk=import_file.pk, status=ImportFile.Status.CHECKED).update(
        status=ImportFile.Status.APPLYING, applied_by=by, ordered_at=on
    )
    if not changed:
        return False
    ends = importer.staged.objects.filter(import_file=import_file).aggregate(first=Min("line"), last=Max("line"))
    if ends["first"] is not None:
        size = settings.IMPORT_BATCH_LINES
        ImportBatch.objects.bulk_create(
            ImportBatch(import_file=import_file, first_line=start, last_line=min(start + size - 1, ends["last"]))
            for start in range(ends["first"], ends["last"] + 1, size)
        )
    record(by=by, on=on, verb="import.confirm", summary=f"Fichier « {import_file.name} » confirmé")
    return True


@transaction.atomic
def cancel_file(*, import_file: ImportFile, importer: Importer, by: User | None, on: dt.datetime) -> bool:
    """Give up a file that was read but not confirmed. Return False if it was not waiting."""
    changed = ImportFile.objects.filter(
        pk=import_file.pk, status__in=[ImportFile.Status.RECEIVED, ImportFile.Status.CHECKED]
    ).update(status=ImportFile.Status.CANCELLED)
    if changed:
        _empty_staging(import_file, importer)
        record(by=by, on=on, verb="import.cancel", summary=f"Fichier « {import_file.name} » abandonné")
    return bool(changed)


@transaction.atomic
def apply_next_batch(*, importer: Importer, on: dt.datetime, only: ImportFile | None = None) -> bool:
    """Apply one batch of a confirmed file of this kind, or only of that one. Return False when none is left to take."""
    ordered = _files(importer, only).filter(status=ImportFile.Status.APPLYING)
    todo = ImportBatch.objects.filter(done_at=None, import_file__in=ordered)
    batch: ImportBatch | None = skip_locked(todo.select_related("import_file").order_by("id")).first()
    if batch is None:
        return False
    importer.apply(batch.import_file, batch.first_line, batch.last_line, on)
    ImportBatch.objects.filter(pk=batch.pk).update(done_at=on)
    return True


@transaction.atomic
def close_applied_files(*, importer: Importer, on: dt.datetime, only: ImportFile | None = None) -> int:
    """Close the files whose every batch is done, and return how many were.

    A batch still running elsewhere is seen as not done.
    """
    count = 0
    undone = ImportBatch.objects.filter(import_file=OuterRef("pk"), done_at=None)
    ready = _files(importer, only).filter(status=ImportFile.Status.APPLYING).exclude(Exists(undone))
    for import_file in ready:
        closed = ImportFile.objects.filter(pk=import_file.pk, status=ImportFile.Status.APPLYING).update(
            status=ImportFile.Status.APPLIED, applied_at=on
        )
        if closed:
            count += 1
            _empty_staging(import_file, importer)
            record(
                by=import_file.applied_by,
                on=on,
                verb="import.apply",
                summary=f"Fichier « {import_file.name} » appliqué : {import_file.outcome}",
            )
    return count


def work_once(*, importer: Importer, on: dt.datetime, only: ImportFile | None = None) -> bool:
    """Do one piece of what waits for this kind, or for that file alone: read a file or apply a batch.

    Return False when nothing waits.
    """
    if read_next_file(importer=importer, on=on, only=only):
        return True
    if apply_next_batch(importer=importer, on=on, only=only):
        if importer.planned:
            # Between batches: an ANALYZE inside one would make the other workers wait for its end.
            refresh_statistics(*importer.filled)
        return True
    if close_applied_files(importer=importer, on=on, only=only):
        refresh_statistics(*importer.filled)
    return False


def _files(importer: Importer, only: ImportFile | None) -> QuerySet[ImportFile]:
    files = ImportFile.objects.filter(kind=importer.kind)
    return files if only is None else files.filter(pk=only.pk)


def _empty_staging(import_file: ImportFile, importer: Importer) -> None:
    for model in importer.staging:
        model.objects.filter(import_file=import_file)._raw_delete(connection.alias)
    _forget_upload(import_file)


def _forget_upload(import_file: ImportFile) -> None:
    """Drop the deposited bytes once they have served: they may hold more than was kept."""
    transaction.on_commit(lambda: import_file.upload.delete(save=False))
    ImportFile.objects.filter(pk=import_file.pk).update(upload="")
