"""The guide's and the law's rules about rates, as pure functions."""

from notifications.rules.charts import ChartTick, StepChart, step_chart
from notifications.rules.legal import (
    FREE_DAYS,
    REMIND_CHALLENGE_DAYS,
    REMIND_UNREAD_DAYS,
    LegalState,
    Policy,
    Status,
    challenge_until,
    last_free_day,
    legal_state,
    notified_days,
)
from notifications.rules.rates import RateError, parse_rate

__all__ = [
    "FREE_DAYS",
    "REMIND_CHALLENGE_DAYS",
    "REMIND_UNREAD_DAYS",
    "ChartTick",
    "LegalState",
    "Policy",
    "RateError",
    "Status",
    "StepChart",
    "challenge_until",
    "last_free_day",
    "legal_state",
    "notified_days",
    "parse_rate",
    "step_chart",
]
