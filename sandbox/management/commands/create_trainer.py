"""Creates a trainer: `manage.py create_trainer IDENTIFIANT ADRESSE`, who loads copies and follows them, no more."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError

from accounts.models import User
from portal import clock
from sandbox.actions.trainer import create_trainer


class Command(BaseCommand):
    """Asks for the password, twice."""

    help = "Crée un formateur : il charge les copies et suit la classe, sans autre droit de gestion."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name and address."""
        parser.add_argument("identifiant")
        parser.add_argument("adresse")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Create him, or say why not."""
        password = getpass.getpass("Mot de passe : ")
        if password != getpass.getpass("Encore une fois : "):
            raise CommandError("Les deux mots de passe ne sont pas les mêmes.")
        try:
            validate_password(password, User(login_key=options["identifiant"]))
            create_trainer(
                name=options["identifiant"], email=options["adresse"], password=password, by=None, on=clock.now()
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Formateur créé : {options['identifiant']}. Il se connecte à /gestion/connexion/.")
