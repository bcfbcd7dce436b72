"""The register, corrected by hand (G3.4)."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.urls import reverse

from accounts.actions.correction import (
    ESTABLISHMENT_FIELDS,
    correct_enterprise,
    correct_establishment,
    set_headcount,
)
from accounts.admin.base import StaffAdmin, column, staff
from accounts.admin.forms import EnterpriseForm, EstablishmentForm
from accounts.models import Enterprise, Establishment, Headcount
from portal import clock
from portal.kit import french


class HeadcountInline(admin.StackedInline):
    """Headcounts of an enterprise; stacked, for the tabular kind leaves its fields without a label."""

    model = Headcount
    extra = 1
    fields = (("year", "headcount"),)


@admin.register(Enterprise)
class EnterpriseAdmin(StaffAdmin):
    """Enterprises, found by SIREN, SIRET or the start of their name."""

    form = EnterpriseForm
    inlines = (HeadcountInline,)
    fields = ("siren", "name", "legal_form", "reason")
    list_display = (column("siren", "SIREN", french.siret), "name", "legal_form")
    prefixes = {0: "siren__startswith", 14: "establishments__siret"}
    words = "name__istartswith"
    search_help_text = "SIREN (ou son début), SIRET entier, ou début de la dénomination."

    def row_tools(self, obj: Enterprise) -> list[tuple[str, str]]:
        """Lead to its establishments and its journal."""
        places = f"{reverse('admin:accounts_establishment_changelist')}?q={obj.siren}"
        return [("Ses établissements", places), self.journal_tool(obj.siren)]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """A SIREN never changes."""
        return ("siren",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Enterprise, form: ModelForm, change: bool) -> None:
        """Correct through the action, which tells the journal."""
        reason = form.cleaned_data["reason"]
        correct_enterprise(enterprise=obj, reason=reason, by=staff(request), on=clock.now())

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool) -> None:
        """Set each headcount that was typed, changed or ticked for removal."""
        formset.save(commit=False)
        values: dict[int, int | None] = {}
        for row in formset.forms:
            before, now = row.initial.get("year"), row.cleaned_data
            if before and (now["DELETE"] or now["year"] != before):
                values.setdefault(before, None)
            if now and not now["DELETE"]:
                values[now["year"]] = now["headcount"]
        by, on = staff(request), clock.now()
        for year, headcount in values.items():
            set_headcount(enterprise=form.instance, year=year, headcount=headcount, by=by, on=on)


class ClosedFilter(admin.SimpleListFilter):
    """Open or closed on the portal's day."""

    title = "activité"
    parameter_name = "activite"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return both choices."""
        return [("ouvert", "Ouvert"), ("ferme", "Fermé")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Establishment]) -> QuerySet[Establishment]:
        """Keep what was chosen."""
        if self.value() == "ouvert":
            return queryset.filter(pk__in=Establishment.objects.open_on(clock.today()).values("pk"))
        return queryset.filter(closed_on__lte=clock.today()) if self.value() else queryset


@admin.register(Establishment)
class EstablishmentAdmin(StaffAdmin):
    """Establishments, found by SIRET or SIREN."""

    form = EstablishmentForm
    fields = ("siret", "enterprise", *ESTABLISHMENT_FIELDS, "reason")
    list_display = (
        column("siret", "SIRET", french.siret), "enterprise", "is_head_office", "postcode", "city", "code_risque",
        column("closed_on", "fermé le", french.day),
    )  # fmt: skip
    list_filter = ("is_head_office", ClosedFilter)
    list_select_related = ("enterprise",)
    raw_id_fields = ("enterprise",)
    prefixes = {0: "siret__startswith"}
    words = "city__istartswith"
    search_help_text = "SIRET ou SIREN (ou leur début), ou début de la commune."

    def row_tools(self, obj: Establishment) -> list[tuple[str, str]]:
        """Lead to the registration of a person there and to the journal."""
        person = f"{reverse('admin:accounts_user_add')}?establishment={obj.siret}"
        return [("Inscrire une personne", person), self.journal_tool(obj.enterprise_id)]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """A SIRET never changes: a place that moves gets another."""
        return ("siret", "enterprise") if obj else ()

    def save_model(self, request: HttpRequest, obj: Establishment, form: ModelForm, change: bool) -> None:
        """Correct through the action, which tells the journal."""
        reason = form.cleaned_data["reason"]
        correct_establishment(establishment=obj, reason=reason, by=staff(request), on=clock.now())
