"""Files of the register: the columns of the public Sirene stock."""

from __future__ import annotations

from django.contrib import admin
from django.core.files import File
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from accounts.actions.imports import receive_file
from accounts.actions.register import OPTIONAL, REGISTER, REQUIRED
from accounts.admin.base import column
from accounts.admin.import_pages import SHOWN_LINES, ImportPages, Table, Wording
from accounts.models import Establishment, ImportFile, StagedEstablishment, User
from portal import clock
from portal.kit import french
from portal.kit.french import plural, siret

COLUMNS = (
    ("14 chiffres, avec ou sans espaces", "siret", True),
    ("true pour le siège, sinon false", "etablissementSiege", True),
    ("Dénomination de l'entreprise", "denominationUniteLegale", True),
    ("A : ouvert, F : fermé", "etatAdministratifEtablissement", True),
    ("Fermé : depuis le, JJ/MM/AAAA", "dateDebut", False),
    ("Vérifiés avec le SIRET", "siren nic", False),
    ("Catégorie juridique, quatre chiffres", "categorieJuridiqueUniteLegale", False),
    ("Enseigne", "enseigne1Etablissement", False),
    (
        "Adresse",
        "complementAdresseEtablissement numeroVoieEtablissement indiceRepetitionEtablissement typeVoieEtablissement "
        "libelleVoieEtablissement codePostalEtablissement libelleCommuneEtablissement",
        False,
    ),
    ("Code NAF", "activitePrincipaleEtablissement", False),
    ("Code risque, comme 45.2BE", "codeRisque", False),
    ("true ou false ; à défaut, d'après le code postal", "alsaceMoselle", False),
    ("Effectif de l'entreprise, une colonne par année", "effectif2025 effectif2026", False),
)


@admin.register(ImportFile)
class ImportFileAdmin(ImportPages):
    """Files of the register; those of rates are shown as campaigns."""

    importer = REGISTER
    list_display = (
        "name", "status", column("outcome", "issue", order=None), "lines", "wrong", "unchanged",
        column("created_at", "déposé le", french.moment), "created_by",
    )  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("created_by",)
    words = "name__istartswith"
    search_help_text = "Début du nom du fichier."
    wording = Wording(
        deposit="Importer un répertoire",
        intro=(
            "Le fichier a les colonnes du stock Sirene public. Il est lu en arrière-plan : vous verrez ce qu'il "
            "contient et ses lignes en erreur avant de l'appliquer."
        ),
        submit="Déposer le fichier",
        confirm="Appliquer",
        confirm_title="Appliquer ce fichier au répertoire ?",
        columns=COLUMNS,
        example=dict.fromkeys(
            [name for name in (*REQUIRED, *OPTIONAL) if not name.startswith("effectif")] + ["effectif2025"], ""
        )
        | {
            "siret": siret("73282932000074"),
            "etablissementSiege": "true",
            "denominationUniteLegale": "MENUISERIE EXEMPLE",
            "etatAdministratifEtablissement": "A",
            "numeroVoieEtablissement": "12",
            "typeVoieEtablissement": "RUE",
            "libelleVoieEtablissement": "DES LILAS",
            "codePostalEtablissement": "35000",
            "libelleCommuneEtablissement": "RENNES",
            "codeRisque": "45.2BE",
            "effectif2025": "18",
        },
        model_name="modele-repertoire.csv",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportFile]:
        """Keep the files of the register."""
        return super().get_queryset(request).filter(kind=ImportFile.Kind.REGISTER)

    def file_of(self, obj: ImportFile) -> ImportFile:
        """The row is the file."""
        return obj

    def receive(self, values: dict[str, File[bytes]], by: User) -> ImportFile:
        """Keep a file of the register."""
        return receive_file(kind=ImportFile.Kind.REGISTER, content=values["file"], by=by, on=clock.now())

    def preview(self, obj: ImportFile) -> Table | None:
        """Show the first lines that would write something."""
        known = Exists(Establishment.objects.filter(siret=OuterRef("siret")))
        lines = StagedEstablishment.objects.filter(import_file=obj).annotate(known=known).order_by("line")
        rows = [
            (
                str(line.line),
                siret(line.siret),
                line.name,
                "oui" if line.is_head_office else "non",
                line.city or "",
                line.code_risque or "",
                "modifié" if line.known else "nouveau",
            )
            for line in lines[:SHOWN_LINES]
        ]
        heads = ("Ligne", "SIRET", "Dénomination", "Siège", "Commune", "Code risque", "Dans le répertoire")
        return Table("Premières lignes à écrire", heads, rows) if rows else None

    def consequences(self, obj: ImportFile) -> list[str]:
        """Say how many lines will be written."""
        written = plural(obj.good - obj.unchanged, "ligne sera écrite", "lignes seront écrites")
        return [
            f"{written} dans le répertoire ; {plural(obj.unchanged, 'ligne')} sans changement.",
            f"{plural(obj.wrong, 'ligne')} en erreur : laissée de côté."
            if obj.wrong < 2
            else f"{plural(obj.wrong, 'ligne')} en erreur : laissées de côté.",
            "Les corrections paraissent aussitôt sur tous les écrans.",
        ]
