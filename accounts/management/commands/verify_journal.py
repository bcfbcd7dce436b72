"""Verifies the chains of the journal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.journal import breaks, departures, heads
from accounts.models import JournalEntry
from portal.kit import french

SHOWN = 20


class Command(BaseCommand):
    """`manage.py verify_journal`: status 0 when every chain holds."""

    help = (
        "Vérifie qu'aucune entrée du journal n'a été changée, ajoutée ni retirée. Qui possède la base peut refaire "
        "une chaîne entière : pour le voir, gardez ailleurs ce que dit --heads, et donnez-le à --anchor."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --heads and --anchor."""
        parser.add_argument("--heads", action="store_true", help="écrit la fin de chaque chaîne, une par ligne")
        parser.add_argument("--anchor", type=Path, metavar="FICHIER", help="des fins gardées plus tôt")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Print where a chain does not hold, or that all of them do."""
        found = [*breaks(), *self._departures(options["anchor"])]
        for sentence in found[:SHOWN]:
            self.stderr.write(sentence)
        if found:
            raise CommandError(f"Le journal ne tient pas : {french.plural(len(found), 'rupture')}.")
        if options["heads"]:
            self.stdout.write("\n".join(heads()))
        else:
            self.stdout.write(f"Le journal tient : {french.plural(JournalEntry.objects.count(), 'entrée')}.")

    def _departures(self, anchor: Path | None) -> list[str]:
        try:
            return list(departures(anchor.read_text().splitlines())) if anchor else []
        except (OSError, ValueError):
            raise CommandError(f"{anchor} ne se lit pas : donnez un fichier fait par --heads.") from None
