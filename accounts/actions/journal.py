"""The journal's only writer, and the proof that nobody else wrote in it."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator

from django.db import transaction

from accounts.models import Enterprise, JournalChain, JournalEntry, User
from portal.kit.origin import origin

# The chain of no enterprise, in an anchor.
NO_ENTERPRISE = "-"


@transaction.atomic
def record(
    *, by: User | None, on: dt.datetime, verb: str, summary: str, enterprise: Enterprise | str | None = None
) -> None:
    """Add an entry, in the transaction of the write it tells of, at the end of its enterprise's chain.

    by: None for the portal itself. verb: machine name, « establishment.register ». summary: one sentence in French.
    enterprise: the enterprise or its SIREN, when one is concerned.
    """
    siren = enterprise.pk if isinstance(enterprise, Enterprise) else enterprise
    # The chain's row makes its writers wait for each other.
    chain, _created = JournalChain.objects.select_for_update().get_or_create(name=siren or "")
    entry = JournalEntry(
        chain=chain.name,
        number=chain.number + 1,
        at=on,
        actor=by,
        actor_name=by.journal_name if by else "Portail",
        enterprise_id=siren,
        verb=verb,
        summary=summary[:300],
        source=origin.get(),
    )
    entry.digest = digest(chain.digest, entry)
    entry.save(force_insert=True)
    JournalChain.objects.filter(pk=chain.pk).update(number=entry.number, digest=entry.digest)


def digest(previous: str, entry: JournalEntry) -> str:
    """Return the SHA-256 of an entry and the digest before it.

    The link to the person is left out: it is cut when the account is deleted, the name stays.
    """
    told = [entry.chain, entry.number, entry.at.astimezone(dt.UTC).isoformat(), entry.actor_name]
    told += [entry.verb, entry.summary, entry.source]
    return hashlib.sha256(json.dumps([previous, *told], ensure_ascii=False).encode()).hexdigest()


def breaks() -> Iterator[str]:
    """Yield a sentence in French for each place where a chain does not hold; nothing when all of them do."""
    ends = {chain.name: chain for chain in JournalChain.objects.order_by("name").iterator()}
    seen, previous, last = "", "", 0
    for entry in JournalEntry.objects.order_by("chain", "number").iterator():
        if entry.chain != seen:
            yield from _end(ends, seen, last, previous)
            seen, previous, last = entry.chain, "", 0
        place = f"Chaîne {entry.chain or 'sans entreprise'}, entrée {entry.number}"
        if entry.number != last + 1:
            yield f"{place} : il manque {entry.number - last - 1} entrée(s) avant elle."
        elif entry.digest != digest(previous, entry):
            yield f"{place} : son contenu a changé."
        if (entry.enterprise_id or "") != entry.chain:
            yield f"{place} : elle a changé d'entreprise."
        previous, last = entry.digest, entry.number
    yield from _end(ends, seen, last, previous)
    yield from (f"Chaîne {name or 'sans entreprise'} : ses entrées ont disparu." for name in ends if ends[name].number)


def heads() -> Iterator[str]:
    """Yield an anchor's lines, « chain number digest », « - » for the chain of no enterprise.

    Kept where the portal's operators cannot write, it shows later a journal rewritten with right digests.
    """
    for chain in JournalChain.objects.order_by("name").iterator():
        yield f"{chain.name or NO_ENTERPRISE} {chain.number} {chain.digest}"


def departures(anchor: Iterable[str]) -> Iterator[str]:
    """Yield a sentence in French for each line of an anchor that the journal does not hold any more.

    Raises ValueError for a line that is none.
    """
    for line in anchor:
        name, number, end = line.split()
        chain = "" if name == NO_ENTERPRISE else name
        if int(number) and not JournalEntry.objects.filter(chain=chain, number=int(number), digest=end).exists():
            yield f"Chaîne {chain or 'sans entreprise'}, entrée {number} : ce n'est pas celle que l'ancre a gardée."


def _end(ends: dict[str, JournalChain], name: str, last: int, previous: str) -> Iterator[str]:
    """Compare where a chain stops with where it should."""
    chain = ends.pop(name, None)
    if last and (chain is None or (chain.number, chain.digest) != (last, previous)):
        yield f"Chaîne {name or 'sans entreprise'} : sa fin n'est pas celle qui a été écrite."
