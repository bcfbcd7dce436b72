"""Second factors: added, tried, replaced and removed; each change leaves a journal entry and a mail (decision 0022).

allauth.mfa keeps them (Authenticator) and says when one is asked for; what a code is worth is decided here.
"""

import datetime as dt
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import decrypt, encrypt
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import emails
from accounts.access import factors, has_factor, must_have_factor
from accounts.actions.journal import record
from accounts.actions.login import forget_login_failures, login_paused, record_login_failure
from accounts.actions.sessions import end_sessions
from accounts.models import User
from accounts.rules.codes import digits, step_of
from portal.kit import metrics
from portal.kit.cipher import UnreadableError

Type = Authenticator.Type
APPLICATION = "une application d'authentification"


@transaction.atomic
def add_application(*, user: User, secret: str, step: int, keep: str, on: dt.datetime, at: dt.datetime) -> bool:
    """Add an application whose first code was right. Return False when there is one already.

    step: the one of that code, which cannot be used again. keep: key of this session. at: real time.
    """
    _lock(user)
    if Authenticator.objects.filter(user=user, type=Type.TOTP).exists():
        return False
    data = {"secret": encrypt(secret), "step": step}
    _add(user, Type.TOTP, data, APPLICATION, keep, on, at)
    return True


@transaction.atomic
def add_passkey(
    *, user: User, name: str, credential: dict[str, Any], keep: str, on: dt.datetime, at: dt.datetime
) -> None:
    """Add a passkey that the browser has proved to hold. keep: key of this session. at: real time."""
    _lock(user)
    _add(user, Type.WEBAUTHN, {"name": name, "credential": credential}, f"la clé d'accès « {name} »", keep, on, at)


def use_code(*, user: User, code: str, on: dt.datetime, at: dt.datetime) -> None:
    """Take a code of the application, or a recovery code, which is worth nothing afterwards. at: real time.

    Raises ValidationError when it is wrong, used already, or after LOGIN_FAILURES_ALLOWED wrong ones.
    """
    # Not inside the transaction that counts: an exception would undo the count.
    if problem := _try_code(user, code, on, at):
        raise ValidationError(problem)


@transaction.atomic
def _try_code(user: User, code: str, on: dt.datetime, at: dt.datetime) -> str:
    """Return what is wrong with a code, empty when it was right and is used."""
    # The tries of one account wait for each other: a hundred at once are still five.
    _lock(user)
    key = f"second-factor|{user.login_key}"
    if login_paused(key=key, source="", at=at):
        return f"Trop de codes faux : attendez {settings.LOGIN_PAUSE_MINUTES} minutes avant de recommencer."
    factor = next((one for one in factors(user) if _takes(one, code, at)), None)
    if factor is None:
        metrics.count_login("wrong code")
        record_login_failure(key=key, source="", at=at)
        if login_paused(key=key, source="", at=at):
            emails.tell_codes_paused(user)
            _tell(
                "pause", f"Codes faux à répétition pour {user.journal_name} : nouveaux essais en pause", user, None, on
            )
        return "Ce code n'est pas le bon, ou il a déjà servi."
    forget_login_failures(key=key, source="")
    Authenticator.objects.filter(pk=factor.pk).update(data=factor.data, last_used_at=at)
    if factor.type == Type.RECOVERY_CODES:
        left = len(factor.wrap().get_unused_codes())
        emails.tell_factor_changed(user, f"Un code de secours vient de servir : il en reste {left}")
        _tell("code", f"Code de secours utilisé par {user.journal_name}, il en reste {left}", user, user, on)
    return ""


def _takes(factor: Authenticator, code: str, at: dt.datetime) -> bool:
    """Say whether a code is right, and mark it as used in the factor's data."""
    try:
        if factor.type == Type.TOTP:
            step = step_of(decrypt(factor.data["secret"]), code, at, after=factor.data["step"])
            if step is not None:
                factor.data["step"] = step
            return step is not None
        if factor.type == Type.RECOVERY_CODES:
            wrapped = factor.wrap()
            unused = wrapped.get_unused_codes()
            typed = digits(code)
            if typed in unused:
                factor.data["used_mask"] |= 1 << wrapped.generate_codes().index(typed)
            return typed in unused
    except UnreadableError:
        # SECRET_KEY was replaced: the factor is dead, which staff can see by its removal alone.
        return False
    return False


