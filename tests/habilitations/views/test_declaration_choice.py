"""« Gérer les déclarations »: the establishment first, two lists, « Valider » (G1.1, G1.2, G0.6, G2.8)."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Establishment, User
from habilitations.access import atmp_access
from habilitations.models import ATMP, Declaration, EstablishmentDeclaration, Habilitation
from portal import clock
from tests.factories.accounts import EstablishmentFactory
from tests.people import Company, logged_in

LIST = reverse("habilitations:declaration_list")
NOW = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


def url(place: Establishment) -> str:
    return reverse("habilitations:declaration_choice", args=[place.pk])


def post(user: User, place: Establishment, *selection: str, **more: str) -> Any:
    return logged_in(user).post(url(place), {"selection": list(selection), **more}, follow=True)


def codes(place: Establishment) -> list[str]:
    return sorted(place.declarations.values_list("declaration__code", flat=True))


@pytest.mark.parametrize("person", ["declarant", "candidate", "staff", "stranger"])
def test_only_its_administrators_choose_for_an_establishment(
    person: str, company: Company, request: pytest.FixtureRequest
) -> None:
    """G1.3."""
    user = request.getfixturevalue(person)
    assert logged_in(user).get(url(company.head_office)).status_code == 404
    assert post(user, company.head_office, "dsn", valider="1").status_code == 404
    assert logged_in(user).get(LIST).status_code == (302 if person == "stranger" else 404)
    assert codes(company.head_office) == [ATMP]


def test_an_administrator_of_a_secondary_establishment_chooses_for_that_one(
    secondary_administrator: User, company: Company
) -> None:
    client = logged_in(secondary_administrator)
    assertRedirects(client.get(LIST), url(company.secondary))
    assert client.get(url(company.head_office)).status_code == 404


def test_the_establishment_comes_first_when_there_are_several(administrator: User, company: Company) -> None:
    page = logged_in(administrator).get(LIST)
    assertContains(page, "Choix des déclarations", count=2)
    assertContains(page, url(company.secondary))


def test_establishments_are_searched(administrator: User, company: Company) -> None:
    client = logged_in(administrator)
    for query, shown in (("stras", {company.secondary}), (company.secondary.siret, {company.secondary}), ("zz", set())):
        assert set(client.get(LIST, {"word": query}).context["page"].items) == shown


def test_a_closed_establishment_is_no_choice(administrator: User, company: Company) -> None:
    company.secondary.closed_on = dt.date(2027, 1, 20)
    company.secondary.save()
    assertRedirects(logged_in(administrator).get(LIST), url(company.head_office))
    assert logged_in(administrator).get(url(company.secondary)).status_code == 404


def test_an_arrow_moves_and_saves_nothing(administrator: User, company: Company) -> None:
    page = post(administrator, company.head_office, ATMP, disponible="dsn", ajouter="1")
    assert page.context["lists"].values == {ATMP, "dsn"}
    assertContains(page, "À ajouter")
    assert codes(company.head_office) == [ATMP]


def test_valider_saves_and_says_from_when_it_is_usable(administrator: User, company: Company) -> None:
    """G1.2, G2.8."""
    EstablishmentDeclaration.objects.all().delete()
    page = post(administrator, company.head_office, ATMP, valider="1")
    assertContains(page, "1\N{NO-BREAK SPACE}déclaration ajoutée")
    assertContains(page, "utilisable à partir du 21 janvier 2027 à 10")
    row = EstablishmentDeclaration.objects.get()
    assert (row.registered_at, row.opens_at) == (NOW, NOW + dt.timedelta(hours=24))


def test_the_head_office_opens_every_establishment_a_new_one_included(
    administrator: User, secondary_administrator: User, company: Company
) -> None:
    """G0.6."""
    later = NOW + dt.timedelta(days=2)
    new = EstablishmentFactory(enterprise=company.enterprise, number=77)
    for place in (company.secondary, new):
        assert atmp_access(administrator, place, later).allowed
    page = logged_in(secondary_administrator).get(url(company.secondary))
    assertContains(page, "Déjà ouvertes par le siège")


def test_taking_one_away_says_what_goes_with_it_first(administrator: User, declarant: User, company: Company) -> None:
    page = post(administrator, company.head_office, valider="1")
    assertContains(page, "Confirmez le retrait")
    assertContains(page, "1\N{NO-BREAK SPACE}habilitation cesse de servir")
    assert codes(company.head_office) == [ATMP]
    post(administrator, company.head_office, valider="1", confirme="1")
    assert codes(company.head_office) == []
    assert not atmp_access(declarant, company.head_office, NOW).allowed


def test_a_secondary_establishment_counts_its_own_rights_only(
    secondary_administrator: User, declarant: User, company: Company
) -> None:
    EstablishmentDeclaration.objects.update(establishment=company.secondary)
    page = post(secondary_administrator, company.secondary, valider="1")
    assertContains(page, "0\N{NO-BREAK SPACE}habilitation cesse de servir")


def test_the_same_again_changes_nothing(administrator: User, company: Company) -> None:
    assertContains(post(administrator, company.head_office, ATMP, valider="1"), "Rien n&#x27;a changé.")


def test_a_declaration_out_of_use_is_not_offered_and_stays_where_it_is(administrator: User, company: Company) -> None:
    Declaration.objects.filter(code="dsn").update(used_to=dt.date(2027, 1, 19))
    page = logged_in(administrator).get(url(company.head_office))
    assertNotContains(page, "Déclaration sociale nominative")
    post(administrator, company.head_office, ATMP, "dsn", valider="1")
    assert codes(company.head_office) == [ATMP]
    Declaration.objects.filter(code=ATMP).update(used_to=dt.date(2027, 1, 19))
    assertContains(logged_in(administrator).get(url(company.head_office)), "Compte AT/MP")


@pytest.mark.parametrize("days", [0, 30])
def test_a_declaration_waits_for_its_first_day(administrator: User, company: Company, days: int) -> None:
    Declaration.objects.filter(code="dsn").update(used_from=clock.today() + dt.timedelta(days=days))
    shown = "Déclaration sociale nominative" in logged_in(administrator).get(url(company.head_office)).content.decode()
    assert shown is (days == 0)


def test_nonsense_selects_nothing(administrator: User, company: Company) -> None:
    post(administrator, company.head_office, ATMP, "inconnue", "\0", "x" * 10_000, valider="1")
    assert codes(company.head_office) == [ATMP]


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_list_takes_the_same_queries(
    count: int, administrator: User, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    EstablishmentFactory.create_batch(count, enterprise=company.enterprise)
    client = logged_in(administrator)
    with django_assert_num_queries(5):
        client.get(LIST)


def test_rights_come_back_with_the_declaration(administrator: User, declarant: User, company: Company) -> None:
    """What the confirmation says: they cease to serve, they are not deleted."""
    post(administrator, company.head_office, valider="1", confirme="1")
    assert Habilitation.objects.filter(user=declarant).count() == 1
