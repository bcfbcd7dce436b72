"""Configuration of rates and notifications."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from notifications.rules.rounding import Rounding


class NotificationsConfig(AppConfig):
    """Tariff, rate decisions and their notifications."""

    name = "notifications"
    verbose_name = "Taux et notifications"

    def ready(self) -> None:
        """Refuse to start with a rounding that is none."""
        try:
            Rounding.parse(settings.RATE_ROUNDING)
        except ValueError as error:
            raise ImproperlyConfigured(f"RATE_ROUNDING : {error}") from None
