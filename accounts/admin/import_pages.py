"""Files that staff import: deposited, read by a job, previewed, applied or given up, reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from accounts.actions.imports import Importer, cancel_file, confirm_file
from accounts.admin.base import ReadOnlyAdmin, posted, staff
from accounts.admin.forms import UploadForm
from accounts.models import ImportFile, User
from portal import clock
from portal.kit.csvfile import FileProblem
from portal.kit.export import csv_response

SHOWN_PROBLEMS = 200
SHOWN_LINES = 20


@dataclass(frozen=True)
class Table:
    """A few lines of a file to look at before deciding: heads of columns and cells ready to show."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Wording:
    """What the pages of one kind of file say, in French.

    columns: (meaning, names, required) for each, required ones first. example: one line of the model to download.
    """

    deposit: str
    intro: str
    submit: str
    confirm: str
    confirm_title: str
    columns: tuple[tuple[str, str, bool], ...]
    example: dict[str, str]
    model_name: str


class ImportPages(ReadOnlyAdmin):
    """Pages of an imported file. A subclass says what its kind is called, shows and does."""

    importer: Importer
    wording: Wording
    upload_form: type[forms.Form] = UploadForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Deposit, apply and give up are one right."""
        return admin.ModelAdmin.has_add_permission(self, request)

    def list_tools(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Lead to the page of deposit."""
        return [(self.wording.deposit, self.url("add"))] if self.has_add_permission(request) else []

    # What a kind says of itself -----------------------------------------

    def file_of(self, obj: Any) -> ImportFile:
        """Return the file behind a row of the list."""
        raise NotImplementedError

    def receive(self, values: dict[str, Any], by: User) -> Any:
        """Keep a deposited file and return its row. Raises FileProblem."""
        raise NotImplementedError

    def preview(self, obj: Any) -> Table | None:
        """Return some lines to look at, None when there are none."""
        raise NotImplementedError

    def consequences(self, obj: Any) -> list[str]:
        """Return what applying will do, one sentence a line, before it is confirmed."""
        raise NotImplementedError

    def facts(self, obj: Any) -> list[tuple[str, str]]:
        """Return (label, value) pairs to show beside the counts of the file."""
        return []

    def links(self, obj: Any) -> list[tuple[str, str]]:
        """Return (label, address) pairs of what applying wrote."""
        return []

    # Pages ----------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of a file to those of the list."""
        guard, name = self.admin_site.admin_view, self.page_name
        return [
            path("modele.csv", guard(self.model_view), name=name("model")),
            path("<int:pk>/appliquer/", guard(self.confirm_view), name=name("confirm")),
            path("<int:pk>/abandonner/", guard(self.cancel_view), name=name("cancel")),
            path("<int:pk>/compte-rendu.csv", guard(self.problems_view), name=name("problems")),
            *super().get_urls(),
        ]

    def page_name(self, name: str) -> str:
        """Return the URL name of a page, without « admin: »."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def url(self, name: str, obj: Any = None) -> str:
        """Return the address of a page of this list, or of one row."""
        return reverse(f"admin:{self.page_name(name)}", args=[obj.pk] if obj else None)

    def load(self, request: HttpRequest, pk: Any, *, deciding: bool = False) -> Any:
        """Return a row of this list. Raises Http404, or PermissionDenied without the right to see or decide."""
        allowed = self.has_add_permission(request) if deciding else self.has_view_permission(request)
        if not allowed:
            raise PermissionDenied
        obj = self.get_object(request, str(pk))
        if obj is None:
            raise Http404("Ce fichier n'existe pas.")
        return obj

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Deposit a file."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def save(values: dict[str, Any]) -> str:
            try:
                obj = self.receive(values, staff(request))
            except FileProblem as problem:
                raise ValidationError({"file": str(problem)}) from None
            messages.success(request, "Fichier déposé : il va être lu.")
            return self.url("change", obj)

        return self.form_page(
            request,
            self.upload_form(**posted(request)),
            save,
            template="admin/tools/upload.html",
            wording=self.wording,
            model_url=self.url("model"),
            back_url=self.url("changelist"),
            crumbs=self.crumbs((self.wording.deposit, "")),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show where a file is: waiting, preview, progress, then the report. Changes nothing."""
        obj = self.load(request, object_id)
        import_file = self.file_of(obj)
        problems = list(import_file.problems.all()[: SHOWN_PROBLEMS + 1])
        waiting = import_file.status in (ImportFile.Status.RECEIVED, ImportFile.Status.APPLYING)
        context = {
            "title": str(obj),
            "import_file": import_file,
            "wording": self.wording,
            "waiting": waiting,
            "batches": import_file.batches.aggregate(total=Count("pk"), done=Count("done_at")),
            "to_write": import_file.good - import_file.unchanged,
            "facts": self.facts(obj),
            "links": self.links(obj),
            "table": self.preview(obj),
            "problems": problems[:SHOWN_PROBLEMS],
            "more_problems": len(problems) > SHOWN_PROBLEMS,
            "may_decide": self.has_add_permission(request),
            "urls": {name: self.url(name, obj) for name in ("confirm", "cancel", "problems", "change")},
            "crumbs": self.crumbs((str(obj), "")),
        }
        return render(request, "admin/tools/import.html", context)

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask once more, saying what will happen, then order it. Ordered twice, it is done once."""
        obj = self.load(request, pk, deciding=True)
        if request.method == "POST":
            done = confirm_file(
                import_file=self.file_of(obj), importer=self.importer, by=staff(request), on=clock.now()
            )
            self.say(request, done, "C'est confirmé : le travail se fait par lots, en arrière-plan.")
            return redirect(self.url("change", obj))
        if self.file_of(obj).status != ImportFile.Status.CHECKED:
            return redirect(self.url("change", obj))
        return self.ask(request, obj, self.wording.confirm_title, self.consequences(obj), self.wording.confirm)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask once more, then give a file up."""
        obj = self.load(request, pk, deciding=True)
        if request.method == "POST":
            done = cancel_file(import_file=self.file_of(obj), importer=self.importer, by=staff(request), on=clock.now())
            self.say(request, done, "Fichier abandonné : rien n'a été écrit.")
            return redirect(self.url("change", obj))
        sentences = ["Rien ne sera écrit.", "Le fichier devra être déposé de nouveau pour servir."]
        return self.ask(request, obj, "Abandonner ce fichier ?", sentences, "Abandonner")

    def ask(self, request: HttpRequest, obj: Any, title: str, sentences: list[str], submit: str) -> HttpResponse:
        """Show what will happen, with one button that does it and a link that does not."""
        context = {
            "title": title,
            "sentences": sentences,
            "submit": submit,
            "kept": [],
            "back_url": self.url("change", obj),
            "crumbs": self.crumbs((str(obj), self.url("change", obj)), (submit, "")),
        }
        return render(request, "admin/tools/confirm.html", context)

    def say(self, request: HttpRequest, done: bool, sentence: str) -> None:
        """Tell what a decision did; asked too late, it did nothing."""
        if done:
            messages.success(request, sentence)
        else:
            messages.warning(request, "Ce fichier n'attendait plus de décision : rien n'a changé.")

    def problems_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """Send every problem of a file."""
        import_file = self.file_of(self.load(request, pk))
        problems = import_file.problems.iterator(chunk_size=2000)
        rows = ((one.line, one.column, one.message, one.effect) for one in problems)
        return csv_response(f"compte-rendu-{pk}.csv", ("ligne", "colonne", "problème", "suite"), rows)

    def model_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """Send a file to fill in: the columns and one line."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        example = self.wording.example
        return csv_response(self.wording.model_name, list(example), [list(example.values())])
