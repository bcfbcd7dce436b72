"""« Contrôle de la paie »: what DSN applied against what was notified (dsn.md)."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Enterprise, Establishment, User
from notifications.actions import receipts
from notifications.models import Notification
from notifications.models.payroll import Difference
from portfolios.models import Client, DsnDeposit, DsnFiling, DsnRate
from tests.factories.notifications import NotificationFactory, RateDecisionFactory
from tests.factories.tiers import client_of
from tests.people import Company, logged_in
from tests.workbooks import content_of, sheet

OWN, CLIENTS = reverse("notifications:payroll_list"), reverse("notifications:client_payroll_list")
JANUARY = dt.date(2027, 1, 1)


def declared(
    place: Establishment, *rates: tuple[str, str, bool], depositor: Enterprise | None = None, **fields: Any
) -> DsnFiling:
    """Return a DSN of January 2027 that applied these (code, rate or nothing, support functions)."""
    firm = depositor or place.enterprise
    deposit = DsnDeposit.objects.create(
        depositor=firm, deposited_at=dt.datetime(2027, 1, 19, tzinfo=dt.UTC), name="x", size=1, outcome="OK",
        sha256=str(DsnDeposit.objects.count()), accepted=1,
    )  # fmt: skip
    values = {"nature": "01", "type": "01", "fraction": "11", "month": JANUARY, "line": 1} | fields
    filing = DsnFiling.objects.create(
        deposit=deposit, depositor=firm, establishment=place, filed_on=dt.date(2027, 1, 19), **values
    )
    for code, rate, support in rates:
        DsnRate.objects.create(filing=filing, code=code, rate=rate or None, support=support, line=1)
    return filing


def rows(user: User, address: str = OWN, **query: str) -> list[Difference]:
    page = logged_in(user).get(address, query)
    assert page.status_code == 200
    return page.context["rows"]


@pytest.fixture
def notified(company: Company) -> Establishment:
    """The head office was notified 7,39 % from 2026 on, and saw it."""
    RateDecisionFactory(
        establishment=company.head_office, code_risque="45.2BE", rate="7.39", effective_on=dt.date(2026, 1, 1)
    )
    return company.head_office


@pytest.mark.parametrize(
    ("code", "rate", "support", "kind", "gap"),
    [
        ("45.2BE", "7.39", False, "", None),
        ("45.2BE", "7.31", False, "Taux", Decimal("-0.08")),
        ("55.3AC", "7.39", False, "Code", None),
        ("999ZZ", "", False, "Déjà notifié", None),
        ("45.2BE", "0.64", True, "Fonctions supports", None),
    ],
)
def test_a_difference_says_what_differs(
    administrator: User, notified: Establishment, code: str, rate: str, support: bool, kind: str, gap: Decimal | None
) -> None:
    RateDecisionFactory(establishment=notified, code_risque="45.2BE", rate="9.99", effective_on=dt.date(2027, 2, 1))
    declared(notified, (code, rate, support))
    found = [(row.kind, row.gap, [one.rate for one in row.notified]) for row in rows(administrator)]
    assert found == ([(kind, gap, [Decimal("7.39")])] if kind else [])


@pytest.mark.parametrize(("rate", "kinds"), [("0.64", []), ("0.70", ["Taux"])])
def test_support_functions_are_compared_with_their_reduced_code(
    administrator: User, notified: Establishment, rate: str, kinds: list[str]
) -> None:
    """domain.md, section 4: 00.00A in building, 00.00B elsewhere."""
    RateDecisionFactory(establishment=notified, code_risque="00.00B", rate="0.64", effective_on=JANUARY)
    declared(notified, ("45.2BE", rate, True))
    assert [row.kind for row in rows(administrator)] == kinds


def test_the_decision_in_force_on_the_first_of_the_month_counts(administrator: User, notified: Establishment) -> None:
    RateDecisionFactory(establishment=notified, rate="7.00", effective_on=JANUARY, version=1)
    RateDecisionFactory(establishment=notified, rate="6.00", effective_on=JANUARY, version=2)
    declared(notified, ("45.2BE", "7.00", False))
    declared(notified, ("45.2BE", "7.00", False), month=dt.date(2026, 12, 1))
    assert [(row.declared.filing.month, row.notified[0].rate) for row in rows(administrator)] == [
        (JANUARY, Decimal(6)),
        (dt.date(2026, 12, 1), Decimal("7.39")),
    ]


@pytest.mark.parametrize(
    "fields", [{"counts": False}, {"month": None, "nature": "04"}, {"month": dt.date(2025, 12, 1)}]
)
def test_what_is_cancelled_has_no_month_or_comes_before_any_rate_is_not_compared(
    administrator: User, notified: Establishment, fields: dict[str, Any]
) -> None:
    declared(notified, ("45.2BE", "1.00", False), **fields)
    assert rows(administrator, depuis="tous") == []


def test_a_rate_that_nobody_opened_is_not_told(administrator: User, company: Company) -> None:
    """Decision 0005: a list opens nothing; once opened, or deemed notified after fifteen days, it is compared."""
    place = company.head_office
    fresh = NotificationFactory(
        decision__establishment=place, decision__rate="8.00", decision__effective_on=JANUARY,
        published_at=dt.datetime(2027, 1, 15, 9, tzinfo=dt.UTC),
    )  # fmt: skip
    declared(place, ("45.2BE", "7.39", False))
    assertNotContains(logged_in(administrator).get(OWN), "8,00")
    receipts.open_notification(notification=fresh, by=administrator, on=dt.datetime(2027, 1, 20, tzinfo=dt.UTC))
    assert [row.kind for row in rows(administrator)] == ["Taux"]
    fresh.receipts.all().delete()
    Notification.objects.update(published_at=dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
    assert [row.kind for row in rows(administrator)] == ["Taux"]


def test_a_company_sees_its_own_whoever_deposited(
    administrator: User, stranger: User, notified: Establishment, tiers_declarant: User
) -> None:
    assert tiers_declarant.establishment is not None
    declared(notified, ("45.2BE", "1.00", False), depositor=tiers_declarant.establishment.enterprise)
    assertContains(logged_in(administrator).get(OWN), "par Cabinet Cormoran")
    assert rows(stranger) == []


@pytest.mark.parametrize("person", ["declarant_without_right", "candidate", "staff"])
def test_without_the_right_the_page_says_why(person: str, request: pytest.FixtureRequest) -> None:
    browser = logged_in(request.getfixturevalue(person))
    for address in (OWN, reverse("notifications:payroll_export", args=["csv"])):
        assertContains(browser.get(address), "Règle G", status_code=403)


@pytest.fixture
def client(tiers_declarant: User, notified: Establishment) -> Client:
    """The head office is a client of the firm, which declared a wrong rate for it."""
    assert tiers_declarant.establishment is not None
    made = client_of(tiers_declarant.establishment.enterprise, notified)
    declared(notified, ("45.2BE", "7.31", False), depositor=made.portfolio.enterprise)
    return made


def test_a_tiers_sees_its_open_clients_only(tiers_declarant: User, client: Client) -> None:
    """G0.5: what is closed is not compared, for the rate would be told."""
    declared(client.establishment, ("45.2BE", "1.00", False), month=dt.date(2026, 12, 1))
    [row] = rows(tiers_declarant, CLIENTS)
    assert (row.declared.rate, row.declared.filing.establishment) == (Decimal("7.31"), client.establishment)
    DsnFiling.objects.update(filed_on=dt.date(2026, 10, 19))
    assert rows(tiers_declarant, CLIENTS) == []


@pytest.mark.parametrize("person", ["administrator", "stranger"])
def test_the_clients_of_a_firm_are_its_own(person: str, client: Client, request: pytest.FixtureRequest) -> None:
    assert rows(request.getfixturevalue(person), CLIENTS) == []


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 1), ({"depuis": "12"}, 2), ({"depuis": "tous"}, 3), ({"depuis": "x"}, 1), ({"etablissement": "98282"}, 1),
     ({"etablissement": "belh"}, 1), ({"etablissement": "zzz"}, 0)],
)  # fmt: skip
def test_months_and_establishments_are_chosen(
    administrator: User, notified: Establishment, query: dict[str, str], count: int
) -> None:
    for month in (dt.date(2026, 10, 1), dt.date(2026, 9, 1), dt.date(2025, 12, 1)):
        declared(notified, ("45.2BE", "1.00", False), month=month)
    RateDecisionFactory(establishment=notified, rate="2.00", effective_on=dt.date(2025, 1, 1))
    assert len(rows(administrator, **query)) == count


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_differences_are_exported(tiers_declarant: User, client: Client, form: str) -> None:
    response = logged_in(tiers_declarant).get(reverse("notifications:client_payroll_export", args=[form]))
    content = content_of(response)
    if form == "csv":
        assert content.decode("utf-8-sig").splitlines()[1] == (
            "98282001100012;Belharra Logistique;janvier 2027;19/01/2027;Cabinet Cormoran;Taux;45.2BE;;7,31;45.2BE;7,39;"
            "01/01/2026"
        )
    else:
        assert sheet(content)[1][5:9] == ["Taux", "45.2BE", None, 7.31]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("address", [OWN, CLIENTS])
def test_the_list_takes_the_same_queries(
    count: int, address: str, administrator: User, notified: Establishment,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client_of(notified.enterprise, notified)
    for _ in range(count):
        declared(notified, *[("45.2BE", "1.00", False)] * count, nature="04")
    browser = logged_in(administrator)
    with django_assert_num_queries(6 if address == OWN else 5):
        page = browser.get(address)
    assert len(page.context["rows"]) == count * count
