"""A disk that fills up in the midst of a deposit: a sentence in French, nothing half-written, nothing left."""

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import ImportFile, JournalEntry, User
from portal.kit.upload import TidyUploadHandler
from portal.kit.uploads import no_room
from portfolios.models import BulkRequest, Portfolio
from tests.factories.tiers import client_of
from tests.people import logged_in

KEPT_NOTHING = "Le portail n&#x27;a plus de place\xa0: ce fichier n&#x27;a pas été gardé."


def failing(number: int) -> type[io.FileIO]:
    """Return files of which half of the bytes are written, then none."""

    class HalfWritten(io.FileIO):
        def write(self, content: Any) -> int:
            super().write(content[: len(content) // 2])
            raise OSError(number, os.strerror(number))

    return HalfWritten


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fdopen", failing(errno.ENOSPC))


@pytest.fixture
def portfolio(tiers_declarant: User) -> Portfolio:
    assert tiers_declarant.establishment is not None
    return client_of(tiers_declarant.establishment.enterprise).portfolio


def bulk(user: User, portfolio: Portfolio) -> Any:
    file = SimpleUploadedFile("x.csv", b"SIRET;client\n73282932000074;1\n")
    values = {"portfolio": portfolio.pk, "kind": "etablissements", "file": file}
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client.post(reverse("portfolios:bulk_add"), values)


def files(folder: str) -> list[Path]:
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def test_a_file_of_rights_is_refused_whole(
    tiers_declarant: User, portfolio: Portfolio, full_disk: None, settings: Settings
) -> None:
    page = bulk(tiers_declarant, portfolio)
    assert (page.status_code, KEPT_NOTHING in page.content.decode()) == (200, True)
    assert (BulkRequest.objects.count(), JournalEntry.objects.filter(verb="bulk.receive").count()) == (0, 0)
    assert files(settings.MEDIA_ROOT) == []


def test_so_is_a_file_of_the_staffs(staff: User, full_disk: None, settings: Settings) -> None:
    page = logged_in(staff).post(
        reverse("admin:accounts_importfile_add"), {"file": SimpleUploadedFile("x.csv", b"siret\n73282932000074\n")}
    )
    assert (page.status_code, KEPT_NOTHING in page.content.decode()) == (200, True)
    assert (ImportFile.objects.count(), files(settings.MEDIA_ROOT)) == (0, [])


def test_what_is_not_for_want_of_room_is_not_called_so(
    tiers_declarant: User, portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(os, "fdopen", failing(errno.EIO))
    page = bulk(tiers_declarant, portfolio)
    assert (page.status_code, "Un incident est survenu" in page.content.decode()) == (500, True)
    assert (BulkRequest.objects.count(), files(settings.MEDIA_ROOT)) == (0, [])


def test_a_request_that_finds_no_room_elsewhere_says_so(
    tiers_declarant: User, portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise OSError(errno.ENOSPC, "x")

    monkeypatch.setattr("django.core.files.uploadhandler.MemoryFileUploadHandler.receive_data_chunk", full)
    page = bulk(tiers_declarant, portfolio)
    assert (page.status_code, "<h1>Le portail n'a plus de place</h1>" in page.content.decode()) == (507, True)


def test_a_temporary_file_goes_as_soon_as_it_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = TidyUploadHandler()
    handler.new_file("file", "x.csv", "text/csv", 1)
    path = Path(handler.file.temporary_file_path())
    handler.receive_data_chunk(b"x", 0)
    assert path.exists()

    def full(_content: bytes) -> None:
        raise OSError(errno.ENOSPC, "x")

    monkeypatch.setattr(handler.file.file, "write", full)
    with pytest.raises(OSError, match="x"):
        handler.receive_data_chunk(b"y", 1)
    assert not path.exists()


def caused(message: str, code: str | None) -> OperationalError:
    error = OperationalError(message)
    if code:
        error.__cause__ = type("DiskFull", (Exception,), {"pgcode": code})()
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (lambda: OSError(errno.ENOSPC, "x"), True),
        (lambda: OSError(errno.EDQUOT, "x"), True),
        (lambda: OSError(errno.EACCES, "x"), False),
        (lambda: caused("could not extend file", "53100"), True),
        (lambda: caused("server closed the connection", "57P01"), False),
        (lambda: caused("database or disk is full", None), True),
        (lambda: None, False),
    ],
)
def test_no_room_is_told_from_every_other_failure(error: Callable[[], Exception | None], expected: bool) -> None:
    assert no_room(error()) is expected
