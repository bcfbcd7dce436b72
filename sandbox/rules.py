"""How far a jump of the clock leads, and when its work falls due, as pure functions (docs/decisions/0014)."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

_PARIS = ZoneInfo("Europe/Paris")
# Every delay of the portal ends with a day; the post is collected at five o'clock (a choice).
POST_AT = dt.time(17)
DUE_AT = (dt.time(0), POST_AT)
# Ten years at a time: further than any rule looks, and a clear error for a wrong year.
MOST_DAYS = 3660


@dataclass(frozen=True)
class Jump:
    """How far to go, said in exactly one way: days and hours from where one is, or a day to arrive on."""

    label: str
    days: int = 0
    hours: int = 0
    until: dt.date | None = None


def next_day(instant: dt.datetime) -> dt.datetime:
    """Return the same hour in Paris on the day after, in UTC; one that the clock change skips is an hour later."""
    local = instant.astimezone(_PARIS)
    day = local.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, local.time(), _PARIS).astimezone(dt.UTC)


def end_of(jump: Jump, start: dt.datetime) -> dt.datetime:
    """Return where a jump from an instant ends, in UTC: day by day, so that one of n days is n of one day.

    Raises ValueError with a sentence in French when it leads backward, or too far.
    """
    days = jump.days if jump.until is None else (jump.until - start.astimezone(_PARIS).date()).days
    if jump.until is not None and days <= 0:
        raise ValueError("L'horloge n'avance que vers le futur : choisissez un jour après celui du portail.")
    if days > MOST_DAYS:
        raise ValueError("Dix ans à la fois suffisent : choisissez un jour plus proche.")
    end = start.astimezone(dt.UTC) + dt.timedelta(hours=jump.hours)
    for _day in range(days):
        end = next_day(end)
    return end


def step_end(reached: dt.datetime, end: dt.datetime) -> dt.datetime:
    """Return where the next simulated day ends: a day further, or the end of the jump."""
    return min(next_day(reached), end)


def due_moments(start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    """Return the instants of a simulated day at which work falls due, in order, in UTC.

    Midnight and five o'clock in Paris after start and before end, then end itself: one arrives in a portal where
    nothing waits.
    """
    first = start.astimezone(_PARIS).date()
    last = end.astimezone(_PARIS).date()
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    fixed = [dt.datetime.combine(day, hour, _PARIS).astimezone(dt.UTC) for day in days for hour in DUE_AT]
    return [moment for moment in fixed if start < moment < end] + [end]


def lived(since: dt.datetime, until: dt.datetime, jumps: list[tuple[dt.datetime, dt.datetime]]) -> dt.timedelta:
    """Return how long somebody waited between two instants of the portal: what the clock jumped over took no time.

    jumps: from where to where it was moved, one after the other.
    """
    skipped = (min(to, until) - max(start, since) for start, to in jumps)
    return (until - since) - sum((gap for gap in skipped if gap > dt.timedelta()), dt.timedelta())


def is_collection(moment: dt.datetime) -> bool:
    """Say whether the post is collected at this instant."""
    return moment.astimezone(_PARIS).time() == POST_AT


def last_collection(at: dt.datetime) -> dt.datetime:
    """Return when the post was last collected: five o'clock in Paris, of that day or of the one before."""
    local = at.astimezone(_PARIS)
    today = dt.datetime.combine(local.date(), POST_AT, _PARIS)
    if today <= local:
        return today.astimezone(dt.UTC)
    return dt.datetime.combine(local.date() - dt.timedelta(days=1), POST_AT, _PARIS).astimezone(dt.UTC)


def delivery_day(posted_at: dt.datetime, days: int) -> dt.date:
    """Return the day in Paris on which a letter arrives (a choice: so many days after its posting, Sundays too)."""
    return posted_at.astimezone(_PARIS).date() + dt.timedelta(days=days)
