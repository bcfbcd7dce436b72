"""The register's import: a CSV with the columns of the public Sirene stock."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django.db import connection

from accounts import rules
from accounts.actions.imports import Importer
from accounts.models import (
    Enterprise,
    Establishment,
    Headcount,
    ImportFile,
    ImportProblem,
    StagedEstablishment,
    StagedHeadcount,
)
from portal.kit import french
from portal.kit.bulk import insert_rows
from portal.kit.csvfile import CsvFile

REQUIRED = ("siret", "etablissementSiege", "denominationUniteLegale", "etatAdministratifEtablissement")
OPTIONAL = (
    "siren",
    "nic",
    "categorieJuridiqueUniteLegale",
    "enseigne1Etablissement",
    "complementAdresseEtablissement",
    "numeroVoieEtablissement",
    "indiceRepetitionEtablissement",
    "typeVoieEtablissement",
    "libelleVoieEtablissement",
    "codePostalEtablissement",
    "libelleCommuneEtablissement",
    "activitePrincipaleEtablissement",
    "dateDebut",
    # What the tariff needs and the Sirene stock does not have.
    "codeRisque",
    "alsaceMoselle",
    *(f"effectif{year}" for year in range(2015, 2041)),
)
STREET = (
    "numeroVoieEtablissement",
    "indiceRepetitionEtablissement",
    "typeVoieEtablissement",
    "libelleVoieEtablissement",
)
YES_NO = dict.fromkeys(("true", "vrai", "oui", "1"), True) | dict.fromkeys(("false", "faux", "non", "0"), False)
STAGED = (
    "siret", "siren", "is_head_office", "name", "legal_form", "sign", "address", "postcode", "city", "naf",
    "code_risque", "alsace_moselle", "closed_on",
)  # fmt: skip
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class _Line:
    """One line being read: takes cells one by one and keeps what is wrong with each."""

    def __init__(self, cells: list[str], columns: dict[str, int]) -> None:
        self.cells, self.columns = cells, columns
        self.problems: list[tuple[str, str]] = []

    def text(self, column: str, limit: int) -> str | None:
        """Return a cell; None when the file has no such column. « [ND] » is Sirene's « not disclosed »."""
        if column not in self.columns:
            return None
        text = CONTROL.sub(" ", self.cells[self.columns[column]]).strip()
        if len(text) > limit:
            self.problems.append((column, f"{len(text)} caractères, {limit} au plus."))
        return "" if text == "[ND]" else text

    def parsed(self, column: str, parse: Any) -> Any:
        """Return a cell through a function that raises ValueError with a sentence; None when absent or empty."""
        try:
            text = self.text(column, 100)
            return parse(text) if text else None
        except ValueError as error:
            self.problems.append((column, str(error)))
            return None


def _yes_no(text: str) -> bool:
    try:
        return YES_NO[text.casefold()]
    except KeyError:
        raise ValueError(f"« {text} » : écrivez true ou false.") from None


def _headcount(text: str) -> int:
    compact = re.sub(r"\s", "", text)
    if not (compact.isascii() and compact.isdigit()) or len(compact) > 7:
        raise ValueError(f"« {text} » n'est pas un effectif.")
    return int(compact)


def _state(text: str) -> str:
    if text.upper() not in ("A", "F"):
        raise ValueError(f"« {text} » : écrivez A (actif) ou F (fermé).")
    return text.upper()


def _read_line(line: _Line) -> tuple[object, ...]:
    """Return the values of STAGED for one line, noting its problems on the way."""
    siret = line.cells[line.columns["siret"]]
    try:
        siret = rules.clean_siret(siret)
        for column, part in (("siren", siret[:9]), ("nic", siret[9:])):
            given = line.text(column, 20)
            if given and re.sub(r"\s", "", given) != part:
                line.problems.append((column, f"« {given} » ne correspond pas au SIRET {siret}."))
    except rules.IdentifierError as error:
        line.problems.append(("siret", str(error)))
    name = line.text("denominationUniteLegale", 200)
    if not name:
        line.problems.append(("denominationUniteLegale", "Dénomination absente."))
    head_office = line.parsed("etablissementSiege", _yes_no)
    state = line.parsed("etatAdministratifEtablissement", _state)
    for column, value in (("etablissementSiege", head_office), ("etatAdministratifEtablissement", state)):
        if value is None and column not in dict(line.problems):
            line.problems.append((column, "Valeur absente."))
    closed_on = line.parsed("dateDebut", french.parse_day) if state == "F" else None
    if state == "F" and closed_on is None and "dateDebut" not in dict(line.problems):
        line.problems.append(("dateDebut", "Établissement fermé sans date de fermeture."))
    postcode = line.text("codePostalEtablissement", 5)
    alsace_moselle = line.parsed("alsaceMoselle", _yes_no)
    if alsace_moselle is None and postcode is not None:
        alsace_moselle = rules.in_alsace_moselle(postcode)
    return (
        siret, siret[:9], bool(head_office), name,
        line.text("categorieJuridiqueUniteLegale", 4),
        line.text("enseigne1Etablissement", 100),
        _address(line), postcode,
        line.text("libelleCommuneEtablissement", 100),
        line.text("activitePrincipaleEtablissement", 6),
        line.parsed("codeRisque", rules.clean_code_risque),
        alsace_moselle, closed_on,
    )  # fmt: skip


