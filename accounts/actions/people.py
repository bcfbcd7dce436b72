"""People: registered by staff, corrected, suspended and taken back."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import rules
from accounts.actions.journal import record
from accounts.models import Establishment, User
from portal.kit.french import siret


@transaction.atomic
def create_user(
    *,
    establishment: Establishment,
    last_name: str,
    first_name: str,
    email: str,
    role: str,
    password: str,
    by: User | None,
    on: dt.datetime,
    homonym: str = "",
    phone: str = "",
) -> User:
    """Register an active person at an establishment; SIRET + nom + prénom are the login (G3.2).

    Whoever registers somebody else answers for his address: it needs no validation.
    Raises ValidationError when somebody of that name, with the same homonym, is registered there already, or when
    the name does not fit the login: « œ » and its like count double.
    """
    user = User(
        login_key=rules.login_key(establishment.siret, last_name, first_name, homonym),
        establishment=establishment,
        last_name=last_name.strip(),
        first_name=first_name.strip(),
        homonym=homonym.strip(),
        email=email,
        phone=phone,
        role=role,
        created_at=on,
    )
    if len(user.login_key) > rules.LONGEST_LOGIN_KEY:
        raise ValidationError({"last_name": "Nom, prénom et distinction sont trop longs ensemble."})
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        if not User.objects.filter(login_key=user.login_key).exists():
            raise
        known = "Une personne de ce nom est déjà inscrite à ce SIRET : distinguez les homonymes."
        raise ValidationError({"last_name": known}) from None
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    _tell("create", f"Inscription de {user.full_name}, {user.get_role_display().lower()},", user, by, on)
    return user


@transaction.atomic
def correct_contact(*, user: User, email: str, phone: str, by: User | None, on: dt.datetime) -> bool:
    """Replace a person's e-mail address and telephone. Return False when nothing changes."""
    changed = User.objects.filter(pk=user.pk).exclude(email=email, phone=phone).update(email=email, phone=phone)
    if changed:
        _tell("correct", f"Coordonnées de {user.full_name} corrigées", user, by, on)
    return bool(changed)


@transaction.atomic
def replace_password(*, user: User, password: str, by: User | None, on: dt.datetime) -> None:
    """Give a person a new password; the sessions opened with the old one end."""
    user.set_password(password)
    User.objects.filter(pk=user.pk).update(password=user.password)
    _tell("password", f"Mot de passe de {user.full_name} remplacé", user, by, on)


@transaction.atomic
def suspend_user(*, user: User, by: User | None, on: dt.datetime) -> bool:
    """Suspend an active person: no log-in any more, and sessions end. Return False if not active, or oneself."""
    return user != by and _move(user, User.State.ACTIVE, User.State.SUSPENDED, "suspend", "Suspension", by, on)


@transaction.atomic
def reactivate_user(*, user: User, by: User | None, on: dt.datetime) -> bool:
    """Take a suspended person back. Return False if not suspended."""
    return _move(user, User.State.SUSPENDED, User.State.ACTIVE, "reactivate", "Rétablissement", by, on)


def _move(user: User, old: str, new: str, verb: str, told: str, by: User | None, on: dt.datetime) -> bool:
    changed = User.objects.filter(pk=user.pk, state=old).update(state=new)
    if changed:
        _tell(verb, f"{told} de {user.full_name}", user, by, on)
    return bool(changed)


def _tell(verb: str, told: str, user: User, by: User | None, on: dt.datetime) -> None:
    place = user.establishment
    record(
        by=by,
        on=on,
        verb=f"user.{verb}",
        summary=f"{told} au SIRET {siret(place.siret)}." if place else f"{told}.",
        enterprise=place.enterprise_id if place else None,
    )
