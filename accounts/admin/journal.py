"""The journal, the mails and the failed log-ins, to look at."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.base import ReadOnlyAdmin, column
from accounts.models import JournalEntry, LoginFailure, Mail
from portal.kit import french

# First part of a verb → what it is about. A list, so that no query looks for distinct verbs in a long journal.
FAMILIES = {
    "import": "Fichiers importés",
    "tariff": "Tarifs",
    "enterprise": "Entreprises",
    "establishment": "Établissements",
    "user": "Personnes",
    "declaration": "Déclarations",
    "habilitation": "Habilitations",
    "notification": "Notifications",
    "archive": "Archives de documents",
    "registration": "Inscriptions",
    "cooptation": "Candidats administrateurs",
    "key": "Clés d'activation",
    "password": "Mots de passe",
    "session": "Sessions",
    "factor": "Seconds facteurs",
    "purge": "Effacements",
    "catalogue": "Catalogue des déclarations",
    "portfolio": "Portefeuilles",
    "bulk": "Fichiers d'habilitations",
    "dsn": "DSN",
    "copy": "Copies de scénario",
}


class FamilyFilter(admin.SimpleListFilter):
    """What an entry is about."""

    title = "sujet"
    parameter_name = "sujet"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Return the families of verbs."""
        return list(FAMILIES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
        """Keep one family."""
        return queryset.filter(verb__startswith=f"{self.value()}.") if self.value() else queryset


AT = column("at", "quand", french.moment)
SIREN = column("enterprise_id", "SIREN", french.siret)


@admin.register(JournalEntry)
class JournalAdmin(ReadOnlyAdmin):
    """Who did what, for which enterprise, when and from where."""

    list_display = (AT, "actor_name", "summary", SIREN, "source")
    list_display_links = ("summary",)
    list_filter = (FamilyFilter, "at")
    shown = (AT, "actor", "actor_name", "enterprise", "verb", "summary", "source")
    prefixes = {9: "enterprise", 14: "enterprise__establishments__siret"}
    words = "actor_name__istartswith"
    search_help_text = "SIREN ou SIRET entier, ou début du nom de la personne."


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """Every mail written, sent or not, and why not."""

    list_display = ("subject", "recipient", column("created_at", "écrit", french.moment), "sent_at", "problem")
    shown = (*list_display, "sender", "text", "attempts")
    prefixes: ClassVar[dict[int, str]] = {}
    words = "recipient__istartswith"
    search_help_text = "Début de l'adresse du destinataire."


@admin.register(LoginFailure)
class LoginFailureAdmin(ReadOnlyAdmin):
    """Failed log-ins being counted; the key is a fingerprint."""

    list_display = shown = ("source", "failures", column("last_at", "dernier", french.moment))
    words = "source__startswith"
    search_help_text = "Début de l'adresse."
