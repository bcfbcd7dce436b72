"""Lists who to log in as."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.kit import french
from sandbox.personas import personas


def table() -> str:
    """Return the personas as text, a few lines each."""
    lines = []
    for persona in personas():
        who = f"{persona.prenom} {persona.nom}".strip()
        lines.append(f"  {who} – {persona.role}")
        if persona.siret:
            lines.append(f"    SIRET {french.siret(persona.siret)} · nom {persona.nom} · prénom {persona.prenom}")
        else:
            lines.append(f"    identifiant {persona.nom}, par /gestion/")
        lines.append(f"    {persona.shows}")
    return "\n".join(lines)


class Command(BaseCommand):
    """`manage.py personas [--json]`."""

    help = "Dit avec qui se connecter à la démonstration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --json."""
        parser.add_argument("--json", action="store_true", help="en JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Print the personas."""
        if options["json"]:
            people = [persona.as_dict() for persona in personas()]
            self.stdout.write(json.dumps(people, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(table())
