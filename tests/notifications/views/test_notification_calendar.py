"""« Ajouter à mon agenda »: the legal dates as a calendar file (domain.md, section 3)."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import JournalEntry, User
from notifications.actions import receipts
from notifications.models import Consultation, Notification, Receipt
from notifications.rules import Policy
from portal import clock
from tests.factories.notifications import NotificationFactory
from tests.people import Company, logged_in

DAY_0 = dt.datetime(2027, 1, 4, 9, tzinfo=dt.UTC)
CHALLENGE = "Dernier jour pour contester un taux AT/MP"
EARLIEST = ("20270304", f"{CHALLENGE}\\, au plus tôt")
OPENING = ("20270119", "Dernier jour pour ouvrir une notification de taux AT/MP")


@pytest.fixture
def notification(company: Company) -> Notification:
    return NotificationFactory(decision__establishment=company.head_office, published_at=DAY_0)


def url(notification: Notification) -> str:
    return reverse("notifications:notification_calendar", args=[notification.pk])


def events(client: Client, notification: Notification) -> list[tuple[str, str]]:
    """Return (day, title) of each event."""
    content = client.get(url(notification)).content.decode().replace("\r\n ", "")
    return re.findall(r"DTSTART;VALUE=DATE:(\d+)\r\n.*?SUMMARY:([^\r]*)\r\n", content, flags=re.S)


@pytest.mark.parametrize(
    ("today", "opened_after", "policy", "expected"),
    [
        (5, None, Policy.AVAILABILITY, [OPENING, EARLIEST]),
        (15, None, Policy.AVAILABILITY, [OPENING, EARLIEST]),
        (16, None, Policy.AVAILABILITY, [("20270304", CHALLENGE)]),
        (16, None, Policy.FIFTEENTH_DAY, [("20270319", CHALLENGE)]),
        (5, 3, Policy.AVAILABILITY, [("20270307", CHALLENGE)]),
        (40, 20, Policy.FIRST_CONSULTATION, [("20270324", CHALLENGE)]),
    ],
)
def test_the_file_holds_the_days_that_are_still_to_come(
    today: int,
    opened_after: int | None,
    policy: Policy,
    expected: list[tuple[str, str]],
    notification: Notification,
    administrator: User,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.NOTIFICATION_POLICY = policy
    if opened_after is not None:
        on = DAY_0 + dt.timedelta(days=opened_after)
        receipts.open_notification(notification=notification, by=administrator, on=on)
    monkeypatch.setattr(clock, "real_now", lambda: DAY_0 + dt.timedelta(days=today))
    assert events(logged_in(administrator), notification) == expected


def test_the_file_names_the_place_and_the_rule_and_not_the_rate(
    notification: Notification, administrator: User
) -> None:
    response = logged_in(administrator).get(url(notification))
    content = response.content.decode().replace("\r\n ", "").replace("\N{NO-BREAK SPACE}", " ")
    assert "Belharra Logistique\\, SIRET 982 820 011 00012\\nRéputée notifiée le 4 janvier 2027\\, jour" in content
    assert f"URL:http://localhost:8000{reverse('notifications:notification_detail', args=[notification.pk])}" in content
    assert "7,39" not in content
    assert (response["Content-Type"], response["Content-Disposition"]) == (
        "text/calendar; charset=utf-8",
        f'attachment; filename="dates-notification-{notification.pk}.ics"',
    )


def test_taking_it_is_no_consultation(notification: Notification, administrator: User) -> None:
    logged_in(administrator).get(url(notification))
    assert (Receipt.objects.count(), Consultation.objects.count(), JournalEntry.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("person", ["stranger", "tiers_declarant"])
def test_somebody_elses_dates_are_not_found(
    person: str, notification: Notification, request: pytest.FixtureRequest
) -> None:
    assert logged_in(request.getfixturevalue(person)).get(url(notification)).status_code == 404


@pytest.mark.parametrize("person", ["secondary_administrator", "declarant_without_right", "candidate", "staff"])
def test_who_has_no_right_reads_the_rule(
    person: str, notification: Notification, request: pytest.FixtureRequest
) -> None:
    response = logged_in(request.getfixturevalue(person)).get(url(notification))
    assertContains(response, "du guide", status_code=403)


def test_visitors_are_asked_to_log_in(notification: Notification) -> None:
    assertRedirects(Client().get(url(notification)), f"{reverse('account_login')}?next={url(notification)}")
