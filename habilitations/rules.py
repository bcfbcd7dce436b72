"""When a declaration may be used, as pure functions."""

import datetime as dt


def opens_at(registered_at: dt.datetime, delay_hours: int) -> dt.datetime:
    """Return the instant from which a declaration may be used: registration and access delay (G2.8).

    delay_hours: 24 for « Compte AT/MP » (domain.md, section 1, grade B). Real hours, whatever the clock change.
    """
    return (registered_at.astimezone(dt.UTC) + dt.timedelta(hours=delay_hours)).astimezone(registered_at.tzinfo)
