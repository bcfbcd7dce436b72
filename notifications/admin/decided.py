"""What campaigns decided, told, and what people did with it: to look at, never to change."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path, reverse

from accounts.admin.base import ReadOnlyAdmin, column, staff
from notifications.actions.correction import correct_decision
from notifications.admin.correction import ask, confirmed, form_of
from notifications.models import Consultation, Notification, RateDecision, Receipt
from portal import clock
from portal.kit import french
from portal.kit.csvfile import FileProblem
from portal.kit.export import csv_response

BY_SIRET = "SIRET ou SIREN entier."


SIRET = column("establishment__siret", "SIRET", french.siret)
NUMBER = column("number", "numéro", order="id")
RATE = column("rate", "taux net", french.rate)
EFFECT = column("effective_on", "date d'effet", french.day)


@admin.register(RateDecision)
class RateDecisionAdmin(ReadOnlyAdmin):
    """Rate decisions, with the paper list and its export."""

    list_display = (NUMBER, SIRET, "addressee", "code_risque", RATE, EFFECT, "channel")
    shown = (
        NUMBER, SIRET, "enterprise", "addressee", "address", "code_risque", "mode", RATE,
        column("computed_rate", "taux calculé", french.rate), EFFECT, "version",
        column("kind", "nature", order=None), "reason", column("decided_on", "décidé le", french.day), "channel",
        "campaign", "line",
    )  # fmt: skip
    list_filter = ("campaign", "channel", "mode")
    list_select_related = ("establishment",)
    prefixes = {9: "enterprise", 14: "establishment__siret"}
    words = "addressee__istartswith"
    search_help_text = "SIRET ou SIREN entier, ou début du nom du destinataire."

    def get_urls(self) -> list[URLPattern]:
        """Add the export of the list as filtered, and the page of a correction."""
        guard = self.admin_site.admin_view
        return [
            path("export.csv", guard(self.export_view), name="notifications_ratedecision_export"),
            path("<int:pk>/rectifier/", guard(self.correct_view), name="notifications_ratedecision_correct"),
            *super().get_urls(),
        ]

    def row_tools(self, obj: RateDecision) -> list[tuple[str, str]]:
        """Lead to a correction, and to the journal."""
        correct = reverse("admin:notifications_ratedecision_correct", args=[obj.pk])
        return [("Rectifier, changer ou annuler", correct), self.journal_tool(obj.enterprise_id)]

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Replace, follow or cancel a decision: a form, then before and after, then done."""
        decision: RateDecision | None = self.get_object(request, str(pk))
        if decision is None:
            raise Http404("Cette décision n'existe pas.")
        if not request.user.has_perm("notifications.add_campaign"):
            raise PermissionDenied
        back_url = reverse("admin:notifications_ratedecision_change", args=[pk])
        title = f"Rectifier, changer ou annuler {decision.number}"
        crumbs = self.crumbs((decision.number, back_url), (title, ""))
        form = form_of(request, decision)
        if request.method == "POST" and not confirmed(request) and form.is_valid():
            return ask(request, form, crumbs)

        def save(_values: dict[str, Any]) -> str:
            try:
                taken = correct_decision(
                    decision=decision, correction=form.correction(), by=staff(request), on=clock.now()
                )
            except FileProblem as problem:
                raise ValidationError(str(problem)) from None
            messages.success(request, f"{taken.kind} publiée : {taken.number}.")
            return reverse("admin:notifications_ratedecision_change", args=[taken.pk])

        return self.form_page(
            request, form, save, title=title, submit="Voir avant de publier", crumbs=crumbs, back_url=back_url
        )

    def list_tools(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Lead to the export of the list as filtered."""
        return [("Exporter (CSV)", f"export.csv?{request.GET.urlencode()}")]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Call the list filtered by letter what the guide of the staff calls it."""
        paper = request.GET.get("channel__exact") == RateDecision.Channel.PAPER
        title = {"title": "À notifier par courrier"} if paper else {}
        return super().changelist_view(request, title | (extra_context or {}))

    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """Send the list, filtered and searched as on the screen, whatever its length."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        decisions = self.get_changelist_instance(request).get_queryset(request)
        heads = ("numéro", "siret", "destinataire", "adresse", "code_risque", "mode", "taux", "date_effet", "canal")

        def rows() -> Iterator[tuple[object, ...]]:
            for decision in decisions.iterator(chunk_size=2000):
                yield (
                    decision.number,
                    french.siret(decision.establishment.siret),
                    decision.addressee,
                    " – ".join(decision.address.splitlines()),
                    decision.code_risque,
                    decision.get_mode_display(),
                    decision.rate,
                    decision.effective_on,
                    decision.get_channel_display(),
                )

        return csv_response("decisions.csv", heads, rows())


PUBLISHED = column("published_at", "mise à disposition le", french.moment)


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Notifications made available."""

    list_display = (
        "id", SIRET, column("decision__rate", "taux net", french.rate),
        column("decision__effective_on", "date d'effet", french.day), PUBLISHED,
    )  # fmt: skip
    shown = ("decision", SIRET, "enterprise", "campaign", PUBLISHED)
    list_filter = ("campaign",)
    list_select_related = ("establishment", "decision")
    prefixes = {9: "enterprise", 14: "establishment__siret"}
    search_help_text = BY_SIRET


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    """Who read, archived or deleted what."""

    list_display = shown = (
        "user", "notification", column("read_at", "lue le", french.moment),
        column("archived_at", "archivée le", french.moment), column("deleted_at", "supprimée le", french.moment),
    )  # fmt: skip
    list_select_related = ("user", "notification")
    prefixes = {9: "notification__enterprise", 14: "notification__establishment__siret"}
    search_help_text = BY_SIRET


@admin.register(Consultation)
class ConsultationAdmin(ReadOnlyAdmin):
    """Who opened a notification or took its document: the log that starts the legal clock."""

    list_display = shown = (
        "name", column("notification__establishment__siret", "SIRET", french.siret), "notification", "way",
        column("at", "quand", french.moment), "entitled",
    )  # fmt: skip
    list_filter = ("way", "entitled")
    list_select_related = ("notification__establishment",)
    prefixes = {9: "notification__enterprise", 14: "notification__establishment__siret"}
    search_help_text = BY_SIRET
