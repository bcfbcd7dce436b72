"""The collective tariff, taken year by year from its published file."""

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.admin.base import ReadOnlyAdmin, column, posted, staff
from notifications.actions.tariff import MAX_BYTES, import_tariff
from notifications.models import CollectiveRate, Tariff
from portal import clock
from portal.kit.csvfile import FileProblem
from portal.kit.french import moment, rate

SOURCE = "betagouv/taux-collectifs-cotisation-atmp, Licence ouverte"


class TariffForm(forms.Form):
    """A published file and the year it is for."""

    file = forms.FileField(
        label="Fichier JSON publié",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        help_text="Tel que publié en données ouvertes, sans le retoucher.",
        error_messages={"required": "Choisissez un fichier."},
    )
    year = forms.IntegerField(
        label="Année",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 6}),
        help_text="Sans réponse, celle du nom du fichier : 2026.json.",
        error_messages={"invalid": "Écrivez l'année en quatre chiffres, par exemple 2026."},
    )
    source = forms.CharField(label="Source", max_length=300, initial=SOURCE)

    def clean(self) -> dict[str, Any]:
        """Read the year in the file's name when none was typed."""
        values = super().clean() or self.cleaned_data
        if "file" in values and "year" in values and values["year"] is None:
            found = re.search(r"20\d\d", values["file"].name or "")
            if found:
                values["year"] = int(found.group())
            else:
                self.add_error("year", "Indiquez l'année : le nom du fichier ne la dit pas.")
        return values


@admin.register(Tariff)
class TariffAdmin(ReadOnlyAdmin):
    """Tariffs by year, and where each comes from."""

    list_display = shown = (
        "year", "source", "file_name", column("imported_at", "importé le", moment), "imported_by",
    )  # fmt: skip
    list_select_related = ("imported_by",)
    prefixes = {4: "year"}
    search_help_text = "Année."

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let those in who may import."""
        return admin.ModelAdmin.has_add_permission(self, request)

    def list_tools(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Lead to the import."""
        return [("Importer un tarif", "add/")] if self.has_add_permission(request) else []

    def row_tools(self, obj: Tariff) -> list[tuple[str, str]]:
        """Lead to the year's rates."""
        rates = reverse("admin:notifications_collectiverate_changelist")
        return [("Voir les taux", f"{rates}?tariff__year__exact={obj.pk}")]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Import a year's tariff through the action, which takes all of the file or nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def save(values: dict[str, Any]) -> str:
            upload, year = values["file"], values["year"]
            try:
                outcome = import_tariff(
                    year=year,
                    content=upload.read(MAX_BYTES + 1),
                    file_name=upload.name,
                    source=values["source"],
                    by=staff(request),
                    on=clock.now(),
                )
            except FileProblem as problem:
                raise ValidationError({"file": str(problem)}) from None
            messages.success(request, str(outcome))
            return reverse("admin:notifications_tariff_change", args=[year])

        title = "Importer un tarif"
        crumbs = self.crumbs((title, ""))
        form = TariffForm(**posted(request))
        return self.form_page(request, form, save, title=title, submit="Importer", crumbs=crumbs, back_url=crumbs[1][1])


@admin.register(CollectiveRate)
class CollectiveRateAdmin(ReadOnlyAdmin):
    """Collective rates, by code risque."""

    list_display = shown = ("code", "label", "category", column("rate", "taux net", rate), "tariff")
    list_filter = ("tariff",)
    list_select_related = ("tariff",)
    words = "code__istartswith"
    prefixes = {0: "code__startswith"}
    search_help_text = "Début du code risque, comme 45.2."
