"""Gives the portal its own role on PostgreSQL, which cannot rewrite the journal."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.roles import RoleError, grant_application


class Command(BaseCommand):
    """`manage.py grant_application NAME`, as the owner of the tables; its password is APPLICATION_PASSWORD's."""

    help = (
        "Crée le rôle PostgreSQL du portail, ou remet ses droits : tout lire, écrire partout sauf refaire le journal. "
        "À relancer après chaque migrate et chaque restauration. Son mot de passe se lit dans APPLICATION_PASSWORD."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the role's name."""
        parser.add_argument("role", help="celui que nomme DATABASE_URL là où le portail tourne")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Grant, or say in one sentence why not."""
        if connection.vendor != "postgresql":
            raise CommandError("Seul PostgreSQL a des rôles : sur SQLite, qui peut écrire le fichier peut tout.")
        try:
            grant_application(options["role"], os.environ.get("APPLICATION_PASSWORD", ""))
        except RoleError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"« {options['role']} » peut servir le portail ; le journal, il ne peut qu'y ajouter.")
