"""Copies of a scenario: each trainee has companies and people of his own."""

from django.db import models

from accounts.models import Enterprise, User


class Copy(models.Model):
    """One trainee's copy of a scenario."""

    scenario = models.CharField("scénario", max_length=60)
    number = models.PositiveIntegerField("numéro")
    trainee = models.CharField("stagiaire", max_length=80, blank=True)
    created_at = models.DateTimeField("créée le")
    reset_at = models.DateTimeField("remise à zéro le", null=True, blank=True)

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

    def __str__(self) -> str:
        return f"{self.scenario} {self.number}"


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