def _address(line: _Line) -> str | None:
    parts = [line.text(column, 100) for column in STREET]
    if all(part is None for part in parts):
        return None
    street = " ".join(part for part in parts if part)
    extra = line.text("complementAdresseEtablissement", 100)
    address = ", ".join(part for part in (extra, street) if part)
    if len(address) > 200:
        line.problems.append(("libelleVoieEtablissement", "Adresse de plus de 200 caractères."))
    return address


def _stage(
    import_file: ImportFile, lines: Iterable[tuple[int, list[str]]], csv_file: CsvFile
) -> list[tuple[int, str, str]]:
    years = [int(column[-4:]) for column in csv_file.columns if column.startswith("effectif")]
    good, headcounts, problems = [], [], []
    for number, cells in lines:
        line = _Line(cells, csv_file.columns)
        values = _read_line(line)
        counted = [(year, line.parsed(f"effectif{year}", _headcount)) for year in years]
        if line.problems:
            problems += [(number, column, message) for column, message in line.problems]
            continue
        good.append((import_file.pk, number, *(int(v) if isinstance(v, bool) else v for v in values)))
        headcounts += [(import_file.pk, number, values[1], year, count) for year, count in counted if count is not None]
    insert_rows(StagedEstablishment, ("import_file_id", "line", *STAGED), good)
    insert_rows(StagedHeadcount, ("import_file_id", "line", "siren", "year", "headcount"), headcounts)
    return problems


_TABLES = {
    "staged": StagedEstablishment._meta.db_table,
    "staged_headcount": StagedHeadcount._meta.db_table,
    "establishment": Establishment._meta.db_table,
    "enterprise": Enterprise._meta.db_table,
    "headcount": Headcount._meta.db_table,
    "problem": ImportProblem._meta.db_table,
}

# Lines that contradict an earlier one of the same file: table, column, message, condition on s and the earlier e.
_CONTRADICTIONS = (
    ("staged", "siret", "'SIRET déjà donné à la ligne ' || MIN(e.line) || '.'", "e.siret = s.siret"),
    (
        "staged",
        "etablissementSiege",
        "'Deux sièges pour le SIREN ' || s.siren || ' : l''autre est à la ligne ' || MIN(e.line) || '.'",
        "e.siren = s.siren AND e.is_head_office AND s.is_head_office AND e.siret <> s.siret",
    ),
    (
        "staged",
        "denominationUniteLegale",
        "'Autre dénomination qu''à la ligne ' || MIN(e.line) || ' pour le même SIREN.'",
        "e.siren = s.siren AND e.name <> s.name",
    ),
    (
        "staged_headcount",
        "effectif",
        "'Autre effectif qu''à la ligne ' || MIN(e.line) || ' pour le même SIREN et la même année.'",
        "e.siren = s.siren AND e.year = s.year AND e.headcount <> s.headcount",
    ),
)


def _run(sql: str, *params: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**_TABLES), params)
        return int(cursor.rowcount)


