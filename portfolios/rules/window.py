"""How long a DSN opens a client's account (G0.5): three calendar months, counted backward from today."""

import calendar
import datetime as dt

MONTHS = 3
# Days before the end at which a firm is warned, once (a choice).
WARNING_DAYS = 15


def first_day(today: dt.date) -> dt.date:
    """Return the earliest deposit that still counts today: today − 3 calendar months, its month's end at most.

    On 30 or 31 May: 28 or 29 February. Counted forward the answer differs at month ends (trust.md).
    """
    year, month = divmod(today.year * 12 + today.month - 1 - MONTHS, 12)
    return dt.date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def last_day(filed_on: dt.date) -> dt.date:
    """Return the last day on which a deposit counts: the latest day whose `first_day` is not after it."""
    year, month = divmod(filed_on.year * 12 + filed_on.month - 1 + MONTHS, 12)
    end = calendar.monthrange(year, month + 1)[1]
    own_end = calendar.monthrange(filed_on.year, filed_on.month)[1]
    # Every later day of the third month looks back to the last day of this one.
    day = end if filed_on.day == own_end else min(filed_on.day, end)
    return dt.date(year, month + 1, day)
