"""What became of the rate of an establishment for one code: every decision, the replaced ones too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.db.models import Exists, OuterRef

from notifications.models.decision import RateDecision
from notifications.models.notification import Notification


@dataclass(frozen=True)
class Event:
    """A decision among the others. last_day: of its rate, None while no end is fixed or when it was replaced.

    replaced_by: the later version of the same day of effect. notification: None for one sent on paper. unopened: its
    rate is not told, for nobody opened its notification yet (decision 0005). collective: rate of the code in the year
    of effect, None when no tariff has it.
    """

    decision: RateDecision
    last_day: dt.date | None
    replaced_by: RateDecision | None
    notification: Notification | None
    unopened: bool
    collective: Decimal | None

    @property
    def cancelled(self) -> bool:
        """Whether what replaced it is a cancellation."""
        return self.replaced_by is not None and self.replaced_by.nature == RateDecision.Nature.CANCELLATION


def timeline(decision: RateDecision, today: dt.date, collective: Mapping[int, Decimal]) -> list[Event]:
    """Return the decisions of the same establishment and code, the latest first, in one query.

    collective: rate of the code by year, as far as it may be compared.
    """
    unopened = Notification.objects.waiting(today).filter(decision=OuterRef("pk"))
    same = RateDecision.objects.filter(establishment=decision.establishment_id, code_risque=decision.code_risque)
    found = same.annotate(unopened=Exists(unopened)).select_related("notification")
    ordered = list(found.order_by("effective_on", "version"))
    standing = {one.effective_on: one for one in ordered}
    days = sorted(standing)
    ends = {day: after - dt.timedelta(days=1) for day, after in pairwise(days)}
    events = []
    for one in ordered:
        latest = standing[one.effective_on]
        events.append(
            Event(
                decision=one,
                last_day=ends.get(one.effective_on) if latest is one else None,
                replaced_by=None if latest is one else latest,
                notification=getattr(one, "notification", None),
                unopened=one.unopened,  # type: ignore[attr-defined]
                collective=collective.get(one.effective_on.year),
            )
        )
    return events[::-1]
