"""Deposited DSN: what opens a client's account (G0.5). Nothing personal is kept of a file, nor the file itself."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from accounts.models import Enterprise, Establishment, User
from portfolios.rules import dsn as rules
from portfolios.rules.window import first_day


class DsnDeposit(models.Model):
    """One file and what became of it. Deposited twice by the same enterprise, it is the same deposit."""

    class Outcome(models.TextChoices):
        OK = "OK", "OK"
        PARTIAL = "OK partiel", "OK partiel"
        KO = "KO", "KO"

    depositor = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="dsn_deposits", verbose_name="entreprise déposante"
    )
    deposited_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="déposé par"
    )
    deposited_at = models.DateTimeField("déposé le")
    name = models.CharField("nom du fichier", max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField("taille en octets")
    test = models.BooleanField("fichier de test", default=False)
    outcome = models.CharField("résultat", max_length=10, choices=Outcome)
    refusal = models.CharField("motif du refus", max_length=300, blank=True)
    accepted = models.PositiveIntegerField("déclarations acceptées", default=0)
    refused = models.PositiveIntegerField("déclarations refusées", default=0)

    class Meta:
        verbose_name = "dépôt de DSN"
        verbose_name_plural = "dépôts de DSN"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="dsn_deposited_once", fields=["depositor", "sha256"]),
            models.CheckConstraint(
                name="dsn_refused_says_why",
                condition=~Q(outcome="KO", accepted=0, refused=0) | ~Q(refusal=""),
                violation_error_message="Un refus dit pourquoi.",
            ),
        ]
        indexes = [models.Index(name="dsn_deposits_of", fields=["depositor", "-id"])]

    def __str__(self) -> str:
        return self.name

    @property
    def told(self) -> str:
        """The first remarks, one a line."""
        return "\n".join(str(remark) for remark in self.remarks.all()[:20])


class DsnRemark(models.Model):
    """A reason or a warning, at its line."""

    deposit = models.ForeignKey(DsnDeposit, models.CASCADE, related_name="remarks")
    line = models.PositiveIntegerField("ligne")
    refuses = models.BooleanField("refuse la déclaration")
    text = models.CharField("remarque", max_length=300)

    class Meta:
        verbose_name = "remarque sur une DSN"
        verbose_name_plural = "remarques sur une DSN"
        ordering = ["deposit", "line", "id"]

    def __str__(self) -> str:
        return f"Ligne {self.line} : {self.text}"


class DsnFilingQuerySet(models.QuerySet["DsnFiling"]):
    """Named filters over filings."""

    def opening(self, today: dt.date) -> DsnFilingQuerySet:
        """Keep those that open an account on that day: not cancelled, deposited within three months (G0.5)."""
        return self.filter(counts=True, filed_on__gte=first_day(today), filed_on__lte=today)


class DsnFiling(models.Model):
    """One accepted declaration for one establishment, by who deposited it.

    counts: it opens the account; False once cancelled or replaced, and for what the body made itself (nature 09).
    """

    deposit = models.ForeignKey(DsnDeposit, models.CASCADE, related_name="filings", verbose_name="dépôt")
    depositor = models.ForeignKey(Enterprise, models.PROTECT, related_name="dsn_filings", verbose_name="déposante")
    establishment = models.ForeignKey(
        Establishment, models.PROTECT, related_name="dsn_filings", verbose_name="établissement"
    )
    line = models.PositiveIntegerField("ligne")
    nature = models.CharField("nature", max_length=2, choices=list(rules.NATURES.items()))
    type = models.CharField("type", max_length=2, choices=list(rules.TYPES.items()))
    fraction = models.CharField("fraction", max_length=2)
    month = models.DateField("mois déclaré", null=True, blank=True)
    filed_on = models.DateField("déposée le")
    counts = models.BooleanField("compte", default=True)

    objects = DsnFilingQuerySet.as_manager()

    class Meta:
        verbose_name = "DSN"
        verbose_name_plural = "DSN"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_monthly_dsn",
                fields=["depositor", "establishment", "month", "fraction"],
                condition=Q(nature="01", counts=True),
                violation_error_message="Une DSN de ce mois compte déjà pour cet établissement.",
            ),
            models.CheckConstraint(
                name="substituted_dsn_never_counts",
                condition=~Q(nature="09") | Q(counts=False),
                violation_error_message="Une DSN substituée ne compte jamais.",
            ),
        ]
        indexes = [
            # The latest deposit of a tiers for a client (scale.md, Filings).
            models.Index(
                name="dsn_latest", fields=["depositor", "establishment", "-filed_on"], condition=Q(counts=True)
            ),
        ]

    def __str__(self) -> str:
        return f"DSN du {self.filed_on:%d/%m/%Y}"


class DsnRate(models.Model):
    """The code risque and the rate that payroll applied, general regime only. rate: NULL = « pas encore notifié »."""

    filing = models.ForeignKey(DsnFiling, models.CASCADE, related_name="rates", verbose_name="DSN")
    code = models.CharField("code risque", max_length=6)
    rate = models.DecimalField("taux appliqué", max_digits=7, decimal_places=4, null=True, blank=True)
    support = models.BooleanField("fonctions supports", default=False)
    line = models.PositiveIntegerField("ligne")

    class Meta:
        verbose_name = "taux appliqué en paie"
        verbose_name_plural = "taux appliqués en paie"
        ordering = ["filing", "line"]

    def __str__(self) -> str:
        return self.code
