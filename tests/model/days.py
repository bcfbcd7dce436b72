"""Days of Paris and calendar months, counted without the product's help, nor the standard library's zones."""

import datetime as dt

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NAMES = ("", "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
          "novembre", "décembre")  # fmt: skip
DAY, HOUR, SECOND = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(seconds=1)


def _last_sunday(year: int, month: int) -> dt.datetime:
    """Return one o'clock, universal time, of the last Sunday: when Paris changes its clocks."""
    last = dt.date(year, month, 31)
    return dt.datetime.combine(last - DAY * ((last.weekday() + 1) % 7), dt.time(1), dt.UTC)


def _ahead(instant: dt.datetime) -> dt.timedelta:
    """Return how far Paris is ahead of universal time: one hour, two in summer."""
    summer = _last_sunday(instant.year, 3) <= instant < _last_sunday(instant.year, 10)
    return HOUR * (2 if summer else 1)


def day_of(instant: dt.datetime) -> dt.date:
    """Return the day in Paris."""
    return (instant + _ahead(instant)).date()


def begins(day: dt.date, hour: int = 0) -> dt.datetime:
    """Return the instant at which a day begins in Paris, or an hour of it that every day has once."""
    guess = dt.datetime.combine(day, dt.time(hour), dt.UTC)
    return next(guess - HOUR * ahead for ahead in (1, 2) if _ahead(guess - HOUR * ahead) == HOUR * ahead)


def length(year: int, month: int) -> int:
    """Return how many days a month has."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _LENGTHS[month - 1] + leap


def months_away(day: dt.date, months: int) -> dt.date:
    """Return the same day of another month, or its last; a month at a time."""
    year, month = day.year, day.month
    for _step in range(abs(months)):
        month += 1 if months > 0 else -1
        if not 1 <= month <= 12:
            year, month = (year + 1, 1) if month > 12 else (year - 1, 12)
    return dt.date(year, month, min(day.day, length(year, month)))


def counts_until(filed: dt.date) -> dt.date:
    """Return the last day whose three months back reach a filing: looked for day after day."""
    day = filed + DAY * 95
    while months_away(day, -3) > filed:
        day -= DAY
    return day


def told(day: dt.date) -> str:
    """Return « 1er janvier 2027 »."""
    return f"{day.day}{'er' if day.day == 1 else ''} {_NAMES[day.month]} {day.year}"
