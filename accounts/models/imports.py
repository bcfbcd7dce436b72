"""Files that staff import: received, read line by line, previewed, applied in batches.

RECEIVED → CHECKED or REFUSED → APPLYING → APPLIED, or CANCELLED before it is applied.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.people import User


class ImportFile(models.Model):
    """One deposited file and what became of it."""

    class Kind(models.TextChoices):
        REGISTER = "register", "Répertoire des établissements"
        RATES = "rates", "Taux notifiés"

    class Status(models.TextChoices):
        RECEIVED = "received", "En attente de lecture"
        CHECKED = "checked", "Lu, à confirmer"
        REFUSED = "refused", "Refusé"
        APPLYING = "applying", "En cours"
        APPLIED = "applied", "Terminé"
        CANCELLED = "cancelled", "Abandonné"

    kind = models.CharField("nature", max_length=8, choices=Kind)
    name = models.CharField("nom du fichier", max_length=200)
    upload = models.FileField(upload_to="imports/", blank=True)
    size = models.PositiveBigIntegerField("taille en octets")
    sha256 = models.CharField(max_length=64)
    status = models.CharField("état", max_length=9, choices=Status, default=Status.RECEIVED)
    refusal = models.CharField("motif du refus", max_length=500, blank=True)
    lines = models.PositiveIntegerField("lignes lues", default=0)
    good = models.PositiveIntegerField("lignes acceptées", default=0)
    wrong = models.PositiveIntegerField("lignes en erreur", default=0)
    unchanged = models.PositiveIntegerField("lignes sans changement", default=0)
    warned = models.PositiveIntegerField("lignes à vérifier", default=0)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name="déposé par")
    created_at = models.DateTimeField("déposé le")
    applied_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name="confirmé par")
    ordered_at = models.DateTimeField("confirmé le", null=True)
    applied_at = models.DateTimeField("terminé le", null=True)

    class Meta:
        verbose_name = "fichier importé"
        verbose_name_plural = "fichiers importés"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="refused_import_says_why",
                condition=~Q(status="refused") | ~Q(refusal=""),
                violation_error_message="Un refus dit pourquoi.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def outcome(self) -> str:
        """« OK », « OK partiel » or « KO »; empty while the file waits to be read."""
        if self.status == self.Status.RECEIVED:
            return ""
        if self.status == self.Status.REFUSED:
            return "KO"
        return "OK partiel" if self.wrong else "OK"


class ImportProblem(models.Model):
    """What is wrong with a line: it was not taken, or, a warning, it was all the same. Line 1 is the header."""

    import_file = models.ForeignKey(ImportFile, models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField("ligne")
    column = models.CharField("colonne", max_length=60, blank=True)
    message = models.CharField("problème", max_length=300)
    warning = models.BooleanField("avertissement", default=False, db_default=False)

    class Meta:
        verbose_name = "ligne en erreur"
        verbose_name_plural = "lignes en erreur"
        ordering = ["import_file", "line", "id"]
        indexes = [models.Index(name="problem_by_line", fields=["import_file", "line"])]

    def __str__(self) -> str:
        return f"Ligne {self.line} : {self.message}"

    @property
    def effect(self) -> str:
        """What became of the line, in French."""
        return "Gardée, à vérifier" if self.warning else "Écartée"


class ImportBatch(models.Model):
    """A range of lines applied in one transaction, which also sets done_at: killed, it starts again."""

    import_file = models.ForeignKey(ImportFile, models.CASCADE, related_name="batches")
    first_line = models.PositiveIntegerField()
    last_line = models.PositiveIntegerField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "lot"
        constraints = [
            models.UniqueConstraint(name="batch_starts_once", fields=["import_file", "first_line"]),
        ]
        indexes = [models.Index(name="batch_to_do", fields=["import_file"], condition=Q(done_at=None))]

    def __str__(self) -> str:
        return f"lignes {self.first_line} à {self.last_line}"


class StagedEstablishment(models.Model):
    """A good line of a register file, waiting to be applied. NULL = the file has no such column."""

    import_file = models.ForeignKey(ImportFile, models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()
    siret = models.CharField(max_length=14)
    siren = models.CharField(max_length=9)
    is_head_office = models.BooleanField()
    name = models.CharField(max_length=200)
    legal_form = models.CharField(max_length=4, null=True)  # noqa: DJ001
    sign = models.CharField(max_length=100, null=True)  # noqa: DJ001
    address = models.CharField(max_length=200, null=True)  # noqa: DJ001
    postcode = models.CharField(max_length=5, null=True)  # noqa: DJ001
    city = models.CharField(max_length=100, null=True)  # noqa: DJ001
    naf = models.CharField(max_length=6, null=True)  # noqa: DJ001
    code_risque = models.CharField(max_length=6, null=True)  # noqa: DJ001
    alsace_moselle = models.BooleanField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(name="staged_establishment_line", fields=["import_file", "line"]),
            models.Index(name="staged_establishment_siret", fields=["import_file", "siret", "line"]),
            models.Index(name="staged_establishment_siren", fields=["import_file", "siren", "line"]),
        ]

    def __str__(self) -> str:
        return self.siret


class StagedHeadcount(models.Model):
    """A headcount read on a line of a register file."""

    import_file = models.ForeignKey(ImportFile, models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()
    siren = models.CharField(max_length=9)
    year = models.PositiveSmallIntegerField()
    headcount = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index(name="staged_headcount_line", fields=["import_file", "line"]),
            models.Index(name="staged_headcount_year", fields=["import_file", "siren", "year", "line"]),
        ]

    def __str__(self) -> str:
        return f"{self.siren} {self.year}"
