"""What the database itself holds about declarations and rights, whoever writes."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from habilitations.models import ATMP, Declaration, EstablishmentDeclaration, Habilitation
from tests.factories.habilitations import LONG_AGO, EstablishmentDeclarationFactory, HabilitationFactory
from tests.people import Company


def test_the_catalogue_starts_with_what_its_sources_say(db: None) -> None:
    """Access delay of 24 hours (domain.md, section 1, grade B)."""
    assert list(Declaration.objects.values_list("code", "label", "body", "access_delay_hours")) == [
        (ATMP, "Compte AT/MP", "L'assurance maladie", 24),
        ("dpae", "Déclaration préalable à l'embauche", "URSSAF", 0),
        ("dsn", "Déclaration sociale nominative", "Tous les organismes", 0),
    ]
    assert not Declaration.objects.filter(source="").exists()


def test_an_establishment_has_a_declaration_once(company: Company) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        EstablishmentDeclarationFactory(establishment=company.head_office)
    assert EstablishmentDeclaration.objects.count() == 1


def test_a_declaration_cannot_open_before_it_is_registered(company: Company) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        EstablishmentDeclaration.objects.update(opens_at=LONG_AGO - dt.timedelta(seconds=1))
    EstablishmentDeclaration.objects.update(opens_at=LONG_AGO)


def test_a_person_has_a_right_once(declarant: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        HabilitationFactory(user=declarant)
    assert Habilitation.objects.count() == 1


def test_a_declaration_in_use_cannot_leave_the_catalogue(company: Company) -> None:
    with pytest.raises(Exception, match="protected"):
        Declaration.objects.all().delete()


@pytest.mark.parametrize(("seconds", "usable"), [(-1, 0), (0, 1)])
def test_a_right_is_usable_once_its_declaration_is(declarant: User, seconds: int, usable: int) -> None:
    """G2.8."""
    opening = EstablishmentDeclaration.objects.get().opens_at
    assert Habilitation.objects.usable(opening + dt.timedelta(seconds=seconds)).count() == usable


def test_a_right_on_a_secondary_is_usable_by_its_head_offices_declaration(declarant: User, company: Company) -> None:
    """G0.6; a head office counts for its own enterprise only."""
    elsewhere = EstablishmentDeclarationFactory(establishment__is_head_office=True)
    Habilitation.objects.update(establishment=company.secondary)
    assert Habilitation.objects.usable(LONG_AGO + dt.timedelta(days=1)).count() == 1
    EstablishmentDeclaration.objects.exclude(pk=elsewhere.pk).delete()
    assert Habilitation.objects.usable(LONG_AGO + dt.timedelta(days=1)).count() == 0
