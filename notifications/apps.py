"""Configuration of rates and notifications."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Tariff, rate decisions and their notifications."""

    name = "notifications"
    verbose_name = "Taux et notifications"
