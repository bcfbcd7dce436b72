"""Log-in: SIRET + nom + prénom for people (G3.2, G5.1), an identifier for staff. Registration: identity, secrets."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.conf import settings
from django.db.models import QuerySet

from accounts import rules
from accounts.actions.passwords import check_own_password
from accounts.models import Establishment, User
from accounts.rules.passwords import ACCENTED, SPECIAL, Requirement, password_requirements, password_strength
from portal import clock
from portal.kit import french


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


class _NameForm(forms.Form):
    """The three answers that name a person."""

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

    def clean_siret(self) -> str:
        """Refuse a text that cannot be a SIRET, at the field."""
        try:
            return rules.clean_siret(self.cleaned_data["siret"])
        except rules.IdentifierError as error:
            raise forms.ValidationError(str(error)) from None


class _KeyForm(_NameForm):
    """What makes a login key (G3.2)."""

    homonym = forms.CharField(
        label="Distinction d'homonyme",
        max_length=40,
        required=False,
        help_text="Seulement si vous en avez choisi une à l'inscription.",
    )

    def login_key(self) -> str:
        """Return SIRET + nom + prénom, folded (trust.md, Identity)."""
        values = self.cleaned_data
        return rules.login_key(values["siret"], values["last_name"], values["first_name"], values["homonym"])


class LoginForm(_KeyForm, _KeyedLoginForm):
    """« Votre compte » → « Je me connecte » (G5.1)."""


class LostPasswordForm(_KeyForm):
    """Whose password is lost: the login, never the address, which several people may share."""


_EMAIL = forms.EmailField(
    label="Adresse électronique",
    max_length=254,
    help_text="Un lien à ouvrir y sera envoyé.",
    widget=forms.EmailInput(attrs={"autocomplete": "email"}),
)
_PHONE = forms.RegexField(
    r"^\+?[0-9][0-9 .()\-]*$",
    label="Téléphone",
    max_length=20,
    required=False,
    error_messages={"invalid": "Écrivez un numéro de téléphone en chiffres, par exemple 01 23 45 67 89."},
    widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
)


class IdentityForm(_NameForm):
    """Who registers, and where (G3.2)."""

    homonym = forms.CharField(
        label="Distinction d'homonyme",
        max_length=40,
        required=False,
        help_text="Seulement si une personne de mêmes nom et prénom est inscrite à ce SIRET, par exemple « junior ». "
        "Vous la donnerez à chaque connexion.",
    )
    email = _EMAIL
    phone = _PHONE

    def __init__(self, *args: Any, day: dt.date, **kwargs: Any) -> None:
        """day: the portal's, for establishments that have closed."""
        super().__init__(*args, **kwargs)
        self._day = day

    def clean_siret(self) -> str:
        """Refuse what the register does not know, and the closed. Accounts there are never looked at."""
        siret = super().clean_siret()
        place = Establishment.objects.filter(siret=siret).first()
        if place is None:
            raise forms.ValidationError(
                "Cet établissement n'est pas dans le répertoire de ce simulateur, qui n'en connaît pas d'autres. "
                "Vérifiez les chiffres, ou demandez un SIRET à l'équipe de l'atelier."
            )
        if place.closed_on and place.closed_on <= self._day:
            raise forms.ValidationError(
                f"Cet établissement est fermé depuis le {french.day(place.closed_on)} : personne ne s'y inscrit plus."
            )
        return siret

    def clean_last_name(self) -> str:
        """Refuse a name of which nothing would be left in the login."""
        return _readable(self.cleaned_data["last_name"])

    def clean_first_name(self) -> str:
        """Refuse a first name of which nothing would be left in the login."""
        return _readable(self.cleaned_data["first_name"])

    def clean(self) -> None:
        """Refuse names that do not fit the login: « œ » and its like count double."""
        if self.errors:
            return
        parts = [self.cleaned_data[name] for name in ("siret", "last_name", "first_name", "homonym")]
        if len(rules.login_key(*parts)) > rules.LONGEST_LOGIN_KEY:
            self.add_error("last_name", "Nom, prénom et distinction sont trop longs ensemble.")


def _readable(name: str) -> str:
    if not rules.normalise_name(name):
        raise forms.ValidationError("Écrivez au moins une lettre.")
    return name


