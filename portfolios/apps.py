"""Configuration of portfolios."""

from django.apps import AppConfig


class PortfoliosConfig(AppConfig):
    """Who acts for whom, and the DSN that let him."""

    name = "portfolios"
    verbose_name = "Portefeuilles"
