"""Mails about legal dates: to whom, when, once each, a person at a time (domain.md, section 3)."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.core.mail import EmailMessage
from django.db import IntegrityError, connection
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.actions.imports import work_once
from accounts.models import ImportFile, JournalEntry, Mail, User
from habilitations.models import EstablishmentDeclaration
from notifications import emails
from notifications.access import entitled_people, notification_scope
from notifications.actions import notices, receipts
from notifications.actions.campaign import RATES, create_campaign, publish_campaign
from notifications.models import Campaign, Notice, NoticeKind, NoticeRound, Notification
from notifications.rules import Policy
from notifications.tasks import tell_legal_dates
from portal import clock
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.notifications import (
    CampaignFactory,
    CollectiveRateFactory,
    NotificationFactory,
    RateDecisionFactory,
)
from tests.people import Company

DAY_0 = dt.datetime(2027, 1, 4, 8, tzinfo=dt.UTC)
CAST = [
    "administrator",
    "secondary_administrator",
    "declarant",
    "declarant_without_right",
    "candidate",
    "suspended",
    "stranger",
    "tiers_declarant",
    "staff",
]


@pytest.fixture(autouse=True)
def outbox(settings: Settings) -> None:
    """Mails are written down, as they are outside the tests."""
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"


@pytest.fixture
def campaign(company: Company) -> Campaign:
    """A campaign published on 4 January 2027 for both establishments of the company."""
    campaign = CampaignFactory(import_file__ordered_at=DAY_0, import_file__applied_at=DAY_0)
    for place in (company.head_office, company.secondary):
        NotificationFactory(decision__establishment=place, decision__campaign=campaign, published_at=DAY_0)
    return campaign


def day(number: int) -> dt.datetime:
    """Return nine o'clock in Paris so many days after the publication."""
    return DAY_0 + dt.timedelta(days=number)


def sweep(number: int, policy: Policy = Policy.AVAILABILITY) -> list[tuple[str, str]]:
    """Do all that is due on that day; return (address, subject) of the new mails."""
    last = Mail.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    for _step in range(1000):
        if not notices.tell_next(on=day(number), policy=policy):
            new = Mail.objects.filter(pk__gt=last).order_by("pk")
            return [(mail.recipient, mail.subject.removeprefix("[SIMULATEUR] ")) for mail in new]
    raise AssertionError("the sweep never ends")


def test_every_entitled_person_gets_one_mail_whatever_the_number_of_establishments(
    campaign: Campaign, request: pytest.FixtureRequest
) -> None:
    """Never a tiers déclarant, the staff, a candidate, or who has no right."""
    people = {name: request.getfixturevalue(name) for name in CAST}
    sweep(0)
    told = {notice.user: notice.establishments for notice in Notice.objects.select_related("user")}
    assert told == {people["administrator"]: 2, people["secondary_administrator"]: 1, people["declarant"]: 1}
    assert sorted(Mail.objects.values_list("recipient", flat=True)) == sorted(person.email for person in told)


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize("by", ["the head office", "the place", "nobody"])
def test_who_is_told_is_who_sees_them(
    name: str, by: str, campaign: Campaign, company: Company, request: pytest.FixtureRequest
) -> None:
    """For many at once what `notification_scope` says of one."""
    people = {name: request.getfixturevalue(name) for name in CAST}
    registered = EstablishmentDeclaration.objects.filter(establishment=company.head_office)
    if by == "the place":
        registered.update(establishment=company.secondary)
    elif by == "nobody":
        registered.delete()
    places = {company.enterprise.pk: {company.head_office.pk, company.secondary.pk}}
    seen = notification_scope(people[name], DAY_0).notifications().filter(campaign=campaign).count()
    assert entitled_people(places, DAY_0).get(people[name], 0) == seen


