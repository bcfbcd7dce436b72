"""The official document, for the enterprise alone (G0.2)."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import User
from notifications.actions import receipts
from notifications.models import Consultation, Notification, RateDecision, Receipt
from notifications.views import notification as views
from tests.factories.notifications import NotificationFactory
from tests.people import Company, logged_in

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


@pytest.fixture
def notification(company: Company, monkeypatch: pytest.MonkeyPatch) -> Notification:
    """A notification whose document is its number: what a PDF holds is another test's business."""

    def printed(decision: RateDecision) -> bytes:
        return f"%PDF {decision.number}".encode()

    monkeypatch.setattr(views, "sealed_decision_pdf", printed)
    return NotificationFactory(decision__establishment=company.head_office)


def url(notification: Notification) -> str:
    return reverse("notifications:notification_document", args=[notification.pk])


@pytest.mark.parametrize("person", ["administrator", "declarant"])
def test_an_entitled_person_downloads_what_he_has_opened(
    person: str, notification: Notification, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(person)
    receipts.open_notification(notification=notification, by=user, on=ON)
    response = logged_in(user).post(url(notification))
    number = f"AT-2027-{notification.decision_id:08d}"
    assert (response.status_code, response.content) == (200, f"%PDF {number}".encode())
    assert (response["Content-Type"], response["Content-Disposition"], response["Cache-Control"]) == (
        "application/pdf",
        f'attachment; filename="notification-{number}.pdf"',
        "no-store",
    )
    log = Consultation.objects.values_list("user", "way", "entitled")
    assert list(log) == [(user.pk, "opened", True), (user.pk, "downloaded", True)]


def test_a_get_leads_to_the_page_and_logs_nothing(administrator: User, notification: Notification) -> None:
    """A GET never writes, and no document goes out without its entry in the log."""
    receipts.open_notification(notification=notification, by=administrator, on=ON)
    response = logged_in(administrator).get(url(notification))
    assertRedirects(response, reverse("notifications:notification_detail", args=[notification.pk]))
    assert Consultation.objects.filter(way="downloaded").count() == 0


@pytest.mark.parametrize("verb", ["get", "post"])
def test_the_document_of_a_notification_never_opened_leads_to_its_cover(
    verb: str, administrator: User, notification: Notification
) -> None:
    """A GET cannot mark as read, and nobody has the rate without having opened it."""
    client = logged_in(administrator)
    response = getattr(client, verb)(url(notification), follow=True)
    assertRedirects(response, reverse("notifications:notification_detail", args=[notification.pk]))
    assertContains(response, "Ouvrez la notification\N{NO-BREAK SPACE}: vous pourrez ensuite télécharger son document.")
    assert (Receipt.objects.count(), Consultation.objects.count()) == (0, 0)


@pytest.mark.parametrize("person", ["secondary_administrator", "declarant_without_right", "candidate", "staff"])
def test_who_may_not_have_it_reads_the_rule(
    person: str, notification: Notification, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(person)
    receipts.open_notification(notification=notification, by=user, on=ON)
    assertContains(logged_in(user).post(url(notification)), "Règle G0.2 du guide", status_code=403)
    assert Consultation.objects.filter(way="downloaded").count() == 0


@pytest.mark.parametrize("person", ["stranger", "tiers_declarant"])
def test_somebody_elses_document_is_not_found(
    person: str, notification: Notification, request: pytest.FixtureRequest
) -> None:
    assert logged_in(request.getfixturevalue(person)).post(url(notification)).status_code == 404


def test_visitors_are_asked_to_log_in(notification: Notification) -> None:
    assertRedirects(Client().get(url(notification)), f"{reverse('account_login')}?next={url(notification)}")
