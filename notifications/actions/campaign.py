"""Campaigns: a file of rates is read, previewed, then published in resumable batches (G0.1, G0.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files import File
from django.db import connection, transaction
from django.db.models import F

from accounts import rules as identifiers
from accounts.actions.imports import Importer, cancel_file, confirm_file, receive_file
from accounts.models import Enterprise, Establishment, ImportFile, ImportProblem, User
from habilitations.models import ATMP, Declaration, EstablishmentDeclaration
from notifications import rules
from notifications.actions import inputs, natures, ordinary
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
from portal.kit.bulk import insert_rows, look_rows_up, sort_in_memory
from portal.kit.csvfile import CsvFile, FileProblem, read_once

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


Problem = tuple[int, str, str]
STAGED = ("import_file_id", "line", "siret", "code_risque", "rate", "effective_on", "mode", "nature", "reason")
_PARSERS: dict[str, inputs.Parser] = {
    "siret": identifiers.clean_siret,
    "code_risque": identifiers.clean_code_risque,
    "taux": rules.parse_rate,
    "date_effet": french.parse_day,
    "mode": _parse_mode,
    "nature": natures.parse_nature,
    "motif": natures.parse_reason,
}


def _stage(import_file: ImportFile, lines: Iterable[tuple[int, list[str]]], csv_file: CsvFile) -> list[Problem]:
    problems: list[Problem] = []
    lines = natures.restoring(lines, csv_file, problems)
    if any(column in csv_file.columns for column in inputs.COLUMNS):
        good, wrong = _computed(import_file, lines, csv_file)
    elif missing := [column for column in COMPUTABLE if column not in csv_file.columns]:
        raise FileProblem(
            f"Il manque : {', '.join(missing)}. Donnez ces colonnes, ou celles des données dont le taux se calcule."
        )
    else:
        good, wrong = _read(lines, csv_file)
    insert_rows(StagedRate, STAGED, [(import_file.pk, *line) for line in good])
    return problems + wrong


def _read(lines: Iterable[tuple[int, list[str]]], csv_file: CsvFile) -> tuple[list[tuple[Any, ...]], list[Problem]]:
    """Return the good lines as STAGED has them, and what is wrong with the others.

    Column by column: what a campaign says over and over is read once.
    """
    pairs, problems = list(lines), list[Problem]()
    if not pairs:
        return [], []
    numbers, rows = zip(*pairs, strict=True)
    cells_of = list(zip(*rows, strict=True))
    columns: list[Sequence[Any]] = [numbers]
    for column, parse in _PARSERS.items():
        index = csv_file.columns.get(column)
        texts = [""] * len(numbers) if index is None else cells_of[index]
        values, wrong = read_once(texts, parse)
        columns.append(list(map(values.get, texts)))
        if wrong:
            problems += [(numbers[at], column, wrong[text]) for at, text in enumerate(texts) if text in wrong]
    told = {number for number, _column, _message in problems}
    return [row for row in zip(*columns, strict=True) if row[0] not in told], problems


def _computed(
    import_file: ImportFile, lines: Iterable[tuple[int, list[str]]], csv_file: CsvFile
) -> tuple[list[tuple[Any, ...]], list[Problem]]:
    """Do the same with lines that bring inputs."""
    read, problems = inputs.read_lines(lines, csv_file, _PARSERS)
    problems += inputs.compute_lines(import_file, read)
    kept = [line for line in read if line.rate is not None]
    return [
        (one.number, one.siret, one.code_risque, one.rate, one.effective_on, one.mode, one.nature, one.reason)
        for one in kept
    ], problems


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
}
# The decision in force for the line's establishment, code and day, if any; and whether the line says otherwise.
_IN_FORCE = """LEFT JOIN {decision} d ON d.establishment_id = e.id AND d.code_risque = s.code_risque
    AND d.effective_on = s.effective_on AND d.version = (SELECT MAX(v.version) FROM {decision} v
        WHERE v.establishment_id = e.id AND v.code_risque = s.code_risque AND v.effective_on = s.effective_on)"""
_CHANGES = "(d.id IS NULL OR d.rate <> s.rate OR d.mode <> s.mode OR (s.nature <> 'rate' AND d.nature <> s.nature))"
# A decision of the line's establishment and code, taken for its day, or for a day before.
_TAKEN = """EXISTS (SELECT 1 FROM {establishment} e JOIN {decision} d ON d.establishment_id = e.id
    WHERE e.siret = s.siret AND d.code_risque = s.code_risque AND d.effective_on %s s.effective_on)"""
_CHECKS = (
    (
        "date_effet",
        "'Aucune décision à annuler pour ce code à cette date d''effet.'",
        f"s.nature = 'cancellation' AND NOT {_TAKEN % '='}",
    ),
    (
        "nature",
        "'Aucun taux antérieur à rétablir : rectifiez plutôt cette décision.'",
        f"s.nature = 'cancellation' AND {_TAKEN % '='} AND NOT {_TAKEN % '<'}",
    ),
    (
        "siret",
        """CASE WHEN e.id IS NULL THEN 'SIRET ' || s.siret || ' inconnu du répertoire.'
            ELSE 'Établissement fermé à la date d''effet.' END""",
        "(e.id IS NULL OR e.closed_on <= s.effective_on)",
    ),
    (
        "code_risque",
        "'Code risque ' || s.code_risque || ' absent du tarif de l''année d''effet.'",
        """(s.code_risque, EXTRACT(YEAR FROM s.effective_on)) IN (
            SELECT k.code_risque, k.year FROM (
                SELECT DISTINCT s.code_risque, EXTRACT(YEAR FROM s.effective_on) AS year FROM {staged} s
                WHERE s.import_file_id = %s AND NOT s.known) k
            WHERE NOT EXISTS (SELECT 1 FROM {collective} c WHERE c.code = k.code_risque AND (c.tariff_id = k.year
                OR NOT EXISTS (SELECT 1 FROM {collective} y WHERE y.tariff_id = k.year))))""",
    ),
)
_TWICE = """INSERT INTO {problem} (import_file_id, line, "column", message)
    SELECT s.import_file_id, s.line, 'siret',
        'Ligne en double : même établissement, même code et même date qu''à la ligne ' || t.line || '.'
    FROM (
        SELECT siret, code_risque, effective_on, MIN(line) AS line FROM {staged} WHERE import_file_id = %s
        GROUP BY siret, code_risque, effective_on HAVING COUNT(*) > 1
    ) t JOIN {staged} s ON s.import_file_id = %s AND s.siret = t.siret AND s.code_risque = t.code_risque
        AND s.effective_on = t.effective_on AND s.line > t.line"""


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
    sort_in_memory()
    unknown = StagedRate.objects.filter(import_file=import_file, known=False).exists()
    for column, message, condition in _CHECKS if unknown else ():
        _run(
            f"""INSERT INTO {{problem}} (import_file_id, line, "column", message)
            SELECT s.import_file_id, s.line, '{column}', {message}
            FROM {{staged}} s LEFT JOIN {{establishment}} e ON e.siret = s.siret
            WHERE s.import_file_id = %s AND NOT s.known AND {condition}""",  # noqa: S608 - our columns and conditions
            *[pk] * (1 + condition.count("%s")),
        )
    _run(_TWICE, pk, pk)
    _run(
        """DELETE FROM {staged} WHERE import_file_id = %s
        AND line IN (SELECT line FROM {problem} WHERE import_file_id = %s AND NOT warning)""",
        pk,
        pk,
    )
    for column in ("rate", "mode"):
        _run(
            f"""UPDATE {{staged}} AS s SET {column} = (SELECT d.{column} FROM {{establishment}} e
                JOIN {{decision}} d ON d.establishment_id = e.id
                WHERE e.siret = s.siret AND d.code_risque = s.code_risque AND d.effective_on < s.effective_on
                ORDER BY d.effective_on DESC, d.version DESC LIMIT 1)
            WHERE s.import_file_id = %s AND s.nature = 'cancellation'""",  # noqa: S608 - our columns
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
            SELECT s.id FROM {{staged}} s JOIN {{establishment}} e ON e.siret = s.siret {_IN_FORCE}
            WHERE s.import_file_id = %s AND NOT {_CHANGES})""",  # noqa: S608 - our joins
        pk,
    )


