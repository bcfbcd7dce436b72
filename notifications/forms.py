"""Filters and order of the list of notifications, read from the URL."""

import datetime as dt
import re

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.models import User
from notifications.models.notification import NotificationQuerySet
from portal.kit.french import plural
from portfolios.models import DsnRate
from portfolios.models.portfolio import ClientQuerySet

_ENCRYPTED = re.compile(rb"/Encrypt\s*(<<|\d+\s+\d+\s+R)")
DEFAULT_SORT = "-publication"
# Key in the URL → what it sorts by. Identities grow with the time of publication.
_SORTS = {
    "publication": ("id",),
    "effet": ("decision__effective_on", "id"),
    "taux": ("decision__rate", "id"),
    "siret": ("establishment__siret", "id"),
}
SORTS = _SORTS | {f"-{key}": tuple(f"-{name}" for name in order) for key, order in _SORTS.items()}


class NotificationFilters(forms.Form):
    """What to show of « Vos notifications » (G5.4): state, year of effect, establishment."""

    STATES = {
        "": "Toutes",
        "non-lues": "Non lues",
        "lues": "Lues",
        "archivees": "Archivées",
        "supprimees": "Supprimées",
    }

    etat = forms.ChoiceField(
        label="État",
        choices=list(STATES.items()),
        required=False,
        help_text="Archivées et supprimées sont à part.",
    )
    annee = forms.IntegerField(
        label="Année d'effet",
        required=False,
        min_value=2000,
        max_value=2100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 6}),
        help_text="Par exemple 2027.",
        error_messages={
            "invalid": "Écrivez l'année en quatre chiffres, par exemple 2027.",
            "min_value": "L'année d'effet est entre 2000 et 2100.",
            "max_value": "L'année d'effet est entre 2000 et 2100.",
        },
    )
    etablissement = forms.CharField(
        label="Établissement", required=False, max_length=100, help_text="SIRET, ou partie de la commune."
    )

    def keep(self, notifications: NotificationQuerySet, user: User) -> NotificationQuerySet:
        """Return the notifications that match; none when a filter cannot be read."""
        if not self.is_valid():
            return notifications.none()
        data = self.cleaned_data
        kept = {
            "non-lues": notifications.unread_by,
            "lues": notifications.read_by,
            "archivees": notifications.archived_by,
            "supprimees": notifications.deleted_by,
        }.get(data["etat"], notifications.current_for)(user)
        if data["annee"]:
            kept = kept.effective_in(data["annee"])
        return kept.of_place(data["etablissement"]) if data["etablissement"] else kept


class ClientFilters(forms.Form):
    """Which clients to show to a tiers déclarant."""

    word = forms.CharField(label="SIRET ou entreprise", max_length=80, required=False)
    portfolio = forms.CharField(label="Portefeuille", max_length=60, required=False)
    access = forms.ChoiceField(
        label="Accès", choices=[("", "Tous"), ("ouvert", "Ouvert"), ("ferme", "Fermé")], required=False
    )

    def keep(self, clients: ClientQuerySet, at: dt.datetime, first_day: dt.date) -> ClientQuerySet:
        """Return those who match; a criterion that makes no sense is left out. first_day: of a DSN that counts."""
        self.is_valid()
        values = self.cleaned_data
        word = values.get("word", "")
        digits = "".join(word.split())
        if digits.isascii() and digits.isdigit():
            clients = clients.filter(siret__startswith=digits)
        elif word:
            clients = clients.filter(establishment__enterprise__name__istartswith=word)
        if portfolio := values.get("portfolio"):
            clients = clients.filter(portfolio__name__istartswith=portfolio)
        match values.get("access"):
            case "ouvert":
                return clients.open(at, first_day)
            case "ferme":
                return clients.closed(at, first_day)
        return clients


