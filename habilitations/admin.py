"""Declarations of establishments and rights of people, given and taken back by staff."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.admin.base import ReadOnlyAdmin, column, posted, staff
from accounts.admin.forms import SiretField
from accounts.models import Establishment, User
from habilitations.actions.rights import (
    grant_habilitation,
    register_declaration,
    remove_declaration,
    remove_habilitation,
)
from habilitations.models import Declaration, EstablishmentDeclaration, Habilitation
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
class DeclarationAdmin(ReadOnlyAdmin):
    """The catalogue."""

    list_display = shown = ("label", "body", "access_delay_hours")
    words = "label__istartswith"
    search_help_text = "Début du libellé."


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
