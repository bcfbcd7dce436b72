"""Depositing a DSN: read at once, never stored; what it says becomes filings (dsn.md)."""

from __future__ import annotations

import datetime as dt
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import IntegrityError, transaction

from accounts.actions.journal import record
from accounts.models import Enterprise, Establishment, User
from accounts.rules import IdentifierError, clean_siren
from portal import clock
from portal.kit import french
from portal.kit.uploads import base_name, fingerprint
from portfolios.models import DsnDeposit, DsnFiling, DsnRate, DsnRemark
from portfolios.rules import dsn as rules

_Outcome = DsnDeposit.Outcome
# A file that is wrong everywhere is told of by its first remarks.
MOST_REMARKS = 200


def deposit_dsn(
    *, file: File[bytes], depositor: Enterprise, by: User | None, on: dt.datetime, sender_checked: bool = False
) -> tuple[DsnDeposit, bool]:
    """Read a file and keep its good declarations; return the deposit, and whether it is a new one.

    depositor: whoever deposits files, not the sender named inside. sender_checked: staff and commands name the
    depositor by hand, so a different sender is warned of. The same file again changes nothing.
    Raises ValidationError for a file that is empty or too heavy: nothing is written.
    """
    if not file.size:
        raise ValidationError("Ce fichier est vide (0 octet).")
    if file.size > settings.DSN_MAX_BYTES:
        raise ValidationError(
            f"Ce fichier pèse {file.size // 1_000_000} Mo, la limite est de {settings.DSN_MAX_BYTES // 1_000_000} Mo."
        )
    sha256 = fingerprint(file)
    known = DsnDeposit.objects.filter(depositor=depositor, sha256=sha256)
    if (before := known.first()) is not None:
        return before, False
    try:
        with transaction.atomic():
            return _read(file, sha256, depositor, by, on, sender_checked=sender_checked), True
    except IntegrityError:
        # The same file, deposited twice at the same instant.
        if (before := known.first()) is None:
            raise
        return before, False


def sender_siren(stream: BinaryIO) -> str:
    """Return the sender's SIREN named in a file (S10), empty when the file is no DSN; for imports by staff."""
    try:
        return rules.read_file(stream).sender[:9]
    except rules.DsnRefused:
        return ""


def named_depositor(file: File[bytes], siren: str = "") -> Enterprise:
    """Return the enterprise in whose name staff or a command deposits: the one they say, else the sender of the file.

    Raises ValidationError when neither names an enterprise of the register.
    """
    named = siren or sender_siren(file.open("rb"))  # type: ignore[arg-type]
    file.seek(0)
    try:
        return Enterprise.objects.get(pk=clean_siren(named))
    except IdentifierError as error:
        raise ValidationError(f"Émetteur du fichier : {error}") from None
    except Enterprise.DoesNotExist:
        raise ValidationError(f"L'entreprise {french.siret(named)} n'est pas au répertoire.") from None


def _read(
    file: File[bytes], sha256: str, depositor: Enterprise, by: User | None, on: dt.datetime, *, sender_checked: bool
) -> DsnDeposit:
    # Files of one depositor wait for each other: the same month twice is seen.
    Enterprise.objects.select_for_update().get(pk=depositor.pk)
    deposit = DsnDeposit(
        depositor=depositor,
        deposited_by=by,
        deposited_at=on,
        name=base_name(file),
        sha256=sha256,
        size=file.size,
        outcome=_Outcome.KO,
    )
    try:
        stream: BinaryIO = file.file  # type: ignore[assignment]
        envoi = rules.read_file(stream)
    except rules.DsnRefused as refusal:
        where = f" (ligne {refusal.line})" if refusal.line else ""
        deposit.refusal = f"{str(refusal).rstrip('.')}{where}."[:300]
        deposit.save()
    else:
        _keep(deposit, envoi, sender_checked=sender_checked)
    told = f"{deposit.outcome}, {french.plural(deposit.accepted, 'déclaration acceptée', 'déclarations acceptées')}"
    record(by=by, on=on, verb="dsn.deposit", summary=f"DSN « {deposit.name} » déposée : {told}.", enterprise=depositor)
    return deposit


