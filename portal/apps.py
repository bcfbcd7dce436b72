"""Configuration of the frame."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import register

from portal.checks import seal_can_be_used


class PortalConfig(AppConfig):
    """The frame has no tables: pages of its own, components and template tags."""

    name = "portal"
    verbose_name = "Portail"

    def ready(self) -> None:
        """Register the checks of `manage.py check`, which `migrate` makes too; date sessions as they open."""
        # Its actions have models: not before they are loaded.
        from portal.middleware import mark_seen

        register(seal_can_be_used)
        user_logged_in.connect(mark_seen)
