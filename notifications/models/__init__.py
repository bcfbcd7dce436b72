"""Tables of the tariff, the decisions and what people did with their notifications."""

from notifications.models.archive import DocumentArchive
from notifications.models.calculation import RateCalculation, StagedCalculation
from notifications.models.campaign import Campaign
from notifications.models.consultation import Consultation
from notifications.models.decision import RateDecision
from notifications.models.notice import Notice, NoticeKind, NoticeRound
from notifications.models.notification import Dismissed, Notification, Receipt
from notifications.models.staged import StagedRate
from notifications.models.tariff import CollectiveRate, Tariff

__all__ = [
    "Campaign",
    "CollectiveRate",
    "Consultation",
    "Dismissed",
    "DocumentArchive",
    "Notice",
    "NoticeKind",
    "NoticeRound",
    "Notification",
    "RateCalculation",
    "RateDecision",
    "Receipt",
    "StagedCalculation",
    "StagedRate",
    "Tariff",
]
