"""« Importer des habilitations (avec dépôt de fichier) »: received, read, applied line by line, in batches.

Reading is one transaction, each batch another, which also writes what became of its lines: whatever is killed starts
again where it was. A line is taken whole or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import IntegrityError, transaction

from accounts.actions.journal import record
from accounts.models import User
from accounts.rules import IdentifierError, clean_siret, normalise_name
from habilitations.models import Declaration
from portal.kit import french
from portal.kit.bulk import skip_locked
from portal.kit.csvfile import CsvFile, FileProblem
from portal.kit.uploads import base_name, fingerprint, keep
from portal.kit.xlsxfile import XlsxFile, check_archive, is_xlsx, open_table
from portfolios.actions.bulk_lines import CLIENT, apply_clients, apply_rights
from portfolios.models import BulkLine, BulkRequest, Portfolio

SIRET, LAST_NAME, FIRST_NAME = "SIRET", "nom", "prénom"
BATCH = 500
MOST_LINES = 50_000
_Kind, _Status, _Result = BulkRequest.Kind, BulkRequest.Status, BulkLine.Result
_VALUES = {"1": True, "0": False}


@transaction.atomic
def receive_request(*, portfolio: Portfolio, kind: str, file: File[bytes], by: User, on: dt.datetime) -> BulkRequest:
    """Keep a deposited file for the next sweep; one at a time for a portfolio.

    Raises ValidationError for a file that is empty, too heavy or a workbook that unpacks too far, for a full disk,
    while another request of the portfolio goes on, and in strict mode for a wrong name or within 48 hours.
    """
    if not file.size:
        raise ValidationError({"file": "Ce fichier est vide (0 octet)."})
    if file.size > settings.BULK_MAX_BYTES:
        raise ValidationError({"file": (
            f"Ce fichier pèse {file.size // 1_000_000} Mo, la limite est de "
            f"{settings.BULK_MAX_BYTES // 1_000_000} Mo : partagez-le."
        )})  # fmt: skip
    if is_xlsx(file):  # type: ignore[arg-type]
        try:
            check_archive(file)  # type: ignore[arg-type]
        except FileProblem as problem:
            raise ValidationError({"file": str(problem)}) from None
    name, sha256 = base_name(file), fingerprint(file)
    if settings.BULK_STRICT:
        _refuse_unless_strict(portfolio, name, on)
    request = BulkRequest(
        portfolio=portfolio, kind=kind, name=name, size=file.size, sha256=sha256, created_by=by, created_at=on
    )
    going_on = ValidationError({"portfolio": "Une demande est déjà en cours pour ce portefeuille : attendez sa fin."})
    if BulkRequest.objects.filter(portfolio=portfolio, status__in=[_Status.RECEIVED, _Status.APPLYING]).exists():
        raise going_on
    try:
        keep(request.upload, sha256[:16], file)
    except FileProblem as problem:
        raise ValidationError({"file": str(problem)}) from None
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError:
        # Two at the same instant.
        request.upload.delete(save=False)
        raise going_on from None
    _tell(request, "receive", f"Fichier « {name} » déposé pour le portefeuille « {portfolio.name} ».", by, on)
    return request


def _refuse_unless_strict(portfolio: Portfolio, name: str, on: dt.datetime) -> None:
    """Hold to what the real portal asks (domain.md, section 1): the portfolio's name, 48 hours between two requests."""
    if normalise_name(PurePath(name).stem) != normalise_name(portfolio.name):
        raise ValidationError({"file": f"Nommez ce fichier comme son portefeuille : « {portfolio.name} »."})
    last = (
        BulkRequest.objects.filter(portfolio=portfolio)
        .order_by("-created_at")
        .values_list("created_at", flat=True)
        .first()
    )
    if last and on < last + dt.timedelta(hours=48):
        again = french.moment(last + dt.timedelta(hours=48))
        raise ValidationError(
            {"portfolio": f"Une demande a déjà été faite pour ce portefeuille : la suivante est possible le {again}."}
        )


def work_once(*, on: dt.datetime) -> bool:
    """Read one waiting file or apply one batch. Return False when nothing waits."""
    return read_next_request(on=on) or apply_next_lines(on=on)


@transaction.atomic
def read_next_request(*, on: dt.datetime) -> bool:
    """Read the oldest waiting file into lines; those that cannot be read already say why. Return False if none."""
    waiting = BulkRequest.objects.filter(status=_Status.RECEIVED).select_related("portfolio")
    request = skip_locked(waiting.order_by("id")).first()
    if request is None:
        return False
    try:
        with transaction.atomic():
            _read(request)
    except (FileProblem, FileNotFoundError) as problem:
        lost = "Le fichier déposé n'est plus là : déposez-le de nouveau."
        request.refusal = str(problem)[:500] if isinstance(problem, FileProblem) else lost
        request.status, request.ended_at = _Status.REFUSED, on
        _tell(request, "refuse", f"Fichier « {request.name} » refusé.", None, on)
    _forget_upload(request)
    request.save()
    return True


