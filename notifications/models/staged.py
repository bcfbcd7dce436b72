"""Good lines of a rates file, and what publishing them would do."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Substr

from accounts.models import ImportFile
from habilitations.models import EstablishmentDeclaration
from notifications.models.decision import REASON_LENGTH, RateDecision


class StagedRateQuerySet(models.QuerySet["StagedRate"]):
    """What the lines of a file would do."""

    def channels(self) -> tuple[int, int]:
        """Return how many would be told online and how many by letter (G0.6), in one query.

        The lists of those registered do not depend on the line, so the database reads them once.
        """
        registered = EstablishmentDeclaration.objects.atmp()
        head_offices = registered.filter(establishment__is_head_office=True).values("establishment__enterprise")
        counts = self.alias(siren=Substr("siret", 1, 9)).aggregate(
            lines=Count("pk"),
            online=Count(
                "pk", filter=Q(siret__in=registered.values("establishment__siret")) | Q(siren__in=head_offices)
            ),
        )
        return counts["online"], counts["lines"] - counts["online"]

    def with_current_rate(self) -> StagedRateQuerySet:
        """Add current_rate: in force for the establishment and code on the line's day, None without any."""
        in_force = RateDecision.objects.filter(
            establishment__siret=OuterRef("siret"),
            code_risque=OuterRef("code_risque"),
            effective_on__lte=OuterRef("effective_on"),
        ).order_by("-effective_on", "-version")
        return self.annotate(current_rate=Subquery(in_force.values("rate")[:1]))  # type: ignore[no-redef]


class StagedRate(models.Model):
    """A good line of a rates file, waiting to be published."""

    # With with_current_rate() only.
    current_rate: Decimal | None

    # Millions of lines that live for a while: one index, and no check of the file row by row.
    import_file = models.ForeignKey(ImportFile, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    line = models.PositiveIntegerField()
    siret = models.CharField(max_length=14)
    code_risque = models.CharField(max_length=6)
    mode = models.CharField(max_length=10)
    rate = models.DecimalField(max_digits=6, decimal_places=4)
    effective_on = models.DateField()
    nature = models.CharField(max_length=12, db_default=RateDecision.Nature.RATE.value)
    reason = models.CharField(max_length=REASON_LENGTH, db_default="")
    # Its establishment and its code were looked up as it was read (notifications.actions.ordinary).
    known = models.BooleanField(db_default=False)

    objects = StagedRateQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="staged_rate_line", fields=["import_file", "line"]),
            models.Index(name="staged_cancellation", fields=["import_file"], condition=Q(nature="cancellation")),
        ]

    def __str__(self) -> str:
        return self.siret
