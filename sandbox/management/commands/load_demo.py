"""Loads the demo scenario into an empty database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Enterprise, User
from portal import clock
from sandbox.demo import load_demo


class Command(BaseCommand):
    """`manage.py load_demo [--if-empty]`."""

    help = "Charge le scénario de démonstration dans une base vide."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --if-empty."""
        parser.add_argument("--if-empty", action="store_true", help="ne rien faire si la base n'est pas vide")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Load, unless the database holds anything already."""
        if Enterprise.objects.exists() or User.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("La base n'est pas vide : la démonstration n'a pas été chargée.")
        load_demo(on=clock.now())
        self.stdout.write("Scénario de démonstration chargé.")