class NewRateFilters(forms.Form):
    """Which new rates of followed clients to show."""

    word = forms.CharField(label="SIRET ou entreprise", max_length=80, required=False)
    consultee = forms.ChoiceField(
        label="Consultation",
        choices=[("", "Toutes"), ("oui", "Consultée par l'entreprise"), ("non", "Pas encore consultée")],
        required=False,
    )

    def keep(self, notifications: NotificationQuerySet) -> NotificationQuerySet:
        """Return those who match; a criterion that makes no sense is left out. notifications: `with_consultation`."""
        self.is_valid()
        word = self.cleaned_data.get("word", "")
        digits = "".join(word.split())
        if digits.isascii() and digits.isdigit():
            notifications = notifications.filter(establishment__siret__startswith=digits)
        elif word:
            notifications = notifications.filter(enterprise__name__istartswith=word)
        asked = self.cleaned_data.get("consultee")
        return notifications.filter(Q(consulted_at__isnull=asked == "non")) if asked else notifications


class PayrollFilters(forms.Form):
    """Which months and establishments of the payroll check to show."""

    depuis = forms.ChoiceField(
        label="Mois",
        choices=[("3", "3 derniers"), ("12", "12 derniers"), ("tous", "Tous")],
        required=False,
    )
    etablissement = forms.CharField(label="SIRET ou entreprise", max_length=80, required=False)

    def keep(self, rates: QuerySet[DsnRate], today: dt.date) -> QuerySet[DsnRate]:
        """Return those who match; a criterion that makes no sense is left out, and three months are usual."""
        self.is_valid()
        months = self.cleaned_data.get("depuis") or "3"
        if months != "tous":
            back = today.year * 12 + today.month - 1 - int(months)
            rates = rates.filter(filing__month__gte=dt.date(back // 12, back % 12 + 1, 1))
        word = self.cleaned_data.get("etablissement", "")
        digits = "".join(word.split())
        if digits.isascii() and digits.isdigit():
            return rates.filter(filing__establishment__siret__startswith=digits)
        return rates.filter(filing__establishment__enterprise__name__istartswith=word) if word else rates


class VerifyFileForm(forms.Form):
    """« Vérifier un document », with the file."""

    document = forms.FileField(
        label="Fichier PDF",
        help_text="Choisissez-le ou déposez-le ici : 1 Mo au plus. Il est lu puis oublié, rien n'en est gardé.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": "Choisissez le fichier PDF à vérifier.",
            "missing": "Choisissez le fichier PDF à vérifier.",
            "empty": "Ce fichier est vide (0 octet) : déposez le PDF lui-même.",
            "invalid": "Choisissez le fichier PDF à vérifier.",
        },
    )

    def clean_document(self) -> bytes:
        """Return the bytes of a PDF that could be one of ours."""
        file: UploadedFile[bytes] = self.cleaned_data["document"]
        if (file.size or 0) > settings.VERIFY_MAX_BYTES:
            raise forms.ValidationError("Ce fichier dépasse 1 Mo : nos documents n'atteignent jamais cette taille.")
        content = bytes(file.read())
        if not content.startswith(b"%PDF-"):
            raise forms.ValidationError("Ce fichier n'est pas un PDF : déposez le document tel que vous l'avez reçu.")
        if not content.rstrip().endswith(b"%%EOF"):
            raise forms.ValidationError(
                "Ce PDF n'est pas entier : sa fin manque ou n'est pas à sa place. "
                "Téléchargez-le ou demandez-le de nouveau."
            )
        if _ENCRYPTED.search(content):
            raise forms.ValidationError(
                "Ce PDF est chiffré ou protégé par un mot de passe ; nos documents ne le sont pas. "
                "Déposez le fichier tel que le portail l'a émis."
            )
        return content


class ArchiveForm(forms.Form):
    """« Documents d'une année »."""

    year = forms.TypedChoiceField(
        label="Année d'effet",
        coerce=int,
        error_messages={
            "required": "Choisissez l'année.",
            "invalid_choice": "Choisissez une année de la liste : aucun document d'une autre n'est à prendre.",
        },
    )

    def __init__(self, data: QueryDict | None, years: list[tuple[int, int]]) -> None:
        super().__init__(data)
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            (year, f"{year} ({plural(count, 'document')})") for year, count in years
        ]


class VerifyNumberForm(forms.Form):
    """« Vérifier un document », with its number alone."""

    number = forms.CharField(
        label="Numéro du document",
        max_length=40,
        help_text="Au bas de chaque page, par exemple AT-2027-00000042.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "size": 20}),
        error_messages={
            "required": "Écrivez le numéro du document, par exemple AT-2027-00000042.",
            "max_length": "Un numéro ressemble à AT-2027-00000042.",
        },
    )
