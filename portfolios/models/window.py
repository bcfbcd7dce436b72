"""What a tiers déclarant was told of its access to each client (G0.5). The access itself is decided when asked."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Enterprise, Establishment
from portfolios.models.dsn import DsnDeposit


class DsnWindow(models.Model):
    """Until when a client is known to be open to a firm, and what was told of it, once each."""

    depositor = models.ForeignKey(Enterprise, models.CASCADE, related_name="dsn_windows", verbose_name="tiers")
    establishment = models.ForeignKey(
        Establishment, models.CASCADE, related_name="dsn_windows", verbose_name="établissement"
    )
    until = models.DateField("ouvert jusqu'au")
    warned_on = models.DateField("fermeture annoncée le", null=True, blank=True)
    closed_on = models.DateField("fermeture dite le", null=True, blank=True)

    class Meta:
        verbose_name = "accès par DSN"
        verbose_name_plural = "accès par DSN"
        ordering = ["depositor", "establishment"]
        constraints = [models.UniqueConstraint(name="one_dsn_window", fields=["depositor", "establishment"])]

    def __str__(self) -> str:
        return f"{self.depositor_id} {self.establishment_id}"


class DsnCheckQuerySet(models.QuerySet["DsnCheck"]):
    """Named filters over checks."""

    def due(self, day: dt.date) -> DsnCheckQuerySet:
        """Keep the firms that were not looked at today, or deposited since."""
        newer = DsnDeposit.objects.filter(depositor=OuterRef("enterprise"), pk__gt=OuterRef("last_deposit"))
        return self.filter(Q(checked_on=None) | Q(checked_on__lt=day) | Exists(newer)).order_by("checked_on", "pk")


class DsnCheck(models.Model):
    """When a firm's clients were last looked at."""

    enterprise = models.OneToOneField(Enterprise, models.CASCADE, primary_key=True, verbose_name="tiers")
    checked_on = models.DateField("vérifié le", null=True, blank=True)
    last_deposit = models.PositiveBigIntegerField("dernier dépôt vu", default=0)

    objects = DsnCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "vérification des accès par DSN"
        verbose_name_plural = "vérifications des accès par DSN"

    def __str__(self) -> str:
        return str(self.enterprise_id)
