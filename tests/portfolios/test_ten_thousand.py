"""A portfolio of ten thousand clients: imported in the background, then searched, paged, exported and decided on.

Query counts are compared with those of fifty clients, never timed (scale.md, goals 7 and 10).
"""

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains

from accounts.models import Enterprise, Establishment, User
from habilitations.models import ATMP
from notifications.models import Campaign, Notification, RateDecision
from portal.kit.bulk import refresh_statistics
from portfolios.access import client_access, visible_clients
from portfolios.actions.bulk import receive_request, work_once
from portfolios.models import BulkRequest, Client, ClientDeclaration, DsnDeposit, DsnFiling, Portfolio
from portfolios.rules.window import first_day
from tests.conftest import NOW
from tests.factories.accounts import siren, siret
from tests.factories.notifications import CampaignFactory
from tests.factories.tiers import LONG_AGO, client_of
from tests.people import logged_in
from tests.workbooks import content_of

MANY, FEW = 10_000, 50
PUBLISHED = dt.datetime(2027, 1, 15, 9, tzinfo=dt.UTC)


@pytest.fixture
def portfolio(tiers_declarant: User) -> Portfolio:
    """Return an empty portfolio that holds « Compte AT/MP »."""
    assert tiers_declarant.establishment is not None
    first = client_of(tiers_declarant.establishment.enterprise)
    portfolio = first.portfolio
    first.delete()
    return portfolio


def register(count: int) -> list[str]:
    """Write that many enterprises of one establishment; return their SIRETs."""
    sirens = [siren(500_000 + number) for number in range(count)]
    Enterprise.objects.bulk_create(Enterprise(siren=one, name=f"Client {one}") for one in sirens)
    Establishment.objects.bulk_create(
        Establishment(enterprise_id=one, siret=siret(one), is_head_office=True) for one in sirens
    )
    refresh_statistics(Enterprise, Establishment)
    return [siret(one) for one in sirens]


def given(portfolio: Portfolio) -> None:
    """Give every client « Compte AT/MP », a recent DSN and a notified rate."""
    held = portfolio.declarations.get(declaration__code=ATMP)
    refresh_statistics(Client)
    clients = list(portfolio.clients.select_related("establishment"))
    ClientDeclaration.objects.bulk_create(
        ClientDeclaration(client=client, held=held, added_at=LONG_AGO, opens_at=LONG_AGO) for client in clients
    )
    deposit = DsnDeposit.objects.create(
        depositor=portfolio.enterprise, deposited_at=LONG_AGO, name="x", sha256="x", size=1, outcome="OK"
    )
    DsnFiling.objects.bulk_create(
        DsnFiling(
            deposit=deposit, depositor=portfolio.enterprise, establishment=client.establishment, line=1, nature="01",
            type="01", fraction="11", month=dt.date(2026, 12, 1), filed_on=dt.date(2027, 1, 10),
        )
        for client in clients
    )  # fmt: skip
    campaign: Campaign = CampaignFactory()
    decisions = RateDecision.objects.bulk_create(
        RateDecision(
            campaign=campaign, line=number, establishment=client.establishment,
            enterprise_id=client.establishment.enterprise_id, code_risque="45.2BE", mode="mixed", rate="2.10",
            effective_on=dt.date(2027, 1, 1), channel="electronic", decided_on=dt.date(2027, 1, 15), addressee="x",
        )
        for number, client in enumerate(clients)
    )  # fmt: skip
    Notification.objects.bulk_create(
        Notification(
            decision=one, establishment_id=one.establishment_id, enterprise_id=one.enterprise_id, campaign=campaign,
            published_at=PUBLISHED,
        )
        for one in decisions
    )  # fmt: skip
    Client.objects.update(followed_since=LONG_AGO)


