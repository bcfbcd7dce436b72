"""The cast every test shares: a multi-establishment company, a stranger's, an accounting firm, the staff."""

from dataclasses import dataclass

import pytest
from django.test import Client

from accounts.models import Enterprise, Establishment, User
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory, UserFactory
from tests.factories.habilitations import CooptationFactory, EstablishmentDeclarationFactory, HabilitationFactory


@dataclass(frozen=True)
class Company:
    """An enterprise registered to Compte AT/MP by its head office, with one secondary establishment."""

    enterprise: Enterprise
    head_office: Establishment
    secondary: Establishment


@pytest.fixture
def company(db: None) -> Company:
    enterprise = EnterpriseFactory(siren="982820011", name="Belharra Logistique")
    head_office = EstablishmentFactory(enterprise=enterprise, head_office=True)
    secondary = EstablishmentFactory(enterprise=enterprise, number=2, city="STRASBOURG", postcode="67000")
    EstablishmentDeclarationFactory(establishment=head_office)
    return Company(enterprise, head_office, secondary)


@pytest.fixture
def administrator(company: Company) -> User:
    """Administrator at the head office: acts for every establishment (G0.6)."""
    return UserFactory(establishment=company.head_office, administrator=True, last_name="Le Goff", first_name="Anaïs")


@pytest.fixture
def secondary_administrator(company: Company) -> User:
    """Administrator at the secondary establishment: acts for that one only."""
    return UserFactory(establishment=company.secondary, administrator=True, last_name="Muller", first_name="Théo")


@pytest.fixture
def declarant(company: Company) -> User:
    """Déclarant with a right on the head office."""
    user = UserFactory(establishment=company.head_office, last_name="Kervella", first_name="Zoé")
    HabilitationFactory(user=user)
    return user


@pytest.fixture
def declarant_without_right(company: Company) -> User:
    """Déclarant to whom nothing was granted."""
    return UserFactory(establishment=company.head_office, last_name="Abgrall", first_name="Noé")


@pytest.fixture
def candidate(company: Company) -> User:
    """Second administrator, not accepted yet (G4.1)."""
    user = UserFactory(
        establishment=company.head_office, administrator=True, state=User.State.PENDING, last_name="Riou"
    )
    CooptationFactory(user=user)
    return user


@pytest.fixture
def suspended(company: Company) -> User:
    """Administrator who was suspended."""
    return UserFactory(
        establishment=company.head_office, administrator=True, state=User.State.SUSPENDED, last_name="Prigent"
    )


@pytest.fixture
def stranger(db: None) -> User:
    """Administrator of another enterprise, registered to Compte AT/MP as well."""
    elsewhere = EstablishmentFactory(head_office=True, enterprise__name="Autre Maison")
    EstablishmentDeclarationFactory(establishment=elsewhere)
    return UserFactory(establishment=elsewhere, administrator=True, last_name="Étranger")


@pytest.fixture
def tiers_declarant(db: None) -> User:
    """Administrator of an accounting firm."""
    firm = EstablishmentFactory(head_office=True, enterprise__name="Cabinet Cormoran")
    EstablishmentDeclarationFactory(establishment=firm)
    return UserFactory(establishment=firm, administrator=True, last_name="Cormoran")


@pytest.fixture
def staff(db: None) -> User:
    """Member of staff with every right."""
    return UserFactory(staff=True, last_name="equipe")


def logged_in(user: User) -> Client:
    """Return a client in which this person is logged in."""
    client = Client()
    client.force_login(user)
    return client
