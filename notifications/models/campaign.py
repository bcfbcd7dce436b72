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
