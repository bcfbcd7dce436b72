"""Lost and first passwords: a mailed link, then the secret question if there is one (trust.md, Identity)."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from accounts import emails, rules
from accounts.actions.journal import record
from accounts.actions.login import forget_login_failures, login_paused, record_login_failure
from accounts.actions.people import replace_password, replace_question
from accounts.models import User
from portal.kit.french import siret

_MAY_RESET = (User.State.ACTIVE, User.State.PENDING, User.State.UNVERIFIED)


@transaction.atomic
def ask_password_link(*, key: str, source: str, on: dt.datetime, at: dt.datetime) -> None:
    """Send a link to the person of this login key, if there is one that may have it; say nothing of it.

    For nobody the same work is done, and undone. at: real time. Raises ValidationError after
    LOGIN_FAILURES_ALLOWED requests for one key from one source, known or not.
    """
    counted = f"lost-password|{key}"
    if login_paused(key=counted, source=source, at=at):
        raise ValidationError(f"Trop de demandes : attendez {settings.LOGIN_PAUSE_MINUTES} minutes.")
    record_login_failure(key=counted, source=source, at=at)
    user = User.objects.filter(login_key=key).first()
    known = user is not None and user.state in _MAY_RESET and user.email != ""
    nobody = User(pk=0, login_key=key, email="personne@exemple.example", password="!")  # noqa: S106 - opens nothing
    person = user if user and known else nobody
    with transaction.atomic():
        emails.send_password_link(person)
        # In the chain of no enterprise: the same work whoever it is.
        summary = f"Nouveau mot de passe demandé pour {person.journal_name}."
        record(by=None, on=on, verb="password.ask", summary=summary)
        transaction.set_rollback(not known)


def person_of_link(uid: str, token: str) -> User | None:
    """Return whose link this is, None when it was used, has expired, or never was one."""
    if not (uid.isascii() and uid.isdigit() and len(uid) < 19):
        return None
    user = User.objects.select_related("establishment__enterprise").filter(pk=int(uid), state__in=_MAY_RESET).first()
    return user if user and default_token_generator.check_token(user, token) else None


def check_answer(*, user: User, answer: str, day: dt.date) -> bool:
    """Compare the answer to a person's secret question, a few times a day only. day: of the machine.

    Raises ValidationError after ANSWER_TRIES_PER_DAY tries.
    """
    left = Q(answer_tried_on=None) | ~Q(answer_tried_on=day) | Q(answer_tries__lt=settings.ANSWER_TRIES_PER_DAY)
    tries = Case(When(answer_tried_on=day, then=F("answer_tries") + 1), default=Value(1))
    if not User.objects.filter(left, pk=user.pk).update(answer_tries=tries, answer_tried_on=day):
        raise ValidationError("Trop de réponses essayées aujourd'hui : revenez demain, ou voyez un administrateur.")
    return check_password(rules.normalise_name(answer), user.answer)


def check_own_password(*, user: User, password: str, at: dt.datetime) -> None:
    """Ask somebody who is logged in for his password, before something that a borrowed session must not do.

    at: real time. Raises ValidationError when it is wrong, and after LOGIN_FAILURES_ALLOWED wrong ones.
    """
    key = f"own-password|{user.login_key}"
    if login_paused(key=key, source="", at=at):
        raise ValidationError(f"Trop d'essais : attendez {settings.LOGIN_PAUSE_MINUTES} minutes.")
    if not user.check_password(password):
        record_login_failure(key=key, source="", at=at)
        raise ValidationError("Ce n'est pas votre mot de passe actuel.")
    forget_login_failures(key=key, source="")


@transaction.atomic
def set_password_by_link(*, user: User, password: str, question: str, answer: str, on: dt.datetime) -> None:
    """Give a person the password that he chose by his link, which dies; his sessions end.

    question, answer: for somebody who was invited and has none yet, or empty. Following the link shows that the
    address is his: an invited déclarant is active from here (G3.5).
    """
    replace_password(user=user, password=password, by=user, on=on)
    if question:
        replace_question(user=user, question=question, answer=answer, by=user, on=on)
    User.objects.filter(pk=user.pk).update(answer_tries=0)
    invited = User.objects.filter(pk=user.pk, state=User.State.UNVERIFIED, role=User.Role.DECLARANT)
    if not invited.update(state=User.State.ACTIVE):
        return
    EmailAddress.objects.filter(user=user, email__iexact=user.email).update(verified=True)
    place = user.establishment
    assert place is not None  # noqa: S101 - staff are not invited
    user.refresh_from_db(fields=["state"])
    told = f"{user.full_name} valide son adresse et devient déclarant au SIRET {siret(place.siret)}."
    record(by=user, on=on, verb="user.activate", summary=told, enterprise=place.enterprise_id)


@transaction.atomic
def adopt_address(*, address: EmailAddress, on: dt.datetime) -> bool:
    """Make a new address, validated by its link, the one of its owner; the old one goes. Twice changes nothing."""
    if not EmailAddress.objects.filter(pk=address.pk, verified=False).update(verified=True):
        return False
    user = User.objects.select_related("establishment").get(pk=address.user_id)
    before = user.email
    EmailAddress.objects.filter(user=user).exclude(pk=address.pk).delete()
    EmailAddress.objects.filter(pk=address.pk).update(primary=True)
    User.objects.filter(pk=user.pk).update(email=address.email)
    if before and before.casefold() != address.email.casefold():
        emails.tell_address_changed(user, before)
    place = user.establishment
    record(
        by=user,
        on=on,
        verb="user.address",
        summary=f"{user.journal_name} valide son adresse électronique.",
        enterprise=place.enterprise_id if place else None,
    )
    return True


@transaction.atomic
def propose_address(*, user: User, email: str, on: dt.datetime) -> bool:
    """Send a link to the address a person wants; the old one stays until he follows it. False when it is the same."""
    if email.casefold() == user.email.casefold():
        return False
    EmailAddress.objects.filter(user=user, primary=False).delete()
    address = EmailAddress.objects.create(user=user, email=email.lower(), verified=False, primary=False)
    emails.confirm_address(address)
    place = user.establishment
    record(
        by=user,
        on=on,
        verb="user.address",
        summary=f"{user.full_name} demande à changer d'adresse électronique.",
        enterprise=place.enterprise_id if place else None,
    )
    return True
