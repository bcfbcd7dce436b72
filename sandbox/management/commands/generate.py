"""Write a made-up register and its campaign: `manage.py generate --establishments 100000 DOSSIER`."""

import csv
import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from notifications.models import CollectiveRate
from portal import clock
from sandbox.demo import TARIFF
from sandbox.generated import RATES_HEADER, REGISTER_HEADER, places


class Command(BaseCommand):
    """Two files, for import_register and import_rates."""

    help = "Écrit un répertoire fictif et les taux de janvier de ses établissements."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the folder, the size and the seed."""
        parser.add_argument("folder", type=Path, metavar="DOSSIER")
        parser.add_argument("--establishments", type=int, default=1_000, metavar="N")
        parser.add_argument("--seed", type=int, default=1, help="le même nombre donne les mêmes fichiers")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write both files as the establishments are made, in constant memory."""
        count, folder = options["establishments"], options["folder"]
        if count < 1:
            raise CommandError("Au moins un établissement.")
        codes = list(CollectiveRate.objects.order_by("code").values_list("code", flat=True).distinct()) or [*TARIFF]
        january = dt.date(clock.today().year, 1, 1)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (
                (folder / "repertoire.csv").open("w", newline="") as register,
                (folder / "taux.csv").open("w", newline="") as rates,
            ):
                register_lines, rate_lines = csv.writer(register, delimiter=";"), csv.writer(rates, delimiter=";")
                register_lines.writerow(REGISTER_HEADER)
                rate_lines.writerow(RATES_HEADER)
                for place in places(count, codes, options["seed"]):
                    register_lines.writerow(place.register_line())
                    rate_lines.writerow(place.rate_line(january))
        except OSError as error:
            raise CommandError(f"{folder} ne peut pas être écrit : {error.strerror}.") from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{folder / 'repertoire.csv'} et {folder / 'taux.csv'} : {count} établissements.")