def use_passkey(*, factor: Authenticator, at: dt.datetime) -> None:
    """Note when a passkey was last used. at: real time."""
    Authenticator.objects.filter(pk=factor.pk).update(last_used_at=at)


@transaction.atomic
def replace_codes(*, user: User, on: dt.datetime) -> bool:
    """Give a person new recovery codes; the old ones are worth nothing. Return False to whoever has no factor."""
    _lock(user)
    if not has_factor(user):
        return False
    Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)
    emails.tell_factor_changed(user, "Vos codes de secours ont été remplacés")
    _tell("codes", f"Codes de secours de {user.journal_name} remplacés", user, user, on)
    return True


@transaction.atomic
def remove_factor(*, user: User, pk: int, on: dt.datetime) -> bool:
    """Take away one's application or one of one's passkeys; recovery codes go with the last. Twice changes nothing.

    Raises ValidationError when it is the last one of somebody who must have one.
    """
    _lock(user)
    held = [one for one in factors(user) if one.type != Type.RECOVERY_CODES]
    factor = next((one for one in held if one.pk == pk), None)
    if factor is None:
        return False
    if len(held) == 1 and must_have_factor(user):
        raise ValidationError(
            "L'équipe garde toujours un second facteur : ajoutez-en un autre avant de retirer celui-ci."
        )
    gone = Authenticator.objects.filter(user=user)
    (gone if len(held) == 1 else gone.filter(pk=pk)).delete()
    label = name_of(factor)
    emails.tell_factor_changed(user, f"Un second facteur a été retiré : {label}")
    _tell("remove", f"{user.journal_name} retire {label}", user, user, on)
    return True


@transaction.atomic
def reset_factors(*, user: User, by: User | None, on: dt.datetime) -> bool:
    """Take all factors away from somebody who has lost them; his sessions end. Return False when he has none.

    by: staff, or None for the operator's command. Raises ValidationError for oneself, and for a member of staff unless
    by a superuser: whoever may correct people could otherwise become any of his superiors.
    """
    if by and by.pk == user.pk:
        raise ValidationError("Personne ne retire son propre second facteur ici : demandez-le à quelqu'un d'autre.")
    if by and user.is_staff and not by.is_superuser:
        raise ValidationError("Le second facteur de l'équipe est retiré par un superutilisateur.")
    _lock(user)
    deleted, _models = Authenticator.objects.filter(user=user).delete()
    if not deleted:
        return False
    end_sessions(user=user)
    emails.tell_factor_changed(user, "Vos seconds facteurs ont été retirés par l'équipe de l'atelier")
    _tell("reset", f"Seconds facteurs de {user.journal_name} retirés", user, by, on)
    return True


def name_of(factor: Authenticator) -> str:
    """Return what a factor is called in a sentence."""
    if factor.type == Type.WEBAUTHN:
        return f"la clé d'accès « {factor.data['name']} »"
    return APPLICATION if factor.type == Type.TOTP else "des codes de secours"


def unused_codes(*, user: User) -> list[str]:
    """Return the recovery codes that are left; none when their key is gone."""
    sheet = Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).first()
    try:
        return sheet.wrap().get_unused_codes() if sheet else []
    except UnreadableError:
        return []


def _add(user: User, kind: str, data: dict[str, Any], label: str, keep: str, on: dt.datetime, at: dt.datetime) -> None:
    if not has_factor(user):
        # The other sessions were opened without a second factor.
        end_sessions(user=user, keep=keep)
    Authenticator.objects.create(user=user, type=kind, data=data, created_at=at)
    RecoveryCodes.activate(user)
    emails.tell_factor_changed(user, f"Un second facteur a été ajouté : {label}")
    _tell("add", f"{user.journal_name} ajoute {label}", user, user, on)


def _lock(user: User) -> None:
    User.objects.select_for_update().get(pk=user.pk)


def _tell(verb: str, told: str, user: User, by: User | None, on: dt.datetime) -> None:
    place = user.establishment
    record(by=by, on=on, verb=f"factor.{verb}", summary=f"{told}.", enterprise=place.enterprise_id if place else None)
