"""Starts the training portal in one process: what `make run` calls."""

import os
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from portal.embedded import serve
from portal.environment import stop
from portal.kit.authority import SealError, current_seal
from sandbox.management.commands.personas import table
from sandbox.personas import PASSWORD


class Command(BaseCommand):
    """`manage.py run [--port 8000] [--host 127.0.0.1]`."""

    help = "Prépare la base, charge la démonstration si elle est vide, et sert le portail."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --port and --host."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Check what can be checked before anything is written, prepare, serve."""
        host, port = options["host"], options["port"]
        _check_port(host, port)
        if "PORTAL_URL" not in os.environ:
            settings.PORTAL_URL = _address(host, port)
        try:
            call_command("migrate", verbosity=0, interactive=False)
            call_command("load_demo", if_empty=True, verbosity=0, stdout=self.stdout)
        except DatabaseError as error:
            stop(_database_sentence(error))
        try:
            current_seal()
        except SealError as error:
            stop(str(error))
        serve(host, port, ready=lambda: self._announce(host, port))
        self.stdout.write("\nArrêté. Les données sont gardées.")

    def _announce(self, host: str, port: int) -> None:
        lines = [
            "",
            f"Atelier AT/MP : {_address(host, port)}/",
            f"Mot de passe de chacun : {PASSWORD}",
            "",
            table(),
            "",
        ]
        if settings.REDIS_URL:
            lines += [
                "REDIS_URL est défini : lancez aussi, dans deux autres terminaux,",
                "  .venv/bin/celery -A portal worker --concurrency 2",
                "  .venv/bin/celery -A portal beat --schedule var/celerybeat-schedule",
                "",
            ]
        self.stdout.write("\n".join([*lines, "Ctrl-C pour arrêter."]))
        self.stdout.flush()


def _address(host: str, port: int) -> str:
    return f"http://{'localhost' if host == '127.0.0.1' else host}:{port}"


def _check_port(host: str, port: int) -> None:
    if not 0 < port < 65536:
        stop(f"{port} n'est pas un numéro de port : choisissez-en un, comme make run PORT=8001.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            stop(f"Le port {port} est réservé : choisissez-en un autre, comme make run PORT=8001.")
        except OSError:
            stop(f"Le port {port} est déjà pris : choisissez-en un autre, comme make run PORT={port + 1}.")


def _database_sentence(error: Exception) -> str:
    if connection.vendor == "sqlite":
        return (
            f"Impossible d'écrire la base {connection.settings_dict['NAME']} : donnez-vous ce droit, "
            "ou choisissez un autre dossier avec ATELIER_VAR=…"
        )
    first_line = str(error).strip().splitlines()[0]
    return f"La base de DATABASE_URL ne répond pas ({first_line}) : lancez-la, ou corrigez l'adresse."
