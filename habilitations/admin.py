"""Declarations of establishments and rights of people, given and taken back by staff."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.admin.base import ReadOnlyAdmin, StaffAdmin, column, posted, staff
from accounts.admin.forms import SiretField
from accounts.models import Establishment, User
from habilitations.actions import keys
from habilitations.actions.rights import (
    grant_habilitation,
    register_declaration,
    remove_declaration,
    remove_habilitation,
    save_declaration,
)
from habilitations.documents import activation_letters_pdf
from habilitations.models import ActivationKey, Cooptation, Declaration, EstablishmentDeclaration, Habilitation
from portal import clock
from portal.kit import french
from portal.kit.french import siret

SIRET = column("establishment__siret", "SIRET", french.siret)


class RegistrationForm(forms.Form):
    """An establishment and the declaration to register it to."""

    establishment = SiretField(help_text="Celui du siège suffit pour tous les établissements.")
    declaration = forms.ModelChoiceField(Declaration.objects, label="Déclaration", empty_label=None)


class PlaceForm(forms.Form):
    """The establishment of a right, asked first: the people to choose from follow."""

    siret = SiretField(help_text="L'établissement pour lequel donner un droit.")


class RightForm(forms.Form):
    """Somebody of the enterprise, and what he may use."""

    user = forms.ModelChoiceField(User.objects.none(), label="Personne", empty_label=None)
    declaration = forms.ModelChoiceField(Declaration.objects, label="Déclaration", empty_label=None)

    def __init__(self, *args: Any, place: Establishment, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(establishment__enterprise=place.enterprise_id, state=User.State.ACTIVE)
        self.fields["user"].queryset = people.order_by("last_name", "first_name")  # type: ignore[attr-defined]


class GivenAdmin(ReadOnlyAdmin):
    """What is given, then taken back, never changed; both through actions."""

    actions = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let those in who may give."""
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those in who may take back."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Take back one by one: each tells the journal."""
        for obj in queryset:
            self.delete_model(request, obj)


