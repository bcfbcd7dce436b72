"""The documents of a year (G0.2): ordered once, made by batches whatever is killed, taken, forgotten."""

import datetime as dt
import errno
import io
import zipfile
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import OperationalError, transaction
from pytest_django import Settings

from accounts.models import JournalEntry, User
from notifications.actions import archive as actions
from notifications.actions.archive import order_archive, take_archive, work_once
from notifications.documents import sealed_decision_pdf
from notifications.models import Consultation, DocumentArchive, Notification, RateDecision
from tests.factories.notifications import NotificationFactory, RateDecisionFactory
from tests.people import Company

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
LATER = ON + dt.timedelta(minutes=5)
RECENT = dt.datetime(2027, 1, 18, 8, tzinfo=dt.UTC)


@pytest.fixture
def notifications(company: Company) -> list[Notification]:
    """Three of 2027, deemed notified since; one of 2026; one of 2027 that waits to be opened."""
    place = company.head_office
    NotificationFactory(decision__establishment=place, decision__effective_on=dt.date(2026, 1, 1))
    NotificationFactory(decision__establishment=place, decision__code_risque="99.9ZZ", published_at=RECENT)
    codes = ("45.2BE", "55.3AC", "60.2MG")
    return [NotificationFactory(decision__establishment=place, decision__code_risque=code) for code in codes]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BATCH", 2)


def made(by: User) -> DocumentArchive:
    archive = order_archive(year=2027, by=by, on=ON)
    while work_once(on=LATER):
        pass
    archive.refresh_from_db()
    return archive


def content(archive: DocumentArchive) -> zipfile.ZipFile:
    with default_storage.open(archive.file) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def stored() -> list[str]:
    return default_storage.listdir("archives")[1] if default_storage.exists("archives") else []


def test_it_holds_every_document_of_the_year_as_the_page_gives_it(
    small_batches: None, administrator: User, notifications: list[Notification]
) -> None:
    archive = made(administrator)
    whole = content(archive)
    siret = notifications[0].establishment.siret
    assert {name: whole.read(name) for name in whole.namelist()} == {
        f"{siret}-{one.decision.number}.pdf": sealed_decision_pdf(one.decision) for one in notifications
    }
    assert (archive.status, archive.done, archive.total, archive.ended_at) == ("done", 3, 3, LATER)
    assert archive.size == default_storage.size(archive.file)


def test_once_together_the_parts_are_gone(
    django_capture_on_commit_callbacks: Any,
    small_batches: None,
    administrator: User,
    notifications: list[Notification],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        archive = made(administrator)
    assert stored() == [f"{archive.pk}.zip"]


def test_a_notification_that_waits_is_not_in_it(administrator: User, notifications: list[Notification]) -> None:
    """Its document would tell the rate and start the clock (decision 0005)."""
    names = content(made(administrator)).namelist()
    waiting = Notification.objects.get(decision__code_risque="99.9ZZ")
    assert not [name for name in names if waiting.decision.number in name]


def test_a_batch_that_was_killed_is_made_again(
    small_batches: None, administrator: User, notifications: list[Notification]
) -> None:
    """Killed after it wrote its part and before it said so."""
    archive = order_archive(year=2027, by=administrator, on=ON)
    with transaction.atomic():
        work_once(on=ON)
        transaction.set_rollback(True)
    assert (DocumentArchive.objects.get().done, stored()) == (0, [f"{archive.pk}-0.part"])
    while work_once(on=LATER):
        pass
    archive.refresh_from_db()
    assert len(content(archive).namelist()) == 3


def test_a_full_disk_is_said_and_leaves_nothing(
    small_batches: None,
    monkeypatch: pytest.MonkeyPatch,
    administrator: User,
    notifications: list[Notification],
) -> None:
    order_archive(year=2027, by=administrator, on=ON)

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    work_once(on=ON)
    monkeypatch.setattr(default_storage, "save", full)
    work_once(on=ON)
    assert DocumentArchive.objects.get().status == "failed"
    assert stored() == []
    assert JournalEntry.objects.latest("id").verb == "archive.fail"
    order_archive(year=2027, by=administrator, on=ON)


def test_one_that_cannot_be_made_does_not_keep_the_others_from_their_turn(
    monkeypatch: pytest.MonkeyPatch, administrator: User, declarant: User, notifications: list[Notification]
) -> None:
    order_archive(year=2027, by=administrator, on=ON)
    order_archive(year=2027, by=declarant, on=ON)
    made_well = actions.sealed_decision_pdf

    def broken(decision: RateDecision) -> bytes:
        monkeypatch.setattr(actions, "sealed_decision_pdf", made_well)
        raise RuntimeError("no font")

    monkeypatch.setattr(actions, "sealed_decision_pdf", broken)
    while work_once(on=LATER):
        pass
    states = dict(DocumentArchive.objects.values_list("user", "status"))
    assert states == {administrator.pk: "failed", declarant.pk: "done"}


def test_a_database_that_falls_is_no_failure_of_the_archive(
    monkeypatch: pytest.MonkeyPatch, administrator: User, notifications: list[Notification]
) -> None:
    order_archive(year=2027, by=administrator, on=ON)

    def fallen(_decision: RateDecision) -> bytes:
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "sealed_decision_pdf", fallen)
        with pytest.raises(OperationalError):
            work_once(on=ON)
    assert work_once(on=LATER)
    assert DocumentArchive.objects.get().status == "done"


