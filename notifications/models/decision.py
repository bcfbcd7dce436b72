"""The rate decided for an establishment."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias

from django.db import models
from django.db.models import Q

from accounts.models import Enterprise, Establishment
from notifications.models.campaign import Campaign
from notifications.rules.explanation import Explanation, explain
from notifications.rules.rounding import Rounding

# A decision and the one before it, if any.
RatePair: TypeAlias = "tuple[RateDecision, RateDecision | None]"
# Characters of the reason that the company reads.
REASON_LENGTH = 300
_NUMBER = re.compile(r"AT-\d{4}-(\d{8,12})", re.ASCII)


class RateDecisionQuerySet(models.QuerySet["RateDecision"]):
    """Named filters over decisions."""

    def history_of(self, decision: RateDecision) -> RateDecisionQuerySet:
        """Decisions of the same establishment and code up to this one, oldest first."""
        return self.filter(
            Q(effective_on__lt=decision.effective_on)
            | Q(effective_on=decision.effective_on, version__lte=decision.version),
            establishment=decision.establishment_id,
            code_risque=decision.code_risque,
        ).order_by("effective_on", "version")

    def following(self, decision: RateDecision) -> RateDecisionQuerySet:
        """Decisions of the same establishment and code that come after this one, soonest first."""
        return self.filter(
            Q(effective_on__gt=decision.effective_on)
            | Q(effective_on=decision.effective_on, version__gt=decision.version),
            establishment=decision.establishment_id,
            code_risque=decision.code_risque,
        ).order_by("effective_on", "version")

    def in_force(self, places: Iterable[int], day: dt.date) -> dict[int, list[RatePair]]:
        """Return, for establishments by id, each code's decision in force that day and the one of a day before it.

        Codes in order; an establishment without decision is absent. One query, whatever their number.
        """
        history: dict[int, dict[str, list[RateDecision]]] = {}
        decisions = self.filter(establishment__in=places, effective_on__lte=day).order_by("effective_on", "version")
        for decision in decisions:
            history.setdefault(decision.establishment_id, {}).setdefault(decision.code_risque, []).append(decision)
        return {place: [_pair(codes[code]) for code in sorted(codes)] for place, codes in history.items()}

    def replacing(self, decision: RateDecision) -> RateDecisionQuerySet:
        """Later versions: decisions of the same establishment, code and day of effect that replace this one."""
        return self.following(decision).filter(effective_on=decision.effective_on)

    def numbered(self, number: str) -> RateDecision | None:
        """Return the decision that prints this number, spaces and case apart; None when there is none."""
        read = _NUMBER.fullmatch("".join(number.upper().split()))
        found = self.filter(pk=int(read[1])).first() if read else None
        return found if found and read and found.number == read[0] else None


def _pair(decisions: list[RateDecision]) -> RatePair:
    current = decisions[-1]
    earlier = [one for one in decisions if one.effective_on < current.effective_on]
    return current, earlier[-1] if earlier else None


class RateDecision(models.Model):
    """Rate of one establishment for one code risque from one day on. Never changed: a later version replaces it.

    The addressee is kept as it was on the day of the decision, so that the official document stays the same.
    """

    class Mode(models.TextChoices):
        COLLECTIVE = "collective", "Collectif"
        MIXED = "mixed", "Mixte"
        INDIVIDUAL = "individual", "Individuel"

    class Nature(models.TextChoices):
        RATE = "rate", "Taux"
        # The decision of that day no longer counts: the rate of the day before applies again.
        CANCELLATION = "cancellation", "Annulation"

    class Channel(models.TextChoices):
        ELECTRONIC = "electronic", "Notification électronique"
        PAPER = "paper", "À notifier par courrier"

    # The statement that writes a campaign's rows reads what the three keys name: the database does not look it up again
    # row by row, and no index doubles a constraint's first column (decisions 0017 and 0025).
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        related_name="decisions",
        db_index=False,
        db_constraint=False,
        verbose_name="campagne",
    )
    line = models.PositiveIntegerField("ligne du fichier", null=True)
    establishment = models.ForeignKey(
        Establishment,
        models.PROTECT,
        related_name="decisions",
        db_index=False,
        db_constraint=False,
        verbose_name="établissement",
    )
    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        db_column="siren",
        related_name="decisions",
        db_index=False,
        db_constraint=False,
        verbose_name="entreprise",
    )
    code_risque = models.CharField("code risque", max_length=6)
    mode = models.CharField("mode de tarification", max_length=10, choices=Mode)
    rate = models.DecimalField("taux net", max_digits=6, decimal_places=4)
    effective_on = models.DateField("date d'effet")
    version = models.PositiveSmallIntegerField("version", default=1)
    nature = models.CharField(
        "nature", max_length=12, choices=Nature, default=Nature.RATE, db_default=Nature.RATE.value
    )
    reason = models.CharField("motif", max_length=REASON_LENGTH, blank=True, default="", db_default="")
    channel = models.CharField("canal", max_length=10, choices=Channel)
    decided_on = models.DateField("décidé le")
    addressee = models.CharField("destinataire", max_length=200)
    address = models.CharField("adresse", max_length=330, blank=True)

    objects = RateDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "décision de taux"
        verbose_name_plural = "décisions de taux"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="decision_version", fields=["establishment", "code_risque", "effective_on", "version"]
            ),
            # Published twice, a line gives one decision all the same.
            models.UniqueConstraint(name="decision_once_per_line", fields=["campaign", "line"]),
            models.CheckConstraint(name="decision_rate_is_a_rate", condition=Q(rate__gte=0, rate__lt=100)),
            models.CheckConstraint(
                name="decision_cancels_another",
                condition=Q(nature="rate") | Q(nature="cancellation", version__gt=1) & ~Q(reason=""),
                violation_error_message="Une annulation remplace une décision, et dit pourquoi.",
            ),
        ]
        indexes = [
            models.Index(name="decisions_on_paper", fields=["campaign", "id"], condition=Q(channel="paper")),
            models.Index(name="decisions_of_enterprise", fields=["enterprise"]),
        ]

    def __str__(self) -> str:
        return f"{self.code_risque} {self.effective_on:%d/%m/%Y}"

    @property
    def number(self) -> str:
        """Number printed on the document: year of effect and identity of the decision."""
        return f"AT-{self.effective_on.year}-{self.pk:08d}"

    @property
    def kind(self) -> str:
        """What this decision is, beside those before it: « Taux annuel », « Rectification »…"""
        if self.nature == self.Nature.CANCELLATION:
            return "Annulation"
        if self.version > 1:
            return "Rectification"
        return (
            "Taux annuel"
            if (self.effective_on.month, self.effective_on.day) == (1, 1)
            else "Changement en cours d'année"
        )

    @property
    def previous_day(self) -> dt.date:
        """Last day of the rate that this one replaces."""
        return self.effective_on - dt.timedelta(days=1)

    @property
    def computed_rate(self) -> Decimal | None:
        """The rate that the inputs kept with this decision gave, None without any or when it was not computed."""
        rate: Decimal | None = getattr(getattr(self, "calculation", None), "computed_rate", None)
        return rate

    @property
    def explanation(self) -> Explanation:
        """How this rate came about: by the inputs kept with it, or by its mode alone."""
        kept = getattr(self, "calculation", None)
        return explain(
            mode=self.mode,
            rate=self.rate,
            inputs=kept.inputs(self.code_risque, self.effective_on.year) if kept else None,
            rounding=Rounding.parse(kept.rounding) if kept else None,
        )
