"""« Tableau de bord » of a campaign: every decision in one state, and what the unregistered would owe."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains

from accounts.models import Headcount, User
from notifications.actions import receipts
from notifications.admin import follow_up as board
from notifications.models import Campaign, RateDecision
from notifications.models.follow_up import day_bars, follow_up
from tests.factories.accounts import EstablishmentFactory
from tests.factories.notifications import CampaignFactory, NotificationFactory, RateDecisionFactory
from tests.people import Company, logged_in
from tests.workbooks import content_of

TODAY = dt.date(2027, 1, 20)
EFFECT = dt.date(2026, 1, 1)
RECENT = dt.datetime(2027, 1, 18, 8, tzinfo=dt.UTC)
# 23:30 UTC on the 18th is the 19th in Paris.
LATE = dt.datetime(2027, 1, 18, 23, 30, tzinfo=dt.UTC)


@pytest.fixture
def campaign(company: Company, administrator: User) -> Campaign:
    """Two consulted, one deemed, one waiting, three on paper of which one registered and one without headcount."""
    made: Campaign = CampaignFactory(name="Campagne 2026", notified=4, on_paper=3)
    places = [company.head_office, company.secondary]
    for number, place in enumerate(places):
        seen = NotificationFactory(
            decision__campaign=made, decision__establishment=place, decision__effective_on=EFFECT
        )
        for at in (LATE, LATE + dt.timedelta(hours=12 * number + 1)):
            receipts.take_document(notification=seen, by=administrator, on=at)
    NotificationFactory(decision__campaign=made, decision__effective_on=EFFECT)
    NotificationFactory(decision__campaign=made, decision__effective_on=EFFECT, published_at=RECENT)
    for place in (company.head_office, EstablishmentFactory(), EstablishmentFactory()):
        RateDecisionFactory(
            campaign=made, establishment=place, effective_on=EFFECT, channel="paper", code_risque="55.3AC"
        )
    known = place.enterprise
    Headcount.objects.create(enterprise=known, year=2025, headcount=20)
    Headcount.objects.create(enterprise=known, year=2027, headcount=200)
    return made


@pytest.fixture
def client(staff: User) -> Client:
    return logged_in(staff)


def url(campaign: Campaign) -> str:
    return reverse("admin:notifications_campaign_dashboard", args=[campaign.pk])


def export(client: Client, campaign: Campaign, what: str) -> list[str]:
    address = reverse("admin:notifications_campaign_export", args=[campaign.pk, what, "csv"])
    return content_of(client.get(address)).decode("utf-8-sig").splitlines()


def test_every_decision_is_in_one_state(campaign: Campaign) -> None:
    state = follow_up(campaign, TODAY)
    assert (state.notified, state.consulted, state.deemed, state.waiting, state.on_paper) == (4, 2, 1, 1, 3)


def test_it_counts_who_cannot_be_told(campaign: Campaign, administrator: User) -> None:
    """The two of other enterprises have nobody; of three letters one lacks its town, one its street."""
    decisions = RateDecision.objects.filter(channel="paper").order_by("id")
    for decision, address in zip(decisions, ("1 RUE X\n29200 ", "\n29200 BREST", "1 RUE X\n29200 BREST"), strict=True):
        RateDecision.objects.filter(pk=decision.pk).update(address=address)
    state = follow_up(campaign, TODAY)
    assert (state.unreachable, state.no_address) == (2, 2)
    EmailAddress.objects.update(verified=False)
    assert follow_up(campaign, TODAY).unreachable == 4


def test_the_letters_say_which_cannot_leave(client: Client, campaign: Campaign) -> None:
    RateDecision.objects.filter(channel="paper").update(address="1 RUE X\n29200 BREST")
    first = RateDecision.objects.filter(channel="paper").order_by("id")[0]
    RateDecision.objects.filter(pk=first.pk).update(address="\n29200 BREST")
    rows = [line.split(";") for line in export(client, campaign, "courrier")[1:]]
    assert [(row[3], row[6]) for row in rows] == [("29200 BREST", "oui")] + [("1 RUE X, 29200 BREST", "")] * 2


def test_days_without_any_are_shown_and_the_late_ones_together() -> None:
    first = dt.date(2027, 1, 4)
    drawn = day_bars({first: 2, first + dt.timedelta(days=2): 1, first + dt.timedelta(days=40): 3})
    assert [bar.count for bar in drawn] == [2, 0, 1, *[0] * 37, 3]
    assert (drawn[1].label, drawn[-1].label) == ("5 janvier 2027", "plus tard")
    assert day_bars({}) == []


def test_first_consultations_are_counted_by_day_of_paris(campaign: Campaign) -> None:
    assert [(bar.label, bar.count) for bar in follow_up(campaign, TODAY).days] == [("19 janvier 2027", 2)]


def test_the_unregistered_owe_by_the_headcount_known_in_the_year_of_effect(campaign: Campaign) -> None:
    state = follow_up(campaign, TODAY)
    assert (state.year, state.enterprises, state.unknown, state.penalties) == (2026, 2, 1, 20 * 41)


def test_a_year_without_amounts_says_so(client: Client, campaign: Campaign) -> None:
    campaign.decisions.update(effective_on=dt.date(2027, 1, 1))
    assert follow_up(campaign, TODAY).penalties is None
    assertContains(client.get(url(campaign)), "Les montants de 2027 ne sont pas connus du portail.")


def test_the_campaigns_page_leads_to_it(client: Client, campaign: Campaign) -> None:
    page = client.get(reverse("admin:notifications_campaign_change", args=[campaign.pk]))
    assertContains(page, f'href="{url(campaign)}"')
    assertContains(client.get(url(campaign)), "820&nbsp;€")


def test_its_exports_have_a_line_each(client: Client, campaign: Campaign) -> None:
    notified = export(client, campaign, "notifications")
    assert [line.split(";")[5] for line in notified] == [
        "état", "consultée", "consultée", "réputée notifiée", "à ouvrir",
    ]  # fmt: skip
    penalties = export(client, campaign, "penalites")
    assert [line.split(";")[2:] for line in penalties[1:]] == [["", "", "", ""], ["20", "41", "820", ""]]
    assert client.get(url(campaign).replace("tableau-de-bord/", "tableau-de-bord/autre.csv")).status_code == 404


def test_a_workbook_of_too_many_rows_is_not_offered(
    client: Client, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "MOST_XLSX_ROWS", 3)
    hrefs = re.findall(r'href="[^"]+/tableau-de-bord/(\w+\.\w+)"', client.get(url(campaign)).content.decode())
    assert hrefs == ["notifications.csv", "courrier.csv", "courrier.xlsx", "penalites.csv", "penalites.xlsx"]
    assert client.get(f"{url(campaign)}notifications.xlsx").status_code == 404


def test_only_staff_see_it(campaign: Campaign, administrator: User) -> None:
    assert logged_in(administrator).get(url(campaign)).status_code == 403


@pytest.mark.parametrize("count", [1, 30])
def test_it_takes_the_same_queries_whatever_the_number(
    count: int, client: Client, campaign: Campaign, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(count):
        NotificationFactory(decision__campaign=campaign)
    with django_assert_num_queries(9):
        client.get(url(campaign))
