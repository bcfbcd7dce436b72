"""Import a year's collective tariff: `manage.py import_tariff FICHIER --year 2026`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from notifications.actions.tariff import MAX_BYTES, import_tariff, parse_tariff
from portal import clock
from portal.kit.csvfile import FileProblem
from portal.kit.french import plural


class Command(BaseCommand):
    """Status 0 when the tariff is taken, 1 when the file is KO: it is taken whole or not at all."""

    help = "Importe le tarif collectif d'une année (JSON publié en données ouvertes)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the file, its year and where it comes from."""
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--year", type=int, required=True, help="année du tarif")
        parser.add_argument("--source", default="", help="d'où vient le fichier ; par défaut, son nom")
        parser.add_argument("--dry-run", action="store_true", help="lit et dit ce qui serait fait, n'écrit rien")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, tell, take."""
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
            if options["dry_run"]:
                rates, _titles = parse_tariff(content)
                found = plural(len(rates), "code risque", "codes risque")
                return self.stdout.write(f"OK : {found}, rien n'a été écrit (--dry-run).")
            outcome = import_tariff(
                year=options["year"],
                content=content,
                file_name=path.name,
                source=options["source"] or path.name,
                by=None,
                on=clock.now(),
            )
        except OSError:
            raise CommandError(f"KO : {path} ne se lit pas : vérifiez son nom et vos droits.") from None
        except FileProblem as problem:
            raise CommandError(f"KO : {problem}") from None
        return self.stdout.write(f"OK : {outcome}")
