"""Verifies the chains of the journal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.journal import breaks
from accounts.models import JournalEntry
from portal.kit import french

SHOWN = 20


class Command(BaseCommand):
    """`manage.py verify_journal`: status 0 when every chain holds."""

    help = "Vérifie qu'aucune entrée du journal n'a été changée, ajoutée ni retirée."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Print where a chain does not hold, or that all of them do."""
        found = list(breaks())
        for sentence in found[:SHOWN]:
            self.stdout.write(sentence)
        if found:
            raise CommandError(f"Le journal ne tient pas : {french.plural(len(found), 'rupture')}.")
        self.stdout.write(f"Le journal tient : {french.plural(JournalEntry.objects.count(), 'entrée')}.")
