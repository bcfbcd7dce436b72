"""Log-in: SIRET + nom + prénom for people (G3.2, G5.1), an identifier for staff."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms

from accounts import rules


class _KeyedLoginForm(AllauthLoginForm):
    """Hands allauth one key as « username », whatever the fields that make it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Taken out first, or the password would keep its place before the fields of the key.
        del self.fields["login"], self.fields["password"]
        self.fields["password"] = forms.CharField(
            label="Mot de passe",
            max_length=128,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )

    def login_key(self) -> str:
        """Return the key of the person these clean values name."""
        raise NotImplementedError

    def user_credentials(self) -> dict[str, str]:
        """Give allauth the key and the password."""
        self.cleaned_data["login"] = key = self.login_key()
        return {"username": key, "password": self.cleaned_data["password"]}


class LoginForm(_KeyedLoginForm):
    """« Votre compte » → « Je me connecte » (G5.1)."""

    siret = forms.CharField(
        label="SIRET",
        max_length=40,
        help_text="14 chiffres, avec ou sans espaces.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "organization"}),
    )
    last_name = forms.CharField(
        label="Nom", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    first_name = forms.CharField(
        label="Prénom", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    homonym = forms.CharField(
        label="Distinction d'homonyme",
        max_length=40,
        required=False,
        help_text="Seulement si vous en avez choisi une à l'inscription.",
    )

    def clean_siret(self) -> str:
        """Refuse a text that cannot be a SIRET, at the field."""
        try:
            return rules.clean_siret(self.cleaned_data["siret"])
        except rules.IdentifierError as error:
            raise forms.ValidationError(str(error)) from None

    def login_key(self) -> str:
        """Return SIRET + nom + prénom, folded (trust.md, Identity)."""
        values = self.cleaned_data
        return rules.login_key(values["siret"], values["last_name"], values["first_name"], values["homonym"])


class StaffLoginForm(_KeyedLoginForm):
    """The team's log-in, through the same throttle."""

    identifier = forms.CharField(
        label="Identifiant", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )

    def login_key(self) -> str:
        """Return the identifier, folded: it holds no bar, so it is never a person's key."""
        return rules.normalise_name(self.cleaned_data["identifier"])
