"""What the commands that import a file share: read it at once, tell what was found, apply it."""

from __future__ import annotations

import datetime as dt
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from accounts.actions.imports import Importer, cancel_file, work_once
from accounts.models import ImportFile
from portal.kit.csvfile import FileProblem
from portal.kit.french import plural

SHOWN_PROBLEMS = 20
PAUSE_SECONDS = 0.2


class ImportCommand(BaseCommand):
    """Reads one file and applies it as the periodic job would, and leaves other waiting files alone."""

    importer: Importer

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the file, and whether only to look."""
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--dry-run", action="store_true", help="lit et dit ce qui serait fait, n'écrit rien")

    def receive(self, content: File[bytes], options: dict[str, Any], on: dt.datetime) -> ImportFile:
        """Keep the file. Raises FileProblem."""
        raise NotImplementedError

    def read(self, options: dict[str, Any], on: dt.datetime) -> ImportFile:
        """Receive and read the file, and print what was found. Raises CommandError when it is refused."""
        path: Path = options["file"]
        try:
            with path.open("rb") as content:
                import_file = self.receive(File(content, name=path.name), options, on)
        except OSError:
            raise CommandError(f"KO : {path} ne se lit pas : vérifiez son nom et vos droits.") from None
        except FileProblem as refusal:
            raise CommandError(f"KO : {refusal}") from None
        self.work(import_file, on)
        for problem in import_file.problems.all()[:SHOWN_PROBLEMS]:
            where = f"ligne {problem.line}" + (f", {problem.column}" if problem.column else "")
            self.stdout.write(f"{where} : {problem.message}{' (ligne gardée)' if problem.warning else ''}")
        if (more := import_file.problems.count() - SHOWN_PROBLEMS) > 0:
            self.stdout.write(f"… et {plural(more, 'autre problème', 'autres problèmes')}.")
        if import_file.status == ImportFile.Status.REFUSED:
            raise CommandError(f"KO : {import_file.refusal}")
        told = f"{import_file.wrong} en erreur, {import_file.unchanged} sans changement"
        if import_file.warned:
            told += f", {import_file.warned} à vérifier"
        self.stdout.write(f"{plural(import_file.lines, 'ligne lue', 'lignes lues')}, {told}.")
        return import_file

    def drop(self, import_file: ImportFile, on: dt.datetime) -> None:
        """End a dry run: nothing stays but the entry of the journal."""
        cancel_file(import_file=import_file, importer=self.importer, by=None, on=on)
        self.stdout.write(f"{import_file.outcome} : rien n'a été écrit (--dry-run).")

    def work(self, import_file: ImportFile, on: dt.datetime) -> None:
        """Do the work of this file, together with a periodic job that may have taken a part of it."""
        waiting = (ImportFile.Status.RECEIVED, ImportFile.Status.APPLYING)
        while work_once(importer=self.importer, on=on, only=import_file):
            pass
        import_file.refresh_from_db()
        while import_file.status in waiting:
            time.sleep(PAUSE_SECONDS)
            work_once(importer=self.importer, on=on, only=import_file)
            import_file.refresh_from_db()
