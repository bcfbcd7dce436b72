"""DSN deposited by staff, and what firms hold, to look at."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.admin.base import ReadOnlyAdmin, column, posted, staff
from accounts.admin.forms import SiretField
from portal import clock
from portal.kit import french
from portal.kit.french import plural
from portfolios.actions.dsn import deposit_dsn, named_depositor
from portfolios.forms import MOST_FILES, ManyFilesField
from portfolios.models import BulkRequest, Client, DsnDeposit, DsnFiling, Portfolio

SIRET = column("establishment__siret", "SIRET", french.siret)
FIRM = column("portfolio__enterprise__name", "tiers déclarant")
BY_SIRET = "SIRET ou SIREN entier."


class StaffDepositForm(forms.Form):
    """DSN files, and in whose name they are deposited."""

    depositor = SiretField(
        required=False,
        label="SIRET de l'entreprise déposante",
        help_text="Laissez vide pour prendre l'émetteur que nomme chaque fichier (rubriques S10.G00.01).",
    )
    dsn = ManyFilesField(
        label="Fichiers DSN",
        max_length=200,
        help_text=f"{MOST_FILES} à la fois et 50 Mo chacun au plus. La commande import_dsn dépose un dossier entier.",
        error_messages={"empty": "Un de ces fichiers est vide (0 octet) : retirez-le."},
    )


@admin.register(DsnDeposit)
class DsnDepositAdmin(ReadOnlyAdmin):
    """Deposited files and what became of them."""

    list_display = (
        "name", "depositor", "outcome", "accepted", "refused", column("deposited_at", "déposé le", french.moment),
        "deposited_by",
    )  # fmt: skip
    shown = (*list_display, "refusal", "test", "size", "sha256", column("told", "remarques", order=None))
    list_filter = ("outcome", "test")
    list_select_related = ("depositor", "deposited_by")
    prefixes = {9: "depositor"}
    words = "name__istartswith"
    search_help_text = "SIREN entier de l'entreprise déposante, ou début du nom du fichier."

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let those in who may deposit."""
        return admin.ModelAdmin.has_add_permission(self, request)

    def list_tools(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Lead to the deposit."""
        return [("Déposer des DSN", "add/")] if self.has_add_permission(request) else []

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Deposit files in the name of an enterprise; each says what became of it."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def save(values: dict[str, Any]) -> str:
            place = values["depositor"]
            for file in values["dsn"]:
                try:
                    depositor = place.enterprise if place else named_depositor(file)
                    made, new = deposit_dsn(
                        file=file, depositor=depositor, by=staff(request), on=clock.now(), sender_checked=True
                    )
                except ValidationError as error:
                    messages.error(request, f"{file.name} : {error.message}")
                else:
                    say = messages.error if made.outcome == DsnDeposit.Outcome.KO else messages.success
                    say(request, f"{made.name} : {_outcome(made)}{'' if new else ', déjà déposé'}.")
            return reverse("admin:portfolios_dsndeposit_changelist")

        title = "Déposer des DSN"
        crumbs = self.crumbs((title, ""))
        form = StaffDepositForm(**posted(request))
        return self.form_page(request, form, save, title=title, submit="Déposer", crumbs=crumbs, back_url=crumbs[1][1])


def _outcome(made: DsnDeposit) -> str:
    if made.refusal:
        return f"{made.outcome}, {made.refusal.rstrip('.')}"
    accepted = plural(made.accepted, "déclaration acceptée", "déclarations acceptées")
    return f"{made.outcome}, {accepted}, {plural(made.refused, 'refusée')}"


@admin.register(DsnFiling)
class DsnFilingAdmin(ReadOnlyAdmin):
    """Accepted declarations: what opens a client's account (G0.5)."""

    list_display = (
        SIRET, "depositor", "nature", "type", column("month", "mois", french.month),
        column("filed_on", "déposée le", french.day), "counts",
    )  # fmt: skip
    shown = (*list_display, "fraction", "deposit", "line")
    list_filter = ("nature", "type", "counts")
    list_select_related = ("establishment", "depositor")
    prefixes = {9: "depositor", 14: "establishment__siret"}
    search_help_text = "SIRET entier du client, ou SIREN entier de l'entreprise déposante."


@admin.register(Portfolio)
class PortfolioAdmin(ReadOnlyAdmin):
    """Portfolios of firms; their administrators manage them (G2.3)."""

    list_display = ("name", "enterprise", column("created_at", "créé le", french.moment))
    shown = (*list_display, "comment")
    list_select_related = ("enterprise",)
    prefixes = {9: "enterprise"}
    words = "name__istartswith"
    search_help_text = "SIREN entier du tiers déclarant, ou début du nom du portefeuille."


@admin.register(Client)
class ClientAdmin(ReadOnlyAdmin):
    """Clients of portfolios."""

    list_display = shown = (
        SIRET, column("establishment__enterprise__name", "entreprise"), FIRM,
        column("portfolio__name", "portefeuille"), column("added_at", "ajouté le", french.moment),
    )  # fmt: skip
    list_select_related = ("establishment__enterprise", "portfolio__enterprise")
    prefixes = {9: "portfolio__enterprise", 14: "establishment__siret"}
    search_help_text = "SIRET entier du client, ou SIREN entier du tiers déclarant."


@admin.register(BulkRequest)
class BulkRequestAdmin(ReadOnlyAdmin):
    """Files of clients and rights that firms imported."""

    list_display = (
        "name", FIRM, column("portfolio__name", "portefeuille"), "kind", "status", "lines", "wrong", "unchanged",
        column("created_at", "déposée le", french.moment),
    )  # fmt: skip
    shown = (*list_display, "refusal", "created_by", column("ended_at", "terminée le", french.moment), "size", "sha256")
    list_filter = ("status", "kind")
    list_select_related = ("portfolio__enterprise",)
    prefixes = {9: "portfolio__enterprise"}
    search_help_text = "SIREN entier du tiers déclarant."
