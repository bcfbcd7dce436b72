"""Candidates for the role of administrator: their request, its outcome, and the keys posted to them (G4)."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from accounts.models import Enterprise, Establishment, User
from portal import clock


class CooptationQuerySet(models.QuerySet["Cooptation"]):
    """Named filters over requests."""

    def pending(self, at: dt.datetime) -> CooptationQuerySet:
        """Keep those that can still be decided: past its deadline a request is expired, swept or not (G4.7)."""
        return self.filter(status=Cooptation.Status.PENDING, deadline__gt=at)

    def overdue(self, at: dt.datetime) -> CooptationQuerySet:
        """Keep those that the sweep has to expire, oldest first."""
        return self.filter(status=Cooptation.Status.PENDING, deadline__lte=at).order_by("deadline", "id")

    def to_remind(self, at: dt.datetime) -> CooptationQuerySet:
        """Keep pending ones whose reminder is due and was not sent."""
        return self.pending(at).filter(remind_at__lte=at, reminded_at=None).order_by("remind_at", "id")


class Cooptation(models.Model):
    """A candidate's request to become administrator. Once decided, only the pseudonym of a refused one is left."""

    class Route(models.TextChoices):
        UNDECIDED = "", "Pas encore choisie"
        COOPTATION = "cooptation", "Cooptation"
        KEY = "key", "Clé d'activation"

    class Status(models.TextChoices):
        PENDING = "pending", "En attente"
        GRANTED = "granted", "Accord"
        REFUSED = "refused", "Refus"
        EXPIRED = "expired", "Délai dépassé"

    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="cooptation", verbose_name="candidat"
    )
    pseudonym = models.CharField("pseudonyme", max_length=64, db_index=True)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="cooptations", verbose_name="entreprise")
    establishment = models.ForeignKey(
        Establishment, models.PROTECT, related_name="cooptations", verbose_name="établissement"
    )
    route = models.CharField("voie", max_length=10, choices=Route, blank=True, default="")
    status = models.CharField("état", max_length=8, choices=Status, default=Status.PENDING)
    requested_at = models.DateTimeField("demandée le")
    remind_at = models.DateTimeField("rappel prévu le")
    reminded_at = models.DateTimeField("rappelée le", null=True, blank=True)
    deadline = models.DateTimeField("caduque le")
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="décidée par"
    )
    reason = models.CharField("motif", max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField("essais de clé", default=0)
    tried_on = models.DateField("jour des essais", null=True, blank=True)

    objects = CooptationQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d'administrateur"
        verbose_name_plural = "demandes d'administrateur"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="cooptation_pending_has_its_candidate",
                condition=~Q(status="pending") | Q(user__isnull=False),
                violation_error_message="Une demande en attente a son candidat.",
            ),
            models.CheckConstraint(
                name="cooptation_decided_has_its_instant",
                condition=Q(status="pending", decided_at=None) | (~Q(status="pending") & Q(decided_at__isnull=False)),
                violation_error_message="Une demande décidée dit quand elle l'a été.",
            ),
            models.CheckConstraint(
                name="cooptation_deadline_after_request",
                condition=Q(deadline__gt=F("requested_at")),
                violation_error_message="Le délai court à partir de la demande.",
            ),
        ]
        indexes = [
            models.Index(name="cooptations_pending", fields=["deadline", "id"], condition=Q(status="pending")),
            models.Index(name="cooptations_pending_here", fields=["enterprise", "id"], condition=Q(status="pending")),
        ]

    def __str__(self) -> str:
        return f"Demande {self.pk}"

    @property
    def last_day(self) -> dt.date:
        """The last day in Paris on which it can be decided; it is gone at midnight."""
        return clock.day(self.deadline - dt.timedelta(microseconds=1))


class ActivationKey(models.Model):
    """A key posted to the establishment's address (G4.3). Made when its letter is printed; only its hash is kept."""

    class State(models.TextChoices):
        TO_PRINT = "to_print", "À imprimer"
        PRINTED = "printed", "Imprimée"
        POSTED = "posted", "Postée"
        RETURNED = "returned", "Revenue"
        REPLACED = "replaced", "Annulée"
        USED = "used", "Utilisée"

    # States in which a letter is on its way: one at a time for a request.
    OPEN = (State.TO_PRINT, State.PRINTED, State.POSTED)

    cooptation = models.ForeignKey(Cooptation, models.CASCADE, related_name="keys", verbose_name="demande")
    key_hash = models.CharField("empreinte", max_length=64, blank=True)
    state = models.CharField("état", max_length=8, choices=State, default=State.TO_PRINT)
    asked_at = models.DateTimeField("demandée le")
    printed_at = models.DateTimeField("imprimée le", null=True, blank=True)
    posted_at = models.DateTimeField("postée le", null=True, blank=True)
    returned_at = models.DateTimeField("revenue le", null=True, blank=True)
    used_at = models.DateTimeField("utilisée le", null=True, blank=True)

    class Meta:
        verbose_name = "clé d'activation"
        verbose_name_plural = "clés d'activation"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_key_per_request",
                fields=["cooptation"],
                condition=Q(state__in=["to_print", "printed", "posted"]),
                violation_error_message="Une lettre est déjà en route pour cette demande.",
            ),
            models.CheckConstraint(
                name="printed_key_has_its_hash",
                condition=Q(state__in=["to_print", "replaced"]) | ~Q(key_hash=""),
                violation_error_message="Une clé imprimée garde son empreinte.",
            ),
        ]
        indexes = [models.Index(name="keys_to_print", fields=["id"], condition=Q(state="to_print"))]

    def __str__(self) -> str:
        return f"Lettre {self.pk}"