def test_taking_it_is_consulting_each_of_its_notifications(
    administrator: User, notifications: list[Notification]
) -> None:
    archive = made(administrator)
    take_archive(archive=archive, by=administrator, on=LATER).close()
    logged = Consultation.objects.values_list("notification", "way", "entitled", "at", "name")
    assert set(logged) == {(one.pk, "downloaded", True, LATER, administrator.journal_name) for one in notifications}


def test_the_journal_tells_who_ordered_and_who_took(administrator: User, notifications: list[Notification]) -> None:
    take_archive(archive=made(administrator), by=administrator, on=LATER).close()
    assert list(JournalEntry.objects.filter(verb__startswith="archive.").values_list("verb", "actor")) == [
        ("archive.take", administrator.pk), ("archive.make", None), ("archive.order", administrator.pk),
    ]  # fmt: skip


def test_one_at_a_time(administrator: User, notifications: list[Notification]) -> None:
    order_archive(year=2027, by=administrator, on=ON)
    with pytest.raises(ValidationError, match="déjà en cours"):
        order_archive(year=2027, by=administrator, on=ON)


def test_a_year_without_documents_is_refused(administrator: User, notifications: list[Notification]) -> None:
    with pytest.raises(ValidationError, match="Aucun document de 2020"):
        order_archive(year=2020, by=administrator, on=ON)


def test_too_many_documents_are_refused(
    monkeypatch: pytest.MonkeyPatch, administrator: User, notifications: list[Notification]
) -> None:
    monkeypatch.setattr(actions, "MOST_DOCUMENTS", 2)
    with pytest.raises(ValidationError, match="plus de 2 documents"):
        order_archive(year=2027, by=administrator, on=ON)


def test_it_is_forgotten_after_its_days(
    settings: Settings, administrator: User, notifications: list[Notification]
) -> None:
    settings.ARCHIVE_DAYS = 7
    archive = made(administrator)
    assert not work_once(on=LATER + dt.timedelta(days=7))
    assert work_once(on=LATER + dt.timedelta(days=7, seconds=1))
    archive.refresh_from_db()
    assert (archive.status, archive.file, archive.notifications) == ("forgotten", "", [])
    assert f"{archive.pk}.zip" not in stored()


def test_paper_decisions_are_not_in_it(company: Company, administrator: User) -> None:
    RateDecisionFactory(establishment=company.head_office, channel="paper")
    with pytest.raises(ValidationError, match="Aucun document"):
        order_archive(year=2027, by=administrator, on=ON)