def _check(import_file: ImportFile) -> int:
    pk = import_file.pk
    for table, column, message, condition in _CONTRADICTIONS:
        _run(
            f"""INSERT INTO {{problem}} (import_file_id, line, "column", message)
            SELECT s.import_file_id, s.line, '{column}', {message}
            FROM {{{table}}} s JOIN {{{table}}} e ON e.import_file_id = s.import_file_id AND e.line < s.line
                AND {condition}
            WHERE s.import_file_id = %s GROUP BY s.import_file_id, s.line, s.siren""",  # noqa: S608 - our columns and conditions
            pk,
        )
    for table in ("staged", "staged_headcount"):
        _run(
            f"""DELETE FROM {{{table}}} WHERE import_file_id = %s
            AND line IN (SELECT line FROM {{problem}} WHERE import_file_id = %s)""",  # noqa: S608 - our tables
            pk,
            pk,
        )
    _run(
        """DELETE FROM {staged_headcount} WHERE import_file_id = %s AND EXISTS (
            SELECT 1 FROM {headcount} h WHERE h.enterprise_id = siren
            AND h.year = {staged_headcount}.year AND h.headcount = {staged_headcount}.headcount)""",
        pk,
    )
    return _run(
        """DELETE FROM {staged} WHERE import_file_id = %s
        AND line NOT IN (SELECT line FROM {staged_headcount} WHERE import_file_id = %s)
        AND EXISTS (SELECT 1 FROM {establishment} e JOIN {enterprise} n ON n.siren = e.siren
            WHERE e.siret = {staged}.siret AND n.name = {staged}.name
            AND n.legal_form = COALESCE({staged}.legal_form, n.legal_form)
            AND e.is_head_office = {staged}.is_head_office
            AND e.sign = COALESCE({staged}.sign, e.sign)
            AND e.address = COALESCE({staged}.address, e.address)
            AND e.postcode = COALESCE({staged}.postcode, e.postcode)
            AND e.city = COALESCE({staged}.city, e.city)
            AND e.naf = COALESCE({staged}.naf, e.naf)
            AND e.code_risque = COALESCE({staged}.code_risque, e.code_risque)
            AND e.alsace_moselle = COALESCE({staged}.alsace_moselle, e.alsace_moselle)
            AND (e.closed_on = {staged}.closed_on OR (e.closed_on IS NULL AND {staged}.closed_on IS NULL)))""",
        pk,
        pk,
    )


def _apply(import_file: ImportFile, first: int, last: int, on: dt.datetime) -> None:  # noqa: ARG001
    span = (import_file.pk, first, last)
    _run(
        """INSERT INTO {enterprise} (siren, name, legal_form)
        SELECT s.siren, MIN(s.name), COALESCE(MIN(s.legal_form), MIN(n.legal_form), '')
        FROM {staged} s LEFT JOIN {enterprise} n ON n.siren = s.siren
        WHERE s.import_file_id = %s AND s.line BETWEEN %s AND %s GROUP BY s.siren ORDER BY s.siren
        ON CONFLICT (siren) DO UPDATE SET name = excluded.name, legal_form = excluded.legal_form""",
        *span,
    )
    # A head office that moves leaves its old place first: an enterprise has one at any moment.
    _run(
        """UPDATE {establishment} SET is_head_office = FALSE WHERE is_head_office AND EXISTS (
            SELECT 1 FROM {staged} s WHERE s.import_file_id = %s AND s.line BETWEEN %s AND %s
            AND s.is_head_office AND s.siren = {establishment}.siren AND s.siret <> {establishment}.siret)""",
        *span,
    )
    _run(
        """INSERT INTO {establishment} (siret, siren, is_head_office, sign, address, postcode, city, naf,
            code_risque, alsace_moselle, closed_on)
        SELECT s.siret, s.siren, s.is_head_office, COALESCE(s.sign, e.sign, ''),
            COALESCE(s.address, e.address, ''), COALESCE(s.postcode, e.postcode, ''),
            COALESCE(s.city, e.city, ''), COALESCE(s.naf, e.naf, ''),
            COALESCE(s.code_risque, e.code_risque, ''),
            COALESCE(s.alsace_moselle, e.alsace_moselle, FALSE), s.closed_on
        FROM {staged} s LEFT JOIN {establishment} e ON e.siret = s.siret
        WHERE s.import_file_id = %s AND s.line BETWEEN %s AND %s ORDER BY s.siret
        ON CONFLICT (siret) DO UPDATE SET is_head_office = excluded.is_head_office, sign = excluded.sign,
            address = excluded.address, postcode = excluded.postcode, city = excluded.city, naf = excluded.naf,
            code_risque = excluded.code_risque, alsace_moselle = excluded.alsace_moselle,
            closed_on = excluded.closed_on""",
        *span,
    )
    _run(
        """INSERT INTO {headcount} (enterprise_id, year, headcount)
        SELECT siren, year, MAX(headcount) FROM {staged_headcount}
        WHERE import_file_id = %s AND line BETWEEN %s AND %s GROUP BY siren, year
        ON CONFLICT (enterprise_id, year) DO UPDATE SET headcount = excluded.headcount""",
        *span,
    )


REGISTER = Importer(
    kind=ImportFile.Kind.REGISTER,
    required=REQUIRED,
    optional=OPTIONAL,
    stage=_stage,
    check=_check,
    apply=_apply,
    staged=StagedEstablishment,
    staging=(StagedEstablishment, StagedHeadcount),
    filled=(Enterprise, Establishment),
    planned=True,
)
