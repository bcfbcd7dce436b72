"""« Vos tiers déclarants »: a client's administrators see who acts for them."""

import datetime as dt

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from portfolios.models import ClientDeclaration
from tests.conftest import NOW
from tests.factories.accounts import EnterpriseFactory
from tests.factories.tiers import client_of
from tests.people import Company, logged_in

URL = reverse("portfolios:tiers_list")


def test_a_clients_administrator_sees_each_tiers_and_its_declarations(
    administrator: User, tiers_declarant: User, company: Company
) -> None:
    assert tiers_declarant.establishment is not None
    client_of(tiers_declarant.establishment.enterprise, company.secondary)
    page = logged_in(administrator).get(URL)
    for words in ("Cabinet Cormoran", "Compte AT/MP", "5 janvier 2026"):
        assertContains(page, words)
    assertNotContains(page, "Ouest")
    assertNotContains(page, "à partir du")
    ClientDeclaration.objects.update(opens_at=NOW + dt.timedelta(hours=24))
    assertContains(logged_in(administrator).get(URL), "Compte AT/MP (à partir du 21 janvier 2027 à 10")


def test_an_administrator_of_a_secondary_establishment_sees_that_one(
    secondary_administrator: User, company: Company
) -> None:
    client_of(EnterpriseFactory(name="Cabinet Un"), company.secondary)
    client_of(EnterpriseFactory(name="Cabinet Deux"), company.head_office)
    page = logged_in(secondary_administrator).get(URL)
    assertContains(page, "Cabinet Un")
    assertNotContains(page, "Cabinet Deux")


@pytest.mark.parametrize("person", ["declarant", "candidate", "staff"])
def test_only_administrators_see_it(person: str, request: pytest.FixtureRequest) -> None:
    assert logged_in(request.getfixturevalue(person)).get(URL).status_code == 404


def test_the_tiers_of_others_are_theirs(stranger: User, company: Company) -> None:
    client_of(EnterpriseFactory(name="Cabinet Un"), company.head_office)
    assertContains(logged_in(stranger).get(URL), "Aucun tiers n'agit pour vous.")


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_list_takes_the_same_queries(
    count: int, administrator: User, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _firm in range(count):
        client_of(EnterpriseFactory(), company.head_office)
    client = logged_in(administrator)
    with django_assert_num_queries(5):
        client.get(URL)
