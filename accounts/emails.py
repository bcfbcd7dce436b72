"""Letters by mail, one function each; text first, and a plain HTML part made of the same words."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.template import Context, engines
from django.template.loader import render_to_string
from django.urls import reverse

from accounts import rules
from accounts.models import Mail, User
from portal import clock
from portal.kit import french


def send_letter(*, to: str, subject: str, template: str, person: User, **context: Any) -> None:
    """Send a letter written from a text template: see `letter`."""
    send_letters([letter(to=to, subject=subject, template=template, person=person, **context)])


def send_letters(letters: Iterable[EmailMessage]) -> None:
    """Send many letters at once: the outbox writes them down together."""
    get_connection().send_messages(list(letters))


def letter(*, to: str, subject: str, template: str, person: User, **context: Any) -> EmailMessage:
    """Write a letter to a person from a text template: `accounts/emails/<name>.txt`.

    subject: one line, without the simulator's prefix.
    """
    # Text is not HTML: nothing is escaped.
    source = engines["django"].engine.get_template(template)  # type: ignore[attr-defined]
    body = french.typeset(
        source.render(Context({"portal_url": settings.PORTAL_URL, "person": person, **context}, autoescape=False))
    )
    text = render_to_string("layouts/email.txt", {"body": body})
    html = render_to_string("layouts/email.html", {"body": body, "subject": subject})
    message = EmailMultiAlternatives(f"{settings.EMAIL_SUBJECT_PREFIX}{subject}", text, None, [to])
    message.extra_headers[Mail.ENTERPRISE] = rules.login_siren(person.login_key)
    message.attach_alternative(html, "text/html")
    return message


def portal_link(name: str, *args: str) -> str:
    """Return the absolute address of a page, for a mail."""
    return f"{settings.PORTAL_URL}{reverse(name, args=args)}"


def link_expiry(seconds: int) -> str:
    """Return until when a link written now holds, in French. Links live real time, whatever the portal's clock."""
    return french.moment(clock.real_now() + dt.timedelta(seconds=seconds))


def confirm_address(address: EmailAddress) -> None:
    """Send the link that validates an address (G3.15)."""
    user = address.user
    assert isinstance(user, User)  # noqa: S101 - the only user model
    send_letter(
        to=address.email,
        subject="Validez votre adresse électronique",
        template="accounts/emails/confirm_address.txt",
        person=user,
        link=portal_link("account_confirm_email", EmailConfirmationHMAC.create(address).key),
        expires=address_link_expiry(),
    )


def address_link_expiry() -> str:
    """Return until when a link that validates an address holds, written now."""
    return link_expiry(settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS * 24 * 3600)


def tell_name_taken(holder: User) -> None:
    """Tell a person that somebody registered in his name; the visitor is told nothing (trust.md, Identity)."""
    send_letter(
        to=holder.email,
        subject="Une inscription a été demandée à votre nom",
        template="accounts/emails/name_taken.txt",
        person=holder,
        link=portal_link("account_login"),
    )


def send_password_link(user: User) -> None:
    """Send the link by which a password is chosen anew (trust.md, Identity)."""
    send_letter(
        to=user.email,
        subject="Choisissez un nouveau mot de passe",
        template="accounts/emails/password_link.txt",
        person=user,
        link=_password_link(user),
        expires=link_expiry(settings.PASSWORD_RESET_TIMEOUT),
    )


def invite(user: User, by: User) -> None:
    """Send his link to a colleague who was registered as déclarant (G3.5)."""
    send_letter(
        to=user.email,
        subject="Un administrateur vous a inscrit",
        template="accounts/emails/invitation.txt",
        person=user,
        administrator=by,
        link=_password_link(user),
        expires=link_expiry(settings.PASSWORD_RESET_TIMEOUT),
    )


def tell_secret_changed(user: User, what: str) -> None:
    """Tell a person that his password or his question changed. what: « Votre mot de passe »."""
    if user.email:
        send_letter(
            to=user.email,
            subject=f"{what} a changé",
            template="accounts/emails/secret_changed.txt",
            person=user,
            what=what,
            link=portal_link("accounts:password_lost"),
        )


def tell_factor_changed(user: User, what: str) -> None:
    """Tell a person that his second factors changed. what: a sentence without its full stop."""
    if user.email:
        send_letter(
            to=user.email,
            subject="Votre second facteur a changé",
            template="accounts/emails/factor_changed.txt",
            person=user,
            what=what,
            link=portal_link("accounts:security_detail"),
        )


def tell_codes_paused(user: User) -> None:
    """Warn a person that somebody who knows his password tries codes."""
    if user.email:
        send_letter(
            to=user.email,
            subject="Des codes faux ont été essayés sur votre compte",
            template="accounts/emails/codes_paused.txt",
            person=user,
            link=portal_link("accounts:security_detail"),
        )


def tell_address_changed(user: User, before: str) -> None:
    """Tell the old address that it is replaced."""
    send_letter(
        to=before,
        subject="Votre adresse électronique a changé",
        template="accounts/emails/address_changed.txt",
        person=user,
    )


def tell_removed(user: User) -> None:
    """Tell a person that his account is gone."""
    if user.email:
        send_letter(
            to=user.email,
            subject="Votre compte est supprimé",
            template="accounts/emails/removed.txt",
            person=user,
        )


def _password_link(user: User) -> str:
    return portal_link("accounts:password_new", str(user.pk), default_token_generator.make_token(user))
