"""Configuration of portfolios."""

from django.apps import AppConfig


class PortfoliosConfig(AppConfig):
    """Portfolios of tiers déclarants: no table yet, they come with the declarations' screens."""

    name = "portfolios"
    verbose_name = "Portefeuilles"
