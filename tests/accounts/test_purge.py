"""Personal data past its limit: mails, ended sessions and counted failures go; everything else stays."""

import datetime as dt
import os

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.actions.purge import BATCH, purge_mails, purge_traces, purge_uploads
from accounts.models import ImportFile, JournalEntry, LoginFailure, Mail, Sweep, User
from accounts.tasks import purge_personal_data

pytestmark = pytest.mark.django_db
AT = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)


def mail(to: str, sent: dt.timedelta | None, written: dt.timedelta = DAY, **values: object) -> Mail:
    values = {"sender": "x", "subject": "x", "text": "x", "created_at": AT - written} | values
    return Mail.objects.create(recipient=to, sent_at=None if sent is None else AT - sent, **values)


@pytest.mark.parametrize(("sent", "left"), [(180 * DAY, 0), (180 * DAY - MINUTE, 1), (16 * DAY, 1), (MINUTE, 1)])
def test_a_persons_mails_live_half_a_year(declarant: User, sent: dt.timedelta, left: int) -> None:
    mail(declarant.email, sent)
    assert purge_mails(on=AT, at=AT) is (left == 0)
    assert Mail.objects.count() == left


@pytest.mark.parametrize(("sent", "left"), [(15 * DAY, 0), (15 * DAY - MINUTE, 1)])
def test_those_to_an_address_that_nobody_has_any_more_live_fifteen_days(
    declarant: User, sent: dt.timedelta, left: int
) -> None:
    mail("parti@exemple.example", sent)
    purge_mails(on=AT, at=AT)
    assert Mail.objects.count() == left


def test_capitals_do_not_make_a_stranger(declarant: User) -> None:
    for stored in ("zoe@exemple.example", "Zoe@Exemple.example"):
        EmailAddress.objects.filter(user=declarant).update(email=stored)
        mail("Zoe@Exemple.example", 20 * DAY)
        assert not purge_mails(on=AT, at=AT)


def test_what_was_given_up_lives_as_long_and_what_waits_stays(declarant: User) -> None:
    mail("a@exemple.example", None, 180 * DAY)
    waiting = mail("a@exemple.example", None, 400 * DAY, next_try_at=AT)
    kept = mail("a@exemple.example", None, 179 * DAY)
    purge_mails(on=AT, at=AT)
    assert set(Mail.objects.all()) == {waiting, kept}


def test_a_jump_of_the_portals_clock_deletes_no_mail(declarant: User) -> None:
    mail(declarant.email, MINUTE)
    assert not purge_mails(on=AT + 400 * DAY, at=AT)


def test_the_journal_says_how_many_and_names_nobody(declarant: User, settings: Settings) -> None:
    settings.MAIL_KEPT_DAYS = 30
    for _one in range(3):
        mail(declarant.email, 30 * DAY)
    assert (purge_mails(on=AT, at=AT), purge_mails(on=AT, at=AT)) == (True, False)
    entry = JournalEntry.objects.get()
    assert (entry.verb, entry.summary) == (
        "purge.mails",
        "3\xa0courriels effacés au bout du délai de conservation.",
    )


def test_ended_sessions_go_with_their_addresses_and_open_ones_stay(declarant: User) -> None:
    for key, ends in (("open", AT + MINUTE), ("ended", AT)):
        Session.objects.create(session_key=key, session_data="x", expire_date=ends)
        UserSession.objects.create(user=declarant, session_key=key, ip="192.0.2.1", user_agent="x")
    UserSession.objects.create(user=declarant, session_key="lost", ip="192.0.2.1", user_agent="x")
    assert (purge_traces(at=AT), purge_traces(at=AT)) == (True, False)
    assert list(UserSession.objects.values_list("session_key", flat=True)) == ["open"]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]


@pytest.mark.parametrize(("ago", "left"), [(15 * MINUTE, 0), (14 * MINUTE, 1)])
def test_counted_failures_go_when_their_pause_is_over(ago: dt.timedelta, left: int) -> None:
    LoginFailure.objects.create(key_hash="x", source="192.0.2.1", failures=5, last_at=AT - ago)
    purge_traces(at=AT)
    assert LoginFailure.objects.count() == left


def test_a_batch_costs_the_same_however_many_there_are(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    Mail.objects.bulk_create(
        Mail(recipient="a@exemple.example", sender="x", subject="x", text="x", created_at=AT, sent_at=AT - 200 * DAY)
        for _one in range(BATCH + 1)
    )
    with django_assert_num_queries(12):
        purge_mails(on=AT, at=AT)
    assert Mail.objects.count() == 1


def test_the_sweep_works_until_nothing_is_left(declarant: User) -> None:
    mail("parti@exemple.example", 20 * DAY)
    LoginFailure.objects.create(key_hash="x", source="192.0.2.1", failures=5, last_at=AT - DAY)
    assert (purge_personal_data(), purge_personal_data()) == (1, 0)
    assert Sweep.objects.get().name == "accounts.tasks.purge_personal_data"


@pytest.mark.parametrize(("age", "left"), [(DAY + MINUTE, False), (DAY - MINUTE, True)])
def test_an_upload_that_no_row_names_lives_a_day(age: dt.timedelta, left: bool) -> None:
    named = ImportFile(kind="register", size=1, created_at=AT)
    named.upload.save("a.csv", ContentFile(b"x"))
    lost = default_storage.save("imports/b.csv", ContentFile(b"x"))
    archived = default_storage.save("archives/1-0.part", ContentFile(b"x"))
    then = (AT - age).timestamp()
    for name in (named.upload.name, lost, archived):
        os.utime(default_storage.path(name), (then, then))
    assert purge_uploads(at=AT) is not left
    found = [default_storage.exists(name) for name in (named.upload.name, lost, archived)]
    assert (found, purge_uploads(at=AT)) == ([True, left, True], False)


def test_the_job_deletes_lost_uploads_of_every_kind() -> None:
    lost = [default_storage.save(f"{folder}/b.csv", ContentFile(b"x")) for folder in ("imports", "bulk")]
    for name in lost:
        os.utime(default_storage.path(name), (0, 0))
    purge_personal_data()
    assert [default_storage.exists(name) for name in lost] == [False, False]
