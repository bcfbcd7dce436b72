"""Configuration of the training room."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """Demo scenario, personas and the one-process start."""

    name = "sandbox"
    verbose_name = "Salle d'exercice"
