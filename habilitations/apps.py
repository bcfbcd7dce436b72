"""Configuration of declarations and rights."""

from django.apps import AppConfig


class HabilitationsConfig(AppConfig):
    """Declarations and habilitations."""

    name = "habilitations"
    verbose_name = "Déclarations et habilitations"
