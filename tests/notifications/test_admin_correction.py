"""« Rectifier, changer ou annuler »: a form, then before and after, then one publication."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

from accounts.models import User
from notifications.models import RateDecision
from tests.conftest import NOW
from tests.factories.notifications import CollectiveRateFactory, NotificationFactory, RateDecisionFactory
from tests.people import Company, logged_in

RECTIFY = {"what": "rectify", "rate": "5,5", "mode": "mixed", "effective_on": "", "reason": "Accident requalifié"}


@pytest.fixture
def decision(company: Company) -> RateDecision:
    CollectiveRateFactory()
    RateDecisionFactory(establishment=company.head_office, effective_on=dt.date(2026, 1, 1), rate=Decimal(6))
    decision: RateDecision = NotificationFactory(decision__establishment=company.head_office).decision
    return decision


@pytest.fixture
def client(staff: User) -> Client:
    return logged_in(staff)


def url(decision: RateDecision) -> str:
    return reverse("admin:notifications_ratedecision_correct", args=[decision.pk])


def post(client: Client, decision: RateDecision, **values: str) -> Any:
    return client.post(url(decision), RECTIFY | values)


def taken() -> int:
    return RateDecision.objects.filter(effective_on__year=2027).count()


def test_the_decisions_page_leads_to_it(client: Client, decision: RateDecision) -> None:
    page = client.get(reverse("admin:notifications_ratedecision_change", args=[decision.pk]))
    assertContains(page, f'href="{url(decision)}"')
    assertContains(client.get(url(decision)), 'value="7,39"')


def test_before_and_after_are_shown_before_anything_is_written(client: Client, decision: RateDecision) -> None:
    page = post(client, decision)
    assertContains(page, "7,39")
    assertContains(page, "5,50")
    assertContains(page, "Accident requalifié")
    assertContains(page, 'name="confirmed"')
    assert taken() == 1


def test_once_confirmed_it_is_published_once(client: Client, decision: RateDecision) -> None:
    first = post(client, decision, confirmed="1")
    latest = RateDecision.objects.latest("id")
    assert first["Location"] == reverse("admin:notifications_ratedecision_change", args=[latest.pk])
    assert (latest.rate, latest.mode, latest.reason) == (Decimal("5.5"), "mixed", "Accident requalifié")
    assertContains(post(client, decision, confirmed="1"), "partez de la plus récente")
    assert taken() == 2


def test_a_cancellation_needs_no_rate(client: Client, decision: RateDecision) -> None:
    assertContains(post(client, decision, what="cancel", rate=""), "soit 6,00")
    post(client, decision, what="cancel", rate="", confirmed="1")
    assert RateDecision.objects.latest("id").nature == RateDecision.Nature.CANCELLATION


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"rate": ""}, "rate", "Écrivez le nouveau taux."),
        ({"rate": "abc"}, "rate", "abc"),
        ({"reason": " "}, "reason", "obligatoire"),
        ({"what": "change", "effective_on": "2027-01-01"}, "effective_on", "Choisissez un jour après le"),
        ({"what": "change"}, "effective_on", "Choisissez un jour après le"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    values: dict[str, str], field: str, message: str, client: Client, decision: RateDecision
) -> None:
    page = post(client, decision, **values, confirmed="1")
    assert message in str(page.context["form"].errors[field])
    assert taken() == 1


def test_staff_who_only_look_at_decisions_cannot_correct(decision: RateDecision) -> None:
    reader = User.objects.create_superuser("lecture", "lecture@exemple.example", "x", created_at=NOW)
    User.objects.filter(pk=reader.pk).update(is_superuser=False)
    reader = User.objects.get(pk=reader.pk)
    reader.user_permissions.add(Permission.objects.get(codename="view_ratedecision"))
    client = logged_in(reader)
    assert client.get(reverse("admin:notifications_ratedecision_change", args=[decision.pk])).status_code == 200
    assert (client.get(url(decision)).status_code, post(client, decision, confirmed="1").status_code) == (403, 403)
    assert taken() == 1
