"""The post: letters are copied when printed, collected at five o'clock, and carried for some days of the portal."""

import datetime as dt
from dataclasses import asdict

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from habilitations.actions.keys import post_letters, print_letters
from habilitations.documents import Letter as KeyLetter
from habilitations.models import ActivationKey, Cooptation
from notifications.models import RateDecision
from portal import clock
from sandbox import rules
from sandbox.models import Letter

BATCH = 200


def keep_copies(letters: list[KeyLetter]) -> None:
    """Keep what letters of activation keys say, in the transaction that prints them (settings.LETTER_COPY)."""
    Letter.objects.bulk_create(
        Letter(
            key_id=letter.number,
            addressee=f"{letter.enterprise}, à l'attention de {letter.candidate}",
            address="\n".join(letter.address),
            siret=letter.siret,
            facts=asdict(letter) | {"printed_on": str(letter.printed_on), "deadline": letter.deadline.isoformat()},
        )
        for letter in letters
    )


def read_copy(letter: Letter) -> KeyLetter:
    """Return the letter of an activation key as it was printed."""
    facts = letter.facts
    return KeyLetter(
        **facts
        | {
            "address": tuple(facts["address"]),
            "printed_on": dt.date.fromisoformat(facts["printed_on"]),
            "deadline": dt.datetime.fromisoformat(facts["deadline"]),
        }
    )


def collect_next(*, on: dt.datetime) -> bool:
    """Take one batch of letters along. Return False when there is none.

    Keys asked for before the last collection are printed and posted, as staff would; what staff printed waits for
    them. Rates to be notified on paper leave at five o'clock on the day of their decision.
    """
    return _post_keys(on) or _follow_staff() or _post_decisions(on)


@transaction.atomic
def _post_keys(on: dt.datetime) -> bool:
    asked = ActivationKey.objects.filter(
        state=ActivationKey.State.TO_PRINT,
        cooptation__status=Cooptation.Status.PENDING,
        asked_at__lte=rules.last_collection(on),
    )
    batch = list(asked.order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not batch:
        return False
    waiting = ActivationKey.objects.filter(pk__in=batch)
    printed = [letter.number for letter in print_letters(keys=waiting, by=None, on=on, day=clock.day(on))]
    return bool(post_letters(keys=ActivationKey.objects.filter(pk__in=printed), by=None, on=on))


def _follow_staff() -> bool:
    """Copies of letters whose posting staff noted leave too."""
    return send_copies(Letter.objects.filter(posted_at=None, key__posted_at__isnull=False)) > 0


@transaction.atomic
def send_copies(letters: QuerySet[Letter]) -> int:
    """Let copies of letters that were posted leave, a batch of them; return how many."""
    batch = list(letters.select_related("key")[:BATCH])
    for letter in batch:
        assert letter.key is not None  # noqa: S101 - the filter asked for it
        assert letter.key.posted_at is not None  # noqa: S101 - so did it
        _send(letter, letter.key.posted_at)
    Letter.objects.bulk_update(batch, ["posted_at", "arrives_on"])
    return len(batch)


@transaction.atomic
def _post_decisions(on: dt.datetime) -> bool:
    collected = clock.day(rules.last_collection(on))
    copied = Letter.objects.filter(decision=OuterRef("pk"))
    waiting = RateDecision.objects.filter(channel=RateDecision.Channel.PAPER, decided_on__lte=collected)
    batch = list(waiting.exclude(Exists(copied)).select_related("establishment").order_by("pk")[:BATCH])
    letters = [
        Letter(
            decision=decision,
            addressee=decision.addressee,
            address=decision.address,
            siret=decision.establishment.siret,
        )
        for decision in batch
    ]
    for letter, decision in zip(letters, batch, strict=True):
        _send(letter, dt.datetime.combine(decision.decided_on, rules.POST_AT, clock.PARIS).astimezone(dt.UTC))
    # Two at once copy a decision once.
    Letter.objects.bulk_create(letters, ignore_conflicts=True)
    return bool(batch)


def _send(letter: Letter, posted_at: dt.datetime) -> None:
    letter.posted_at = posted_at
    letter.arrives_on = rules.delivery_day(posted_at, settings.POST_DAYS)
