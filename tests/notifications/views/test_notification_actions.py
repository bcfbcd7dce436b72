"""Opening, archiving, deleting and undoing, by POST alone (G5.5, G5.6)."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import JournalEntry, User
from notifications.models import Notification, Receipt
from tests.factories.notifications import NotificationFactory
from tests.people import Company, logged_in

LIST = reverse("notifications:notification_list")
NAMES = [
    "notification_open",
    "notification_archive",
    "notification_unarchive",
    "notification_delete",
    "notification_restore",
]


@pytest.fixture
def notification(company: Company) -> Notification:
    return NotificationFactory(decision__establishment=company.head_office)


@pytest.fixture
def client(administrator: User) -> Client:
    return logged_in(administrator)


def url(name: str, notification: Notification) -> str:
    return reverse(f"notifications:{name}", args=[notification.pk])


def state(user: User) -> str:
    return Notification.objects.seen_by(user).get().state


def test_opening_marks_as_read_and_shows_the_rate(
    client: Client, notification: Notification, administrator: User
) -> None:
    response = client.post(url("notification_open", notification), follow=True)
    assertRedirects(response, url("notification_detail", notification))
    assertContains(response, "Votre taux AT/MP")
    assert state(administrator) == "read"


@pytest.mark.parametrize(
    ("name", "message", "undo", "after"),
    [
        ("notification_archive", "Notification archivée.", "notification_unarchive", "archived"),
        ("notification_delete", "Notification supprimée.", "notification_restore", "deleted"),
    ],
)
def test_putting_away_says_so_and_can_be_undone(
    name: str,
    message: str,
    undo: str,
    after: str,
    client: Client,
    notification: Notification,
    administrator: User,
) -> None:
    """The button of the message brings everything back as it was."""
    response = client.post(url(name, notification), follow=True)
    assertRedirects(response, LIST)
    assertContains(response, message)
    assertContains(response, f'action="{url(undo, notification)}"')
    assert state(administrator) == after
    client.post(url(undo, notification))
    assert (state(administrator), Receipt.objects.count()) == ("unread", 0)


def test_taking_out_of_the_archive_and_restoring_say_so(client: Client, notification: Notification) -> None:
    for name in ("notification_archive", "notification_unarchive", "notification_delete", "notification_restore"):
        response = client.post(url(name, notification))
    said = [(message.message, message.extra_tags) for message in get_messages(response.wsgi_request)]
    assert said == [
        ("Notification archivée.", f"undo:{url('notification_unarchive', notification)}"),
        ("Notification désarchivée.", f"undo:{url('notification_archive', notification)}"),
        ("Notification supprimée.", f"undo:{url('notification_restore', notification)}"),
        ("Notification rétablie.", ""),
    ]


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        (f"{LIST}?etat=non-lues&apres=abc", f"{LIST}?etat=non-lues&apres=abc"),
        ("", LIST),
        ("https://ailleurs.example/", LIST),
        ("//ailleurs.example/", LIST),
        ("javascript:alert(1)", LIST),
    ],
)
def test_the_person_goes_back_where_he_was_and_nowhere_else(
    target: str, reached: str, client: Client, notification: Notification
) -> None:
    response = client.post(url("notification_archive", notification), {"next": target})
    assert (response.status_code, response["Location"]) == (302, reached)


@pytest.mark.parametrize("name", NAMES)
def test_a_get_changes_nothing(name: str, client: Client, notification: Notification) -> None:
    assert client.get(url(name, notification)).status_code == 405
    assert (Receipt.objects.count(), JournalEntry.objects.count()) == (0, 0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("stranger", 404),
        ("tiers_declarant", 404),
        ("secondary_administrator", 403),
        ("declarant_without_right", 403),
        ("candidate", 403),
        ("staff", 403),
    ],
)
def test_who_has_no_right_changes_nothing(
    name: str, person: str, status: int, notification: Notification, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(person)
    assert logged_in(user).post(url(name, notification)).status_code == status
    assert (Receipt.objects.count(), JournalEntry.objects.count()) == (0, 0)


@pytest.mark.parametrize("name", NAMES)
def test_a_form_without_its_token_is_refused(name: str, notification: Notification, administrator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)
    assert client.post(url(name, notification)).status_code == 403
    assert Receipt.objects.count() == 0
