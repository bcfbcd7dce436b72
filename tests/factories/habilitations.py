"""Declarations and rights, usable on the tests' day."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from habilitations.models import ATMP, Declaration, EstablishmentDeclaration, Habilitation
from tests.factories.accounts import EstablishmentFactory, UserFactory

LONG_AGO = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)


class DeclarationFactory(DjangoModelFactory[Declaration]):
    """« Compte AT/MP », the one of the first migration."""

    class Meta:
        model = Declaration
        django_get_or_create = ("code",)

    code = ATMP
    label = "Compte AT/MP"
    body = "L'assurance maladie"


class EstablishmentDeclarationFactory(DjangoModelFactory[EstablishmentDeclaration]):
    class Meta:
        model = EstablishmentDeclaration

    establishment = factory.SubFactory(EstablishmentFactory)
    declaration = factory.SubFactory(DeclarationFactory)
    registered_at = LONG_AGO
    opens_at = factory.LazyAttribute(lambda d: d.registered_at + dt.timedelta(days=1))


class HabilitationFactory(DjangoModelFactory[Habilitation]):
    class Meta:
        model = Habilitation

    user = factory.SubFactory(UserFactory)
    establishment = factory.SelfAttribute("user.establishment")
    declaration = factory.SubFactory(DeclarationFactory)
    granted_at = LONG_AGO
