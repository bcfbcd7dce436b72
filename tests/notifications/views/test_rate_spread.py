"""« Répartition des taux »: the company's and the clients' (G0.4, G0.5)."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from portfolios.models import DsnFiling
from tests.factories.accounts import EstablishmentFactory
from tests.factories.notifications import CollectiveRateFactory, NotificationFactory, RateDecisionFactory
from tests.factories.tiers import client_of, dsn_for
from tests.people import Company, logged_in

OWN, CLIENTS = reverse("notifications:rate_spread"), reverse("notifications:client_rate_spread")


def rows(client: Browser, url: str = OWN) -> list[list[str]]:
    """Return the cells of every row of the page's tables, heads apart."""
    page = client.get(url).content.decode()
    found = re.findall(r"<tr>\s*(<th scope=\"row\".*?)</tr>", page, flags=re.S)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.S) for row in found]
    words = [[re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", cell)).strip() for cell in row] for row in cells]
    return [[cell.replace("\u202f", " ").replace("\xa0", " ") for cell in row] for row in words]


@pytest.fixture
def rates(company: Company) -> None:
    """Two rates of 7 and 6 percent in force; one replaced, one ended, one to come and one to be opened."""
    CollectiveRateFactory(rate=Decimal(7))
    head, second = company.head_office, company.secondary
    RateDecisionFactory(establishment=head, rate=Decimal(1), effective_on=dt.date(2026, 1, 1))
    RateDecisionFactory(establishment=head, rate=Decimal(2))
    NotificationFactory(decision__establishment=head, decision__version=2, decision__rate=Decimal("7.4"))
    NotificationFactory(decision__establishment=second, decision__rate=Decimal("6.4"))
    RateDecisionFactory(establishment=second, rate=Decimal(3), effective_on=dt.date(2027, 7, 1))
    NotificationFactory(
        decision__establishment=head,
        decision__code_risque="99.9ZZ",
        decision__rate=Decimal(9),
        published_at=dt.datetime(2027, 1, 18, tzinfo=dt.UTC),
    )


def test_it_counts_the_rates_in_force_that_somebody_opened(rates: None, administrator: User) -> None:
    assert rows(logged_in(administrator)) == [
        ["de 6 à 7 %", "1", ""],
        ["de 7 à 8 %", "1", ""],
        ["45.2BE Autres travaux de gros œuvre", "2", "6,40 %", "6,90 %", "7,40 %", "7,00 % 2027", "−0,10 point"],
    ]


def test_the_filter_keeps_some_establishments(rates: None, company: Company, administrator: User) -> None:
    found = rows(logged_in(administrator), f"{OWN}?word={company.secondary.siret}")
    assert [row[1] for row in found] == ["1", "1"]


def test_a_code_that_no_tariff_has_is_not_compared(company: Company, administrator: User) -> None:
    RateDecisionFactory(establishment=company.head_office)
    assert rows(logged_in(administrator))[-1][-2:] == ["–", "–"]


def test_without_right_it_says_why(declarant_without_right: User) -> None:
    assertContains(logged_in(declarant_without_right).get(OWN), "G1.4", status_code=403)


def test_a_firm_sees_the_clients_whose_account_is_open(company: Company, tiers_declarant: User) -> None:
    assert tiers_declarant.establishment is not None
    firm = tiers_declarant.establishment.enterprise
    for rate, place in ((Decimal("2.5"), company.head_office), (Decimal("4.5"), EstablishmentFactory())):
        dsn_for(client_of(firm, place))
        RateDecisionFactory(establishment=place, rate=rate)
    client = logged_in(tiers_declarant)
    assert [row[0] for row in rows(client, CLIENTS)][:3] == ["de 2 à 3 %", "de 3 à 4 %", "de 4 à 5 %"]
    DsnFiling.objects.filter(establishment=company.head_office).update(filed_on=dt.date(2026, 10, 19))
    assert [row[0] for row in rows(client, CLIENTS)][:1] == ["de 4 à 5 %"]
    assertNotContains(client.get(CLIENTS), "2,50")


@pytest.mark.parametrize("count", [1, 3, 50])
def test_it_takes_the_same_queries_whatever_the_number(
    count: int, company: Company, administrator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        RateDecisionFactory(
            establishment=company.head_office, code_risque=f"45.{number:02d}A", rate=Decimal(number) / 4
        )
    client = logged_in(administrator)
    with django_assert_num_queries(7):
        client.get(OWN)
