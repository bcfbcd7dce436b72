"""Second factors: what is typed, and what a browser answers for a passkey."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django import forms

from accounts.forms import CurrentPasswordForm
from accounts.models import User
from accounts.rules.codes import new_secret, step_of
from portal.kit import cipher

# A new secret waits in its own page, encrypted: looking at the page writes nothing.
NEW_SECRET, NEW_SECRET_SECONDS = "new application", 3600
NO_PASSKEY = "Le navigateur n'a pas prouvé qu'il tient cette clé : recommencez, ou prenez un autre moyen."
Checked = TypeVar("Checked")


def _code_field(label: str, help_text: str, longest: int) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"})
    return forms.CharField(label=label, help_text=help_text, max_length=longest, widget=widget)


class CodeForm(forms.Form):
    """A code of the application, or a recovery code, at log-in."""

    code = _code_field("Code", "Six chiffres de votre application, ou un code de secours de huit chiffres.", 20)


class PasswordForm(CurrentPasswordForm):
    """Nothing but the password, before a factor is removed or codes are replaced."""


class ApplicationForm(CurrentPasswordForm):
    """The first code of an application, which shows that it has taken the secret."""

    code = _code_field("Code de l'application", "Les six chiffres qu'elle affiche maintenant.", 20)
    secret = forms.CharField(widget=forms.HiddenInput, max_length=500)
    field_order = ("code", "current")

    def __init__(self, *args: Any, user: User, at: dt.datetime, **kwargs: Any) -> None:
        """at: real time."""
        super().__init__(*args, user=user, **kwargs)
        self._at, self.step = at, 0
        sent = str(self.data.get("secret", ""))[:500]
        try:
            owner, self.plain = cipher.decrypt(sent, NEW_SECRET, at=at, seconds=NEW_SECRET_SECONDS).split(":")
            self._expired = owner != str(user.pk)
        except cipher.UnreadableError:
            self._expired = True
        if self._expired:
            self.plain = new_secret()
            self.sealed = cipher.encrypt(f"{user.pk}:{self.plain}", NEW_SECRET, at=at)
        else:
            self.sealed = sent

    def clean_code(self) -> str:
        """Refuse a code that the application would not show now."""
        if self._expired:
            raise forms.ValidationError("Cette page a expiré : reprenez avec la clé affichée maintenant.")
        step = step_of(self.plain, self.cleaned_data["code"], self._at)
        if step is None:
            raise forms.ValidationError(
                "Ce n'est pas le code attendu. Vérifiez l'heure de votre appareil, puis recopiez le code affiché."
            )
        self.step = step
        return str(self.cleaned_data["code"])


class _CredentialForm(forms.Form):
    """What the browser answers for a passkey: JSON, written by the page's script."""

    credential = forms.JSONField(
        widget=forms.HiddenInput,
        error_messages={"required": "Votre navigateur n'a donné aucune clé.", "invalid": NO_PASSKEY},
    )


class PasskeyAddForm(_CredentialForm, CurrentPasswordForm):
    """A passkey to add, and what to call it."""

    name = forms.CharField(
        label="Nom de cette clé", max_length=40, help_text="Pour la reconnaître, par exemple « Téléphone »."
    )
    field_order = ("name", "current")

    def clean_credential(self) -> dict[str, Any]:
        """Refuse a key that the browser has not just made for us."""
        credential: dict[str, Any] = self.cleaned_data["credential"]

        def complete() -> dict[str, Any]:
            auth.parse_registration_response(credential)
            auth.complete_registration(credential)
            return credential

        return _checked(complete)


class PasskeyUseForm(_CredentialForm):
    """A passkey at log-in."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_credential(self) -> Authenticator:
        """Refuse a key that is not this person's, or did not sign this challenge."""
        credential = self.cleaned_data["credential"]

        def complete() -> Authenticator:
            auth.parse_authentication_response(credential)
            return auth.complete_authentication(self._user, credential)

        return _checked(complete)


def _checked(check: Callable[[], Checked]) -> Checked:
    """Return what fido2 makes of an answer; whatever it stumbles on in a stranger's JSON is a refusal."""
    try:
        return check()
    except (forms.ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise forms.ValidationError(NO_PASSKEY) from None
