"""How far the portal's clock is ahead of the machine's, and every time it was moved."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q


class Clock(models.Model):
    """One row: what is added to the machine's time. It never shrinks; a lock on it makes advances wait."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField("avance", default=dt.timedelta)

    class Meta:
        verbose_name = "horloge"
        constraints = [
            models.CheckConstraint(name="one_clock", condition=Q(id=1), violation_error_message="Une seule horloge."),
            models.CheckConstraint(
                name="clock_is_never_late",
                condition=Q(offset__gte=dt.timedelta()),
                violation_error_message="L'horloge du portail ne retarde jamais.",
            ),
        ]

    def __str__(self) -> str:
        return f"+ {self.offset}"


class AdvanceQuerySet(models.QuerySet["Advance"]):
    """Named filters over advances."""

    def open(self) -> AdvanceQuerySet:
        """Keep those that have not arrived, in the order in which they run."""
        return self.exclude(status=Advance.Status.DONE).order_by("id")


class Advance(models.Model):
    """One move of the clock: from where, to where, how far it is. Instants are the portal's; see actions/clock.py."""

    class Status(models.TextChoices):
        WAITING = "waiting", "En attente"
        RUNNING = "running", "En cours"
        DONE = "done", "Terminée"

    label = models.CharField("demandée", max_length=60)
    status = models.CharField("état", max_length=7, choices=Status, default=Status.WAITING)
    from_at = models.DateTimeField("depuis")
    to_at = models.DateTimeField("jusqu'à")
    reached_at = models.DateTimeField("atteint")
    landed_at = models.DateTimeField("arrivée à", null=True)
    problem = models.CharField("problème", max_length=300, blank=True)

    objects = AdvanceQuerySet.as_manager()

    class Meta:
        verbose_name = "avance de l'horloge"
        verbose_name_plural = "avances de l'horloge"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="advance_goes_forward",
                condition=Q(to_at__gt=F("from_at"), reached_at__gte=F("from_at"), reached_at__lte=F("to_at")),
                violation_error_message="L'horloge n'avance que vers le futur.",
            ),
            models.CheckConstraint(
                name="advance_done_has_landed",
                condition=Q(status="done", reached_at=F("to_at"), landed_at__isnull=False)
                | (~Q(status="done") & Q(landed_at=None)),
                violation_error_message="Une avance terminée est arrivée.",
            ),
            models.UniqueConstraint(
                name="one_advance_runs",
                fields=["status"],
                condition=Q(status="running"),
                violation_error_message="Une avance est déjà en cours.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def days(self) -> int:
        """How many simulated days it has, a part of one counting."""
        return -(-(self.to_at - self.from_at) // dt.timedelta(days=1))

    @property
    def days_done(self) -> int:
        """How many of them are over."""
        if self.status == self.Status.DONE:
            return self.days
        return (self.reached_at - self.from_at) // dt.timedelta(days=1)