def queries(browser: Browser, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        response = browser.get(address)
    assert response.status_code == 200
    return len(seen)


def test_ten_thousand_clients_are_imported_in_the_background_with_progress(
    portfolio: Portfolio, tiers_declarant: User
) -> None:
    lines = "".join(f"{one};1\n" for one in register(MANY))
    file = SimpleUploadedFile("clients.csv", f"SIRET;client\n{lines}".encode())
    request = receive_request(portfolio=portfolio, kind="etablissements", file=file, by=tiers_declarant, on=NOW)
    detail = reverse("portfolios:bulk_detail", args=[request.pk])
    for _ in range(5):
        work_once(on=NOW)
    assertContains(logged_in(tiers_declarant).get(detail), 'value="2000" max="10000"')
    assert portfolio.clients.count() == 2_000
    while work_once(on=NOW):
        pass
    request.refresh_from_db()
    assert (request.status, request.outcome, request.done) == (BulkRequest.Status.DONE, "OK", MANY)
    assert portfolio.clients.count() == MANY


def test_every_page_takes_the_same_queries_for_fifty_and_for_ten_thousand(
    portfolio: Portfolio, tiers_declarant: User
) -> None:
    browser = logged_in(tiers_declarant)
    addresses = [
        reverse("portfolios:portfolio_list"),
        reverse("portfolios:client_list", args=[portfolio.pk]),
        reverse("portfolios:client_list", args=[portfolio.pk]) + "?tri=-entreprise&word=client",
        reverse("portfolios:client_follow", args=[portfolio.pk]),
        reverse("notifications:client_rate_list"),
        reverse("notifications:client_rate_list") + "?access=ouvert&word=9850",
        reverse("notifications:new_rate_list"),
        reverse("notifications:client_payroll_list"),
        reverse("portal:dashboard"),
    ]
    sirets = register(MANY)
    counts = []
    for number in (FEW + 1, MANY):
        Client.objects.all().delete()
        DsnFiling.objects.all().delete()
        DsnDeposit.objects.all().delete()
        Notification.objects.all().delete()
        RateDecision.objects.all().delete()
        places = Establishment.objects.filter(siret__in=sirets[:number])
        Client.objects.bulk_create(Client(portfolio=portfolio, establishment=one, added_at=LONG_AGO) for one in places)
        given(portfolio)
        counts.append({address: queries(browser, address) for address in addresses})
    assert counts[0] == counts[1]


@pytest.fixture
def ten_thousand(portfolio: Portfolio) -> Portfolio:
    register(MANY)
    places = Establishment.objects.filter(siret__startswith="985")
    Client.objects.bulk_create(Client(portfolio=portfolio, establishment=one, added_at=LONG_AGO) for one in places)
    given(portfolio)
    return portfolio


def test_the_access_of_all_is_decided_by_one_query(ten_thousand: Portfolio, tiers_declarant: User) -> None:
    """G0.5; the decision taken one by one says the same."""
    clients = visible_clients(tiers_declarant).seen_by(tiers_declarant)
    DsnFiling.objects.filter(establishment__siret__endswith="0").update(filed_on=dt.date(2026, 10, 19))
    with CaptureQueriesContext(connection) as seen:
        opened = set(clients.open(NOW, first_day(NOW.date())).values_list("pk", flat=True))
    assert len(seen) == 1
    one_by_one = {client.pk for client in clients if client_access(client, at=NOW).allowed}
    assert opened == one_by_one
    assert 0 < len(opened) < MANY


@pytest.mark.parametrize("export", ["client_rate_export", "new_rate_export"])
def test_all_are_exported(export: str, ten_thousand: Portfolio, tiers_declarant: User) -> None:
    browser = logged_in(tiers_declarant)
    with CaptureQueriesContext(connection) as seen:
        response = browser.get(reverse(f"notifications:{export}", args=["csv"]))
        lines = io.BytesIO(content_of(response)).readlines()
    assert len(lines) == MANY + 1
    assert all(b";45.2BE;2,10;" in line for line in lines[1:])
    # Two queries for each chunk of five hundred, and a few for the person.
    assert len(seen) < 60
