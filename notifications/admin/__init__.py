"""Staff's tools for the tariff, the campaigns and what they decided."""

from notifications.admin import campaign, decided, tariff

__all__ = ["campaign", "decided", "tariff"]