def test_the_notice_of_deposit_says_day_contact_and_fifteen_days(campaign: Campaign, administrator: User) -> None:
    sweep(0)
    text = Mail.objects.get().text.replace("\N{NO-BREAK SPACE}", " ")
    assert "a été mise à disposition le 4 janvier 2027 pour 2 établissements de votre entreprise, Belharra" in text
    assert "Vous avez jusqu'au 19 janvier 2027 pour ouvrir." in text
    assert "réputée notifiée le 4 janvier 2027, et n'est plus contestable après le 4 mars 2027." in text
    assert "tarification@atelier.example" in text
    assert "7,39" not in text


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (Policy.AVAILABILITY, "réputée notifiée le 4 janvier 2027, et n'est plus contestable après le 4 mars 2027."),
        (Policy.FIFTEENTH_DAY, "réputée notifiée le 19 janvier 2027, et n'est plus contestable après le 19 mars 2027."),
        (
            Policy.FIRST_CONSULTATION,
            "réputée notifiée le 4 janvier 2027, et n'est plus contestable après le 4 mars 2027, "
            "sauf si quelqu'un l'ouvre entre-temps.",
        ),
    ],
)
def test_each_policy_has_its_warning(policy: Policy, told: str, campaign: Campaign, administrator: User) -> None:
    sweep(0, policy)
    assert told in Mail.objects.get().text


DEPOSIT = "Avis de dépôt : votre taux AT/MP"
OPEN = "Rappel : taux AT/MP à ouvrir jusqu'au 19 janvier 2027"


@pytest.mark.parametrize(
    ("policy", "opened", "expected"),
    [
        (Policy.AVAILABILITY, None, [(0, DEPOSIT), (10, OPEN), (44, "4 mars 2027")]),
        (Policy.FIFTEENTH_DAY, None, [(0, DEPOSIT), (10, OPEN), (59, "19 mars 2027")]),
        (Policy.FIRST_CONSULTATION, None, [(0, DEPOSIT), (10, OPEN), (44, "4 mars 2027")]),
        (Policy.AVAILABILITY, 3, [(0, DEPOSIT), (47, "7 mars 2027")]),
        (Policy.AVAILABILITY, 15, [(0, DEPOSIT), (10, OPEN), (59, "19 mars 2027")]),
        (Policy.AVAILABILITY, 16, [(0, DEPOSIT), (10, OPEN), (44, "4 mars 2027")]),
        (Policy.FIRST_CONSULTATION, 16, [(0, DEPOSIT), (10, OPEN), (60, "20 mars 2027")]),
        # Consulted late, after a first reminder: the new end has its own.
        (Policy.FIRST_CONSULTATION, 50, [(0, DEPOSIT), (10, OPEN), (44, "4 mars 2027"), (94, "23 avril 2027")]),
    ],
)
def test_day_after_day_each_thing_is_told_once(
    policy: Policy,
    opened: int | None,
    expected: list[tuple[int, str]],
    campaign: Campaign,
    administrator: User,
) -> None:
    told = []
    for number in range(120):
        told += [(number, subject) for _to, subject in sweep(number, policy)]
        if number == opened:
            for notification in Notification.objects.all():
                receipts.open_notification(notification=notification, by=administrator, on=day(number))
    named = [
        (number, end if end in (DEPOSIT, OPEN) else f"Rappel : taux AT/MP contestable jusqu'au {end}")
        for number, end in expected
    ]
    assert [(number, subject.replace("\N{NO-BREAK SPACE}", " ")) for number, subject in told] == named


def test_a_reminder_counts_only_what_is_still_unread(
    campaign: Campaign, company: Company, administrator: User, declarant: User
) -> None:
    sweep(0)
    read = Notification.objects.get(establishment=company.head_office)
    receipts.open_notification(notification=read, by=administrator, on=day(2))
    assert [to for to, _subject in sweep(12)] == [administrator.email]
    assert Notice.objects.get(kind=NoticeKind.UNREAD).establishments == 1
    assert "pour 1 établissement." in Mail.objects.latest("pk").text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_tiers_who_opened_it_stops_no_reminder(
    campaign: Campaign, administrator: User, tiers_declarant: User
) -> None:
    sweep(0)
    for notification in Notification.objects.all():
        receipts.open_notification(notification=notification, by=tiers_declarant, on=day(2))
    assert sweep(12) == [(administrator.email, OPEN)]


