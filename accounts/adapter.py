"""allauth's hooks: log-in failures are counted in the database, mails are ours, secrets of factors are encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailConfirmationHMAC
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import emails, rules
from accounts.actions.login import forget_login_failures, login_paused, record_login_failure
from accounts.models import User
from portal import clock
from portal.kit import cipher, french, metrics

# What the secrets are encrypted for: another purpose has another key.
FACTORS = "second factor"


class AccountAdapter(DefaultAccountAdapter):
    """Counts failures per account and source, so that a stranger cannot lock somebody out elsewhere."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "Le SIRET, le nom, le prénom ou le mot de passe ne correspondent pas.",
        "too_many_login_attempts": (
            "Trop d'essais : par sécurité, attendez un quart d'heure avant de recommencer depuis cet appareil."
        ),
    }

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Refuse during a pause, count a failure, forget them all on success."""
        key, source = str(credentials.get("username", "")), rules.login_source(self.get_client_ip(request))
        at = clock.real_now()
        if login_paused(key=key, source=source, at=at):
            metrics.count_login("paused")
            raise self.validation_error("too_many_login_attempts")
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is None:
            metrics.count_login("wrong password")
            record_login_failure(key=key, source=source, at=at)
        else:
            forget_login_failures(key=key, source=source)
        return user

    def send_confirmation_mail(
        self,
        request: HttpRequest,  # noqa: ARG002
        emailconfirmation: EmailConfirmationHMAC,
        signup: bool,  # noqa: ARG002, FBT001
    ) -> None:
        """Send our letter, whose link does not depend on the request's host."""
        emails.confirm_address(emailconfirmation.email_address)

    def respond_email_verification_sent(self, request: HttpRequest, user: AbstractBaseUser | None) -> HttpResponse:
        """Say where the link was sent: whoever gave the right password may know (G3.15)."""
        request.session["verification_address"] = str(getattr(user, "email", ""))
        return redirect("account_email_verification_sent")


class FactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted, and names the account in the person's own application."""

    def encrypt(self, text: str) -> str:
        """Encrypt a secret before it is stored."""
        return cipher.encrypt(text, FACTORS, at=clock.real_now())

    def decrypt(self, encrypted_text: str) -> str:
        """Read a stored secret. Raises cipher.UnreadableError when its key is gone."""
        return cipher.decrypt(encrypted_text, FACTORS)

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """Name and SIRET: a mailbox may have several accounts."""
        assert isinstance(user, User)  # noqa: S101 - the only user model
        place = user.establishment
        return f"{user.full_name}, SIRET {french.siret(place.siret)}" if place else user.full_name

    def get_totp_issuer(self) -> str:
        """Name the portal."""
        return "Atelier AT/MP"

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Show the same name in the list of passkeys of the device."""
        return super().get_public_key_credential_user_entity(user) | {"name": self.get_totp_label(user)}
