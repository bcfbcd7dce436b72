"""Input of the tools; never saves."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError

from accounts.models.mail import MailQuerySet
from accounts.rules import IdentifierError, clean_siret
from portal.kit import french
from sandbox.access import is_class_code
from sandbox.actions.copies import MOST_COPIES
from sandbox.models.letter import LetterQuerySet
from sandbox.rules import Jump
from sandbox.scenario.file import titles


class CodeForm(forms.Form):
    """The class code."""

    code = forms.CharField(
        label="Code de la classe",
        max_length=60,
        help_text="Votre formateur vous le donne.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 20}),
    )

    def clean_code(self) -> str:
        """Compare with the one of this instance."""
        code: str = self.cleaned_data["code"]
        if not is_class_code(code):
            raise ValidationError("Ce code n'est pas celui de la classe.")
        return code


# Slug in the form → how far.
JUMPS = {
    "jour": Jump("+ 1 jour", days=1),
    "24h": Jump("+ 24 h", hours=24),
    "15-jours": Jump("+ 15 jours", days=15),
}


class JumpForm(forms.Form):
    """One of the buttons, « 1er janvier », or a day."""

    jump = forms.ChoiceField(choices=[(slug, slug) for slug in (*JUMPS, "1er-janvier", "date")])
    day = forms.CharField(
        label="Aller au",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 12}),
    )

    def __init__(self, *args: object, today: dt.date, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.today = today
        self.fields["day"].help_text = f"Par exemple 31/12/{today.year + 1}."
        # Asked for by its own button alone.
        self.fields["day"].required = self.data.get("jump", "date") == "date"
        # One button says it: it is never wrong in a way that its reader could put right.
        self.fields["jump"].error_messages = dict.fromkeys(("required", "invalid_choice"), "Choisissez un bouton.")

    def asked(self) -> Jump:
        """Return how far to go, of a valid form."""
        slug: str = self.cleaned_data["jump"]
        if slug in JUMPS:
            return JUMPS[slug]
        until: dt.date = self.cleaned_data["until"]
        return Jump(f"jusqu'au {french.day(until)}", until=until)

    def clean(self) -> None:
        """Find the day to arrive on."""
        slug = self.cleaned_data.get("jump")
        if slug == "1er-janvier":
            self.cleaned_data["until"] = dt.date(self.today.year + 1, 1, 1)
        elif slug == "date" and "day" in self.cleaned_data:
            try:
                self.cleaned_data["until"] = french.parse_day(self.cleaned_data["day"])
            except ValueError as error:
                self.add_error("day", str(error))


class CopiesForm(forms.Form):
    """A scenario, so many copies of it, and whose they are."""

    scenario = forms.ChoiceField(label="Scénario", choices=titles, initial="decouverte")
    count = forms.IntegerField(label="Nombre de copies", min_value=1, max_value=MOST_COPIES, initial=1)
    trainees = forms.CharField(
        label="Noms des stagiaires",
        required=False,
        max_length=20_000,
        help_text="Un par ligne, dans l'ordre des copies.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_trainees(self) -> list[str]:
        """Return the names, one a line."""
        return [" ".join(line.split()) for line in str(self.cleaned_data["trainees"]).splitlines() if line.strip()]

    def clean(self) -> None:
        """Leave nobody out: a name too many is a copy too few."""
        names, count = len(self.cleaned_data.get("trainees", [])), self.cleaned_data.get("count")
        if count and names > count:
            told = f"{french.plural(names, 'nom')} pour {french.plural(count, 'copie')} : demandez autant de copies."
            self.add_error("count", told)


class BoxFilters(forms.Form):
    """Which mailboxes to show."""

    adresse = forms.CharField(label="Adresse", required=False, max_length=100, help_text="Tout ou partie.")

    def keep(self, mails: MailQuerySet) -> MailQuerySet:
        """Return those that match; none when the filter cannot be read."""
        if not self.is_valid():
            return mails.none()
        word = self.cleaned_data["adresse"]
        return mails.filter(recipient__icontains=word) if word else mails


class LetterFilters(forms.Form):
    """Which letters to show."""

    mot = forms.CharField(label="Destinataire", required=False, max_length=100, help_text="SIRET, ou partie du nom.")

    def keep(self, letters: LetterQuerySet) -> LetterQuerySet:
        """Return those that match; none when the filter cannot be read."""
        if not self.is_valid():
            return letters.none()
        word = self.cleaned_data["mot"]
        digits = "".join(word.split())
        if digits.isascii() and digits.isdigit():
            return letters.filter(siret__startswith=digits)
        return letters.filter(addressee__icontains=word) if word else letters


class DsnFileForm(forms.Form):
    """For which establishment to make a DSN."""

    siret = forms.CharField(label="SIRET du client", max_length=30, help_text="Quatorze chiffres.")

    def clean_siret(self) -> str:
        """Return its digits, when its key is right."""
        try:
            return clean_siret(str(self.cleaned_data["siret"]))
        except IdentifierError as error:
            raise ValidationError(str(error)) from error


class ResultForm(forms.Form):
    """Whose the result of a mission is."""

    nom = forms.CharField(label="Nom à imprimer", required=False, max_length=80)
