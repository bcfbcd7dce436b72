"""« Importer des habilitations (avec dépôt de fichier) »: a request, and its lines with what became of each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from portfolios.models.portfolio import Portfolio


class BulkRequest(models.Model):
    """One file for one portfolio: RECEIVED → APPLYING → DONE, or REFUSED as a whole (domain.md, section 1)."""

    class Kind(models.TextChoices):
        ESTABLISHMENTS = "etablissements", "Établissements"
        HABILITATIONS = "habilitations", "Habilitations"

    class Status(models.TextChoices):
        RECEIVED = "received", "En attente de lecture"
        APPLYING = "applying", "En cours"
        DONE = "done", "Terminée"
        REFUSED = "refused", "Refusée"

    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="bulk_requests", verbose_name="portefeuille")
    kind = models.CharField("nature", max_length=14, choices=Kind)
    name = models.CharField("nom du fichier", max_length=200)
    upload = models.FileField(upload_to="bulk/", blank=True)
    size = models.PositiveBigIntegerField("taille en octets")
    sha256 = models.CharField(max_length=64)
    status = models.CharField("état", max_length=8, choices=Status, default=Status.RECEIVED)
    refusal = models.CharField("motif du refus", max_length=500, blank=True)
    lines = models.PositiveIntegerField("lignes lues", default=0)
    done = models.PositiveIntegerField("lignes traitées", default=0)
    wrong = models.PositiveIntegerField("lignes en erreur", default=0)
    unchanged = models.PositiveIntegerField("lignes sans changement", default=0)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name="déposée par")
    created_at = models.DateTimeField("déposée le")
    ended_at = models.DateTimeField("terminée le", null=True)

    class Meta:
        verbose_name = "demande d'import"
        verbose_name_plural = "demandes d'import"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_request_at_a_time",
                fields=["portfolio"],
                condition=Q(status__in=["received", "applying"]),
                violation_error_message="Une demande est déjà en cours pour ce portefeuille.",
            ),
            models.CheckConstraint(
                name="refused_request_says_why",
                condition=~Q(status="refused") | ~Q(refusal=""),
                violation_error_message="Un refus dit pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def waiting(self) -> bool:
        """Say whether work on it goes on."""
        return self.status in (self.Status.RECEIVED, self.Status.APPLYING)

    @property
    def outcome(self) -> str:
        """« OK », « OK partiel » or « KO »; empty while it waits."""
        if self.waiting:
            return ""
        if self.status == self.Status.REFUSED or self.wrong == self.lines:
            return "KO"
        return "OK partiel" if self.wrong else "OK"


class BulkLine(models.Model):
    """One line of a request. cells: column → True for 1, False for 0; an empty cell is absent and changes nothing.

    person: « nom prénom » of a collaborator, empty when the line is about the client itself.
    """

    class Result(models.TextChoices):
        OK = "OK", "OK"
        UNCHANGED = "unchanged", "Sans changement"
        KO = "KO", "KO"

    request = models.ForeignKey(BulkRequest, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField("ligne")
    siret = models.CharField("SIRET", max_length=40)
    person = models.CharField("collaborateur", max_length=210, blank=True)
    cells = models.JSONField(default=dict)
    result = models.CharField("résultat", max_length=9, choices=Result, blank=True)
    message = models.CharField("motif", max_length=300, blank=True)

    class Meta:
        verbose_name = "ligne d'une demande d'import"
        verbose_name_plural = "lignes des demandes d'import"
        ordering = ["request", "line"]
        constraints = [models.UniqueConstraint(name="bulk_line_once", fields=["request", "line"])]
        indexes = [
            # Lines about the client itself come first: what they give may be granted by those that follow.
            models.Index(name="bulk_line_to_do", fields=["request", "person", "line"], condition=Q(result="")),
        ]

    def __str__(self) -> str:
        return f"Ligne {self.line}"
