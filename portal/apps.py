"""Configuration of the frame."""

from django.apps import AppConfig
from django.core.checks import register

from portal.checks import seal_can_be_used


class PortalConfig(AppConfig):
    """The frame has no tables: pages of its own, components and template tags."""

    name = "portal"
    verbose_name = "Portail"

    def ready(self) -> None:
        """Register the checks of `manage.py check`, which `migrate` makes too."""
        register(seal_can_be_used)
