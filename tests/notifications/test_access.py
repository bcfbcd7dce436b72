"""Who sees which notifications, and who gets the official document (G0.2, G0.6)."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from pytest_django import DjangoAssertNumQueries

from accounts.models import Establishment, User
from habilitations.models import EstablishmentDeclaration
from notifications.access import (
    archivable,
    badge,
    document_access,
    entitled_people,
    notification_access,
    notification_scope,
)
from notifications.actions import receipts
from notifications.models import Notification, Receipt
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.habilitations import DeclarationFactory, EstablishmentDeclarationFactory, HabilitationFactory
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


@pytest.mark.parametrize(
    ("person", "reason", "remedy"),
    [
        ("stranger", "Seule l'entreprise destinataire peut", "Demandez ce document à l'entreprise elle-même."),
        (
            "declarant_without_right",
            OWN,
            "Un administrateur de l'entreprise vous la donne dans « Gérer les habilitations ».",
        ),
    ],
)
def test_a_refused_document_says_what_to_do(
    person: str, reason: str, remedy: str, at_head_office: Notification, request: pytest.FixtureRequest
) -> None:
    decision = document_access(request.getfixturevalue(person), at_head_office, ON)
    assert (decision.reason.startswith(reason), decision.remedy) == (True, remedy)


def test_a_scope_says_whose_it_is(administrator: User, secondary_administrator: User, company: Company) -> None:
    scopes = [notification_scope(user, ON) for user in (administrator, secondary_administrator)]
    assert [(scope.user, scope.siren, scope.whole) for scope in scopes] == [
        (administrator, company.enterprise.siren, True),
        (secondary_administrator, company.enterprise.siren, False),
    ]
    assert [set(scope.places()) for scope in scopes] == [{company.head_office, company.secondary}, {company.secondary}]


@pytest.mark.parametrize("person", ["candidate", "declarant_without_right", "staff"])
def test_a_refused_scope_is_empty_whatever_is_asked_of_it(
    person: str, at_head_office: Notification, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(person)
    scope = notification_scope(user, ON)
    receipts.open_notification(notification=at_head_office, by=user, on=ON)
    lists = (scope.notifications(), scope.decisions(ON.date()), scope.places(), archivable(scope, ON))
    assert [list(rows) for rows in lists] == [[], [], [], []]


def test_a_list_tells_the_rates_that_wait_for_nobody(
    at_head_office: Notification,
    at_secondary: Notification,
    administrator: User,
    secondary_administrator: User,
    stranger: User,
) -> None:
    """Decision 0005: what was consulted, by anybody; somebody else's, consulted too, stays his."""
    theirs = NotificationFactory(decision__establishment=stranger.establishment)
    Notification.objects.update(published_at=ON)
    receipts.open_notification(notification=theirs, by=stranger, on=ON)
    head, second = (notification_scope(user, ON) for user in (administrator, secondary_administrator))
    assert [list(scope.decisions(ON.date())) for scope in (head, second)] == [[], []]
    assert [list(archivable(scope, ON)) for scope in (head, second)] == [[], []]
    receipts.open_notification(notification=at_secondary, by=administrator, on=ON)
    shown = at_secondary.decision
    assert [list(scope.decisions(ON.date())) for scope in (head, second)] == [[shown], [shown]]
    assert [list(archivable(scope, ON)) for scope in (head, second)] == [[at_secondary], [at_secondary]]
    receipts.open_notification(notification=at_head_office, by=administrator, on=ON)
    assert set(head.decisions(ON.date())) == {shown, at_head_office.decision}
    assert set(archivable(head, ON)) == {at_head_office, at_secondary}
    assert list(second.decisions(ON.date())) == [shown]


def told(*places: Establishment, at: dt.datetime = ON) -> dict[str, int]:
    """Return how many of these establishments each person is told of, by last name."""
    by_siren: dict[str, set[int]] = {}
    for place in places:
        by_siren.setdefault(place.enterprise_id, set()).add(place.pk)
    return {person.last_name: count for person, count in entitled_people(by_siren, at).items()}


def test_those_who_may_read_are_told_each_of_his_own(
    company: Company,
    administrator: User,
    secondary_administrator: User,
    declarant: User,
    declarant_without_right: User,
    candidate: User,
    suspended: User,
    stranger: User,
    staff: User,
) -> None:
    """G0.6, for many people at once."""
    both = (company.head_office, company.secondary)
    assert told(*both) == {"Le Goff": 2, "Muller": 1, "Kervella": 1}
    assert told(company.secondary) == {"Le Goff": 1, "Muller": 1}
    assert stranger.establishment is not None
    HabilitationFactory(user=declarant, establishment=company.secondary)
    assert told(*both, stranger.establishment) == {"Le Goff": 2, "Muller": 1, "Kervella": 2, "Étranger": 1}


def test_a_right_on_an_establishment_elsewhere_tells_of_nothing(
    company: Company, declarant_without_right: User, stranger: User
) -> None:
    assert stranger.establishment is not None
    HabilitationFactory(user=declarant_without_right, establishment=stranger.establishment)
    assert told(company.head_office, stranger.establishment) == {"Étranger": 1}


def test_who_is_suspended_is_told_of_nothing_whatever_his_rights(company: Company, declarant: User) -> None:
    assert told(company.head_office) == {"Kervella": 1}
    User.objects.filter(pk=declarant.pk).update(state=User.State.SUSPENDED)
    assert told(company.head_office) == {}


def test_a_right_on_another_declaration_tells_of_nothing(company: Company, declarant_without_right: User) -> None:
    """G1.4."""
    HabilitationFactory(user=declarant_without_right, declaration=DeclarationFactory(code="autre", label="Autre"))
    assert told(company.head_office) == {}


@pytest.mark.parametrize("others", [0, 2])
def test_telling_many_people_takes_three_queries(
    company: Company, declarant: User, others: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _person in range(others):
        HabilitationFactory(user__establishment=company.head_office)
    with django_assert_num_queries(3):
        assert len(told(company.head_office)) == 1 + others


def test_only_a_validated_first_address_is_told(company: Company, administrator: User, declarant: User) -> None:
    EmailAddress.objects.filter(user=administrator).update(verified=False)
    EmailAddress.objects.filter(user=declarant).update(primary=False)
    EmailAddress.objects.create(user=declarant, email="autre@exemple.example", verified=False, primary=True)
    assert told(company.head_office) == {}


def test_nobody_is_told_before_the_declaration_is_usable(
    company: Company, administrator: User, secondary_administrator: User, stranger: User
) -> None:
    """G2.8: an establishment's own registration opens it while the head office's delay runs, and no other."""
    assert stranger.establishment is not None
    third = EstablishmentFactory(enterprise=company.enterprise, number=3)
    UserFactory(establishment=third, administrator=True, last_name="Troisième")
    places = (company.head_office, company.secondary, third, stranger.establishment)
    opening = ON + dt.timedelta(hours=1)
    EstablishmentDeclaration.objects.update(opens_at=opening)
    assert told(*places) == {}
    EstablishmentDeclarationFactory(establishment=company.secondary)
    assert told(*places) == {"Le Goff": 1, "Muller": 1}
    assert told(*places, at=opening) == {"Le Goff": 3, "Muller": 1, "Troisième": 1, "Étranger": 1}
