"""Who sees which notifications, and who gets the official document (G0.2, G0.6)."""

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from habilitations.models import EstablishmentDeclaration
from notifications.access import badge, document_access, notification_access, notification_scope
from notifications.actions import receipts
from notifications.models import Notification, Receipt
from tests.factories.habilitations import HabilitationFactory
from tests.factories.notifications import NotificationFactory, several
from tests.people import Company

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
OWN = "Le document officiel est réservé aux personnes habilitées de l'entreprise."


@pytest.fixture
def at_head_office(company: Company) -> Notification:
    return NotificationFactory(decision__establishment=company.head_office)


@pytest.fixture
def at_secondary(company: Company) -> Notification:
    return NotificationFactory(decision__establishment=company.secondary)


def seen(user: User) -> list[Notification]:
    return list(notification_scope(user, ON).notifications().order_by("id"))


def test_an_administrator_of_the_head_office_sees_the_whole_enterprise(
    at_head_office: Notification, at_secondary: Notification, administrator: User, stranger: User
) -> None:
    """G0.6: multi = head office + secondary SIRETs. Somebody else's notification is there, and not seen."""
    theirs = NotificationFactory(decision__establishment=stranger.establishment)
    assert seen(administrator) == [at_head_office, at_secondary]
    assert seen(stranger) == [theirs]


def test_an_administrator_of_a_secondary_establishment_sees_that_one_only(
    at_head_office: Notification, at_secondary: Notification, secondary_administrator: User
) -> None:
    assert seen(secondary_administrator) == [at_secondary]


def test_a_declarant_sees_the_establishments_he_has_rights_on(
    at_head_office: Notification, at_secondary: Notification, declarant: User, company: Company
) -> None:
    assert seen(declarant) == [at_head_office]
    HabilitationFactory(user=declarant, establishment=company.secondary)
    assert seen(declarant) == [at_head_office, at_secondary]


@pytest.mark.parametrize(
    ("person", "rule"), [("declarant_without_right", "G1.4"), ("candidate", "G4.1"), ("staff", "G0.2")]
)
def test_who_has_no_right_sees_nothing_and_learns_why(
    person: str, rule: str, at_head_office: Notification, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(person)
    scope = notification_scope(user, ON)
    assert (scope.decision.allowed, scope.decision.rule, seen(user), badge(user, ON)) == (False, rule, [], 0)


def test_a_notification_waits_for_the_access_delay(at_head_office: Notification, administrator: User) -> None:
    """G2.8."""
    EstablishmentDeclaration.objects.update(opens_at=ON + dt.timedelta(hours=1))
    assert (seen(administrator), notification_scope(administrator, ON).decision.rule) == ([], "G2.8")
    assert notification_access(administrator, at_head_office, ON).rule == "G2.8"


def test_the_badge_counts_what_was_neither_read_nor_archived_nor_deleted(
    company: Company, administrator: User, declarant: User
) -> None:
    """G5.2; trust.md: neither archived nor deleted ones count."""
    ones = several(5, company.head_office)
    receipts.open_notification(notification=ones[0], by=administrator, on=ON)
    receipts.archive(notification=ones[1], by=administrator, on=ON)
    receipts.delete(notification=ones[2], by=administrator, on=ON)
    assert (badge(administrator, ON), badge(declarant, ON)) == (2, 5)


def test_the_badge_stops_counting_at_a_hundred(company: Company, administrator: User) -> None:
    several(101, company.head_office)
    assert badge(administrator, ON) == 100
    Receipt.objects.bulk_create(
        Receipt(user=administrator, notification=one, read_at=ON) for one in Notification.objects.all()[:2]
    )
    assert badge(administrator, ON) == 99


@pytest.mark.parametrize(
    ("person", "queries"), [("administrator", 2), ("secondary_administrator", 2), ("declarant", 2)]
)
def test_the_badge_takes_few_queries(
    person: str,
    queries: int,
    at_head_office: Notification,
    request: pytest.FixtureRequest,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = request.getfixturevalue(person)
    with django_assert_num_queries(queries):
        badge(user, ON)


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ("administrator", ""),
        ("declarant", ""),
        ("secondary_administrator", f"{OWN} Vous n'avez pas d'habilitation au « Compte AT/MP »."),
        ("declarant_without_right", f"{OWN} Vous n'avez pas d'habilitation au « Compte AT/MP »."),
        ("candidate", f"{OWN} Votre inscription comme administrateur n'est pas encore acceptée."),
        ("stranger", "Seule l'entreprise destinataire peut télécharger le document officiel de notification."),
        ("tiers_declarant", "Seule l'entreprise destinataire peut télécharger le document officiel de notification."),
        ("staff", "Seule l'entreprise destinataire peut télécharger le document officiel de notification."),
    ],
)
def test_the_document_is_for_entitled_people_of_the_enterprise_only(
    person: str, reason: str, at_head_office: Notification, request: pytest.FixtureRequest
) -> None:
    """G0.2."""
    decision = document_access(request.getfixturevalue(person), at_head_office, ON)
    assert (decision.allowed, decision.rule, decision.reason) == (not reason, "G0.2" if reason else "", reason)


def test_the_document_waits_for_the_access_delay_too(at_head_office: Notification, administrator: User) -> None:
    EstablishmentDeclaration.objects.update(opens_at=ON + dt.timedelta(hours=1))
    assert document_access(administrator, at_head_office, ON).rule == "G0.2"
