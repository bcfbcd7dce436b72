"""Saves the whole portal, but its keys, into a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import clock
from portal.backup import BackupError, make_backup
from portal.kit import french

KEYS = """Les clés n'y sont pas, exprès : gardez-les à part, en lieu sûr.
- SECRET_KEY (en local, var/secret-key) : sans elle, les seconds facteurs ne se lisent plus et les liens envoyés sont
  morts.
- SEAL_KEY, SEAL_CERTIFICATE, SEAL_FORMER_CERTIFICATES (en local, var/seal.pem) : sans elles, « Vérifier un document »
  ne reconnaît plus les documents déjà remis.
Le reste de .env (mots de passe, serveur de courriel) n'y est pas non plus."""


class Command(BaseCommand):
    """`manage.py backup FOLDER`: status 0 when the backup is whole. As the owner or as the portal's own role."""

    help = "Sauvegarde la base et les fichiers privés dans un dossier neuf, le portail servant ou non."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("dossier", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Save, and say what is not there."""
        try:
            made = make_backup(options["dossier"], at=clock.real_now())
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        counts = f"{french.plural(made.rows, 'ligne')}, {french.plural(len(made.files), 'fichier')}"
        self.stdout.write(f"Sauvegarde entière dans {options['dossier']} : {counts}.\n{KEYS}")
