"""The journal of every write, and the pulse of the periodic jobs."""

from typing import Any

from django.db import connections, models

from accounts.models.people import User
from accounts.models.register import Enterprise


class JournalChain(models.Model):
    """The end of the chain of one enterprise's entries, or of those of no enterprise (« »)."""

    name = models.CharField(max_length=9, primary_key=True)
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")

    class Meta:
        verbose_name = "chaîne du journal"
        verbose_name_plural = "chaînes du journal"

    def __str__(self) -> str:
        return f"{self.name or 'sans entreprise'}, {self.number}"


def cut_by_the_database(collector: Any, field: Any, entries: Any, using: str) -> None:
    """Cut the link of entries to an account that is deleted: SET_NULL, which on PostgreSQL the constraint does itself.

    It acts as the table's owner: the portal's own role may not update the journal (docs/decisions/0024).
    """
    if connections[using].vendor != "postgresql":
        models.SET_NULL(collector, field, entries, using)


cut_by_the_database.lazy_sub_objs = True  # type: ignore[attr-defined]  # Django need not load them


class JournalEntry(models.Model):
    """Who did what, for which enterprise, when and from where. Written once, never changed.

    Each entry's digest covers the one before it in its chain: a changed, added or missing entry is found.
    """

    chain = models.CharField("chaîne", max_length=9, blank=True)
    number = models.PositiveBigIntegerField("numéro")
    digest = models.CharField("empreinte", max_length=64)
    at = models.DateTimeField("quand")
    actor = models.ForeignKey(User, cut_by_the_database, null=True, blank=True, related_name="+", verbose_name="qui")
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
        constraints = [models.UniqueConstraint(name="journal_number_once", fields=["chain", "number"])]
        indexes = [models.Index(name="journal_of_enterprise", fields=["enterprise", "-id"])]

    def __str__(self) -> str:
        return self.summary


class Sweep(models.Model):
    """Last end of a periodic job in real time, how long it took, what it ever did: for /readyz and /metrics."""

    name = models.CharField(max_length=100, primary_key=True)
    ended_at = models.DateTimeField()
    seconds = models.FloatField(default=0, db_default=0)
    processed = models.PositiveBigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = "passage d'un travail périodique"
        verbose_name_plural = "passages des travaux périodiques"

    def __str__(self) -> str:
        return self.name
