"""People: registered, corrected, promoted, suspended, removed; the last administrator stays."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import emails, rules
from accounts.actions.journal import record
from accounts.actions.sessions import end_sessions
from accounts.models import Enterprise, Establishment, User
from portal import clock
from portal.kit.french import siret


@transaction.atomic
def create_user(
    *,
    establishment: Establishment,
    last_name: str,
    first_name: str,
    email: str,
    role: str,
    password: str | None,
    by: User | None,
    on: dt.datetime,
    homonym: str = "",
    phone: str = "",
) -> User:
    """Register an active person at an establishment; SIRET + nom + prénom are the login (G3.2).

    Whoever registers somebody else answers for his address: it needs no validation. password: None for one that
    nobody has.
    Raises ValidationError when somebody of that name, with the same homonym, is registered there already, or when
    the name does not fit the login: « œ » and its like count double.
    """
    user = User(
        establishment=establishment,
        last_name=last_name.strip(),
        first_name=first_name.strip(),
        homonym=homonym.strip(),
        email=email,
        phone=phone,
        role=role,
        created_at=on,
    )
    user.set_password(password)
    _insert(user)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    _tell("create", f"Inscription de {user.full_name}, {user.get_role_display().lower()},", user, by, on)
    return user


@transaction.atomic
def invite_declarant(
    *,
    establishment: Establishment,
    last_name: str,
    first_name: str,
    homonym: str,
    email: str,
    phone: str,
    by: User,
    on: dt.datetime,
) -> User:
    """Register a colleague as déclarant (G3.5): he chooses his password by a mailed link, which validates his address.

    Raises ValidationError as `create_user` does, and when the establishment is closed.
    """
    if establishment.closed_on and establishment.closed_on <= clock.day(on):
        raise ValidationError({"establishment": "Cet établissement est fermé : personne ne s'y inscrit plus."})
    user = User(
        establishment=establishment,
        last_name=last_name.strip(),
        first_name=first_name.strip(),
        homonym=homonym.strip(),
        email=email,
        phone=phone,
        role=User.Role.DECLARANT,
        state=User.State.UNVERIFIED,
        created_at=on,
    )
    user.set_unusable_password()
    _insert(user)
    EmailAddress.objects.create(user=user, email=email, verified=False, primary=True)
    emails.invite(user, by)
    _tell("invite", f"Inscription de {user.full_name}, déclarant,", user, by, on)
    return user


@transaction.atomic
def invite_again(*, user: User, by: User, on: dt.datetime) -> bool:
    """Send his link again to whoever has not followed it yet. Return False when he has."""
    waiting = user.state == User.State.UNVERIFIED and not user.has_usable_password()
    if waiting:
        emails.invite(user, by)
        _tell("invite", f"Lien renvoyé à {user.full_name}", user, by, on)
    return waiting


@transaction.atomic
def correct_address(*, user: User, email: str, by: User | None, on: dt.datetime) -> bool:
    """Replace a person's address (G3.15): the new one has to be validated, the old one is told, its links die.

    Return False when nothing changes.
    """
    before = user.email
    changed = User.objects.filter(pk=user.pk).exclude(email=email).update(email=email)
    if not changed:
        return False
    user.email = email
    EmailAddress.objects.filter(user=user).delete()
    address = EmailAddress.objects.create(user=user, email=email, verified=False, primary=True)
    if user.has_usable_password():
        emails.confirm_address(address)
    elif by:
        emails.invite(user, by)
    if before:
        emails.tell_address_changed(user, before)
    _tell("address", f"Adresse électronique de {user.journal_name} corrigée", user, by, on)
    return True


@transaction.atomic
def correct_phone(*, user: User, phone: str, by: User | None, on: dt.datetime) -> bool:
    """Replace a person's telephone. Return False when nothing changes."""
    changed = User.objects.filter(pk=user.pk).exclude(phone=phone).update(phone=phone)
    if changed:
        _tell("phone", f"Téléphone de {user.journal_name} corrigé", user, by, on)
    return bool(changed)


@transaction.atomic
def replace_password(*, user: User, password: str, by: User | None, on: dt.datetime, keep_session: str = "") -> None:
    """Give a person a new password; his sessions end, but the one that is kept, and a mail tells him."""
    user.set_password(password)
    User.objects.filter(pk=user.pk).update(password=user.password)
    end_sessions(user=user, keep=keep_session)
    emails.tell_secret_changed(user, "Votre mot de passe")
    _tell("password", f"Mot de passe de {user.journal_name} remplacé", user, by, on)


