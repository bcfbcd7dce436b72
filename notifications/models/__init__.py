"""Tables of the tariff, the decisions and what people did with their notifications."""

from notifications.models.calculation import RateCalculation, StagedCalculation
from notifications.models.campaign import Campaign
from notifications.models.decision import RateDecision
from notifications.models.notification import Notification, Receipt
from notifications.models.staged import StagedRate
from notifications.models.tariff import CollectiveRate, Tariff

__all__ = [
    "Campaign",
    "CollectiveRate",
    "Notification",
    "RateCalculation",
    "RateDecision",
    "Receipt",
    "StagedCalculation",
    "StagedRate",
    "Tariff",
]
