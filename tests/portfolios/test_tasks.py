"""What tiers déclarants are told of their access, once each (G0.5)."""

import datetime as dt

import pytest
from django.core import mail

from accounts.models import JournalEntry, User
from portal import clock
from portfolios.models import Client, DsnFiling, DsnWindow
from portfolios.tasks import check_dsn_access
from tests.factories.accounts import UserFactory
from tests.factories.tiers import client_of, dsn_for


@pytest.fixture
def client(tiers_declarant: User) -> Client:
    assert tiers_declarant.establishment is not None
    return client_of(tiers_declarant.establishment.enterprise)


def told(monkeypatch: pytest.MonkeyPatch, day: str) -> list[str]:
    """Run the sweep twice on a day at noon; return the titles of what was told."""
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.fromisoformat(f"{day}T12:00:00+00:00"))
    mail.outbox.clear()
    check_dsn_access()
    check_dsn_access()
    lines = [line for sent in mail.outbox for line in sent.body.splitlines()]
    return [line.split(" (")[0] for line in lines if line.endswith("\N{NO-BREAK SPACE}:") and "(" in line]


OPENED, CLOSED, CLOSING = (
    "Ouverts par vos DSN",
    "Fermés, faute de DSN depuis trois mois",
    "Bientôt fermés, sans nouvelle DSN",
)


def test_a_window_is_told_open_then_closing_then_closed_once_each(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filed on 10 January: open to 10 April included."""
    dsn_for(client, dt.date(2027, 1, 10))
    days = [
        "2027-01-20",
        "2027-01-21",
        "2027-03-25",
        "2027-03-26",
        "2027-03-27",
        "2027-04-10",
        "2027-04-11",
        "2027-04-12",
    ]
    assert [told(monkeypatch, day) for day in days] == [[OPENED], [], [], [CLOSING], [], [], [CLOSED], []]


def test_a_new_dsn_goes_on_in_silence_and_opens_again_what_was_closed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn_for(client, dt.date(2027, 1, 10))
    told(monkeypatch, "2027-01-20")
    dsn_for(client, dt.date(2027, 2, 10))
    assert told(monkeypatch, "2027-02-10") == []
    assert told(monkeypatch, "2027-05-11") == [CLOSED]
    dsn_for(client, dt.date(2027, 5, 12))
    assert told(monkeypatch, "2027-05-12") == [OPENED]


def test_a_deposit_is_told_the_same_day(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, "2027-01-20") == []
    dsn_for(client, dt.date(2027, 1, 20))
    assert told(monkeypatch, "2027-01-20") == [OPENED]


def test_a_cancelled_dsn_closes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    dsn_for(client, dt.date(2027, 1, 10))
    told(monkeypatch, "2027-01-20")
    DsnFiling.objects.update(counts=False)
    assert told(monkeypatch, "2027-01-21") == [CLOSED]


def test_an_old_dsn_is_no_news(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    dsn_for(client, dt.date(2026, 5, 1))
    assert told(monkeypatch, "2027-01-20") == []
    assert not DsnWindow.objects.exists()


def test_every_active_administrator_is_told_and_nobody_else(
    client: Client, tiers_declarant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = UserFactory(establishment=tiers_declarant.establishment, administrator=True, last_name="Abalain")
    UserFactory(establishment=tiers_declarant.establishment)
    UserFactory(establishment=tiers_declarant.establishment, administrator=True, state=User.State.SUSPENDED)
    dsn_for(client)
    told(monkeypatch, "2027-01-20")
    assert [sent.to[0] for sent in mail.outbox] == [second.email, tiers_declarant.email]
    assert JournalEntry.objects.filter(verb="dsn.window").count() == 1


def test_many_clients_are_counted_and_fifty_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for _client in range(59):
        dsn_for(client_of(client.portfolio.enterprise))
    told(monkeypatch, "2027-01-20")
    body = mail.outbox[0].body
    assert ("(59)" in body, body.count("SIRET"), "et d'autres" in body) == (True, 50, True)


def test_a_client_in_two_portfolios_is_told_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client_of(client.portfolio.enterprise, client.establishment, name="Est")
    dsn_for(client)
    assert told(monkeypatch, "2027-01-20") == [OPENED]
    assert DsnWindow.objects.count() == 1
