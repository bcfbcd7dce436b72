"""Copies of a scenario: each trainee has companies and people of his own."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Enterprise, User


class CopyQuerySet(models.QuerySet["Copy"]):
    """Named filters over copies."""

    def waiting(self) -> CopyQuerySet:
        """Keep those to be loaded, or loaded anew, in the order of their numbers."""
        return self.filter(state=Copy.State.WAITING).order_by("id")

    def of_user(self, user: User) -> CopyQuerySet:
        """Keep the copy of whose enterprise this person is."""
        return self.filter(enterprises__enterprise__establishments__users=user)


class Copy(models.Model):
    """One trainee's copy of a scenario. WAITING → READY or FAILED; a reset waits again.

    card: what its claim card prints, and its index of situations, as they were when it was loaded.
    loaded_at: the portal's instant at which it was as on its first day; what is younger, a trainee did.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "En attente"
        READY = "ready", "Prête"
        FAILED = "failed", "Échec"

    scenario = models.CharField("scénario", max_length=60)
    number = models.PositiveIntegerField("numéro")
    trainee = models.CharField("stagiaire", max_length=80, blank=True)
    created_at = models.DateTimeField("créée le")
    reset_at = models.DateTimeField("remise à zéro le", null=True, blank=True)
    loaded_at = models.DateTimeField("chargée le", null=True, blank=True)
    state = models.CharField("état", max_length=7, choices=State, default=State.WAITING)
    problem = models.TextField("problème", blank=True)
    card = models.JSONField("carte", default=dict)

    objects = CopyQuerySet.as_manager()

    class Meta:
        verbose_name = "copie de scénario"
        verbose_name_plural = "copies de scénario"
        ordering = ["scenario", "number"]
        constraints = [
            models.UniqueConstraint(
                name="copy_number_once",
                fields=["scenario", "number"],
                violation_error_message="Cette copie existe déjà.",
            )
        ]
        indexes = [models.Index(name="copies_to_load", fields=["id"], condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.card.get('title', self.scenario)} {self.number}"


class CopyEnterprise(models.Model):
    """A company of a copy. key: what the scenario's file calls it."""

    copy = models.ForeignKey(Copy, models.CASCADE, related_name="enterprises", verbose_name="copie")
    key = models.CharField("clé", max_length=40)
    enterprise = models.OneToOneField(Enterprise, models.CASCADE, related_name="+", verbose_name="entreprise")

    class Meta:
        verbose_name = "entreprise d'une copie"
        verbose_name_plural = "entreprises des copies"
        ordering = ["copy", "key"]
        constraints = [models.UniqueConstraint(name="copy_enterprise_once", fields=["copy", "key"])]

    def __str__(self) -> str:
        return f"{self.copy_id} {self.key}"


class CopyPerson(models.Model):
    """A person of a copy. key: what the scenario's file calls him; user: NULL once the account is gone."""

    copy = models.ForeignKey(Copy, models.CASCADE, related_name="people", verbose_name="copie")
    key = models.CharField("clé", max_length=40)
    user = models.OneToOneField(User, models.SET_NULL, null=True, related_name="+", verbose_name="personne")

    class Meta:
        verbose_name = "personne d'une copie"
        verbose_name_plural = "personnes des copies"
        ordering = ["copy", "key"]
        constraints = [models.UniqueConstraint(name="copy_person_once", fields=["copy", "key"])]

    def __str__(self) -> str:
        return f"{self.copy_id} {self.key}"
