"""Configuration of the training room."""

from celery.signals import task_prerun
from django.apps import AppConfig
from django.core.signals import request_started


class SandboxConfig(AppConfig):
    """Simulator's tools, demo scenario, personas and the one-process start."""

    name = "sandbox"
    verbose_name = "Salle d'exercice"

    def ready(self) -> None:
        """Read the clock's row anew for each request and each task."""
        from sandbox.clock import forget

        request_started.connect(forget)
        task_prerun.connect(forget)
