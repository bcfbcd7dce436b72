"""Where the bytes of an upload go while its request is read: never to the disk, or never left there."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler


class BriefUploadHandler(FileUploadHandler):
    """Keeps the files of a request in memory up to so many bytes; those beyond are counted and forgotten.

    The form then refuses what is longer: a file's `size` is the true one, its content is cut.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.room = most

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start with nothing."""
        super().new_file(*args, **kwargs)
        self.content = bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's signature
        """Keep what still fits; pass nothing on."""
        kept = raw_data[: self.room]
        self.room -= len(kept)
        self.content += kept

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        """Return the file, with its true size."""
        file = SimpleUploadedFile(self.file_name or "", bytes(self.content), self.content_type or "")
        file.size = file_size
        return file


class TidyUploadHandler(TemporaryFileUploadHandler):
    """Of FILE_UPLOAD_HANDLERS: what no longer fits goes at once. Django's would lie there for an unknown time."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece of the file."""
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            with suppress(OSError):
                self.file.close()
            raise
