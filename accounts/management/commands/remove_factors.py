"""Take the second factors away from a person who has lost them, when no superuser can: the operator's way in."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from accounts import rules
from accounts.actions.factors import reset_factors
from accounts.models import User
from portal import clock


class Command(BaseCommand):
    """« remove_factors équipe »: the identifier of the staff's log-in page."""

    help = "Retire les seconds facteurs d'un membre de l'équipe qui les a perdus ; il en est averti par courriel."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the identifier."""
        parser.add_argument("identifiant", help="celui de la page de connexion de l'équipe")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Remove, or say in one sentence why not."""
        user = User.objects.filter(login_key=rules.normalise_name(options["identifiant"]), is_staff=True).first()
        if user is None:
            raise CommandError("Personne de l'équipe n'a cet identifiant.")
        if not reset_factors(user=user, by=None, on=clock.now()):
            raise CommandError("Cette personne n'a aucun second facteur.")
        self.stdout.write(f"Les seconds facteurs de {user.full_name} sont retirés.")