def test_consulted_on_different_days_they_end_on_different_days(
    campaign: Campaign, company: Company, administrator: User
) -> None:
    for place, number in ((company.head_office, 1), (company.secondary, 2)):
        notification = Notification.objects.get(establishment=place)
        receipts.open_notification(notification=notification, by=administrator, on=day(number))
    sweep(0)
    assert [len(sweep(number)) for number in (44, 45, 46, 47)] == [0, 1, 1, 0]
    assert list(Notice.objects.filter(kind="challenge").order_by("pk").values_list("day", "establishments")) == [
        (dt.date(2027, 3, 5), 1),
        (dt.date(2027, 3, 6), 1),
    ]


def test_a_sweep_that_was_down_tells_late_but_never_after_the_day(campaign: Campaign, administrator: User) -> None:
    assert len(sweep(15)) == 2
    assert sweep(58) == [(administrator.email, "Rappel : taux AT/MP contestable jusqu'au 4 mars 2027")]


def test_a_round_that_comes_too_late_ends_without_a_mail(campaign: Campaign, administrator: User) -> None:
    notices.tell_next(on=day(0), policy=Policy.AVAILABILITY)
    assert NoticeRound.objects.count() == 1
    assert sweep(16) == []
    assert list(NoticeRound.objects.values_list("ended_at", "told")) == [(day(16), 0)]


def test_half_a_campaign_is_not_told(campaign: Campaign, administrator: User) -> None:
    """One mail a person: it waits until all is published."""
    ImportFile.objects.update(applied_at=None)
    assert sweep(0) == []


def test_a_campaign_published_over_midnight_has_two_days(
    campaign: Campaign, company: Company, administrator: User
) -> None:
    ImportFile.objects.update(applied_at=day(1))
    Notification.objects.filter(establishment=company.secondary).update(published_at=day(1))
    assert len(sweep(1)) == 2
    assert list(Notice.objects.order_by("day").values_list("day", "establishments")) == [
        (dt.date(2027, 1, 19), 1),
        (dt.date(2027, 1, 20), 1),
    ]


def test_who_has_no_validated_address_is_left_out(campaign: Campaign, administrator: User, declarant: User) -> None:
    EmailAddress.objects.filter(user=administrator).update(verified=False)
    assert [to for to, _subject in sweep(0)] == [declarant.email]


def test_who_is_suspended_is_left_out(campaign: Campaign, administrator: User, declarant: User) -> None:
    User.objects.filter(pk=declarant.pk).update(state=User.State.SUSPENDED)
    assert [to for to, _subject in sweep(0)] == [administrator.email]


def test_nobody_is_told_while_the_access_delay_runs(campaign: Campaign, administrator: User) -> None:
    """G2.8."""
    EstablishmentDeclaration.objects.update(opens_at=day(1))
    assert sweep(0) == []


def test_one_entry_of_the_journal_tells_of_a_round(campaign: Campaign, administrator: User, declarant: User) -> None:
    sweep(0)
    entry = JournalEntry.objects.get()
    assert (entry.verb, entry.summary) == (
        "notification.tell_available",
        f"Avis de dépôt, campagne « {campaign.name} », 19 janvier 2027 : 2\N{NO-BREAK SPACE}personnes averties.",
    )


