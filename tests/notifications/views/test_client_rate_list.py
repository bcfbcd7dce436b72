"""« Compte AT/MP de vos clients »: list, export, one client (G0.2, G0.4, G0.5)."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Establishment, User
from notifications.models import Notification
from portfolios.models import Client, DsnFiling
from tests.factories.accounts import EstablishmentFactory
from tests.factories.notifications import CollectiveRateFactory, NotificationFactory, RateDecisionFactory
from tests.factories.tiers import client_of, dsn_for
from tests.people import Company, logged_in
from tests.workbooks import content_of, sheet

LIST = reverse("notifications:client_rate_list")
EXPORT = reverse("notifications:client_rate_export", args=["csv"])


@pytest.fixture
def client(tiers_declarant: User, company: Company) -> Client:
    """Belharra Logistique is a client, with a rate notified; its account is open to the firm."""
    assert tiers_declarant.establishment is not None
    made = client_of(tiers_declarant.establishment.enterprise, company.head_office)
    dsn_for(made)
    RateDecisionFactory(establishment=company.head_office, rate="6.20", effective_on=dt.date(2026, 7, 1))
    NotificationFactory(decision__establishment=company.head_office, decision__effective_on=dt.date(2027, 1, 1))
    return made


def detail(client: Client) -> str:
    return reverse("notifications:client_rate_detail", args=[client.pk])


def test_the_list_shows_rate_day_previous_rate_and_how_long(tiers_declarant: User, client: Client) -> None:
    """G0.4."""
    page = logged_in(tiers_declarant).get(LIST)
    for words in ("Belharra Logistique", "7,39", "6,20", "1er janvier 2027", "10 janvier 2027", "10 avril 2027"):
        assertContains(page, words)


def test_a_rate_of_tomorrow_is_not_shown_yet(tiers_declarant: User, client: Client, company: Company) -> None:
    RateDecisionFactory(establishment=company.head_office, rate="9.99", effective_on=dt.date(2027, 2, 1))
    assertNotContains(logged_in(tiers_declarant).get(LIST), "9,99")


def test_a_closed_client_says_why_and_shows_no_rate(tiers_declarant: User, client: Client) -> None:
    """G0.5."""
    DsnFiling.objects.update(filed_on=dt.date(2026, 10, 19))
    for address, status in ((LIST, 200), (detail(client), 403)):
        page = logged_in(tiers_declarant).get(address)
        assertContains(page, "19 octobre 2026", status_code=status)
        assertContains(page, "G0.5", status_code=status)
        assertNotContains(page, "7,39", status_code=status)


def test_one_client_shows_his_history_and_no_document(tiers_declarant: User, client: Client) -> None:
    """G0.2."""
    page = logged_in(tiers_declarant).get(detail(client))
    for words in ("7,39", "6,20", "G0.2"):
        assertContains(page, words)
    assertNotContains(page, "document.pdf")


def test_the_rates_of_two_codes_have_a_chart_each_with_the_collective_rate(
    tiers_declarant: User, client: Client, company: Company
) -> None:
    CollectiveRateFactory(tariff__year=2026, rate="6.00")
    CollectiveRateFactory(tariff__year=2027, rate="7.50")
    RateDecisionFactory(establishment=company.head_office, code_risque="55.3AC", effective_on=dt.date(2026, 1, 1))
    page = logged_in(tiers_declarant).get(detail(client)).content.decode()
    titles = re.findall(r'<title id="(chart-\d+-title)">([^<]+)</title>', page)
    assert [title.replace("\xa0", " ").partition(" ; ")[2] for _id, title in titles] == [
        "taux collectif du code de 6,00 % en 2026, de 7,50 % en 2027", "",
    ]  # fmt: skip
    assert len({name for name, _title in titles}) == 2
    assert page.count("chart__beside") == 2


def test_a_client_of_alsace_moselle_is_not_compared_with_the_published_tariff(
    tiers_declarant: User, client: Client
) -> None:
    """domain.md, section 5."""
    CollectiveRateFactory(rate="7.50")
    browser = logged_in(tiers_declarant)
    for address in (LIST, detail(client)):
        assertContains(browser.get(address), "7,50")
    Establishment.objects.update(alsace_moselle=True)
    for address in (LIST, detail(client)):
        assertNotContains(browser.get(address), "7,50")


def test_the_histogram_keeps_the_criteria(tiers_declarant: User, client: Client) -> None:
    page = logged_in(tiers_declarant).get(LIST, {"word": "belh"})
    assertContains(page, 'href="/notifications/clients/repartition/?word=belh"')


def test_the_document_is_refused_with_the_rule(tiers_declarant: User, client: Client) -> None:
    """G0.2: a tiers déclarant never gets it."""
    document = reverse("notifications:notification_document", args=[Notification.objects.get().pk])
    assertContains(logged_in(tiers_declarant).get(document), "G0.2", status_code=403)
    client.delete()
    assert logged_in(tiers_declarant).get(document).status_code == 404


def test_reading_a_clients_rate_is_no_consultation(tiers_declarant: User, client: Client) -> None:
    """domain.md, section 3: it never starts the clock."""
    logged_in(tiers_declarant).get(detail(client))
    assert not Notification.objects.get().receipts.exists()


@pytest.mark.parametrize(
    ("person", "status"), [("administrator", 200), ("stranger", 200), ("candidate", 403), ("staff", 403)]
)
def test_the_clients_of_a_firm_are_its_own(
    person: str, status: int, client: Client, request: pytest.FixtureRequest
) -> None:
    browser = logged_in(request.getfixturevalue(person))
    assert browser.get(detail(client)).status_code == 404
    assertNotContains(browser.get(LIST), "7,39", status_code=status)


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", 2), ("?word=98282", 1), ("?word=belh", 1), ("?word=zzz", 0), ("?portfolio=ou", 2), ("?portfolio=est", 0),
     ("?access=ouvert", 1), ("?access=ferme", 1), ("?access=zzz", 2)],
)  # fmt: skip
def test_the_list_is_searched(tiers_declarant: User, client: Client, query: str, shown: int) -> None:
    client_of(client.portfolio.enterprise)
    assert len(logged_in(tiers_declarant).get(LIST + query).context["rows"]) == shown


def test_the_export_has_every_client_with_his_rate_or_the_reason(tiers_declarant: User, client: Client) -> None:
    client_of(client.portfolio.enterprise, EstablishmentFactory(head_office=True, enterprise__name="=Danger"))
    CollectiveRateFactory(rate="7.50")
    assertContains(logged_in(tiers_declarant).get(LIST), "−0,11")
    response = logged_in(tiers_declarant).get(EXPORT)
    lines = content_of(response).decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert (
        "98282001100012;Belharra Logistique;Ouest;45.2BE;7,39;01/01/2027;6,20;7,50;-0,11;10/01/2027;10/04/2027;"
        in lines
    )
    assert any("'=Danger" in line and "Vous n'avez déposé aucune DSN" in line for line in lines)


def test_the_export_is_a_workbook_too(tiers_declarant: User, client: Client) -> None:
    response = logged_in(tiers_declarant).get(EXPORT.replace("csv", "xlsx"))
    [heads, row] = sheet(content_of(response))
    assert (heads[0], row[0], row[4]) == ("SIRET", "98282001100012", 7.39)


@pytest.mark.parametrize(
    ("sort", "first"), [("", "AAA"), ("entreprise", "AAA"), ("-entreprise", "ZZZ"), ("-siret", "ZZZ"), ("zzz", "AAA")]
)
def test_the_list_and_the_export_are_sorted(tiers_declarant: User, sort: str, first: str) -> None:
    firm = tiers_declarant.establishment
    assert firm is not None
    for name in ("AAA", "MMM", "ZZZ"):
        client_of(firm.enterprise, EstablishmentFactory(head_office=True, enterprise__name=name))
    page = logged_in(tiers_declarant).get(LIST, {"tri": sort})
    assert page.context["rows"][0].client.establishment.enterprise.name == first
    response = logged_in(tiers_declarant).get(EXPORT, {"tri": sort})
    lines = content_of(response).decode().splitlines()
    assert first in lines[1]


def test_the_export_keeps_the_criteria(tiers_declarant: User, client: Client) -> None:
    page = logged_in(tiers_declarant).get(LIST + "?word=zzz")
    assertContains(page, "Aucun client ne correspond.")
    response = logged_in(tiers_declarant).get(EXPORT + "?word=zzz")
    assert len(content_of(response).splitlines()) == 1


@pytest.mark.parametrize("count", [1, 3, 49])
def test_the_list_takes_the_same_queries(
    count: int, tiers_declarant: User, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _client in range(count):
        dsn_for(client_of(client.portfolio.enterprise))
    browser = logged_in(tiers_declarant)
    with django_assert_num_queries(9):
        browser.get(LIST)
