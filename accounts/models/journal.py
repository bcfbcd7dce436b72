"""The journal of every write, and the pulse of the periodic jobs."""

from django.db import models

from accounts.models.people import User
from accounts.models.register import Enterprise


class JournalEntry(models.Model):
    """Who did what, for which enterprise, when and from where. Written once, never changed."""

    at = models.DateTimeField("quand")
    actor = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="qui")
    actor_name = models.CharField("nom", max_length=161)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="journal", verbose_name="entreprise"
    )
    verb = models.CharField("action", max_length=50)
    summary = models.CharField("résumé", max_length=300)
    source = models.CharField("depuis", max_length=45, blank=True)

    class Meta:
        verbose_name = "entrée du journal"
        verbose_name_plural = "journal"
        ordering = ["-id"]
        indexes = [models.Index(name="journal_of_enterprise", fields=["enterprise", "-id"])]

    def __str__(self) -> str:
        return self.summary


class Sweep(models.Model):
    """Last end of a periodic job, in real time: /readyz looks here."""

    name = models.CharField(max_length=100, primary_key=True)
    ended_at = models.DateTimeField()

    class Meta:
        verbose_name = "passage d'un travail périodique"
        verbose_name_plural = "passages des travaux périodiques"

    def __str__(self) -> str:
        return self.name
