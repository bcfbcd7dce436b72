"""« Tableau de bord » of a campaign: charts and exports."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from notifications.models import Campaign, Notification, RateDecision
from notifications.models.follow_up import NO_ADDRESS, PENALISED, follow_up, penalised
from notifications.rules import Status
from notifications.rules.spread import bars
from portal import clock
from portal.kit.export import table_response
from portal.kit.paging import chunks

_LABELS = {Status.CONSULTED: "consultée", Status.DEEMED: "réputée notifiée", Status.AVAILABLE: "à ouvrir"}
# A workbook is whole before its first byte leaves, at some 0.3 ms a row; a CSV leaves as it is made.
MOST_XLSX_ROWS = 50_000
_PAPER = ("siret", "numéro", "destinataire", "adresse", "taux", "date d'effet", "à compléter")
_NOTIFIED = (
    "siret", "numéro", "taux", "date d'effet", "mise à disposition", "état", "première consultation", "notifiée le",
    "dernier jour pour contester",
)  # fmt: skip


def offered(campaign: Campaign) -> list[tuple[str, str, str]]:
    """Return the exports of a campaign: (name, label, form). A workbook of too many rows is left out."""
    sizes = [
        ("notifications", "Notifications", campaign.notified),
        ("courrier", "Courrier", campaign.on_paper),
        ("penalites", "Pénalités", campaign.on_paper),
    ]
    return [
        (what, label, form)
        for what, label, rows in sizes
        for form in ("csv", "xlsx")
        if form == "csv" or rows <= MOST_XLSX_ROWS
    ]


def dashboard(
    request: HttpRequest, campaign: Campaign, crumbs: list[tuple[str, str]], exports: list[tuple[str, str]]
) -> HttpResponse:
    """Show where a campaign stands today."""
    state = follow_up(campaign, clock.today())
    outcomes = [
        ("Consultées", state.consulted),
        ("Réputées notifiées, sans consultation", state.deemed),
        ("À ouvrir, les quinze jours courent", state.waiting),
        ("À notifier par courrier", state.on_paper),
    ]
    context: dict[str, Any] = {
        "campaign": campaign,
        "state": state,
        "outcomes": bars(outcomes),
        "exports": exports,
        "most_rows": MOST_XLSX_ROWS,
        "crumbs": crumbs,
    }
    return render(request, "admin/tools/follow_up.html", context)


def export(campaign: Campaign, what: str, form: str, policy: Any) -> HttpResponseBase:
    """Send one of the exports `offered`. Raises Http404 for anything else."""
    if (what, form) not in {(name, kind) for name, _label, kind in offered(campaign)}:
        raise Http404("Cet export n'existe pas.")
    if what == "notifications":
        return table_response(f"notifications-campagne-{campaign.pk}", form, _NOTIFIED, _notified(campaign, policy))
    if what == "courrier":
        return table_response(f"courrier-campagne-{campaign.pk}", form, _PAPER, _letters(campaign))
    rows = penalised(campaign, clock.today())
    return table_response(f"penalites-campagne-{campaign.pk}", form, PENALISED, rows)


def _letters(campaign: Campaign) -> Iterator[tuple[object, ...]]:
    paper = RateDecision.objects.filter(campaign=campaign, channel=RateDecision.Channel.PAPER)
    found = paper.select_related("establishment").annotate(incomplete=NO_ADDRESS)
    for some in chunks(found.order_by("id"), 1000):
        for one in some:
            yield (
                one.establishment.siret,
                one.number,
                one.addressee,
                ", ".join(line for line in one.address.split("\n") if line.strip()),
                one.rate,
                one.effective_on,
                "oui" if one.incomplete else "",  # type: ignore[attr-defined]
            )


def _notified(campaign: Campaign, policy: Any) -> Iterator[tuple[object, ...]]:
    today = clock.today()
    found = Notification.objects.filter(campaign=campaign).with_consultation()
    for some in chunks(found.select_related("decision", "establishment").order_by("id"), 1000):
        for one in some:
            legal = one.legal_on(today, policy)
            yield (
                one.establishment.siret,
                one.decision.number,
                one.decision.rate,
                one.decision.effective_on,
                legal.available,
                _LABELS[legal.status],
                legal.consulted or "",
                legal.notified_on or "",
                legal.challenge_until or "",
            )
