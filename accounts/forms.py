"""Log-in: SIRET + nom + prénom for people (G3.2, G5.1), an identifier for staff. Passwords and secret questions."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.conf import settings

from accounts import rules
from accounts.models import User
from accounts.rules.passwords import Requirement, password_requirements, password_strength


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


def _password_field(label: str, autocomplete: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=128, strip=False, widget=widget)


class NewPasswordForm(forms.Form):
    """A password of one's choice, typed twice (G3.6), and its gauge (G3.7)."""

    password = _password_field("Mot de passe", "new-password")
    again = _password_field("Le même, une deuxième fois", "new-password")

    def __init__(self, *args: Any, known: tuple[str, ...], **kwargs: Any) -> None:
        """known: names and SIRET of the person, which the password may not hold."""
        super().__init__(*args, **kwargs)
        self.known = known

    def requirements(self) -> list[Requirement]:
        """Return each rule, and whether what was typed keeps it."""
        typed = self.data.get(self.add_prefix("password"), "")[:128]
        return password_requirements(typed, known=self.known, reinforced=settings.PASSWORD_REINFORCED)

    def strength(self) -> str:
        """Return « weak », « medium » or « strong »; « » as long as nothing was typed."""
        typed = self.data.get(self.add_prefix("password"), "")[:128]
        return password_strength(typed, self.requirements()) if typed else ""

    def clean_password(self) -> str:
        """Refuse a password that breaks a rule, and say which."""
        missing = [requirement.label for requirement in self.requirements() if not requirement.kept]
        if missing:
            raise forms.ValidationError(f"Il manque à ce mot de passe : {' ; '.join(missing)}.")
        return str(self.cleaned_data["password"])

    def clean_again(self) -> str:
        """Refuse two different passwords."""
        again = str(self.cleaned_data["again"])
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError("Les deux mots de passe diffèrent.")
        return again


class QuestionForm(forms.Form):
    """The secret question, from a closed list, and its answer (G3.6)."""

    question = forms.ChoiceField(
        label="Question secrète", choices=[("", "Choisissez une question"), *User.Question.choices]
    )
    answer = forms.CharField(
        label="Réponse",
        max_length=80,
        help_text="Majuscules, accents et ponctuation ne comptent pas.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_answer(self) -> str:
        """Refuse an answer of which nothing would be left to compare."""
        answer = str(self.cleaned_data["answer"])
        if len(rules.normalise_name(answer)) < 3:
            raise forms.ValidationError("Donnez une réponse de trois lettres ou chiffres au moins.")
        return answer


class PasswordAndQuestionForm(QuestionForm, NewPasswordForm):
    """Both at once; the « renforcé » mode has no question (trust.md, Identity)."""

    field_order = ("password", "again", "question", "answer")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.PASSWORD_REINFORCED:
            del self.fields["question"], self.fields["answer"]
