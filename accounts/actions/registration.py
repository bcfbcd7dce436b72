"""The draft of a registration, step after step, and what is swept when nobody finishes (G3.1 to G3.15)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import rules
from accounts.actions.journal import record
from accounts.models import RegistrationDraft, User
from portal import clock
from portal.kit.bulk import skip_locked
from portal.kit.french import siret

UNVERIFIED_DAYS = 15
BATCH = 100


@dataclass(frozen=True)
class Kept:
    """The draft after a step, and which steps have to be done again."""

    draft: RegistrationDraft
    forgotten: frozenset[str]


@transaction.atomic
def keep_answers(
    *,
    draft: RegistrationDraft | None,
    step: str,
    answers: dict[str, Any],
    forgets: Mapping[str, tuple[str, ...]],
    at: dt.datetime,
) -> Kept:
    """Write the answers of a step in a draft, or in a new one; what was submitted meanwhile stays as it is.

    forgets: answer → the steps to do again when it changes. at: real time.
    """
    if draft is None:
        draft = RegistrationDraft.objects.create(expires_at=draft_expiry(at))
    fresh = RegistrationDraft.objects.alive(at).select_for_update().filter(pk=draft.pk).first()
    if fresh is None or fresh.is_submitted:
        return Kept(draft, frozenset())
    before = fresh.data.get(step)
    changed = [name for name in answers if before is not None and before.get(name) != answers[name]]
    forgotten = {other for name in changed for other in forgets.get(name, ()) if other in fresh.data}
    fresh.data = {name: kept for name, kept in fresh.data.items() if name not in forgotten} | {step: answers}
    fresh.save(update_fields=["data"])
    return Kept(fresh, frozenset(forgotten))


def draft_expiry(at: dt.datetime) -> dt.datetime:
    """Return until when a draft, or the report that it becomes, is kept. at: real time."""
    return at + dt.timedelta(hours=settings.REGISTRATION_DRAFT_HOURS)


def secrets_kept(*, password: str, question: str, answer: str, strength: str) -> dict[str, str]:
    """Return what a draft keeps of a password and a secret answer: hashes (G3.6)."""
    return {
        "password": make_password(password),
        "question": question,
        "answer": make_password(rules.normalise_name(answer)) if question else "",
        "strength": strength,
    }


@transaction.atomic
def purge_drafts(*, at: dt.datetime) -> bool:
    """Delete a batch of expired drafts. Return False when there is none. at: real time."""
    expired = RegistrationDraft.objects.filter(expires_at__lte=at).order_by("expires_at").values("pk")[:BATCH]
    deleted, _models = RegistrationDraft.objects.filter(pk__in=list(expired.values_list("pk", flat=True))).delete()
    return deleted > 0


@transaction.atomic
def purge_unverified(*, on: dt.datetime) -> bool:
    """Delete a batch of people who registered themselves fifteen days ago and never validated their address.

    Registered on the 1st, one has until the end of the 16th, in Paris. Return False when there is none.
    """
    midnight = dt.datetime.combine(clock.day(on) - dt.timedelta(days=UNVERIFIED_DAYS), dt.time(), clock.PARIS)
    # Whoever registers himself has accepted the terms; a colleague's newcomer has not yet.
    late = User.objects.filter(state=User.State.UNVERIFIED, created_at__lt=midnight).exclude(terms_version="")
    late = late.select_related("establishment").order_by("created_at", "id")
    batch = list(skip_locked(late)[:BATCH])
    for user in batch:
        assert user.establishment is not None  # noqa: S101 - staff never register
        record(
            by=None,
            on=on,
            verb="registration.expire",
            summary=f"{user.journal_name} au SIRET {siret(user.establishment.siret)} : adresse jamais validée, "
            f"inscription effacée au bout de {UNVERIFIED_DAYS} jours.",
            enterprise=user.establishment.enterprise_id,
        )
        user.delete()
    return bool(batch)