def _apply(import_file: ImportFile, first: int, last: int, on: dt.datetime) -> None:
    """Write decisions and notifications of some lines. Registered by its own or its head office's SIRET (G0.6)."""
    campaign = import_file.campaign
    atmp = Declaration.objects.filter(code=ATMP).values_list("pk", flat=True).first()
    look_rows_up()
    decided = _run(
        f"""INSERT INTO {{decision}} (campaign_id, line, establishment_id, siren, code_risque, mode, rate,
            effective_on, version, nature, reason, channel, decided_on, addressee, address)
        SELECT %s, s.line, e.id, e.siren, s.code_risque, s.mode, s.rate, s.effective_on, 1 + COALESCE(d.version, 0),
            s.nature, s.reason,
            CASE WHEN own.id IS NOT NULL OR whole.id IS NOT NULL THEN 'electronic' ELSE 'paper' END,
            %s, n.name, e.address || '\n' || e.postcode || ' ' || e.city
        FROM {{staged}} s JOIN {{establishment}} e ON e.siret = s.siret JOIN {{enterprise}} n ON n.siren = e.siren
        {_IN_FORCE}
        LEFT JOIN {{registration}} own ON own.establishment_id = e.id AND own.declaration_id = %s
        LEFT JOIN {{establishment}} h ON h.siren = CASE WHEN NOT e.is_head_office THEN e.siren END AND h.is_head_office
        LEFT JOIN {{registration}} whole ON whole.establishment_id = h.id AND whole.declaration_id = %s
        WHERE s.import_file_id = %s AND s.line BETWEEN %s AND %s AND {_CHANGES}
        ORDER BY s.line""",  # noqa: S608 - our condition
        campaign.pk,
        clock.day(import_file.ordered_at or on),
        atmp,
        atmp,
        import_file.pk,
        first,
        last,
    )
    if _has_inputs(import_file):
        columns = ", ".join(INPUT_COLUMNS)
        _run(
            f"""INSERT INTO {{calculation}} (decision_id, {columns}) SELECT d.id, {columns}
            FROM {{decision}} d JOIN {{staged_calculation}} c ON c.import_file_id = %s AND c.line = d.line
            WHERE d.campaign_id = %s AND d.line BETWEEN %s AND %s""",  # noqa: S608 - our columns
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


def _again(import_file: ImportFile) -> int:
    """Return the lines of a file published before without a remark, when nothing was decided since; else 0."""
    same = (
        ImportFile.objects.filter(
            kind=import_file.kind, sha256=import_file.sha256, status=ImportFile.Status.APPLIED,
            wrong=0, warned=0, unchanged=0,
        ).order_by("-id").first()
    )  # fmt: skip
    if same is None:
        return 0
    since = Campaign.objects.exclude(import_file=same).exclude(import_file__applied_at__lt=same.ordered_at)
    return 0 if RateDecision.objects.filter(campaign__in=since.values("pk")).exists() else same.lines


RATES = Importer(
    kind=ImportFile.Kind.RATES,
    required=REQUIRED,
    optional=(*COMPUTABLE, *natures.COLUMNS, *inputs.COLUMNS),
    stage=_stage,
    check=_check,
    apply=_apply,
    staged=StagedRate,
    staging=(StagedRate, StagedCalculation),
    filled=(RateDecision, Notification),
    planned=False,
    again=_again,
    sift=lambda import_file, csv_file: ordinary.sift(import_file, csv_file, _PARSERS),
)