class TermsForm(forms.Form):
    """The general terms must be accepted to go on (G3.3)."""

    accepted = forms.BooleanField(
        label="J'ai lu et j'accepte les conditions générales",
        error_messages={"required": "Acceptez les conditions générales pour continuer."},
    )


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

    @property
    def allowed(self) -> tuple[str, str] | None:
        """Return the published accented letters and signs (G3.6); None when every character may be used."""
        return None if settings.PASSWORD_REINFORCED else (ACCENTED, SPECIAL)

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


def _place_label(place: Establishment) -> str:
    return f"{french.siret(place.siret)} {place.city}".strip()


class ColleagueForm(forms.Form):
    """A colleague to register as déclarant (G3.5)."""

    establishment = forms.ModelChoiceField(
        Establishment.objects.none(), label="Établissement", to_field_name="siret", empty_label=None
    )
    last_name = forms.CharField(label="Nom", max_length=80)
    first_name = forms.CharField(label="Prénom", max_length=80)
    homonym = forms.CharField(
        label="Distinction d'homonyme",
        max_length=40,
        required=False,
        help_text="Seulement si une personne de mêmes nom et prénom est inscrite à ce SIRET.",
    )
    email = _EMAIL
    phone = _PHONE

    def __init__(self, *args: Any, places: QuerySet[Establishment], **kwargs: Any) -> None:
        """places: within the administrator's reach; one is taken for granted, many are typed."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["establishment"]
        field.queryset = places
        field.label_from_instance = _place_label
        if places[MOST_PLACES:].exists():
            field.widget = forms.TextInput(attrs={"inputmode": "numeric"})
            field.label, field.help_text = "SIRET de l'établissement", "14 chiffres, sans espaces."
            field.error_messages["invalid_choice"] = "Ce SIRET n'est pas d'un établissement que vous gérez."

    def clean_last_name(self) -> str:
        """Refuse a name of which nothing would be left in the login."""
        return _readable(self.cleaned_data["last_name"])

    def clean_first_name(self) -> str:
        """Refuse a first name of which nothing would be left in the login."""
        return _readable(self.cleaned_data["first_name"])


# Establishments that a list shows; beyond, the SIRET is typed.
MOST_PLACES = 50


class PeopleFilters(forms.Form):
    """Which of the people to show."""

    word = forms.CharField(label="Nom", max_length=80, required=False)
    role = forms.ChoiceField(label="Rôle", choices=[("", "Tous"), *User.Role.choices], required=False)
    state = forms.ChoiceField(
        label="État",
        choices=[
            ("", "Tous"),
            *[choice for choice in User.State.choices if choice[0] != User.State.PENDING],
        ],
        required=False,
    )

    def keep(self, people: QuerySet[User]) -> QuerySet[User]:
        """Return those who match; a criterion that makes no sense is left out."""
        self.is_valid()
        values = self.cleaned_data
        if word := values.get("word"):
            people = people.filter(last_name__istartswith=word)
        for name in ("role", "state"):
            if value := values.get(name):
                people = people.filter(**{name: value})
        return people


class AddressForm(forms.Form):
    """Another address."""

    email = _EMAIL


class PhoneForm(forms.Form):
    """Another telephone, or none."""

    phone = _PHONE


class CurrentPasswordForm(forms.Form):
    """Asks who is there before a secret changes."""

    current = _password_field("Mot de passe actuel", "current-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_current(self) -> str:
        """Refuse a wrong password, and any after too many."""
        current = str(self.cleaned_data["current"])
        check_own_password(user=self._user, password=current, at=clock.real_now())
        return current


class OwnPasswordForm(NewPasswordForm, CurrentPasswordForm):
    """One's own password, changed."""

    field_order = ("current", "password", "again")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = "Nouveau mot de passe"


class OwnQuestionForm(QuestionForm, CurrentPasswordForm):
    """One's own secret question, changed."""

    field_order = ("current", "question", "answer")


class OwnAddressForm(AddressForm, CurrentPasswordForm):
    """One's own address, changed once its link is followed."""

    field_order = ("current", "email")


class AnswerForm(NewPasswordForm):
    """A new password by a mailed link; the secret question comes first when there is one (trust.md, Identity)."""

    secret = forms.CharField(
        label="Réponse à votre question secrète",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("secret", "password", "again")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.question and not settings.PASSWORD_REINFORCED:
            self.fields["secret"].label = User.Question(user.question).label
        else:
            del self.fields["secret"]
