"""The guide's and the law's rules about rates, as pure functions."""

from notifications.rules.charts import ChartTick, StepChart, step_chart
from notifications.rules.rates import RateError, parse_rate

__all__ = ["ChartTick", "RateError", "StepChart", "parse_rate", "step_chart"]
