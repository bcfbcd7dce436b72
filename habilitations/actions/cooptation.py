"""Candidates for administrator: asked for, decided, reminded, expired (G4). Every change is a conditional UPDATE."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actions.journal import record
from accounts.models import User
from habilitations import access, emails, rules
from habilitations.actions.rights import closed_refusal, register_declaration
from habilitations.models import ActivationKey, Cooptation, Registration
from portal.kit import french
from portal.kit.bulk import skip_locked

_Status = Cooptation.Status


@transaction.atomic
def request_cooptation(*, user: User, on: dt.datetime) -> Cooptation:
    """Make a candidate of a person whose enterprise has an administrator (G4.1); fifteen days from here (G4.7)."""
    assert user.establishment is not None  # noqa: S101 - staff never register
    User.objects.filter(pk=user.pk).update(state=User.State.PENDING)
    user.state = User.State.PENDING
    cooptation = Cooptation.objects.create(
        user=user,
        pseudonym=user.pseudonym,
        enterprise_id=user.establishment.enterprise_id,
        establishment=user.establishment,
        requested_at=on,
        remind_at=rules.cooptation_reminder(on),
        deadline=rules.cooptation_deadline(on),
    )
    _tell("request", "demande à devenir administrateur", cooptation, by=user, on=on)
    emails.tell_candidate_to_choose(cooptation)
    return cooptation


@transaction.atomic
def choose_route(*, cooptation: Cooptation, route: str, on: dt.datetime) -> None:
    """Ask the administrators (G4.2), or for a letter with a key (G4.3); the mind may be changed while pending.

    A letter not printed yet is given up. Raises ValidationError when the request is no longer pending, nobody can be
    asked, or no further letter may be sent.
    """
    changed = Cooptation.objects.pending(on).filter(pk=cooptation.pk).exclude(route=route).update(route=route)
    if not changed:
        _refuse_unless_pending(cooptation, on)
        return
    cooptation.route = route
    if route == Cooptation.Route.KEY:
        if cooptation.keys.filter(state__in=ActivationKey.OPEN).exists():
            _tell("route", "revient à la clé d'activation", cooptation, by=cooptation.user, on=on)
        else:
            ask_letter(cooptation=cooptation, on=on)
        return
    asked = list(User.objects.reachable_administrators_of(cooptation.enterprise))
    if not asked:
        raise ValidationError("Aucun administrateur ne peut être joint : demandez une clé d'activation par courrier.")
    cooptation.keys.filter(state=ActivationKey.State.TO_PRINT).update(state=ActivationKey.State.REPLACED)
    assert cooptation.user is not None  # noqa: S101 - pending ones have theirs, says the database
    _tell("route", "choisit la cooptation", cooptation, by=cooptation.user, on=on)
    for administrator in asked:
        emails.tell_administrator(cooptation, administrator)


@transaction.atomic
def ask_letter(*, cooptation: Cooptation, on: dt.datetime) -> None:
    """Put a letter in the staff's print queue (G4.3). One under way is replaced: its key dies.

    Raises ValidationError when the request is no longer pending, or KEY_LETTERS_MAX letters were asked for.
    """
    # Its row makes two askers wait for each other.
    Cooptation.objects.select_for_update().get(pk=cooptation.pk)
    _refuse_unless_pending(cooptation, on)
    if not (letter := access.letter_access(cooptation)).allowed:
        raise ValidationError(letter.reason)
    cooptation.keys.filter(state__in=ActivationKey.OPEN).update(state=ActivationKey.State.REPLACED)
    ActivationKey.objects.create(cooptation=cooptation, asked_at=on)
    assert cooptation.user is not None  # noqa: S101 - pending ones have theirs
    _tell("letter", "demande une clé d'activation par courrier", cooptation, by=cooptation.user, on=on)


@transaction.atomic
def decide_cooptation(*, cooptation: Cooptation, granted: bool, reason: str, by: User, on: dt.datetime) -> bool:
    """Give an « Accord » or a « Refus » (G4.5). Return False when somebody, or the deadline, was faster."""
    status = _Status.GRANTED if granted else _Status.REFUSED
    if not _close(cooptation, status, by=by, reason=reason, on=on):
        return False
    if granted:
        refusal = activate(user=_candidate(cooptation), on=on)
        told = f"est accepté : {_candidate(cooptation).full_name}. {refusal}".rstrip(". ")
        _tell("grant", told, cooptation, by=by, on=on)
        emails.tell_granted(cooptation, refusal)
    else:
        _tell("refuse", "est refusé", cooptation, by=by, on=on)
        emails.tell_refused(cooptation)
        _forget(cooptation)
    return True


@transaction.atomic
def expire_next(*, on: dt.datetime) -> bool:
    """Delete one candidate whose fifteen days are over, whatever his route (G4.7). Return False when there is none."""
    cooptation = skip_locked(Cooptation.objects.overdue(on)).first()
    if cooptation is None:
        return False
    if _close(cooptation, _Status.EXPIRED, by=None, reason="", on=on):
        _tell("expire", "est effacé, quinze jours ayant passé", cooptation, by=None, on=on)
        emails.tell_expired(cooptation)
        _forget(cooptation)
    return True


@transaction.atomic
def remind_next(*, on: dt.datetime) -> bool:
    """Remind one enterprise of its candidates of ten days, and each of these. Return False when nothing is due."""
    first = skip_locked(Cooptation.objects.to_remind(on)).first()
    if first is None:
        return False
    due = Cooptation.objects.to_remind(on).filter(enterprise=first.enterprise_id)
    reminded = [
        cooptation
        for cooptation in due.select_related("user", "establishment", "enterprise")
        if Cooptation.objects.to_remind(on).filter(pk=cooptation.pk).update(reminded_at=on)
    ]
    for cooptation in reminded:
        emails.remind_candidate(cooptation, on)
    if reminded:
        for administrator in User.objects.reachable_administrators_of(first.enterprise):
            emails.remind_administrator(administrator, reminded)
    return True


@transaction.atomic
def activate(*, user: User, on: dt.datetime) -> str:
    """Make a person active, and register his establishment to the declarations he asked for (G3.11, G4.5).

    An establishment that has closed since he asked receives none (trust.md, peers): the reason is returned, else « ».
    """
    User.objects.filter(pk=user.pk).update(state=User.State.ACTIVE)
    user.state = User.State.ACTIVE
    asked = Registration.objects.filter(user=user).first()
    assert user.establishment is not None  # noqa: S101 - staff never register
    if refusal := closed_refusal(user.establishment, on):
        return refusal
    for declaration in asked.declarations.all() if asked else ():
        register_declaration(establishment=user.establishment, declaration=declaration, by=user, on=on)
    return ""


def _close(cooptation: Cooptation, status: str, *, by: User | None, reason: str, on: dt.datetime) -> bool:
    """Move a request out of « pending », once; whoever comes second changes nothing."""
    still = Cooptation.objects.filter(pk=cooptation.pk, status=_Status.PENDING)
    still = still.filter(deadline__lte=on) if status == _Status.EXPIRED else still.filter(deadline__gt=on)
    if not still.update(status=status, decided_at=on, decided_by=by, reason=reason):
        return False
    cooptation.refresh_from_db()
    cooptation.keys.filter(state__in=ActivationKey.OPEN).update(state=ActivationKey.State.REPLACED)
    return True


def _forget(cooptation: Cooptation) -> None:
    """Delete the candidate: the request keeps his pseudonym, and nothing else does."""
    _candidate(cooptation).delete()


def _candidate(cooptation: Cooptation) -> User:
    assert cooptation.user is not None  # noqa: S101 - it was pending a moment ago
    return cooptation.user


def _refuse_unless_pending(cooptation: Cooptation, on: dt.datetime) -> None:
    if not Cooptation.objects.pending(on).filter(pk=cooptation.pk).exists():
        raise ValidationError("Cette demande n'est plus en attente.")


def _tell(verb: str, told: str, cooptation: Cooptation, *, by: User | None, on: dt.datetime) -> None:
    place = french.siret(cooptation.establishment.siret)
    record(
        by=by,
        on=on,
        verb=f"cooptation.{verb}",
        summary=f"Candidat {cooptation.pseudonym[:8]} au SIRET {place} : {told}.",
        enterprise=cooptation.enterprise_id,
    )
