"""Enterprises, establishments and people with right keys; nothing reads the clock."""

from functools import cache
from typing import Any

import factory
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory
from stdnum import luhn

from accounts import rules
from accounts.models import Enterprise, Establishment, Headcount, User

PASSWORD = "Epreuve12"


def siren(number: int) -> str:
    """Return the fictitious SIREN of that number: nine digits with a right key."""
    body = f"98{number:06d}"
    return str(body + luhn.calc_check_digit(body))


def siret(of_siren: str, number: int = 1) -> str:
    """Return the SIRET of that number at an enterprise."""
    body = f"{of_siren}{number:04d}"
    return str(body + luhn.calc_check_digit(body))


@cache
def hashed(password: str) -> str:
    """Hash a password once for the whole suite."""
    return make_password(password)


class EnterpriseFactory(DjangoModelFactory[Enterprise]):
    class Meta:
        model = Enterprise

    siren = factory.Sequence(siren)
    name = factory.Sequence(lambda n: f"Société {n}")


class EstablishmentFactory(DjangoModelFactory[Establishment]):
    class Meta:
        model = Establishment

    enterprise = factory.SubFactory(EnterpriseFactory)
    number = factory.Sequence(lambda n: n % 9000 + 1)
    siret = factory.LazyAttribute(lambda e: siret(e.enterprise.siren, e.number))
    address = "1 RUE DES ESSAIS"
    postcode = "29200"
    city = "BREST"
    code_risque = "45.2BE"

    class Params:
        head_office = factory.Trait(is_head_office=True, number=1)

    @classmethod
    def _create(cls, model_class: type[Establishment], *args: Any, **kwargs: Any) -> Establishment:
        kwargs.pop("number")
        return super()._create(model_class, *args, **kwargs)


class HeadcountFactory(DjangoModelFactory[Headcount]):
    class Meta:
        model = Headcount

    enterprise = factory.SubFactory(EnterpriseFactory)
    year = 2025
    headcount = 12


class UserFactory(DjangoModelFactory[User]):
    """An active déclarant; `staff=True` for a member of staff, who has no establishment."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    establishment = factory.SubFactory(EstablishmentFactory)
    last_name = factory.Sequence(lambda n: f"Nom{n}")
    first_name = "Camille"
    email = factory.Sequence(lambda n: f"personne{n}@exemple.example")
    role = User.Role.DECLARANT
    password = factory.LazyFunction(lambda: hashed(PASSWORD))
    login_key = factory.LazyAttribute(lambda u: rules.login_key(u.establishment.siret, u.last_name, u.first_name))

    @factory.post_generation
    def address(self: User, create: bool, *_extracted: object, **_kwargs: object) -> None:
        """Validate his address, unless he is still to do it."""
        if create:
            verified = self.state != User.State.UNVERIFIED
            EmailAddress.objects.create(user=self, email=self.email, verified=verified, primary=True)

    class Params:
        administrator = factory.Trait(role=User.Role.ADMINISTRATOR)
        staff = factory.Trait(
            establishment=None,
            role="",
            is_staff=True,
            is_superuser=True,
            login_key=factory.LazyAttribute(lambda u: rules.normalise_name(u.last_name)),
        )
