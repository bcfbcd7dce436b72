"""« Ce qui s'est passé »: everything that fell due, each with the page that shows it."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Mail
from habilitations.models import Cooptation
from notifications.actions.receipts import open_notification
from notifications.models import Notification
from portfolios.models import DsnWindow
from sandbox import report
from sandbox.report import what_happened
from tests.conftest import NOW
from tests.factories.notifications import several
from tests.people import Company
from tests.sandbox.test_advance import advance, busy, days

__all__ = ["busy"]


def told(count: int) -> dict[str, int]:
    return {group.title: group.count for group in what_happened(advance(days(count)))}


def test_everything_that_fell_due_is_told(busy: None) -> None:
    """Two candidates; one registration; the demo's access delay; a letter; a firm's client warned of, then closed."""
    firm = {"depositor__name": "Cabinet Pétrel"}
    move = advance(days(85))
    groups = {group.title: group for group in what_happened(move)}
    counts = {title: group.count for title, group in groups.items()}
    assert counts["Candidats expirés"] == Cooptation.objects.filter(status="expired").count() == 2
    assert counts["Inscriptions jamais validées, effacées"] == 1
    assert counts["Accès ouverts"] == 1
    assert counts["Lettres postées ou arrivées"] == 1
    assert counts["Courriels envoyés"] == Mail.objects.filter(created_at__gt=NOW).count() > 8
    assert DsnWindow.objects.filter(**firm, closed_on=dt.date(2027, 4, 11)).exists()
    for title in ("Accès par DSN fermés", "Fermetures par DSN annoncées"):
        assert len([event for event in groups[title].events if event.text.startswith("Cabinet Pétrel ")]) == 1


def test_each_line_says_when_and_leads_somewhere(busy: None) -> None:
    groups = what_happened(advance(days(85)))
    events = [event for group in groups for event in group.events]
    assert [event for event in events if not (event.when and event.text and event.url.startswith("/"))] == []
    [opened] = [event for group in groups if group.title == "Accès ouverts" for event in group.events]
    assert opened.when == "21 janvier 2027 à 10\xa0h\xa000"
    assert opened.text.startswith("« Compte AT/MP » est utilisable : Aide à domicile")


def test_a_move_tells_only_what_fell_due_in_it(busy: None) -> None:
    advance(days(16))
    assert told(1) == {}


@pytest.mark.parametrize(("wait", "deemed"), [(15, {}), (16, {"Notifications réputées notifiées": 1})])
def test_a_notification_is_deemed_notified_once_its_fifteenth_day_is_over(
    company: Company, wait: int, deemed: dict[str, int]
) -> None:
    """domain.md, section 3: made available on the 20th, it can be read in time until the end of 4 February."""
    [one] = several(1, company.head_office)
    Notification.objects.filter(pk=one.pk).update(published_at=NOW - dt.timedelta(hours=1))
    assert told(wait) == deemed


def test_one_that_was_opened_is_not(company: Company, administrator: Any) -> None:
    [one] = several(1, company.head_office)
    Notification.objects.filter(pk=one.pk).update(published_at=NOW - dt.timedelta(hours=1))
    open_notification(notification=one, by=administrator, on=NOW)
    assert told(16) == {}


def test_a_long_list_is_counted_and_its_first_lines_named(busy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_NAMED", 2)
    groups = {group.title: (group.count, len(group.events)) for group in what_happened(advance(days(85)))}
    mails = Mail.objects.filter(created_at__gt=NOW).count()
    assert (groups["Courriels envoyés"], groups["Accès ouverts"]) == ((mails, 2), (1, 1))


def test_its_queries_do_not_grow_with_what_happened(busy: None) -> None:
    short, long = advance(days(1)), advance(days(84))
    counts = []
    for move in (short, long):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            what_happened(move)
        counts.append(len(queries))
    assert counts == [10, 10]
