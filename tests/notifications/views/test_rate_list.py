"""« Taux de vos établissements »: what is in force, without opening anything."""

import datetime as dt

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Establishment, User
from notifications.actions import receipts
from notifications.models import Consultation, Notification, RateDecision
from notifications.views.rates import PlaceRates
from tests.factories.accounts import EstablishmentFactory
from tests.factories.notifications import CollectiveRateFactory, NotificationFactory, RateDecisionFactory
from tests.people import Company, logged_in
from tests.workbooks import content_of

LIST, EXPORT = reverse("notifications:rate_list"), reverse("notifications:rate_export", args=["csv"])


@pytest.fixture
def notification(company: Company) -> Notification:
    """7,39 % notified to the head office on 15 January 2027, 6,20 % sent on paper before."""
    RateDecisionFactory(
        establishment=company.head_office, rate="6.20", effective_on=dt.date(2026, 1, 1),
        channel=RateDecision.Channel.PAPER,
    )  # fmt: skip
    return NotificationFactory(
        decision__establishment=company.head_office, published_at=dt.datetime(2027, 1, 15, 9, tzinfo=dt.UTC)
    )


def rows(user: User, **query: str) -> list[PlaceRates]:
    return logged_in(user).get(LIST, query).context["rows"]


def csv(user: User) -> list[str]:
    response = logged_in(user).get(EXPORT)
    return content_of(response).decode().splitlines()[1:]


def test_a_rate_nobody_opened_is_announced_and_not_told(administrator: User, notification: Notification) -> None:
    """Decision 0005: the clock starts by an act."""
    page = logged_in(administrator).get(LIST)
    for words in ("Nouveau taux", "6,20", "Par courrier", "Aucun taux n'est encore notifié."):
        assertContains(page, words)
    assertNotContains(page, "7,39")
    assert csv(administrator) == [
        "98282001100012;BREST;45.2BE;6,20;01/01/2026;;;;;;oui",
        "98282001100020;STRASBOURG;;;;;;;;;",
    ]
    assert not Consultation.objects.exists()


def test_once_opened_by_anybody_entitled_it_is_shown_with_its_date(
    administrator: User, declarant: User, notification: Notification
) -> None:
    receipts.open_notification(notification=notification, by=declarant, on=dt.datetime(2027, 1, 18, tzinfo=dt.UTC))
    page = logged_in(administrator).get(LIST)
    for words in ("7,39", "6,20", "18 janvier 2027", "Notifiée"):
        assertContains(page, words)
    assertNotContains(page, "Nouveau taux")
    assert csv(administrator)[0] == "98282001100012;BREST;45.2BE;7,39;01/01/2027;6,20;;;18/01/2027;18/03/2027;"


def test_each_rate_stands_beside_the_collective_one_of_its_year(
    administrator: User, declarant: User, notification: Notification
) -> None:
    CollectiveRateFactory(rate="7.50")
    CollectiveRateFactory(tariff__year=2026, rate="1.00")
    receipts.open_notification(notification=notification, by=declarant, on=dt.datetime(2027, 1, 18, tzinfo=dt.UTC))
    page = logged_in(administrator).get(LIST)
    for words in ("7,50", "−0,11"):
        assertContains(page, words)
    assert csv(administrator)[0].split(";")[5:8] == ["6,20", "7,50", "-0,11"]


def test_the_published_tariff_is_not_that_of_alsace_moselle(administrator: User, notification: Notification) -> None:
    """domain.md, section 5."""
    CollectiveRateFactory(tariff__year=2026, rate="6.00")
    assert csv(administrator)[0].split(";")[6:8] == ["6,00", "0,20"]
    Establishment.objects.update(alsace_moselle=True)
    assert csv(administrator)[0].split(";")[6:8] == ["", ""]


def test_the_histogram_keeps_the_criteria(administrator: User, notification: Notification) -> None:
    page = logged_in(administrator).get(LIST, {"word": "brest"})
    assertContains(page, 'href="/notifications/taux/repartition/?word=brest"')


def test_once_deemed_notified_it_is_shown(administrator: User, notification: Notification) -> None:
    Notification.objects.update(published_at=dt.datetime(2027, 1, 4, 9, tzinfo=dt.UTC))
    page = logged_in(administrator).get(LIST)
    for words in ("7,39", "Réputée notifiée", "4 janvier 2027"):
        assertContains(page, words)


def test_a_declarant_sees_where_he_has_the_right(declarant: User, company: Company) -> None:
    assert [row.place for row in rows(declarant)] == [company.head_office]


@pytest.mark.parametrize("person", ["declarant_without_right", "candidate", "staff"])
def test_without_the_right_the_page_says_why(person: str, request: pytest.FixtureRequest) -> None:
    browser = logged_in(request.getfixturevalue(person))
    for address in (LIST, EXPORT):
        assertContains(browser.get(address), "Règle G", status_code=403)


def test_somebody_elses_establishments_are_not_listed(stranger: User, notification: Notification) -> None:
    assertNotContains(logged_in(stranger).get(LIST), "982 820 011".replace(" ", "\N{NO-BREAK SPACE}"))


@pytest.mark.parametrize(
    ("query", "cities"),
    [({}, ["BREST", "STRASBOURG"]), ({"tri": "-siret"}, ["STRASBOURG", "BREST"]), ({"tri": "-commune"},
     ["STRASBOURG", "BREST"]), ({"tri": "zzz"}, ["BREST", "STRASBOURG"]), ({"word": "stras"}, ["STRASBOURG"]),
     ({"word": "98282001100012"}, ["BREST"]), ({"word": "zzz"}, [])],
)  # fmt: skip
def test_the_list_is_searched_and_sorted(
    administrator: User, company: Company, query: dict[str, str], cities: list[str]
) -> None:
    assert [row.place.city for row in rows(administrator, **query)] == cities


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries(
    count: int, administrator: User, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        place = EstablishmentFactory(enterprise=company.enterprise, number=number + 3)
        NotificationFactory(decision__establishment=place)
    browser = logged_in(administrator)
    with django_assert_num_queries(9):
        page = browser.get(LIST)
    assert len(page.context["rows"]) == count + 2
