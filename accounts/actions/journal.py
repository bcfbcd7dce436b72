"""The journal's only writer."""

import datetime as dt

from accounts.models import Enterprise, JournalEntry, User
from portal.kit.origin import origin


def record(
    *, by: User | None, on: dt.datetime, verb: str, summary: str, enterprise: Enterprise | str | None = None
) -> None:
    """Add an entry, in the transaction of the write it tells of.

    by: None for the portal itself. verb: machine name, « establishment.register ». summary: one sentence in French.
    enterprise: the enterprise or its SIREN, when one is concerned.
    """
    JournalEntry.objects.create(
        at=on,
        actor=by,
        actor_name=by.full_name if by else "Portail",
        enterprise_id=enterprise.pk if isinstance(enterprise, Enterprise) else enterprise,
        verb=verb,
        summary=summary[:300],
        source=origin.get(),
    )
