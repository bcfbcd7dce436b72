"""Choices of those who register, of candidates and of those who decide on them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, Q, QuerySet

from accounts.models import Establishment, User
from habilitations import rules
from habilitations.models import Cooptation, Declaration, Registration
from portal.kit import french


class RouteForm(forms.Form):
    """Cooptation or activation key (G4.1)."""

    route = forms.ChoiceField(
        label="Comment voulez-vous être activé ?",
        choices=[
            (
                Cooptation.Route.COOPTATION,
                "Par cooptation, décidée par un administrateur averti par courriel",
            ),
            (Cooptation.Route.KEY, "Par clé d'activation, postée à l'adresse de l'établissement"),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, reachable: bool, **kwargs: Any) -> None:
        """reachable: is there an administrator to ask?"""
        super().__init__(*args, **kwargs)
        if not reachable:
            field: Any = self.fields["route"]
            field.choices = [choice for choice in field.choices if choice[0] == Cooptation.Route.KEY]


class ActivationKeyForm(forms.Form):
    """The key of the letter, however it is typed (G4.8)."""

    key = forms.CharField(
        label="Clé d'activation",
        max_length=40,
        help_text="12 lettres et chiffres. Espaces, tirets et minuscules sont acceptés.",
        widget=forms.TextInput(
            attrs={
                "class": "key-cells", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false",
            }
        ),
    )  # fmt: skip

    def clean_key(self) -> str:
        """Refuse what no letter prints, at the field."""
        try:
            return rules.clean_key(self.cleaned_data["key"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class DecisionForm(forms.Form):
    """« Accord » or « Refus » for one candidate, and a reason if one likes (G4.5)."""

    GRANT, REFUSE = "accord", "refus"

    choice = forms.ChoiceField(
        label="Votre décision", choices=[(GRANT, "Accord"), (REFUSE, "Refus")], widget=forms.RadioSelect, required=False
    )
    reason = forms.CharField(
        label="Motif d'un refus", max_length=300, required=False, help_text="Il est envoyé au candidat."
    )

    def __init__(self, *args: Any, cooptation: Cooptation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cooptation = cooptation

    @property
    def cooptation(self) -> Cooptation:
        """The request that this form decides on."""
        assert self._cooptation is not None  # noqa: S101 - given wherever a decision is read
        return self._cooptation


class ProfileForm(forms.Form):
    """« Vous êtes » (G3.10)."""

    profile = forms.ChoiceField(
        label="Une seule réponse",
        choices=[
            (Registration.Profile.ENTERPRISE, "Une entreprise, qui déclare pour elle-même"),
            (Registration.Profile.TIERS_DECLARANT, "Un tiers déclarant, par exemple un cabinet comptable"),
            (Registration.Profile.HOLDING, "Une holding, qui déclare pour ses filiales"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un profil."},
    )


class ServicesForm(forms.Form):
    """« Vous souhaitez utiliser les services liés à… » (G3.10)."""

    bodies = forms.MultipleChoiceField(
        label="Une réponse ou plusieurs",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un organisme."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels: dict[str, list[str]] = {}
        for declaration in Declaration.objects.order_by("body", "label"):
            labels.setdefault(declaration.body, []).append(declaration.label)
        field: Any = self.fields["bodies"]
        field.choices = [(body, french.typeset(f"{body} : {', '.join(offered)}")) for body, offered in labels.items()]


class PlaceFilters(forms.Form):
    """Which establishments to show."""

    word = forms.CharField(label="SIRET ou commune", max_length=80, required=False)

    def keep(self, places: QuerySet[Establishment]) -> QuerySet[Establishment]:
        """Return those whose SIRET, or whose town, starts so."""
        self.is_valid()
        word = self.cleaned_data.get("word", "")
        return places.filter(starting_with(word)) if word else places


class PeopleFilters(forms.Form):
    """Which people to show."""

    nom = forms.CharField(label="Nom de la personne", max_length=80, required=False)


def starting_with(word: str) -> Q:
    """Return the establishments whose SIRET, or whose town, starts so."""
    digits = "".join(word.split())
    return Q(siret__startswith=digits) if digits.isascii() and digits.isdigit() else Q(city__istartswith=word)


class RightFilters(forms.Form):
    """« Gérer les habilitations »: the criteria in drop-down lists (G1.4). line: what a line of the matrix is."""

    word = forms.CharField(max_length=80, required=False)
    declaration = forms.ModelChoiceField(
        Declaration.objects.none(), label="Déclaration", required=False, empty_label="Toutes", to_field_name="code"
    )
    body = forms.ChoiceField(label="Organisme", required=False)
    granted = forms.ChoiceField(
        label="Droit", choices=[("", "Tous"), ("oui", "Accordé"), ("non", "Pas accordé")], required=False
    )

    def __init__(self, *args: Any, declarations: QuerySet[Declaration], line: str, **kwargs: Any) -> None:
        """declarations: those that may be given here. line: label of the word to search."""
        super().__init__(*args, **kwargs)
        self.fields["word"].label = line
        self._declarations = declarations
        declaration: Any = self.fields["declaration"]
        declaration.queryset = declarations
        bodies = list(declarations.order_by("body").values_list("body", flat=True).distinct())
        self.fields["body"].choices = [("", "Tous"), *((body, body) for body in bodies)]  # type: ignore[attr-defined]
        self.is_valid()

    def columns(self) -> list[Declaration]:
        """Return the declarations to show; a criterion that makes no sense is left out."""
        found = self._declarations
        if chosen := self.cleaned_data.get("declaration"):
            found = found.filter(pk=chosen.pk)
        if body := self.cleaned_data.get("body"):
            found = found.filter(body=body)
        return list(found.order_by("label"))

    def keep(self, rows: QuerySet[Any], rights: QuerySet[Any], on: str = "declaration") -> QuerySet[Any]:
        """Return the lines to show, people or establishments.

        rights: those of a line, by its OuterRef. on: lookup from a right to its declaration.
        """
        word = self.cleaned_data.get("word", "")
        if word and rows.model is User:
            rows = rows.filter(last_name__istartswith=word)
        elif word:
            rows = rows.filter(starting_with(word))
        if granted := self.cleaned_data.get("granted"):
            found = Exists(rights.filter(**{f"{on}__in": self.columns()}))
            rows = rows.filter(found if granted == "oui" else ~found)
        return rows
