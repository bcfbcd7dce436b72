"""Registering, granting and removing, once each, with a journal entry."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.models import JournalEntry, User
from habilitations.actions.rights import (
    grant_habilitation,
    register_declaration,
    remove_declaration,
    remove_habilitation,
)
from habilitations.models import EstablishmentDeclaration, Habilitation
from tests.factories.accounts import EstablishmentFactory
from tests.factories.habilitations import DeclarationFactory
from tests.people import Company

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


def journal() -> list[tuple[str, str | None]]:
    return list(JournalEntry.objects.order_by("id").values_list("verb", "enterprise_id"))


def test_registering_opens_after_the_delay_and_twice_changes_nothing(db: None) -> None:
    """G1.2, G2.8."""
    place, declaration = EstablishmentFactory(), DeclarationFactory()
    for on in (ON, ON + dt.timedelta(days=3)):
        registration = register_declaration(establishment=place, declaration=declaration, by=None, on=on)
    assert registration.opens_at == ON + dt.timedelta(hours=24)
    assert journal() == [("declaration.register", place.enterprise_id)]


def test_a_closed_establishment_receives_no_declaration(db: None) -> None:
    closed = EstablishmentFactory(closed_on=dt.date(2027, 1, 20))
    with pytest.raises(ValidationError, match="fermé depuis le 20 janvier 2027"):
        register_declaration(establishment=closed, declaration=DeclarationFactory(), by=None, on=ON)
    assert (EstablishmentDeclaration.objects.count(), journal()) == (0, [])


@pytest.mark.parametrize(("hour", "refused"), [(22, False), (23, True)])
def test_an_establishment_is_closed_from_midnight_in_paris(db: None, hour: int, refused: bool) -> None:
    """The day in UTC would let it in for an hour more."""
    closed = EstablishmentFactory(closed_on=dt.date(2027, 1, 21))
    on = dt.datetime(2027, 1, 20, hour, tzinfo=dt.UTC)
    try:
        register_declaration(establishment=closed, declaration=DeclarationFactory(), by=None, on=on)
    except ValidationError:
        assert refused
    assert EstablishmentDeclaration.objects.exists() is not refused


def test_removing_a_declaration_twice_changes_nothing(company: Company) -> None:
    registration = EstablishmentDeclaration.objects.get()
    for _time in range(2):
        remove_declaration(registration=registration, by=None, on=ON)
    assert (EstablishmentDeclaration.objects.count(), len(journal())) == (0, 1)


def test_a_right_is_granted_once(company: Company, declarant_without_right: User, administrator: User) -> None:
    """G1.5."""
    for _time in range(2):
        grant_habilitation(
            user=declarant_without_right,
            establishment=company.secondary,
            declaration=DeclarationFactory(),
            by=administrator,
            on=ON,
        )
    assert (Habilitation.objects.count(), journal()) == (1, [("habilitation.grant", company.enterprise.siren)])


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("stranger", "Cette personne n'est pas de l'entreprise de cet établissement."),
        ("staff", "Cette personne n'est pas de l'entreprise de cet établissement."),
        ("candidate", "Cette personne n'est pas active"),
        ("suspended", "Cette personne n'est pas active"),
    ],
)
def test_a_right_is_refused_to_who_cannot_have_it(
    request: pytest.FixtureRequest, company: Company, who: str, sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        grant_habilitation(
            user=request.getfixturevalue(who),
            establishment=company.head_office,
            declaration=DeclarationFactory(),
            by=None,
            on=ON,
        )
    assert (Habilitation.objects.count(), journal()) == (0, [])


def test_a_closed_establishment_receives_no_right(company: Company, declarant_without_right: User) -> None:
    """trust.md, peers: a closed establishment receives no new right."""
    company.secondary.closed_on = dt.date(2026, 12, 31)
    with pytest.raises(ValidationError, match="fermé depuis le 31 décembre 2026 : il ne peut recevoir aucun droit"):
        grant_habilitation(
            user=declarant_without_right,
            establishment=company.secondary,
            declaration=DeclarationFactory(),
            by=None,
            on=ON,
        )
    assert (Habilitation.objects.count(), journal()) == (0, [])


def test_a_right_needs_the_declaration_on_the_establishment_first(
    company: Company, declarant_without_right: User
) -> None:
    """Rights are two-step (domain.md, section 1)."""
    EstablishmentDeclaration.objects.all().delete()
    with pytest.raises(ValidationError, match="ajoutez-la d'abord"):
        grant_habilitation(
            user=declarant_without_right,
            establishment=company.head_office,
            declaration=DeclarationFactory(),
            by=None,
            on=ON,
        )


def test_a_right_taken_back_twice_changes_nothing(declarant: User) -> None:
    right = Habilitation.objects.get()
    for _time in range(2):
        remove_habilitation(right=right, by=None, on=ON)
    assert (Habilitation.objects.count(), [verb for verb, _siren in journal()]) == (0, ["habilitation.remove"])
