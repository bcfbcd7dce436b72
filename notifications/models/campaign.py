"""A campaign: an import of rates that staff preview and publish."""

from django.db import models

from accounts.models import ImportFile


class Campaign(models.Model):
    """One file of rates, its name for people, and what its publication did."""

    import_file = models.OneToOneField(ImportFile, models.PROTECT, related_name="campaign", verbose_name="fichier")
    name = models.CharField("nom", max_length=100)
    notified = models.PositiveIntegerField("notifiés en ligne", default=0)
    on_paper = models.PositiveIntegerField("à notifier par courrier", default=0)

    class Meta:
        verbose_name = "campagne"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class StagedRate(models.Model):
    """A good line of a rates file, waiting to be published."""

    import_file = models.ForeignKey(ImportFile, models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()
    siret = models.CharField(max_length=14)
    code_risque = models.CharField(max_length=6)
    mode = models.CharField(max_length=10)
    rate = models.DecimalField(max_digits=6, decimal_places=4)
    effective_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(name="staged_rate_line", fields=["import_file", "line"]),
            models.Index(
                name="staged_rate_key", fields=["import_file", "siret", "code_risque", "effective_on", "line"]
            ),
        ]

    def __str__(self) -> str:
        return self.siret
