"""Makes a test authority, for the environment of a real server."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.kit.authority import new_authority, on_one_line


class Command(BaseCommand):
    """`manage.py make_seal >> .env`: two lines that no other call prints again. Nothing is kept."""

    help = "Imprime une clé et un certificat d'essai (SPÉCIMEN) pour sceller les documents."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Print SEAL_KEY and SEAL_CERTIFICATE."""
        key, certificates = new_authority()
        self.stdout.write(f"SEAL_KEY={on_one_line(key)}\nSEAL_CERTIFICATE={on_one_line(certificates)}")
