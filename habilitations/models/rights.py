"""The catalogue, the declarations of an establishment, the rights of people."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Establishment, User

ATMP = "compte-atmp"


class DeclarationQuerySet(models.QuerySet["Declaration"]):
    """Named filters over the catalogue."""

    def in_use(self, day: dt.date) -> DeclarationQuerySet:
        """Keep those that may be chosen on that day."""
        started = Q(used_from=None) | Q(used_from__lte=day)
        return self.filter(started, Q(used_to=None) | Q(used_to__gte=day))


class Declaration(models.Model):
    """A service of the portal, such as « Compte AT/MP »."""

    code = models.SlugField("code", max_length=30, unique=True)
    label = models.CharField("libellé", max_length=100)
    body = models.CharField("organisme", max_length=100)
    audience = models.CharField("pour qui", max_length=100, blank=True)
    access_delay_hours = models.PositiveSmallIntegerField("délai d'accès en heures", default=24)
    used_from = models.DateField("en service à partir du", null=True, blank=True)
    used_to = models.DateField("en service jusqu'au", null=True, blank=True)
    source = models.CharField("source", max_length=200, blank=True)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = "déclaration"
        ordering = ["label"]
        constraints = [
            models.CheckConstraint(
                name="declaration_used_from_before_to",
                condition=Q(used_from=None) | Q(used_to=None) | Q(used_to__gte=F("used_from")),
                violation_error_message="La fin de service précède son début.",
            )
        ]

    def __str__(self) -> str:
        return self.label


class EstablishmentDeclarationQuerySet(models.QuerySet["EstablishmentDeclaration"]):
    """Named filters over registrations."""

    def atmp(self) -> EstablishmentDeclarationQuerySet:
        """Keep registrations to « Compte AT/MP »."""
        return self.filter(declaration__code=ATMP)

    def usable(self, at: dt.datetime) -> EstablishmentDeclarationQuerySet:
        """Keep those whose access delay has run (G2.8)."""
        return self.filter(opens_at__lte=at)

    def covering(self, establishment: Establishment) -> EstablishmentDeclarationQuerySet:
        """Keep those that open this establishment: its own, or its head office's (G0.6)."""
        return self.filter(
            Q(establishment=establishment)
            | Q(establishment__enterprise=establishment.enterprise_id, establishment__is_head_office=True)
        )


class EstablishmentDeclaration(models.Model):
    """This establishment is registered to this declaration. The head office opens every establishment (G0.6)."""

    establishment = models.ForeignKey(
        Establishment, models.CASCADE, related_name="declarations", verbose_name="établissement"
    )
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="+", verbose_name="déclaration")
    registered_at = models.DateTimeField("inscrite le")
    opens_at = models.DateTimeField("utilisable à partir du")

    objects = EstablishmentDeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = "déclaration d'un établissement"
        verbose_name_plural = "déclarations des établissements"
        ordering = ["establishment", "declaration"]
        constraints = [
            models.UniqueConstraint(
                name="declaration_once_per_establishment",
                fields=["establishment", "declaration"],
                violation_error_message="Cet établissement a déjà cette déclaration.",
            ),
            models.CheckConstraint(
                name="declaration_opens_after_registration",
                condition=Q(opens_at__gte=F("registered_at")),
                violation_error_message="Le délai d'accès court à partir de l'inscription.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.establishment_id} {self.declaration}"


class HabilitationQuerySet(models.QuerySet["Habilitation"]):
    """Named filters over rights."""

    def atmp_of(self, user: User) -> HabilitationQuerySet:
        """Keep this person's rights on « Compte AT/MP »."""
        return self.filter(user=user, declaration__code=ATMP)

    def usable(self, at: dt.datetime) -> HabilitationQuerySet:
        """Keep rights on establishments whose declaration is usable, directly or by the head office (G0.6)."""
        opened = EstablishmentDeclaration.objects.usable(at).filter(declaration=OuterRef("declaration"))
        return self.filter(
            Exists(opened.filter(establishment=OuterRef("establishment")))
            | Exists(
                opened.filter(
                    establishment__enterprise=OuterRef("establishment__enterprise"),
                    establishment__is_head_office=True,
                )
            )
        )


class Habilitation(models.Model):
    """This person may use this declaration for this establishment. The row is the right."""

    user = models.ForeignKey(User, models.CASCADE, related_name="habilitations", verbose_name="personne")
    establishment = models.ForeignKey(
        Establishment, models.CASCADE, related_name="habilitations", verbose_name="établissement"
    )
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="+", verbose_name="déclaration")
    granted_at = models.DateTimeField("accordée le")

    objects = HabilitationQuerySet.as_manager()

    class Meta:
        ordering = ["user", "establishment", "declaration"]
        constraints = [
            models.UniqueConstraint(
                name="habilitation_once",
                fields=["user", "establishment", "declaration"],
                violation_error_message="Cette personne a déjà ce droit.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.declaration} {self.establishment_id}"
