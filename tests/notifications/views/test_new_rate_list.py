"""« Nouveaux taux »: followed clients' notifications, never received (G0.2, G0.6)."""

import datetime as dt

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from notifications.actions import receipts
from notifications.models import Consultation, Notification
from notifications.views.follow import NewRate
from portfolios.models import Client, DsnFiling
from tests.factories.notifications import NotificationFactory, RateDecisionFactory
from tests.factories.tiers import LONG_AGO, client_of, dsn_for
from tests.people import Company, logged_in
from tests.workbooks import content_of

LIST = reverse("notifications:new_rate_list")


@pytest.fixture
def client(tiers_declarant: User, company: Company) -> Client:
    """Belharra Logistique is followed; a rate was notified to it on 15 January 2027."""
    assert tiers_declarant.establishment is not None
    made = client_of(tiers_declarant.establishment.enterprise, company.head_office)
    Client.objects.update(followed_since=LONG_AGO)
    dsn_for(made)
    RateDecisionFactory(establishment=company.head_office, rate="6.20", effective_on=dt.date(2026, 1, 1))
    NotificationFactory(
        decision__establishment=company.head_office, published_at=dt.datetime(2027, 1, 15, 9, tzinfo=dt.UTC)
    )
    return made


def rows(user: User, **query: str) -> list[NewRate]:
    return logged_in(user).get(LIST, query).context["rows"]


def test_a_followed_clients_notification_is_listed_with_what_it_changes(tiers_declarant: User, client: Client) -> None:
    page = logged_in(tiers_declarant).get(LIST)
    for words in ("Belharra Logistique", "7,39", "6,20", "15 janvier 2027", "Non notifiée", "30 janvier 2027"):
        assertContains(page, words)
    assertNotContains(page, "document.pdf")


def test_the_state_follows_the_enterprise_and_not_the_tiers(
    tiers_declarant: User, client: Client, administrator: User
) -> None:
    """domain.md, section 3: a tiers déclarant reading never starts the clock."""
    logged_in(tiers_declarant).get(LIST)
    assert not Consultation.objects.exists()
    on = dt.datetime(2027, 1, 18, 9, tzinfo=dt.UTC)
    receipts.open_notification(notification=Notification.objects.get(), by=administrator, on=on)
    [row] = rows(tiers_declarant)
    assert (row.legal.status, row.legal.notified_on) == ("consulted", dt.date(2027, 1, 18))
    Notification.objects.update(published_at=dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
    [row] = rows(tiers_declarant)
    assert (row.legal.status, row.legal.notified_on) == ("deemed", dt.date(2026, 12, 1))


def test_a_client_not_followed_or_closed_is_not_listed(tiers_declarant: User, client: Client) -> None:
    """G0.5."""
    DsnFiling.objects.update(filed_on=dt.date(2026, 10, 19))
    assert rows(tiers_declarant) == []
    DsnFiling.objects.update(filed_on=dt.date(2027, 1, 19))
    assert len(rows(tiers_declarant)) == 1
    Client.objects.update(followed_since=None)
    assert rows(tiers_declarant) == []


def test_a_client_in_two_portfolios_is_listed_once(tiers_declarant: User, client: Client) -> None:
    client_of(client.portfolio.enterprise, client.establishment, name="Est")
    Client.objects.update(followed_since=LONG_AGO)
    assert len(rows(tiers_declarant)) == 1


@pytest.mark.parametrize("person", ["administrator", "stranger"])
def test_the_clients_of_a_firm_are_its_own(person: str, client: Client, request: pytest.FixtureRequest) -> None:
    assert rows(request.getfixturevalue(person)) == []


@pytest.mark.parametrize(
    ("query", "count"),
    [({"word": "98282"}, 1), ({"word": "belh"}, 1), ({"word": "zzz"}, 0), ({"consultee": "oui"}, 0),
     ({"consultee": "non"}, 1), ({"consultee": "zzz"}, 1)],
)  # fmt: skip
def test_the_list_is_searched(tiers_declarant: User, client: Client, query: dict[str, str], count: int) -> None:
    assert len(rows(tiers_declarant, **query)) == count


def test_the_list_is_exported(tiers_declarant: User, client: Client) -> None:
    response = logged_in(tiers_declarant).get(reverse("notifications:new_rate_export", args=["csv"]))
    lines = content_of(response).decode().splitlines()
    assert lines[1].startswith(
        "98282001100012;Belharra Logistique;45.2BE;7,39;01/01/2027;6,20;15/01/2027;;;Pas encore consultée"
    )


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries(
    count: int, tiers_declarant: User, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        other = client_of(client.portfolio.enterprise)
        dsn_for(other)
        NotificationFactory(decision__establishment=other.establishment)
    Client.objects.update(followed_since=LONG_AGO)
    browser = logged_in(tiers_declarant)
    with django_assert_num_queries(6):
        page = browser.get(LIST)
    assert len(page.context["rows"]) == count + 1