@admin.register(Declaration)
class DeclarationAdmin(StaffAdmin):
    """The catalogue: its code never changes, and nothing in it is deleted."""

    list_display = ("label", "body", "audience", "access_delay_hours", "used_from", "used_to")
    fields = ("code", "label", "body", "audience", "access_delay_hours", "used_from", "used_to", "source")
    words = "label__istartswith"
    search_help_text = "Début du libellé."

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A code is what everything else knows a declaration by."""
        return ("code",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Declaration, form: Any, change: bool) -> None:
        """Write through the action, which tells the journal."""
        save_declaration(declaration=obj, changed=form.changed_data, by=staff(request), on=clock.now())


@admin.register(EstablishmentDeclaration)
class EstablishmentDeclarationAdmin(GivenAdmin):
    """Which establishment is registered to what."""

    list_display = shown = (
        SIRET, "declaration", column("registered_at", "inscrite le", french.moment),
        column("opens_at", "utilisable à partir du", french.moment),
    )  # fmt: skip
    list_filter = ("declaration",)
    list_select_related = ("establishment", "declaration")
    prefixes = {9: "establishment__enterprise", 14: "establishment__siret"}
    search_help_text = "SIRET ou SIREN entier."

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Register an establishment (G1.2)."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def save(values: dict[str, Any]) -> str:
            registration = register_declaration(**values, by=staff(request), on=clock.now())
            messages.success(request, f"« {registration.declaration} » : inscription enregistrée.")
            return reverse("admin:habilitations_establishmentdeclaration_change", args=[registration.pk])

        title = "Inscrire un établissement à une déclaration"
        crumbs = self.crumbs((title, ""))
        form = RegistrationForm(**posted(request))
        return self.form_page(request, form, save, title=title, submit="Inscrire", crumbs=crumbs, back_url=crumbs[1][1])

    def delete_model(self, request: HttpRequest, obj: EstablishmentDeclaration) -> None:
        """Take a declaration back."""
        remove_declaration(registration=obj, by=staff(request), on=clock.now())


@admin.register(Habilitation)
class HabilitationAdmin(GivenAdmin):
    """Who may use what, and where."""

    list_display = shown = ("user", "declaration", SIRET, column("granted_at", "accordée le", french.moment))
    list_filter = ("declaration",)
    list_select_related = ("user", "declaration", "establishment")
    prefixes = {9: "establishment__enterprise", 14: "establishment__siret"}
    words = "user__last_name__istartswith"
    search_help_text = "SIRET ou SIREN entier, ou début du nom de la personne."

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Give a right (G1.5): the establishment first, then somebody of its enterprise."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        title = "Donner un droit"
        crumbs = self.crumbs((title, ""))
        context = {"title": title, "crumbs": crumbs, "back_url": crumbs[1][1]}
        asked = PlaceForm(request.GET or None)
        if not asked.is_valid():
            return self.form_page(request, asked, str, method="get", submit="Continuer", **context)
        place: Establishment = asked.cleaned_data["siret"]

        def save(values: dict[str, Any]) -> str:
            right = grant_habilitation(**values, establishment=place, by=staff(request), on=clock.now())
            messages.success(request, f"« {right.declaration} » accordée à {right.user.full_name}.")
            return reverse("admin:habilitations_habilitation_change", args=[right.pk])

        context["title"] = f"{title} pour le SIRET {siret(place.siret)}"
        return self.form_page(
            request, RightForm(**posted(request), place=place), save, submit="Donner ce droit", **context
        )

    def delete_model(self, request: HttpRequest, obj: Habilitation) -> None:
        """Take a right back."""
        remove_habilitation(right=obj, by=staff(request), on=clock.now())


@admin.register(Cooptation)
class CooptationAdmin(ReadOnlyAdmin):
    """Requests of candidates and what became of them; decided by the enterprise, never by staff (G4.2)."""

    list_display = shown = (
        "__str__", SIRET, column("user__full_name", "candidat", order=None), "route", "status",
        column("requested_at", "demandée le", french.moment), column("deadline", "caduque le", french.moment),
        column("decided_at", "décidée le", french.moment), "reason",
    )  # fmt: skip
    list_filter = ("status", "route")
    list_select_related = ("user", "establishment")
    prefixes = {9: "enterprise", 14: "establishment__siret"}
    search_help_text = "SIRET ou SIREN entier."


@admin.register(ActivationKey)
class ActivationKeyAdmin(ReadOnlyAdmin):
    """The print queue of activation keys (G4.3): printed, posted, returned."""

    list_display = shown = (
        "__str__", column("cooptation__establishment__siret", "SIRET", french.siret),
        column("cooptation__user__full_name", "candidat", order=None), "state",
        column("asked_at", "demandée le", french.moment), column("printed_at", "imprimée le", french.moment),
        column("posted_at", "postée le", french.moment), column("returned_at", "revenue le", french.moment),
        column("cooptation__deadline", "vaut jusqu'au", french.moment),
    )  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("cooptation__user", "cooptation__establishment")
    prefixes = {9: "cooptation__enterprise", 14: "cooptation__establishment__siret"}
    search_help_text = "SIRET ou SIREN entier."
    actions = ("print_letters", "post_letters", "return_letters", "reprint_letters")

    def has_print_permission(self, request: HttpRequest) -> bool:
        """Let those in who may change a key's state."""
        return admin.ModelAdmin.has_change_permission(self, request)

    @admin.action(description="Imprimer les lettres (PDF)", permissions=["print"])
    def print_letters(self, request: HttpRequest, rows: QuerySet[ActivationKey]) -> HttpResponse | None:
        """Make the keys and answer with their letters, once: the portal keeps no copy."""
        now = clock.now()
        with transaction.atomic():
            # Together: a letter that cannot be drawn leaves its key to be printed.
            letters = keys.print_letters(keys=rows, by=staff(request), on=now, day=clock.day(now))
            pdf = activation_letters_pdf(letters) if letters else b""
        if not pdf:
            self.message_user(request, "Aucune de ces lettres n'est à imprimer.", messages.WARNING)
            return None
        name = f"cles-activation-{clock.day(now):%Y%m%d}-{letters[0].number}.pdf"
        return HttpResponse(
            pdf,
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    @admin.action(description="Noter comme postées", permissions=["print"])
    def post_letters(self, request: HttpRequest, rows: QuerySet[ActivationKey]) -> None:
        """Note that printed letters left."""
        self._done(request, keys.post_letters(keys=rows, by=staff(request), on=clock.now()), "postée")

    @admin.action(description="Noter comme revenues", permissions=["print"])
    def return_letters(self, request: HttpRequest, rows: QuerySet[ActivationKey]) -> None:
        """Note that posted letters came back."""
        self._done(request, keys.return_letters(keys=rows, by=staff(request), on=clock.now()), "revenue")

    @admin.action(description="Refaire (la clé précédente est annulée)", permissions=["print"])
    def reprint_letters(self, request: HttpRequest, rows: QuerySet[ActivationKey]) -> None:
        """Put spoilt or lost letters back in the queue."""
        self._done(request, keys.reprint_letters(keys=rows, by=staff(request), on=clock.now()), "à refaire")

    def _done(self, request: HttpRequest, count: int, what: str) -> None:
        told = french.plural(count, f"lettre {what}", f"lettres {what}" if what == "à refaire" else f"lettres {what}s")
        self.message_user(request, f"{told}.", messages.SUCCESS if count else messages.WARNING)
