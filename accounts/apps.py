"""Configuration of the register and the people."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The lowest app: it knows no declaration, no portfolio and no rate."""

    name = "accounts"
    verbose_name = "Répertoire et personnes"
