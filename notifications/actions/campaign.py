"""Campaigns: a file of rates is read, previewed, then published in resumable batches (G0.1, G0.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.files import File
from django.db import connection, transaction
from django.db.models import F

from accounts import rules as identifiers
from accounts.actions.imports import Importer, cancel_file, confirm_file, receive_file
from accounts.models import Enterprise, Establishment, ImportFile, ImportProblem, User
from habilitations.models import ATMP, Declaration, EstablishmentDeclaration
from notifications import rules
from notifications.actions import inputs
from notifications.models import (
    Campaign,
    CollectiveRate,
    Notification,
    RateCalculation,
    RateDecision,
    StagedCalculation,
    StagedRate,
    Tariff,
)
from notifications.models.calculation import INPUT_COLUMNS
from portal import clock
from portal.kit import french
from portal.kit.bulk import insert_rows
from portal.kit.csvfile import CsvFile, FileProblem

REQUIRED = ("siret", "code_risque", "date_effet")
# These too, unless the file brings inputs to compute them from (notifications.actions.inputs).
COMPUTABLE = ("taux", "mode")
MODES = {label.casefold(): value for value, label in RateDecision.Mode.choices}


@transaction.atomic
def create_campaign(*, name: str, content: File[bytes], by: User | None, on: dt.datetime) -> Campaign:
    """Receive a file of rates under a name; the next sweep reads it.

    Raises FileProblem: empty or too large file, no tariff to check the codes against.
    """
    if not Tariff.objects.exists():
        raise FileProblem("Importez d'abord un tarif collectif : les codes risque sont vérifiés avec lui.")
    import_file = receive_file(kind=ImportFile.Kind.RATES, content=content, by=by, on=on)
    return Campaign.objects.create(import_file=import_file, name=name)


def publish_campaign(*, campaign: Campaign, by: User | None, on: dt.datetime) -> bool:
    """Order the publication of a checked campaign. Return False when it was already ordered, or given up."""
    return confirm_file(import_file=campaign.import_file, importer=RATES, by=by, on=on)


def cancel_campaign(*, campaign: Campaign, by: User | None, on: dt.datetime) -> bool:
    """Give up a campaign that is not published. Return False when it is too late."""
    return cancel_file(import_file=campaign.import_file, importer=RATES, by=by, on=on)


def _parse_mode(text: str) -> str:
    try:
        return MODES[text.strip().casefold()]
    except KeyError:
        raise ValueError(f"« {text.strip()[:40]} » : écrivez collectif, mixte ou individuel.") from None


STAGED = ("import_file_id", "line", "siret", "code_risque", "rate", "effective_on", "mode")
_PARSERS: dict[str, inputs.Parser] = {
    "siret": identifiers.clean_siret,
    "code_risque": identifiers.clean_code_risque,
    "taux": rules.parse_rate,
    "date_effet": french.parse_day,
    "mode": _parse_mode,
}


def _stage(
    import_file: ImportFile, lines: Iterable[tuple[int, list[str]]], csv_file: CsvFile
) -> list[tuple[int, str, str]]:
    if any(column in csv_file.columns for column in inputs.COLUMNS):
        return _stage_with_inputs(import_file, lines, csv_file)
    if missing := [column for column in COMPUTABLE if column not in csv_file.columns]:
        raise FileProblem(
            f"Il manque : {', '.join(missing)}. Donnez ces colonnes, ou celles des données dont le taux se calcule."
        )
    good, problems = [], []
    parsers = [(column, csv_file.columns[column], parse) for column, parse in _PARSERS.items()]
    for number, cells in lines:
        values: list[object] = []
        for column, index, parse in parsers:
            try:
                values.append(parse(cells[index]))
            except ValueError as error:
                problems.append((number, column, str(error)))
        if len(values) == len(parsers):
            good.append((import_file.pk, number, *values))
    insert_rows(StagedRate, STAGED, good)
    return problems


def _stage_with_inputs(
    import_file: ImportFile, lines: Iterable[tuple[int, list[str]]], csv_file: CsvFile
) -> list[tuple[int, str, str]]:
    read, problems = inputs.read_lines(lines, csv_file, _PARSERS)
    problems += inputs.compute_lines(import_file, read)
    good = [
        (import_file.pk, line.number, line.siret, line.code_risque, line.rate, line.effective_on, line.mode)
        for line in read
        if line.rate is not None
    ]
    insert_rows(StagedRate, STAGED, good)
    return problems


_TABLES = {
    "staged": StagedRate._meta.db_table,
    "establishment": Establishment._meta.db_table,
    "enterprise": Enterprise._meta.db_table,
    "collective": CollectiveRate._meta.db_table,
    "decision": RateDecision._meta.db_table,
    "notification": Notification._meta.db_table,
    "calculation": RateCalculation._meta.db_table,
    "staged_calculation": StagedCalculation._meta.db_table,
    "problem": ImportProblem._meta.db_table,
    "registration": EstablishmentDeclaration._meta.db_table,
    "declaration": Declaration._meta.db_table,
}
# The decision in force for the line's establishment, code and day says the same already.
_UNCHANGED = """EXISTS (SELECT 1 FROM {establishment} e JOIN {decision} d ON d.establishment_id = e.id
    WHERE e.siret = s.siret AND d.code_risque = s.code_risque AND d.effective_on = s.effective_on
    AND d.rate = s.rate AND d.mode = s.mode AND NOT EXISTS (
        SELECT 1 FROM {decision} later WHERE later.establishment_id = d.establishment_id
        AND later.code_risque = d.code_risque AND later.effective_on = d.effective_on
        AND later.version > d.version))"""
_CHECKS = (
    (
        "siret",
        "'SIRET ' || s.siret || ' inconnu du répertoire.'",
        "NOT EXISTS (SELECT 1 FROM {establishment} e WHERE e.siret = s.siret)",
    ),
    (
        "siret",
        "'Établissement fermé à la date d''effet.'",
        "EXISTS (SELECT 1 FROM {establishment} e WHERE e.siret = s.siret AND e.closed_on <= s.effective_on)",
    ),
    (
        "code_risque",
        "'Code risque ' || s.code_risque || ' absent du tarif de l''année d''effet.'",
        """NOT EXISTS (SELECT 1 FROM {collective} c WHERE c.code = s.code_risque AND (
            c.tariff_id = EXTRACT(YEAR FROM s.effective_on)
            OR NOT EXISTS (SELECT 1 FROM {collective} y WHERE y.tariff_id = EXTRACT(YEAR FROM s.effective_on))))""",
    ),
    (
        "siret",
        """'Ligne en double : même établissement, même code et même date qu''à la ligne ' || (
            SELECT MIN(e.line) FROM {staged} e WHERE e.import_file_id = s.import_file_id AND e.siret = s.siret
            AND e.code_risque = s.code_risque AND e.effective_on = s.effective_on) || '.'""",
        """EXISTS (SELECT 1 FROM {staged} e WHERE e.import_file_id = s.import_file_id AND e.siret = s.siret
            AND e.code_risque = s.code_risque AND e.effective_on = s.effective_on AND e.line < s.line)""",
    ),
)


def _run(sql: str, *params: Any) -> int:
    if connection.vendor == "sqlite":
        sql = sql.replace("EXTRACT(YEAR FROM s.effective_on)", "CAST(substr(s.effective_on, 1, 4) AS integer)")
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**_TABLES), params)
        return int(cursor.rowcount)


def _has_inputs(import_file: ImportFile) -> bool:
    return StagedCalculation.objects.filter(import_file=import_file).exists()


def _check(import_file: ImportFile) -> int:
    pk = import_file.pk
    for column, message, condition in _CHECKS:
        _run(
            f"""INSERT INTO {{problem}} (import_file_id, line, "column", message)
            SELECT s.import_file_id, s.line, '{column}', {message}
            FROM {{staged}} s WHERE s.import_file_id = %s AND {condition}""",  # noqa: S608
            pk,
        )
    _run(
        """DELETE FROM {staged} WHERE import_file_id = %s
        AND line IN (SELECT line FROM {problem} WHERE import_file_id = %s AND NOT warning)""",
        pk,
        pk,
    )
    if _has_inputs(import_file):
        # A line that is not taken needs no second look.
        _run(
            """DELETE FROM {problem} WHERE import_file_id = %s AND warning
            AND line NOT IN (SELECT line FROM {staged} WHERE import_file_id = %s)""",
            pk,
            pk,
        )
    return _run(
        f"""DELETE FROM {{staged}} WHERE id IN (
            SELECT s.id FROM {{staged}} s WHERE s.import_file_id = %s AND {_UNCHANGED})""",  # noqa: S608
        pk,
    )


def _apply(import_file: ImportFile, first: int, last: int, on: dt.datetime) -> None:
    """Write decisions and notifications of some lines. Registered by its own or its head office's SIRET (G0.6)."""
    campaign = import_file.campaign
    decided = _run(
        f"""INSERT INTO {{decision}} (campaign_id, line, establishment_id, siren, code_risque, mode, rate,
            effective_on, version, channel, decided_on, addressee, address)
        SELECT %s, s.line, e.id, e.siren, s.code_risque, s.mode, s.rate, s.effective_on,
            1 + COALESCE((SELECT MAX(d.version) FROM {{decision}} d WHERE d.establishment_id = e.id
                AND d.code_risque = s.code_risque AND d.effective_on = s.effective_on), 0),
            CASE WHEN EXISTS (SELECT 1 FROM {{registration}} r JOIN {{declaration}} c ON c.id = r.declaration_id
                    WHERE c.code = %s AND r.establishment_id = e.id)
                OR EXISTS (SELECT 1 FROM {{registration}} r JOIN {{declaration}} c ON c.id = r.declaration_id
                    JOIN {{establishment}} h ON h.id = r.establishment_id
                    WHERE c.code = %s AND h.siren = e.siren AND h.is_head_office)
                THEN 'electronic' ELSE 'paper' END,
            %s, n.name, e.address || '\n' || e.postcode || ' ' || e.city
        FROM {{staged}} s JOIN {{establishment}} e ON e.siret = s.siret JOIN {{enterprise}} n ON n.siren = e.siren
        WHERE s.import_file_id = %s AND s.line BETWEEN %s AND %s AND NOT {_UNCHANGED}
        ORDER BY s.line""",  # noqa: S608
        campaign.pk,
        ATMP,
        ATMP,
        clock.day(import_file.ordered_at or on),
        import_file.pk,
        first,
        last,
    )
    if _has_inputs(import_file):
        columns = ", ".join(INPUT_COLUMNS)
        _run(
            f"""INSERT INTO {{calculation}} (decision_id, {columns}) SELECT d.id, {columns}
            FROM {{decision}} d JOIN {{staged_calculation}} c ON c.import_file_id = %s AND c.line = d.line
            WHERE d.campaign_id = %s AND d.line BETWEEN %s AND %s""",  # noqa: S608
            import_file.pk,
            campaign.pk,
            first,
            last,
        )
    notified = _run(
        """INSERT INTO {notification} (decision_id, establishment_id, siren, campaign_id, published_at)
        SELECT d.id, d.establishment_id, d.siren, d.campaign_id, %s FROM {decision} d
        WHERE d.campaign_id = %s AND d.line BETWEEN %s AND %s AND d.channel = 'electronic' ORDER BY d.line""",
        # SQLite keeps instants as text: without this, a time zone would come in and spoil their order.
        connection.ops.adapt_datetimefield_value(on),
        campaign.pk,
        first,
        last,
    )
    Campaign.objects.filter(pk=campaign.pk).update(
        notified=F("notified") + notified, on_paper=F("on_paper") + decided - notified
    )


RATES = Importer(
    kind=ImportFile.Kind.RATES,
    required=REQUIRED,
    optional=(*COMPUTABLE, *inputs.COLUMNS),
    stage=_stage,
    check=_check,
    apply=_apply,
    staged=StagedRate,
    staging=(StagedRate, StagedCalculation),
)