@transaction.atomic
def replace_question(*, user: User, question: str, answer: str, by: User, on: dt.datetime) -> None:
    """Give a person another secret question (G3.6); a mail tells him."""
    hashed = make_password(rules.normalise_name(answer))
    User.objects.filter(pk=user.pk).update(question=question, answer=hashed)
    emails.tell_secret_changed(user, "Votre question secrète")
    _tell("question", f"Question secrète de {user.journal_name} remplacée", user, by, on)


@transaction.atomic
def suspend_user(*, user: User, by: User | None, on: dt.datetime, even_last: bool = False) -> bool:
    """Suspend an active person: no log-in any more, and sessions end. Return False if not active, or oneself.

    Raises ValidationError for the last administrator, unless even_last: staff know when somebody has really left.
    """
    if user == by:
        return False
    if not even_last:
        keep_one_administrator(user)
    end_sessions(user=user)
    return _move(user, User.State.ACTIVE, User.State.SUSPENDED, "suspend", "Suspension", by, on)


@transaction.atomic
def reactivate_user(*, user: User, by: User | None, on: dt.datetime) -> bool:
    """Take a suspended person back. Return False if not suspended."""
    return _move(user, User.State.SUSPENDED, User.State.ACTIVE, "reactivate", "Rétablissement", by, on)


@transaction.atomic
def change_role(*, user: User, role: str, by: User, on: dt.datetime) -> bool:
    """Make an administrator of an active déclarant, or the contrary. Return False when nothing changes.

    Raises ValidationError for the last administrator.
    """
    if role == User.Role.DECLARANT:
        keep_one_administrator(user)
    people = User.objects.filter(pk=user.pk, state__in=(User.State.ACTIVE, User.State.SUSPENDED))
    changed = people.exclude(role=role).update(role=role)
    if changed:
        label = User.Role(role).label.lower()
        _tell("role", f"{user.full_name} devient {label}", user, by, on)
    return bool(changed)


@transaction.atomic
def remove_user(*, user: User, by: User, on: dt.datetime) -> bool:
    """Delete an account with its rights, links and sessions; what it did stays in the journal. Twice changes nothing.

    Raises ValidationError for the last administrator.
    """
    keep_one_administrator(user)
    if not User.objects.select_for_update().filter(pk=user.pk).exists():
        return False
    # Told before: the entry may be his own.
    _tell("remove", f"{user.full_name} {'quitte' if user == by else 'est retiré de'} l'entreprise", user, by, on)
    emails.tell_removed(user)
    end_sessions(user=user)
    User.objects.filter(pk=user.pk).delete()
    return True


@transaction.atomic
def tell_data_taken(*, user: User, on: dt.datetime) -> None:
    """Note that a person took the file of his own data."""
    _tell("data", f"{user.full_name} télécharge ses propres données", user, user, on)


def keep_one_administrator(user: User) -> None:
    """Refuse to take away the last active administrator of an enterprise (trust.md, peers).

    The one door for leaving, demotion, suspension and removal; whoever asks at the same time waits at the lock.
    Raises ValidationError.
    """
    if user.establishment is None:
        return
    enterprise = Enterprise.objects.select_for_update().get(pk=user.establishment.enterprise_id)
    administrators = set(User.objects.administrators_of(enterprise).values_list("pk", flat=True))
    if administrators == {user.pk}:
        raise ValidationError(
            f"{user.full_name} est le dernier administrateur de l'entreprise : donnez d'abord ce rôle à quelqu'un."
        )


def _insert(user: User) -> None:
    """Save a new person under his login. Raises ValidationError when it is taken, or too long."""
    assert user.establishment is not None  # noqa: S101 - staff are made by a command
    user.login_key = rules.login_key(user.establishment.siret, user.last_name, user.first_name, user.homonym)
    if len(user.login_key) > rules.LONGEST_LOGIN_KEY:
        raise ValidationError({"last_name": "Nom, prénom et distinction sont trop longs ensemble."})
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        if not User.objects.filter(login_key=user.login_key).exists():
            raise
        known = "Une personne de ce nom est déjà inscrite à ce SIRET : distinguez les homonymes."
        raise ValidationError({"last_name": known}) from None


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