def _read(request: BulkRequest) -> None:
    codes = tuple(Declaration.objects.order_by("code").values_list("code", flat=True))
    about_clients = request.kind == _Kind.ESTABLISHMENTS
    required = (SIRET, CLIENT) if about_clients else (SIRET,)
    with request.upload.open("rb") as upload:
        table = open_table(
            upload.file, required=required, optional=() if about_clients else (LAST_NAME, FIRST_NAME, *codes)
        )
        if table.unknown:
            raise FileProblem(f"La colonne « {table.unknown[0][:60]} » n'est pas attendue : voyez le modèle.")
        if not about_clients and not set(codes) & set(table.columns):
            raise FileProblem(f"Aucune colonne ne nomme une déclaration : {', '.join(codes)}.")
        seen: dict[tuple[str, str], BulkLine] = {}
        rows = [_line(request, number, cells, table, seen) for number, cells in _bounded(table)]
    if not rows:
        raise FileProblem("Le fichier n'a aucune ligne sous ses titres de colonnes.")
    BulkLine.objects.bulk_create(rows, batch_size=2000)
    request.lines, request.status = len(rows), _Status.APPLYING
    _count(request)


def _bounded(table: CsvFile | XlsxFile) -> Iterator[tuple[int, list[str]]]:
    for number, cells in table.lines():
        if number > MOST_LINES + 1:
            raise FileProblem(f"Le fichier dépasse {french.number(MOST_LINES)} lignes : partagez-le.")
        yield number, cells


def _line(
    request: BulkRequest,
    number: int,
    cells: list[str],
    table: CsvFile | XlsxFile,
    seen: dict[tuple[str, str], BulkLine],
) -> BulkLine:
    """Return the line of a file, refused at once when it cannot be understood or contradicts another."""
    if len(cells) != table.width:
        told = f"{french.plural(len(cells), 'cellule')} au lieu de {table.width} : un séparateur de trop ?"
        return BulkLine(request=request, line=number, siret="", result=_Result.KO, message=told)
    at = {name: cells[index].strip() for name, index in table.columns.items()}
    siret = at.pop(SIRET)
    person = " ".join(filter(None, (at.pop(LAST_NAME, "")[:100], at.pop(FIRST_NAME, "")[:100])))
    line = BulkLine(request=request, line=number, siret=siret[:40], person=person)
    try:
        line.siret = clean_siret(siret)
        line.cells = {name: _wanted(name, text) for name, text in at.items() if text}
    except (IdentifierError, ValueError) as error:
        line.result, line.message = _Result.KO, str(error)[:300]
        return line
    before = seen.setdefault((line.siret, normalise_name(person)), line)
    if not line.cells:
        line.result = _Result.KO
        line.message = "Rien à faire : aucune cellule ne contient 1 ou 0."
    elif before is not line and before.cells == line.cells:
        line.result, line.message = _Result.UNCHANGED, f"Répète la ligne {before.line}."
    elif before is not line:
        for one, other in ((line, before), (before, line)):
            one.result, one.message = _Result.KO, f"Contredit la ligne {other.line} : aucune des deux n'est prise."
    return line


def _wanted(column: str, text: str) -> bool:
    if text.startswith(("=", "+", "-", "@")):
        raise ValueError(f"Colonne {column} : la cellule contient une formule ; écrivez 1 ou 0.")
    if text not in _VALUES:
        raise ValueError(f"Colonne {column} : « {text[:20]} » au lieu de 1 (ajouter) ou 0 (retirer).")
    return _VALUES[text]


@transaction.atomic
def apply_next_lines(*, on: dt.datetime) -> bool:
    """Apply one batch of the oldest request that has lines left, or close it. Return False when there is none."""
    going_on = BulkRequest.objects.filter(status=_Status.APPLYING).select_related("portfolio", "created_by")
    request = skip_locked(going_on.order_by("id")).first()
    if request is None:
        return False
    lines = list(request.rows.filter(result="").order_by("person", "line")[:BATCH])
    if lines:
        # Two requests of one firm, or a person on a page, wait for each other.
        Portfolio.objects.select_for_update().get(pk=request.portfolio_id)
        apply = {_Kind.ESTABLISHMENTS: apply_clients, _Kind.HABILITATIONS: apply_rights}[_Kind(request.kind)]
        told = apply(request.portfolio, lines, on)
        _note(lines)
        _tell(request, "apply", f"Fichier « {request.name} », {french.plural(len(lines), 'ligne')} : {told}.", None, on)
        _count(request)
    else:
        request.status, request.ended_at = _Status.DONE, on
    request.save()
    return True


def _note(lines: list[BulkLine]) -> None:
    """Write what became of lines; those of one fate together."""
    fates: dict[tuple[str, str], list[int]] = {}
    for line in lines:
        fates.setdefault((line.result, line.message), []).append(line.pk)
    for (result, message), pks in fates.items():
        BulkLine.objects.filter(pk__in=pks).update(result=result, message=message)


def _count(request: BulkRequest) -> None:
    rows = request.rows.exclude(result="")
    request.done = rows.count()
    request.wrong = rows.filter(result=_Result.KO).count()
    request.unchanged = rows.filter(result=_Result.UNCHANGED).count()


def _forget_upload(request: BulkRequest) -> None:
    """Drop the deposited bytes once they were read."""
    stored, storage = request.upload.name, request.upload.storage
    request.upload = ""
    if stored:
        transaction.on_commit(lambda: storage.delete(stored))


def _tell(request: BulkRequest, verb: str, summary: str, by: User | None, on: dt.datetime) -> None:
    record(by=by, on=on, verb=f"bulk.{verb}", summary=summary, enterprise=request.portfolio.enterprise_id)
