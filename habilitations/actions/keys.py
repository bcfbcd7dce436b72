"""Activation keys: printed by staff, posted, typed by the candidate (G4.3, G4.8)."""

import datetime as dt
import hashlib
import hmac

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.module_loading import import_string

from accounts.actions.journal import record
from accounts.models import User
from habilitations import emails, rules
from habilitations.actions.cooptation import activate
from habilitations.documents import Letter
from habilitations.models import ActivationKey, Cooptation
from portal.kit import french

_State = ActivationKey.State


@transaction.atomic
def print_letters(*, keys: QuerySet[ActivationKey], by: User | None, on: dt.datetime, day: dt.date) -> list[Letter]:
    """Make the keys that wait to be printed, and return their letters; keys in another state are left alone.

    None is printed for a request whose days are over, swept or not (trust.md, peers: letters cost money). Only their
    hashes are kept: a letter printed again has another key (`reprint_letters`). What settings.LETTER_COPY names is
    handed the letters. by: None when no staff is needed.
    """
    letters = []
    waiting = keys.filter(state=_State.TO_PRINT, cooptation__in=Cooptation.objects.pending(on))
    for row in waiting.select_related("cooptation__user", "cooptation__establishment__enterprise").order_by("pk"):
        key = rules.new_key()
        mine = ActivationKey.objects.filter(pk=row.pk, state=_State.TO_PRINT)
        if not mine.update(state=_State.PRINTED, printed_at=on, key_hash=key_hash(key)):
            continue
        asked, place = row.cooptation, row.cooptation.establishment
        assert asked.user is not None  # noqa: S101 - pending ones have theirs
        letters.append(
            Letter(
                number=row.pk,
                key=key,
                candidate=asked.user.full_name,
                enterprise=place.enterprise.name,
                address=tuple(place.address_lines),
                siret=place.siret,
                printed_on=day,
                deadline=asked.deadline,
            )
        )
        _tell("printed", "est imprimée", row, by=by, on=on)
    if settings.LETTER_COPY:
        import_string(settings.LETTER_COPY)(letters)
    return letters


@transaction.atomic
def reprint_letters(*, keys: QuerySet[ActivationKey], by: User, on: dt.datetime) -> int:
    """Put letters that were spoilt or lost back in the queue, with new keys; return how many."""
    done = 0
    alive = keys.filter(cooptation__in=Cooptation.objects.pending(on))
    for row in alive.select_related("cooptation__establishment"):
        old = ActivationKey.objects.filter(pk=row.pk, state__in=(_State.PRINTED, _State.POSTED))
        if old.update(state=_State.REPLACED):
            ActivationKey.objects.create(cooptation=row.cooptation, asked_at=on)
            _tell("reprint", "est à refaire", row, by=by, on=on)
            done += 1
    return done


@transaction.atomic
def post_letters(*, keys: QuerySet[ActivationKey], by: User | None, on: dt.datetime) -> int:
    """Note that printed letters were posted, and tell the candidates; return how many."""
    done = 0
    for row in keys.select_related("cooptation__user", "cooptation__establishment__enterprise"):
        if ActivationKey.objects.filter(pk=row.pk, state=_State.PRINTED).update(state=_State.POSTED, posted_at=on):
            _tell("posted", "est postée", row, by=by, on=on)
            emails.tell_letter_posted(row.cooptation)
            done += 1
    return done


@transaction.atomic
def return_letters(*, keys: QuerySet[ActivationKey], by: User, on: dt.datetime) -> int:
    """Note that letters came back undelivered, and tell the candidates; return how many."""
    done = 0
    for row in keys.select_related("cooptation__user", "cooptation__establishment__enterprise"):
        if ActivationKey.objects.filter(pk=row.pk, state=_State.POSTED).update(state=_State.RETURNED, returned_at=on):
            _tell("returned", "est revenue", row, by=by, on=on)
            emails.tell_letter_returned(row.cooptation)
            done += 1
    return done


def use_key(*, cooptation: Cooptation, key: str, on: dt.datetime, day: dt.date) -> bool:
    """Activate a candidate by the key of his letter, once (G4.8). Return False when it is not the right key.

    key: as `rules.clean_key` returns it. day: of the machine, for the tries of a day.
    Raises ValidationError when the request is over, or after KEY_TRIES_PER_DAY tries.
    """
    _count_try(cooptation, on=on, day=day)
    return _activate_by(cooptation, key, on)


def _count_try(cooptation: Cooptation, *, on: dt.datetime, day: dt.date) -> None:
    pending = Cooptation.objects.pending(on).filter(pk=cooptation.pk)
    left = Q(tried_on=None) | ~Q(tried_on=day) | Q(tries__lt=settings.KEY_TRIES_PER_DAY)
    tries = Case(When(tried_on=day, then=F("tries") + 1), default=Value(1))
    if pending.filter(left).update(tries=tries, tried_on=day):
        return
    if pending.exists():
        raise ValidationError(f"Vous avez essayé {settings.KEY_TRIES_PER_DAY} clés aujourd'hui : revenez demain.")
    raise ValidationError("Votre demande a expiré : sa clé ne vaut plus rien.")


@transaction.atomic
def _activate_by(cooptation: Cooptation, key: str, on: dt.datetime) -> bool:
    pending = Cooptation.objects.pending(on).filter(pk=cooptation.pk)
    # The request before its key, as a decision does: two orders would lock each other out.
    if pending.select_for_update().first() is None:
        raise ValidationError("Cette demande n'est plus en attente.")
    right = cooptation.keys.filter(key_hash=key_hash(key), state__in=(_State.PRINTED, _State.POSTED))
    if not right.update(state=_State.USED, used_at=on):
        return False
    pending.update(status=Cooptation.Status.GRANTED, decided_at=on)
    cooptation.refresh_from_db()
    assert cooptation.user is not None  # noqa: S101 - pending ones have theirs
    refusal = activate(user=cooptation.user, on=on)
    told = f"est saisie : {cooptation.user.full_name} est administrateur. {refusal}".rstrip(". ")
    _tell("used", told, cooptation.keys.get(state=_State.USED), by=cooptation.user, on=on)
    emails.tell_granted(cooptation, refusal)
    return True


def key_hash(key: str) -> str:
    """Return what is kept of a key: sixty random bits need no slow hash, but a secret one."""
    return hmac.new(settings.SECRET_KEY.encode(), f"activation-key|{key}".encode(), hashlib.sha256).hexdigest()


def _tell(verb: str, told: str, row: ActivationKey, *, by: User | None, on: dt.datetime) -> None:
    asked = row.cooptation
    place = french.siret(asked.establishment.siret)
    record(
        by=by,
        on=on,
        verb=f"key.{verb}",
        summary=f"Clé d'activation n° {row.pk} pour le candidat {asked.pseudonym[:8]} au SIRET {place} : {told}.",
        enterprise=asked.enterprise_id,
    )
