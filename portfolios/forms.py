"""Files to deposit, portfolios and their clients."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.models import Establishment
from accounts.rules import IdentifierError, clean_siren, clean_siret
from portal.kit import french
from portfolios.models import BulkRequest, Portfolio
from portfolios.models.portfolio import ClientQuerySet

MOST_FILES = 50


class ManyFilesInput(forms.ClearableFileInput):
    """The browser's own control, with several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files at once, each checked like one; empty ones are let through to be named on their receipt."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        """Return the list of files."""
        files = data if isinstance(data, list | tuple) and data else [None]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"{len(files)} fichiers à la fois : {MOST_FILES} au plus.")
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class DepositForm(forms.Form):
    """« Déposer une DSN »."""

    dsn = ManyFilesField(
        label="Fichiers DSN",
        max_length=200,
        help_text=f"Fichiers texte de la norme, {MOST_FILES} à la fois et 50 Mo chacun au plus.",
        error_messages={"empty": "Un de ces fichiers est vide (0 octet) : retirez-le."},
    )


class PortfolioForm(forms.Form):
    """Name and comment; who works on it is chosen in two lists."""

    name = forms.CharField(label="Nom du portefeuille", max_length=60)
    comment = forms.CharField(label="Commentaire", max_length=300, required=False)


MOST_CLIENTS = 1_000


class AddClientsForm(forms.Form):
    """Clients to add, by SIRET or SIREN, one or many."""

    sirets = forms.CharField(
        label="SIRET ou SIREN à ajouter",
        max_length=40 * MOST_CLIENTS,
        help_text=f"Un par ligne, {french.number(MOST_CLIENTS)} au plus. Un SIREN ajoute le siège.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_sirets(self) -> list[Establishment]:
        """Return the establishments; nothing when one line is bad, each with its number and reason."""
        lines = [(number, line.strip()) for number, line in enumerate(self.cleaned_data["sirets"].splitlines(), 1)]
        lines = [(number, line) for number, line in lines if line]
        if len(lines) > MOST_CLIENTS:
            raise forms.ValidationError(f"{len(lines)} lignes : {MOST_CLIENTS} au plus.")
        wanted, problems = {}, []
        for number, line in lines:
            try:
                wanted[number] = _identifier(line)
            except IdentifierError as error:
                problems.append(f"Ligne {number} : {error}")
        found = _places(set(wanted.values()))
        problems += [
            f"Ligne {number} : {french.siret(value)} n'est pas au répertoire du simulateur."
            for number, value in wanted.items()
            if value not in found
        ]
        if problems:
            raise forms.ValidationError(problems[:20])
        return list({found[value].pk: found[value] for value in wanted.values()}.values())


def _identifier(text: str) -> str:
    """Return a SIRET, or a SIREN when nine digits were typed. Raises IdentifierError."""
    compact = "".join(text.split())
    return clean_siren(text) if len(compact) == 9 and compact.isdigit() else clean_siret(text)


def _places(values: set[str]) -> dict[str, Establishment]:
    """Return the establishment of each SIRET, and the head office of each SIREN."""
    places = Establishment.objects.filter(siret__in=[value for value in values if len(value) == 14])
    found = {place.siret: place for place in places}
    sirens = [value for value in values if len(value) == 9]
    for place in Establishment.objects.filter(enterprise__in=sirens, is_head_office=True):
        found[place.enterprise_id] = place
    return found


class BulkForm(forms.Form):
    """« Nouvelle demande »: one file for one portfolio."""

    portfolio = forms.ModelChoiceField(
        Portfolio.objects.none(),
        label="Portefeuille",
        empty_label="Choisissez…",
        error_messages={"invalid_choice": "Choisissez un de vos portefeuilles."},
    )
    kind = forms.ChoiceField(
        label="Nature du fichier",
        choices=[
            (BulkRequest.Kind.ESTABLISHMENTS, "Établissements : ajouter et retirer des clients"),
            (BulkRequest.Kind.HABILITATIONS, "Habilitations : leurs déclarations et les droits des collaborateurs"),
        ],
    )
    file = forms.FileField(
        label="Fichier",
        max_length=200,
        help_text="CSV ou XLSX, 10 Mo et 50\N{NO-BREAK SPACE}000 lignes au plus.",
        error_messages={"empty": "Ce fichier est vide (0 octet)."},
    )

    def __init__(self, *args: Any, portfolios: QuerySet[Portfolio], **kwargs: Any) -> None:
        """portfolios: those of the firm."""
        super().__init__(*args, **kwargs)
        choice = self.fields["portfolio"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - declared above
        choice.queryset = portfolios


# Key in the URL → what clients are sorted by.
_CLIENT_SORTS = {
    "siret": ("siret", "id"),
    "entreprise": ("establishment__enterprise__name", "siret", "id"),
    "portefeuille": ("portfolio__name", "siret", "id"),
    "ajout": ("added_at", "id"),
}
CLIENT_SORTS = _CLIENT_SORTS | {f"-{key}": tuple(f"-{name}" for name in order) for key, order in _CLIENT_SORTS.items()}
CLIENT_SORT = "siret"


def client_sort(params: QueryDict) -> str:
    """Return the key of CLIENT_SORTS that the address asks for, or the usual one."""
    asked = params.get("tri", CLIENT_SORT)
    return asked if asked in CLIENT_SORTS else CLIENT_SORT


class ClientFilters(forms.Form):
    """Which clients of a portfolio to show."""

    word = forms.CharField(label="SIRET ou entreprise", max_length=80, required=False)
    atmp = forms.ChoiceField(
        label="Compte AT/MP", choices=[("", "Tous"), ("oui", "Avec"), ("non", "Sans")], required=False
    )

    def keep(self, clients: ClientQuerySet) -> ClientQuerySet:
        """Return those who match; a criterion that makes no sense is left out. clients: `with_atmp`."""
        self.is_valid()
        word = self.cleaned_data.get("word", "")
        digits = "".join(word.split())
        if digits.isascii() and digits.isdigit():
            clients = clients.filter(siret__startswith=digits)
        elif word:
            clients = clients.filter(establishment__enterprise__name__istartswith=word)
        atmp = self.cleaned_data.get("atmp")
        return clients.filter(Q(opens_at__isnull=atmp == "non")) if atmp else clients
