"""The guide's and the law's rules about rates, as pure functions."""

from notifications.rules.charts import ChartTick, StepChart, step_chart
from notifications.rules.legal import LegalState, Policy, Status, challenge_until, last_free_day, legal_state
from notifications.rules.rates import RateError, parse_rate

__all__ = [
    "ChartTick",
    "LegalState",
    "Policy",
    "RateError",
    "Status",
    "StepChart",
    "challenge_until",
    "last_free_day",
    "legal_state",
    "parse_rate",
    "step_chart",
]
