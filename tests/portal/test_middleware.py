"""What every request gets: the journal knows where a change came from, and nothing is kept by a shared cache."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.actions.people import suspend_user
from accounts.models import JournalEntry, User
from notifications.models import Receipt
from portal import clock
from portal.kit.origin import origin
from tests.conftest import NOW
from tests.factories.notifications import NotificationFactory
from tests.people import Company


def opened_from(user: User, company: Company, **given: str) -> str:
    """Open a notification in a browser, and return where the journal says it was."""
    notification = NotificationFactory(decision__establishment=company.head_office)
    client = Client()
    client.force_login(user)
    client.post(reverse("notifications:notification_open", args=[notification.pk]), **given)
    assert Receipt.objects.count() == 1
    return JournalEntry.objects.get().source


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_the_journal_says_from_where(administrator: User, company: Company, address: str) -> None:
    assert opened_from(administrator, company, REMOTE_ADDR=address) == address


def test_a_forged_header_is_not_believed(administrator: User, company: Company) -> None:
    """Nobody stands in front of the portal unless the operator says so."""
    assert opened_from(administrator, company, HTTP_X_FORWARDED_FOR="192.0.2.7") == "127.0.0.1"


def test_the_next_change_is_not_given_the_address_of_the_last_request(administrator: User, company: Company) -> None:
    opened_from(administrator, company, REMOTE_ADDR="192.0.2.7")
    assert origin.get() == ""
    suspend_user(user=administrator, by=None, on=NOW, even_last=True)
    assert JournalEntry.objects.latest("id").source == ""


@pytest.mark.parametrize("who", ["administrator", "staff"])
def test_a_page_of_somebody_is_never_kept(request: pytest.FixtureRequest, who: str) -> None:
    client = Client()
    client.force_login(request.getfixturevalue(who))
    address = "/gestion/" if who == "staff" else "/menu/"
    assert "no-store" in client.get(address)["Cache-Control"]


def test_search_engines_and_other_origins_are_kept_out(client: Client, db: None) -> None:
    headers = client.get("/").headers
    assert (headers["X-Robots-Tag"], headers["Cross-Origin-Resource-Policy"]) == ("noindex, nofollow", "same-origin")


@pytest.mark.parametrize(("hours", "out"), [(0, False), (11.9, False), (12, True), (30, True)])
def test_a_session_ends_after_twelve_hours_however_busy(
    administrator: User,
    monkeypatch: pytest.MonkeyPatch,
    hours: float,
    *,
    out: bool,
    settings: Settings,
) -> None:
    settings.SESSION_LONGEST_SECONDS = 12 * 3600
    client = Client()
    client.force_login(administrator)
    for so_far in (hours / 2, hours):
        monkeypatch.setattr(clock, "real_now", lambda so_far=so_far: NOW + dt.timedelta(hours=so_far))
        answer = client.get("/menu/")
    key = client.cookies["sessionid"].value
    if out:
        assert answer["Location"] == "/connexion/?next=/menu/"
    assert (answer.status_code == 302, key == "") == (out, out)
