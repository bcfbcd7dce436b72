"""Staff's forms: clean values, and the sentence at the field that is wrong."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts import rules
from accounts.actions.correction import ENTERPRISE_FIELDS, ESTABLISHMENT_FIELDS
from accounts.models import Enterprise, Establishment, User
from portal.kit.french import siret


class SiretField(forms.CharField):
    """A SIRET typed with or without spaces; cleans to its Establishment, of any enterprise."""

    def __init__(self, *, label: str = "SIRET", help_text: str = "", required: bool = True) -> None:
        super().__init__(label=label, help_text=help_text, required=required, max_length=40)

    def clean(self, value: Any) -> Any:
        """Return the establishment; None when nothing was typed and nothing has to be."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return Establishment.objects.select_related("enterprise").get(siret=rules.clean_siret(text))
        except rules.IdentifierError as error:
            raise forms.ValidationError(str(error)) from None
        except Establishment.DoesNotExist:
            raise forms.ValidationError("Ce SIRET n'est pas dans le répertoire.") from None


class ReasonedForm(forms.ModelForm):
    """A correction says why, in the journal of the enterprise (trust.md, Learned from peers)."""

    reason = forms.CharField(
        label="Motif",
        max_length=100,
        required=False,
        help_text="Obligatoire pour une correction. Les administrateurs de l'entreprise le lisent dans leur journal.",
    )

    def clean_reason(self) -> str:
        """Ask for a reason whenever something known changes."""
        reason = str(self.cleaned_data["reason"]).strip()
        known = not self.instance._state.adding
        if known and not reason and set(self.changed_data) - {"reason"}:
            raise forms.ValidationError("Dites pourquoi : ce motif paraît dans le journal de l'entreprise.")
        return reason


class EnterpriseForm(ReasonedForm):
    """An enterprise of the register. Its SIREN may be typed with spaces."""

    siren = forms.CharField(label="SIREN", max_length=20)

    class Meta:
        model = Enterprise
        fields = ("siren", *ENTERPRISE_FIELDS)

    def clean_siren(self) -> str:
        """Refuse a wrong key."""
        return _identifier(rules.clean_siren, self.cleaned_data["siren"])


class EstablishmentForm(ReasonedForm):
    """An establishment of the register. Its SIRET may be typed with spaces."""

    siret = forms.CharField(label="SIRET", max_length=30)

    class Meta:
        model = Establishment
        fields = ("siret", "enterprise", *ESTABLISHMENT_FIELDS)

    def clean_siret(self) -> str:
        """Refuse a wrong key."""
        return _identifier(rules.clean_siret, self.cleaned_data["siret"])

    def clean_code_risque(self) -> str:
        """Refuse what cannot be a code; none is allowed."""
        text = self.cleaned_data["code_risque"]
        return _identifier(rules.clean_code_risque, text) if text else ""

    def clean(self) -> dict[str, Any]:
        """Refuse a SIRET of another enterprise and a second head office, each at its field."""
        values = super().clean() or self.cleaned_data
        siren = self.instance.enterprise_id or getattr(values.get("enterprise"), "pk", None)
        if "siret" in values and siren and not values["siret"].startswith(siren):
            self.add_error("siret", "Le SIRET commence par le SIREN de l'entreprise.")
        if values.get("is_head_office") and siren:
            others = Establishment.objects.filter(enterprise=siren, is_head_office=True).exclude(pk=self.instance.pk)
            if other := others.first():
                self.add_error("is_head_office", f"Cette entreprise a déjà un siège : {siret(other.siret)}.")
        return values


def _identifier(parse: Any, text: str) -> str:
    try:
        cleaned: str = parse(text)
    except rules.IdentifierError as error:
        raise forms.ValidationError(str(error)) from None
    return cleaned


class NewPersonForm(forms.Form):
    """A person to register at a SIRET (G3.2)."""

    establishment = SiretField()
    last_name = forms.CharField(label="Nom", max_length=80)
    first_name = forms.CharField(label="Prénom", max_length=80)
    homonym = forms.CharField(
        label="Distinction d'homonyme",
        max_length=40,
        required=False,
        help_text="Seulement si quelqu'un du même nom est déjà inscrit à ce SIRET : un second prénom, un service.",
    )
    email = forms.EmailField(label="Adresse électronique", max_length=254)
    phone = forms.CharField(label="Téléphone", max_length=20, required=False)
    role = forms.ChoiceField(label="Rôle", choices=User.Role.choices, widget=forms.RadioSelect)
    password = forms.CharField(
        label="Mot de passe",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="À communiquer à la personne. Jamais un mot de passe utilisé ailleurs.",
    )

    def clean_last_name(self) -> str:
        """Refuse a name without a letter."""
        return _spelled(self.cleaned_data["last_name"])

    def clean_first_name(self) -> str:
        """Refuse a name without a letter."""
        return _spelled(self.cleaned_data["first_name"])

    def clean(self) -> None:
        """Ask the settings' validators, who know the names."""
        given = self.cleaned_data
        if {"establishment", "last_name", "first_name", "password"} <= given.keys():
            names = {name: given[name] for name in ("establishment", "last_name", "first_name")}
            try:
                validate_password(given["password"], User(**names))
            except forms.ValidationError as error:
                self.add_error("password", error)


def _spelled(name: str) -> str:
    if not rules.normalise_name(name):
        raise forms.ValidationError("Écrivez au moins une lettre.")
    return name


class NewPasswordForm(forms.Form):
    """A password that staff give to a person, typed twice."""

    password = forms.CharField(
        label="Nouveau mot de passe",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="À communiquer à la personne. Ses sessions ouvertes prennent fin.",
    )
    again = forms.CharField(
        label="Le même, une seconde fois",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """user: whose password it will be."""
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Ask the settings' validators."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean_again(self) -> str:
        """Refuse when both differ."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError("Les deux mots de passe ne sont pas les mêmes.")
        return again


class UploadForm(forms.Form):
    """A CSV file to import. What is wrong inside is said by line, once it has been read."""

    file = forms.FileField(
        label="Fichier CSV",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
        error_messages={"required": "Choisissez un fichier."},
    )
