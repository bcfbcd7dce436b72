"""What the staff's lists share: counts that stop early, searches that an index answers, nothing deleted."""

import re
from collections.abc import Callable
from functools import cached_property, reduce
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.models import User

# Rows that a list counts and pages through; beyond, a search brings them up.
CEILING = 10_000


def column(
    path: str, description: str, spell: Callable[[Any], str] = str, *, order: str | None = ""
) -> Callable[[Any], str]:
    """Return a column of a list, or a line of a page: a field through its relations, spelled in French.

    path: « establishment__siret ». order: the field it sorts by when that is not path, None when it does not sort.
    An absent or empty value shows as « – ».
    """

    @admin.display(description=description, ordering=path if order == "" else order, empty_value="–")
    def show(obj: Any) -> str:
        value = reduce(lambda at, name: None if at is None else getattr(at, name), path.split("__"), obj)
        return "" if value is None or value == "" else spell(value)

    show.__name__ = path
    return show


class CappedPaginator(Paginator):
    """Counts up to a ceiling: a list of two million rows costs what a list of ten thousand does."""

    @cached_property
    def count(self) -> int:
        """Number of rows, CEILING at most."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:CEILING].count()


class StaffAdmin(admin.ModelAdmin):
    """A list for staff. Nothing is deleted here: what has a history keeps it.

    prefixes: number of digits typed → the lookup that finds them by an index; « 0 » for any other number of digits.
    words: the lookup for anything else, « » when the list is searched by digits only.
    """

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    empty_value_display = "–"
    list_max_show_all = 0
    actions: Any = None
    search_fields = ("pk",)
    # The browser's own calendar: Django's writes inline styles, which the content policy refuses.
    formfield_overrides = {
        models.DateField: {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")},
    }
    change_list_template = "admin/tools/list.html"
    change_form_template = "admin/tools/change.html"
    prefixes: ClassVar[dict[int, str]] = {}
    words = ""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: see the class."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by the start of an identifier, spaces ignored, or of a name; never inside, which no index answers."""
        text = search_term.strip()
        digits = re.sub(r"\s", "", text)
        if not text:
            return queryset, False
        if digits.isascii() and digits.isdigit():
            lookup = self.prefixes.get(len(digits), self.prefixes.get(0, ""))
            return (queryset.filter(**{lookup: digits}) if lookup else queryset.none()), False
        return (queryset.filter(**{self.words: text}) if self.words else queryset.none()), False

    def list_tools(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return the buttons above the list: (label, address) pairs."""
        return [("Ajouter", "add/")] if self.has_add_permission(request) else []

    def row_tools(self, obj: Any) -> list[tuple[str, str]]:
        """Return the buttons above one row's page: (label, address) pairs."""
        return []

    def journal_tool(self, siren: str) -> tuple[str, str]:
        """Return the button that shows what was done for an enterprise."""
        return ("Journal de l'entreprise", f"{reverse('admin:accounts_journalentry_changelist')}?q={siren}")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Add the title, the buttons and the ceiling."""
        context = {
            "title": _capital(self.opts.verbose_name_plural),
            "tools": self.list_tools(request),
            "ceiling": CEILING,
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Add the buttons."""
        obj = options.get("obj")
        context["tools"] = self.row_tools(obj) if obj else []
        return super().render_change_form(request, context, *args, **options)

    def crumbs(self, *more: tuple[str, str]) -> list[tuple[str, str]]:
        """Return the way back from a page: (label, address) pairs."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        listed = (_capital(self.opts.verbose_name_plural), reverse(name))
        return [("Gestion", reverse("admin:index")), listed, *more]

    def form_page(
        self, request: HttpRequest, form: forms.Form, save: Callable[[dict[str, Any]], str], **context: Any
    ) -> HttpResponse:
        """Show a form; once valid, save and go on to the address that `save` returns.

        save: takes the clean values; raises ValidationError, which goes to the fields that it names.
        context: title, submit, crumbs, back_url, and what the template shows besides.
        """
        if request.method == "POST" and form.is_valid():
            try:
                return redirect(save(form.cleaned_data))
            except ValidationError as error:
                form.add_error(None, error)
        template = context.pop("template", "admin/tools/form.html")
        return render(request, template, {"form": form, "method": "post"} | context)


class ReadOnlyAdmin(StaffAdmin):
    """Rows that are looked at: neither added nor changed by hand.

    shown: the lines of a row's page, fields or columns.
    """

    shown: tuple[Any, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """Return what the page shows."""
        return self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """Return the same: nothing is changed."""
        return self.shown

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: see the class."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: see the class."""
        return False


def _capital(words: object) -> str:
    return str(words)[:1].upper() + str(words)[1:]


def staff(request: HttpRequest) -> User:
    """Return who is logged in: an admin page lets nobody else through."""
    assert isinstance(request.user, User)  # noqa: S101 - for the type checker
    return request.user


def posted(request: HttpRequest) -> dict[str, Any]:
    """Return what a form is bound to: what was posted, even empty, and nothing on a GET."""
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}
