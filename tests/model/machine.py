"""The whole portal, and its clock."""

import datetime as dt

from tests.model.base import BOTH, WHICH, Ground, act, one_of, when
from tests.model.days import DAY, SECOND, begins, counts_until, length, months_away
from tests.model.rates import Rates

# Nothing that is dated by the law needs more.
LATEST = dt.datetime(2029, 6, 1, tzinfo=dt.UTC)


class Portal(Rates):
    """Time goes by a little, by much, or to the very instant at which something ends, and to the second before."""

    def _go(self, instant: dt.datetime, how: str) -> None:
        if self.now < instant < LATEST:
            self.world.now = Ground.instant = instant
            self.moved = True
            self.counts[f"clock, {how}"] += 1

    @act(minutes=range(1, 601))
    def some_minutes(self, minutes: int) -> None:
        self._go(self.now + dt.timedelta(minutes=minutes), "minutes")

    @act(how=["a day", "a day", "a month end", "15 days", "three months"])
    def some_days(self, how: str) -> None:
        today = self.world.today
        end = today.replace(day=length(today.year, today.month))
        day = {
            "a day": today + DAY,
            "a month end": end if end > today else end + DAY * 28,
            "15 days": today + DAY * 15,
            "three months": months_away(today, 3),
        }[how]
        self._go(begins(day, 10), how)

    @when(lambda self: self.world.notified())
    @act(which=WHICH, left=[15, 7, 0])
    def the_challenge_ends_soon(self, which: int, left: int) -> None:
        """Those who are concerned are reminded of it."""
        until = one_of(self.world.notified(), which).legal(self.world.today)[2]
        if until:
            self._go(begins(until - left * DAY, 10), "15 days")
            self.tell_legal_dates()
            self._go(begins(until + DAY) - SECOND, "two months end, a second before")

    @act(
        which=WHICH,
        early=BOTH,
        kind=["a request ends", "a delay ends", "a DSN ends", "the free days end", "two months end"],
    )
    def to_the_instant(self, which: int, early: bool, kind: str) -> None:
        world = self.world
        ends = {
            "a request ends": [one.ends for one in world.requests if one.status == "pending"],
            "a delay ends": [opens for place in world.places for opens in place.declared.values()]
            + [opens for mine in world.portfolios for one in mine.clients for opens in one.opens.values()],
            "a DSN ends": [begins(counts_until(one.filed) + DAY) for one in world.filings if one.counts],
            "two months end": [
                begins(until + DAY) for rate in world.notified() if (until := rate.legal(world.today)[2])
            ],
            "the free days end": [begins(rate.free + DAY) for rate in world.notified()],
        }[kind]
        coming = sorted(instant for instant in ends if instant - SECOND > self.now)
        if coming:
            instant = one_of(coming, which)
            self._go(instant - SECOND if early else instant, f"{kind}{', a second before' if early else ''}")
