"""Declarations and rights, usable on the tests' day."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from habilitations import rules
from habilitations.models import ATMP, Cooptation, Declaration, EstablishmentDeclaration, Habilitation
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


class CooptationFactory(DjangoModelFactory[Cooptation]):
    """A candidate's request, made on 18 January 2027: pending on the tests' day."""

    class Meta:
        model = Cooptation

    user = factory.SubFactory(UserFactory, administrator=True, state=User.State.PENDING)
    pseudonym = factory.SelfAttribute("user.pseudonym")
    establishment = factory.SelfAttribute("user.establishment")
    enterprise = factory.SelfAttribute("user.establishment.enterprise")
    requested_at = dt.datetime(2027, 1, 18, 9, tzinfo=dt.UTC)
    remind_at = factory.LazyAttribute(lambda c: rules.cooptation_reminder(c.requested_at))
    deadline = factory.LazyAttribute(lambda c: rules.cooptation_deadline(c.requested_at))
