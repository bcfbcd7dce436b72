"""Puts the portal back as a backup has it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.backup import BackupError, restore_backup, secret_mark
from portal.kit import french

OTHER_KEY = """Attention : SECRET_KEY n'est pas celle du portail sauvegardé. Remettez l'ancienne, ou ajoutez-la à
SECRET_KEY_FALLBACKS ; sinon les seconds facteurs devront être retirés et posés de nouveau."""
THEN = "Ensuite : manage.py migrate, puis sur PostgreSQL manage.py grant_application, puis manage.py verify_journal."


class Command(BaseCommand):
    """`manage.py restore FOLDER [--replace]`, as the owner of the tables, while nothing else runs."""

    help = "Restaure une sauvegarde, vérifiée d'abord, comparée ensuite ; refuse un portail qui n'est pas vide."
    # The tables may not be there.
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder, and --replace."""
        parser.add_argument("dossier", type=Path)
        parser.add_argument("--replace", action="store_true", help="perdre ce que ce portail contient")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Restore, and say what comes next."""
        try:
            restored = restore_backup(options["dossier"], replace=options["replace"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Restauré et comparé : {french.plural(restored.rows, 'ligne')}.\n{THEN}")
        if restored.secret != secret_mark():
            self.stderr.write(OTHER_KEY)
