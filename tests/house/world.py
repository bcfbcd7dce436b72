"""One person of each kind, for the matrix of permissions."""

from functools import cached_property
from typing import Any

from django.contrib.auth.models import Permission
from django.db import models
from django.test import Client

from accounts.models import User
from portfolios.models import Client as FirmClient
from portfolios.models import ClientHabilitation
from tests.conftest import NOW
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.habilitations import EstablishmentDeclarationFactory
from tests.factories.tiers import client_of, dsn_for
from tests.house.journaled import Cast
from tests.people import logged_in

# Column → who that is.
KINDS = {
    "V": "visitor",
    "U": "registered, address not validated",
    "S": "suspended administrator",
    "C": "candidate",
    "d": "déclarant without a right",
    "D": "déclarant with a right on the head office",
    "a": "administrator of the secondary establishment",
    "A": "administrator of the head office",
    "X": "administrator of another enterprise",
    "f": "déclarant of the firm, recent DSN for the client",
    "F": "administrator of the firm, recent DSN for the client",
    "g": "déclarant of another firm of the same client, no recent DSN",
    "G": "administrator of that other firm",
    "T": "trainer",
    "s": "staff who may see people, and nothing else",
    "e": "staff with every single right",
    "E": "superuser",
}


class World:
    """One person of each kind, beside those of tests/people.py, and something of each enterprise's."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        firm = cast.tiers_declarant.establishment
        self.client = self.client_of(cast, firm, recent=True)
        other = EstablishmentFactory(head_office=True, enterprise__name="Cabinet Goéland")
        EstablishmentDeclarationFactory(establishment=other)
        self.stale = self.client_of(cast, other, recent=False)
        company = cast.company
        self.people: dict[str, User | None] = {
            "V": None,
            "U": UserFactory(
                establishment=company.head_office, administrator=True, state=User.State.UNVERIFIED, last_name="Ulliac"
            ),
            "S": cast.suspended,
            "C": cast.candidate,
            "d": cast.declarant_without_right,
            "D": cast.declarant,
            "a": cast.secondary_administrator,
            "A": cast.administrator,
            "X": cast.stranger,
            "f": collaborator(self.client),
            "F": cast.tiers_declarant,
            "g": collaborator(self.stale),
            "G": UserFactory(establishment=other, administrator=True, last_name="Goéland"),
            "T": staff_with("formatrice", Permission.objects.filter(codename="change_copy")),
            "s": staff_with("accueil", Permission.objects.filter(codename="view_user")),
            "e": staff_with("gestion", Permission.objects.all()),
            "E": cast.staff,
        }

    @staticmethod
    def client_of(cast: Cast, firm: Any, *, recent: bool) -> FirmClient:
        client = client_of(firm.enterprise, cast.company.secondary, name="Littoral")
        dsn_for(client, *([] if recent else [NOW.date().replace(year=2026, month=9)]))
        return client

    @cached_property
    def clients(self) -> dict[str, Client]:
        return {kind: logged_in(user) if user else Client() for kind, user in self.people.items()}


def collaborator(client: FirmClient) -> User:
    """Return a déclarant of the firm who has the right on this client."""
    firm = client.portfolio.enterprise.establishments.get()
    user: User = UserFactory(establishment=firm)
    client.portfolio.members.add(user)
    ClientHabilitation.objects.create(user=user, given=client.declarations.get(), granted_at=NOW)
    return user


def staff_with(name: str, rights: models.QuerySet[Permission]) -> User:
    user: User = UserFactory(staff=True, is_superuser=False, last_name=name)
    user.user_permissions.set(rights)
    return user
