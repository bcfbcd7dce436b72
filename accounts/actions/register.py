"""The register's import: a CSV with the columns of the public Sirene stock."""

import datetime as dt
import re
from collections.abc import Iterable

from django.db import connection

from accounts import rules
from accounts.actions.imports import Importer, note_problems
from accounts.models import (
    Enterprise,
    Establishment,
    Headcount,
    ImportFile,
    ImportProblem,
    StagedEstablishment,
    StagedHeadcount,
)
from portal.kit.bulk import insert_rows
from portal.kit.csvfile import CsvFile

REQUIRED = ("siret", "etablissementSiege", "denominationUniteLegale", "etatAdministratifEtablissement")
HEADCOUNT_YEARS = range(2015, 2041)
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
    # Not in the Sirene stock: what the tariff needs besides.
    "codeRisque",
    "alsaceMoselle",
    *(f"effectif{year}" for year in HEADCOUNT_YEARS),
)
_STREET = ("numeroVoieEtablissement", "indiceRepetitionEtablissement", "typeVoieEtablissement", "libelleVoieEtablissement")
_TRUE, _FALSE = {"true", "vrai", "oui", "1"}, {"false", "faux", "non", "0"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
