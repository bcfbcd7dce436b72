"""Load copies of a scenario: `manage.py load_scenario decouverte --copies 20 --cards cartes.pdf`."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from portal import clock
from sandbox.actions.copies import load_next, order_copies
from sandbox.documents import cards_pdf
from sandbox.models import Copy
from sandbox.scenario.file import WrongScenario, names, read_named


class Command(BaseCommand):
    """One copy for each trainee, with companies, people and SIRETs of their own."""

    help = "Charge des copies d'un scénario, une par stagiaire."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the scenario and the number of copies."""
        parser.add_argument("name", nargs="?", metavar="SCÉNARIO", help="sans lui, la liste des scénarios")
        parser.add_argument("--copies", type=int, default=1, metavar="N")
        parser.add_argument("--cards", type=Path, metavar="FICHIER.pdf", help="écrit aussi les cartes à distribuer")
        parser.add_argument("--check", action="store_true", help="vérifie le fichier, ne charge rien")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Order the copies, then do the sweep's work until they are there."""
        on, name = clock.now(), options["name"]
        if not name:
            for each in names():
                self.stdout.write(f"{each} : {read_named(each, on).summary}")
            return
        try:
            if options["check"]:
                read_named(name, on)
                self.stdout.write(f"{name} : rien à redire.")
                return
            copies = order_copies(name=name, count=options["copies"], by=None, on=on)
        except (WrongScenario, LookupError) as error:
            raise CommandError(str(error.args[0])) from None
        except ValidationError as error:
            raise CommandError(error.message) from None
        self._load(copies)
        if options["cards"]:
            ready = Copy.objects.filter(pk__in=[copy.pk for copy in copies], state=Copy.State.READY)
            options["cards"].write_bytes(cards_pdf(list(ready), clock.today()))
            self.stdout.write(f"Cartes : {options['cards']}")

    def _load(self, copies: list[Copy]) -> None:
        start, mine = time.monotonic(), Copy.objects.filter(pk__in=[copy.pk for copy in copies])
        while mine.filter(state=Copy.State.WAITING).exists():
            load_next(on=clock.now())
            done = mine.exclude(state=Copy.State.WAITING).count()
            self.stdout.write(f"{done} sur {len(copies)}, {time.monotonic() - start:.1f} s")
        if failed := mine.filter(state=Copy.State.FAILED).first():
            raise CommandError(f"{failed} : {failed.problem}")
