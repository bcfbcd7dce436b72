"""Import a register of establishments: `manage.py import_register FICHIER`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files import File

from accounts.actions.imports import confirm_file, receive_file
from accounts.actions.register import REGISTER
from accounts.management.imports import ImportCommand
from accounts.models import ImportFile
from portal import clock


class Command(ImportCommand):
    """Status 0 when the file is OK or partly so, 1 when it is KO."""

    help = "Importe un répertoire d'établissements (CSV, colonnes du stock Sirene)."
    importer = REGISTER

    def receive(self, content: File[bytes], options: dict[str, Any], on: dt.datetime) -> ImportFile:  # noqa: ARG002
        """Keep a file of the register."""
        return receive_file(kind=ImportFile.Kind.REGISTER, content=content, by=None, on=on)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, tell, apply."""
        on = clock.now()
        import_file = self.read(options, on)
        if options["dry_run"]:
            return self.drop(import_file, on)
        confirm_file(import_file=import_file, importer=REGISTER, by=None, on=on)
        self.work(import_file, on)
        return self.stdout.write(f"{import_file.outcome} : répertoire à jour.")
