"""Import a file of rates: `manage.py import_rates FICHIER --name "Campagne 2027" [--publish]`."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.files import File

from accounts.management.imports import ImportCommand
from accounts.models import ImportFile
from notifications.actions.campaign import RATES, create_campaign, publish_campaign
from notifications.models import StagedRate
from portal import clock
from portal.kit.french import plural


class Command(ImportCommand):
    """Status 0 when the file is OK or partly so, 1 when it is KO."""

    help = "Importe un fichier de taux comme une campagne, et la publie si on le demande."
    importer = RATES

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the campaign's name, and whether to publish."""
        super().add_arguments(parser)
        parser.add_argument("--name", required=True, help="nom de la campagne")
        parser.add_argument("--publish", action="store_true", help="publie ; sinon la campagne attend l'équipe")

    def receive(self, content: File[bytes], options: dict[str, Any], on: dt.datetime) -> ImportFile:
        """Create the campaign of the file."""
        return create_campaign(name=options["name"][:100], content=content, by=None, on=on).import_file

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, tell, publish when asked."""
        on = clock.now()
        import_file = self.read(options, on)
        online, paper = StagedRate.objects.filter(import_file=import_file).channels()
        told = f"{plural(online, 'notification')} en ligne, {plural(paper, 'établissement')} par courrier"
        if options["dry_run"]:
            self.stdout.write(f"Prévu : {told}.")
            return self.drop(import_file, on)
        if not options["publish"]:
            return self.stdout.write(f"{import_file.outcome} : campagne à confirmer dans la gestion ({told}).")
        publish_campaign(campaign=import_file.campaign, by=None, on=on)
        self.work(import_file, on)
        return self.stdout.write(f"{import_file.outcome} : campagne publiée, {told}.")