def test_killed_half_way_it_goes_on_and_tells_nobody_twice(
    campaign: Campaign, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the batch that fails: its mails, its notices and its place go together."""
    others = [UserFactory(establishment=administrator.establishment, administrator=True) for _one in range(3)]
    monkeypatch.setattr(notices, "BATCH", 1)
    write, calls = emails.deposit_notice, []

    def fail_once(*args: Any) -> EmailMessage:
        calls.append(args)
        if len(calls) == 3:
            raise RuntimeError
        return write(*args)

    monkeypatch.setattr(emails, "deposit_notice", fail_once)
    with pytest.raises(RuntimeError):
        sweep(0)
    assert (Mail.objects.count(), Notice.objects.count()) == (0, 0)
    sweep(0)
    everyone = sorted(user.email for user in [administrator, *others])
    assert sorted(Mail.objects.values_list("recipient", flat=True)) == everyone


def test_enterprises_come_batch_after_batch(
    campaign: Campaign, administrator: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "BATCH", 1)
    NotificationFactory(decision__establishment=stranger.establishment, decision__campaign=campaign, published_at=DAY_0)
    steps = 0
    while notices.tell_next(on=day(0), policy=Policy.AVAILABILITY):
        steps += 1
    # One begins the round, two tell, one ends it.
    assert (steps, NoticeRound.objects.get().told, Mail.objects.count()) == (4, 2, 2)


@pytest.mark.parametrize("count", [1, 3, 300])
def test_a_batch_takes_the_same_queries_whatever_the_establishments(
    count: int, company: Company, administrator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    campaign = CampaignFactory(import_file__ordered_at=DAY_0, import_file__applied_at=DAY_0)
    for number in range(count):
        place = EstablishmentFactory(enterprise=company.enterprise, number=100 + number)
        decision = RateDecisionFactory(establishment=place, campaign=campaign)
        NotificationFactory(decision=decision, published_at=DAY_0)
    assert notices.tell_next(on=day(0), policy=Policy.AVAILABILITY)
    # Savepoints, the round, SIRENs, notifications, who may, notices, one mail, how far.
    with django_assert_num_queries(11):
        assert notices.tell_next(on=day(0), policy=Policy.AVAILABILITY)
    assert Notice.objects.get().establishments == count


def test_a_day_without_anything_takes_few_queries(
    campaign: Campaign, administrator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sweep(0)
    with django_assert_num_queries(5):
        assert notices.tell_next(on=day(0), policy=Policy.AVAILABILITY) is False


def test_the_database_keeps_it_once(campaign: Campaign, administrator: User) -> None:
    sweep(0)
    notice = Notice.objects.get()
    notice.pk = None
    with pytest.raises(IntegrityError):
        notice.save()


def test_a_published_file_is_told_by_the_task(
    company: Company, administrator: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    CollectiveRateFactory()
    content = f"siret;code_risque;taux;date_effet;mode\n{company.head_office.siret};45.2BE;7,39;01/01/2027;mixte\n"
    campaign = create_campaign(name="Janvier", content=ContentFile(content.encode(), "t.csv"), by=None, on=DAY_0)
    work_once(importer=RATES, on=DAY_0)
    campaign.refresh_from_db()
    publish_campaign(campaign=campaign, by=None, on=DAY_0)
    while work_once(importer=RATES, on=DAY_0):
        pass
    settings.NOTIFICATION_POLICY = Policy.FIFTEENTH_DAY
    monkeypatch.setattr(clock, "real_now", lambda: DAY_0)
    tell_legal_dates()
    assert "réputée notifiée le 19 janvier 2027" in Mail.objects.get(recipient=administrator.email).text


def together(*calls: Callable[[], object]) -> None:
    """Run calls at the same time, each on a connection of its own."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        try:
            start.wait()
            call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_nobody_twice(campaign: Campaign, administrator: User, declarant: User) -> None:
    def work() -> None:
        while notices.tell_next(on=day(0), policy=Policy.AVAILABILITY):
            pass

    together(work, work, work)
    work()
    assert sorted(Mail.objects.values_list("recipient", flat=True)) == sorted([administrator.email, declarant.email])
