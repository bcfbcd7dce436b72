"""Deposit DSN files in the name of an enterprise: `manage.py import_dsn DOSSIER [--siren 732829320]`."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from portal import clock
from portfolios.actions.dsn import deposit_dsn, named_depositor


class Command(BaseCommand):
    """Status 0 when every file is OK or partly so, 1 when one is KO."""

    help = "Dépose des fichiers DSN, ou ceux d'un dossier, au nom d'une entreprise du répertoire."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for files or folders, and for the depositor."""
        parser.add_argument("paths", type=Path, nargs="+", metavar="FICHIER")
        parser.add_argument("--siren", help="entreprise déposante ; sinon l'émetteur nommé dans chaque fichier (S10)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Deposit each file, and tell what became of it."""
        wrong = 0
        for path in _files(options["paths"]):
            try:
                told, good = self._deposit(path, options["siren"])
            except (ValidationError, OSError) as error:
                told, good = f"KO : {getattr(error, 'message', error)}", False
            self.stdout.write(f"{path.name} : {told}")
            wrong += not good
        if wrong:
            raise CommandError(f"{wrong} fichier(s) KO.")

    def _deposit(self, path: Path, siren: str | None) -> tuple[str, bool]:
        with path.open("rb") as content:
            file = File(content, name=path.name)
            depositor = named_depositor(file, siren or "")
            made, new = deposit_dsn(file=file, depositor=depositor, by=None, on=clock.now(), sender_checked=True)
        told = made.refusal or f"{made.accepted} acceptée(s), {made.refused} refusée(s)"
        return f"{made.outcome} : {told}{'' if new else ' (déjà déposé)'}", made.outcome != "KO"


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(child for child in path.iterdir() if child.is_file()) if path.is_dir() else [path]
