"""Portfolios of a tiers déclarant: their declarations (contenant), their clients, what each client has (contenu)."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value

from accounts.models import Enterprise, Establishment, User
from habilitations.models import ATMP, Declaration
from portfolios.models.dsn import DsnFiling


class Portfolio(models.Model):
    """Clients that the same collaborators work on (domain.md, section 1)."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="portfolios", verbose_name="tiers déclarant"
    )
    name = models.CharField("nom", max_length=60)
    comment = models.CharField("commentaire", max_length=300, blank=True)
    created_at = models.DateTimeField("créé le")
    members = models.ManyToManyField(
        User, related_name="portfolios", verbose_name="déclarants sélectionnés", blank=True
    )

    class Meta:
        verbose_name = "portefeuille"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                name="portfolio_name_once",
                fields=["enterprise", "name"],
                violation_error_message="Un portefeuille porte déjà ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PortfolioDeclaration(models.Model):
    """A declaration that the portfolio holds: its clients may have it (G2.3)."""

    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="declarations", verbose_name="portefeuille")
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="+", verbose_name="déclaration")
    added_at = models.DateTimeField("ajoutée le")

    class Meta:
        verbose_name = "déclaration d'un portefeuille"
        verbose_name_plural = "déclarations des portefeuilles"
        ordering = ["portfolio", "declaration"]
        constraints = [
            models.UniqueConstraint(name="declaration_once_per_portfolio", fields=["portfolio", "declaration"])
        ]

    def __str__(self) -> str:
        return f"{self.portfolio_id} {self.declaration_id}"


class ClientQuerySet(models.QuerySet["Client"]):
    """Named filters over clients."""

    def with_atmp(self) -> ClientQuerySet:
        """Add opens_at: when « Compte AT/MP » is usable for this client in this portfolio; NULL = not given."""
        given = ClientDeclaration.objects.filter(client=OuterRef("pk"), held__declaration__code=ATMP)
        # At most one: an order would join four tables for each client.
        return self.annotate(opens_at=Subquery(given.order_by().values("opens_at")[:1]))

    def with_last_dsn(self) -> ClientQuerySet:
        """Add last_dsn: the day of the latest deposit that counts, by this portfolio's enterprise, for this client."""
        filings = DsnFiling.objects.filter(
            depositor=OuterRef("portfolio__enterprise"), establishment=OuterRef("establishment"), counts=True
        )
        return self.annotate(last_dsn=Subquery(filings.order_by("-filed_on").values("filed_on")[:1]))

    def seen_by(self, user: User) -> ClientQuerySet:
        """Add opens_at, last_dsn and may_use, which `portfolios.access.client_access` decides from.

        may_use: an administrator at the firm's head office uses what the client has; anybody else what he was given
        (G2.9).
        """
        clients = self.with_atmp().with_last_dsn()
        if user.is_administrator and user.establishment and user.establishment.is_head_office:
            return clients.annotate(may_use=Value(value=True))
        rights = ClientHabilitation.objects.filter(
            user=user, given__client=OuterRef("pk"), given__held__declaration__code=ATMP
        )
        return clients.annotate(may_use=Exists(rights))

    def open(self, at: dt.datetime, first_day: dt.date) -> ClientQuerySet:
        """Keep those, of `seen_by`, whose account is open (G0.5): one query for a page and for ten thousand.

        first_day: the earliest deposit that counts.
        """
        # What is only asked about is joined at once; the columns of `seen_by` would be looked up client by client.
        given = ClientDeclaration.objects.filter(client=OuterRef("pk"), held__declaration__code=ATMP, opens_at__lte=at)
        filings = DsnFiling.objects.filter(
            depositor=OuterRef("portfolio__enterprise"),
            establishment=OuterRef("establishment"),
            counts=True,
            filed_on__gte=first_day,
        )
        return self.filter(Exists(given), Exists(filings), Q(may_use=True))

    def closed(self, at: dt.datetime, first_day: dt.date) -> ClientQuerySet:
        """Keep the others."""
        return self.filter(
            Q(opens_at=None) | Q(opens_at__gt=at) | Q(may_use=False) | Q(last_dsn=None) | Q(last_dsn__lt=first_day)
        )


class Client(models.Model):
    """An establishment in a portfolio. In two portfolios it is two rows: rights differ.

    siret: the establishment's, written by a trigger, so that a portfolio is read in its order (decision 0026).
    """

    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="clients", verbose_name="portefeuille")
    establishment = models.ForeignKey(
        Establishment, models.PROTECT, related_name="clients", verbose_name="établissement"
    )
    siret = models.CharField("SIRET", max_length=14, default="", db_default="", editable=False)
    added_at = models.DateTimeField("ajouté le")
    followed_since = models.DateTimeField("notifications suivies depuis le", null=True, blank=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = "client"
        ordering = ["portfolio", "establishment"]
        constraints = [
            models.UniqueConstraint(
                name="client_once_per_portfolio",
                fields=["portfolio", "establishment"],
                violation_error_message="Ce client est déjà dans ce portefeuille.",
            )
        ]
        indexes = [models.Index(name="clients_by_siret", fields=["portfolio", "siret"])]

    def __str__(self) -> str:
        return f"{self.portfolio_id} {self.establishment_id}"


class ClientDeclaration(models.Model):
    """A declaration given to a client; gone when its portfolio holds it no more (G2.3, G2.7)."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="declarations", verbose_name="client")
    held = models.ForeignKey(PortfolioDeclaration, models.CASCADE, related_name="given", verbose_name="contenant")
    added_at = models.DateTimeField("donnée le")
    opens_at = models.DateTimeField("utilisable à partir du")

    class Meta:
        verbose_name = "déclaration d'un client"
        verbose_name_plural = "déclarations des clients"
        ordering = ["client", "held"]
        constraints = [
            models.UniqueConstraint(name="declaration_once_per_client", fields=["client", "held"]),
            models.CheckConstraint(
                name="client_declaration_opens_after_it_is_given",
                condition=Q(opens_at__gte=F("added_at")),
                violation_error_message="Le délai d'accès court à partir du don.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.held_id}"


class ClientHabilitation(models.Model):
    """This collaborator may use this declaration for this client (G2.9). The row is the right."""

    user = models.ForeignKey(User, models.CASCADE, related_name="client_habilitations", verbose_name="collaborateur")
    given = models.ForeignKey(
        ClientDeclaration, models.CASCADE, related_name="habilitations", verbose_name="déclaration du client"
    )
    granted_at = models.DateTimeField("accordée le")

    class Meta:
        verbose_name = "habilitation sur un client"
        verbose_name_plural = "habilitations sur les clients"
        ordering = ["user", "given"]
        constraints = [models.UniqueConstraint(name="client_habilitation_once", fields=["user", "given"])]

    def __str__(self) -> str:
        return f"{self.user_id} {self.given_id}"
