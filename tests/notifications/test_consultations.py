"""The log of consultations: who counts, and that nobody edits it (domain.md, section 3)."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from notifications.actions import receipts
from notifications.models import Consultation, Notification, Receipt
from tests.factories.notifications import NotificationFactory, several
from tests.people import Company

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
LATER = dt.datetime(2027, 1, 21, 9, tzinfo=dt.UTC)
TABLE = Consultation._meta.db_table


@pytest.fixture
def notification(company: Company) -> Notification:
    return NotificationFactory(decision__establishment=company.head_office)


def first(notification: Notification) -> tuple[dt.datetime | None, str | None]:
    """Return what with_consultation() adds."""
    found = Notification.objects.with_consultation().get(pk=notification.pk)
    return found.consulted_at, found.consulted_by


def test_opening_and_each_download_are_logged_with_who_when_and_how(
    notification: Notification, administrator: User
) -> None:
    receipts.open_notification(notification=notification, by=administrator, on=ON)
    receipts.open_notification(notification=notification, by=administrator, on=LATER)
    receipts.take_document(notification=notification, by=administrator, on=LATER)
    receipts.take_document(notification=notification, by=administrator, on=LATER)
    assert list(Consultation.objects.values_list("notification", "user", "name", "at", "way", "entitled")) == [
        (notification.pk, administrator.pk, "Anaïs Le Goff", at, way, True)
        for at, way in ((ON, "opened"), (LATER, "downloaded"), (LATER, "downloaded"))
    ]


def test_archiving_and_deleting_are_no_consultation(notification: Notification, administrator: User) -> None:
    receipts.archive(notification=notification, by=administrator, on=ON)
    receipts.delete(notification=notification, by=administrator, on=ON)
    assert (Consultation.objects.count(), first(notification)) == (0, (None, None))


@pytest.mark.parametrize(
    ("person", "counts"),
    [
        ("administrator", True),
        ("declarant", True),
        ("tiers_declarant", False),
        ("staff", False),
        ("stranger", False),
        ("secondary_administrator", False),
        ("declarant_without_right", False),
        ("candidate", False),
        ("suspended", False),
    ],
)
def test_only_an_entitled_person_of_the_enterprise_starts_the_clock(
    person: str, counts: bool, notification: Notification, request: pytest.FixtureRequest
) -> None:
    """Whoever else gets to open it is in the log all the same."""
    user = request.getfixturevalue(person)
    receipts.open_notification(notification=notification, by=user, on=ON)
    assert list(Consultation.objects.values_list("user", "entitled")) == [(user.pk, counts)]
    assert first(notification) == ((ON, user.full_name) if counts else (None, None))


def test_the_first_entitled_one_counts_whatever_came_before_and_after(
    notification: Notification, administrator: User, declarant: User, tiers_declarant: User
) -> None:
    receipts.open_notification(notification=notification, by=declarant, on=LATER)
    receipts.open_notification(notification=notification, by=administrator, on=LATER + dt.timedelta(days=1))
    receipts.open_notification(notification=notification, by=tiers_declarant, on=ON)
    assert first(notification) == (LATER, "Zoé Kervella")


def test_another_notification_is_not_consulted_by_that(notification: Notification, administrator: User) -> None:
    other = NotificationFactory(decision__establishment=notification.establishment, decision__version=2)
    receipts.open_notification(notification=other, by=administrator, on=ON)
    assert first(notification) == (None, None)


def test_an_entry_cannot_be_saved_again_nor_deleted(notification: Notification, administrator: User) -> None:
    receipts.take_document(notification=notification, by=administrator, on=ON)
    entry = Consultation.objects.get()
    told = "Une consultation enregistrée ne se modifie ni ne s'efface."
    for write in (entry.save, entry.delete, Consultation.objects.all().delete):
        with pytest.raises(TypeError, match=told):
            write()
    with pytest.raises(TypeError, match=told):
        Consultation.objects.update(name="Personne")
    with pytest.raises(TypeError, match=told):
        Consultation.objects.bulk_update([entry], ["name"])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {table}",
        "UPDATE {table} SET name = 'Personne'",
        "UPDATE {table} SET at = '2020-01-01 00:00:00'",
        "UPDATE {table} SET way = 'downloaded'",
        "UPDATE {table} SET entitled = NOT entitled",
        "UPDATE {table} SET id = id + 1",
        "UPDATE {table} SET notification_id = {other}",
        "UPDATE {table} SET user_id = {declarant}",
        "UPDATE {table} SET user_id = NULL, name = 'Personne'",
    ],
)
def test_the_database_refuses_what_would_change_the_log(
    statement: str, notification: Notification, administrator: User, declarant: User
) -> None:
    other = NotificationFactory(decision__establishment=notification.establishment, decision__version=2)
    receipts.open_notification(notification=notification, by=administrator, on=ON)
    before = list(Consultation.objects.values_list())
    with pytest.raises(IntegrityError, match="ne se modifie"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=TABLE, other=other.pk, declarant=declarant.pk))
    assert list(Consultation.objects.values_list()) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_again", range(2))
def test_after_a_test_in_a_real_transaction_the_database_still_refuses(
    _again: int, notification: Notification, administrator: User
) -> None:
    receipts.open_notification(notification=notification, by=administrator, on=ON)
    with pytest.raises(IntegrityError, match="ne se modifie"), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")


def test_a_deleted_account_leaves_its_name_and_the_date(notification: Notification, declarant: User) -> None:
    receipts.open_notification(notification=notification, by=declarant, on=ON)
    declarant.delete()
    assert list(Consultation.objects.values_list("user", "name", "at")) == [(None, "Zoé Kervella", ON)]
    assert first(notification) == (ON, "Zoé Kervella")


def test_a_log_that_cannot_be_written_leaves_the_notification_unread(
    notification: Notification, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one transaction: no reading without its entry."""

    def fail(**_fields: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Consultation.objects, "create", fail)
    with pytest.raises(RuntimeError):
        receipts.open_notification(notification=notification, by=administrator, on=ON)
    assert Receipt.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3, 300])
def test_a_list_of_any_length_takes_one_query(
    count: int, company: Company, administrator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ones = several(count, company.head_office)
    receipts.open_notification(notification=ones[0], by=administrator, on=ON)
    with django_assert_num_queries(1):
        found = list(Notification.objects.with_consultation().order_by("id"))
    assert [one.consulted_at for one in found] == [ON] + [None] * (count - 1)


def test_the_first_consultation_is_found_by_an_index(notification: Notification) -> None:
    query = Notification.objects.with_consultation().filter(pk=notification.pk)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "consultations_of" in query.explain()