def _keep(deposit: DsnDeposit, envoi: rules.Envoi, *, sender_checked: bool) -> None:
    """Write an envoi down: its good declarations as filings, its bad ones as remarks."""
    deposit.test, deposit.refused = envoi.test, len(envoi.declarations)
    if envoi.test:
        deposit.refusal = "C'est un fichier de test (S10.G00.00.005) : il ne compte jamais comme un dépôt."
    deposit.save()
    remarks = [(remark, False) for remark in envoi.warnings]
    if sender_checked and envoi.sender[:9] != deposit.depositor_id:
        told = f"L'émetteur (SIREN {envoi.sender[:9] or 'absent'}) n'est pas l'entreprise déposante."
        remarks.append((rules.Remark(1, told), False))
    sirets = {siret for declaration in envoi.declarations for siret in declaration.sirets}
    places = Establishment.objects.in_bulk(sirets, field_name="siret")
    for declaration in envoi.declarations:
        refusals = declaration.refusals or _unknown(declaration, places)
        if not refusals and not envoi.test:
            refusals = _file(deposit, declaration, [places[siret] for siret in declaration.sirets])
            deposit.accepted += not refusals
        remarks += [(remark, True) for remark in refusals]
    DsnRemark.objects.bulk_create(
        DsnRemark(deposit=deposit, line=remark.line, refuses=refuses, text=remark.text[:300])
        for remark, refuses in sorted(remarks, key=lambda pair: pair[0].line)[:MOST_REMARKS]
    )
    deposit.refused -= deposit.accepted
    if deposit.accepted:
        deposit.outcome = _Outcome.PARTIAL if deposit.refused else _Outcome.OK
    deposit.save(update_fields=["accepted", "refused", "outcome"])


def _unknown(declaration: rules.Declaration, places: dict[str, Establishment]) -> list[rules.Remark]:
    return [
        rules.Remark(declaration.line, f"Le SIRET {french.siret(siret)} n'est pas au répertoire du simulateur.")
        for siret in declaration.sirets
        if siret not in places
    ]


def _file(deposit: DsnDeposit, declaration: rules.Declaration, places: list[Establishment]) -> list[rules.Remark]:
    """Write the filings of a declaration; return why not, and write none of them, when one may not be."""
    with transaction.atomic():
        refusals = [refusal for place in places if (refusal := _file_one(deposit, declaration, place))]
        if refusals:
            transaction.set_rollback(True)
    return refusals


def _file_one(deposit: DsnDeposit, declaration: rules.Declaration, place: Establishment) -> rules.Remark | None:
    if declaration.nature == rules.MONTHLY and declaration.month:
        # Which event an event replaces is not said: only months are looked up.
        same = DsnFiling.objects.filter(
            depositor=deposit.depositor_id,
            establishment=place,
            nature=declaration.nature,
            month=declaration.month,
            fraction=declaration.fraction,
            counts=True,
        )
        if declaration.type in (*rules.REPLACING, rules.CANCELLING):
            same.update(counts=False)
        elif before := same.first():
            return rules.Remark(
                declaration.line,
                f"Une DSN de {french.month(declaration.month)} est déjà déposée le {french.day(before.filed_on)} "
                f"pour le SIRET {french.siret(place.siret)} : envoyez un « annule et remplace ».",
            )
    filing = DsnFiling.objects.create(
        deposit=deposit,
        depositor_id=deposit.depositor_id,
        establishment=place,
        line=declaration.line,
        nature=declaration.nature,
        type=declaration.type,
        fraction=declaration.fraction,
        month=declaration.month,
        filed_on=clock.day(deposit.deposited_at),
        counts=declaration.counts,
    )
    DsnRate.objects.bulk_create(
        DsnRate(filing=filing, code=rate.code, rate=rate.rate, support=rate.support, line=rate.line)
        for rate in declaration.rates.values()
    )
    return None
