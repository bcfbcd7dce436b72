"""Configuration of the frame."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The frame has no tables: pages of its own, components and template tags."""

    name = "portal"
    verbose_name = "Portail"
