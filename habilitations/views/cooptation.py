"""« Administrateur en attente de gestion »: an administrator decides on candidates (G4.4 to G4.6)."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import administration, person
from habilitations.access import decided_cooptations, pending_cooptations
from habilitations.actions.cooptation import decide_cooptation
from habilitations.actions.rights import closed_refusal
from habilitations.forms import DecisionForm
from portal import clock
from portal.kit.paging import page

_CRUMB = ("Menu personnalisé", "portal:dashboard")
PAGE_SIZE = 20


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_CRUMB[0], reverse(_CRUMB[1])), *more]


def _administrator_only(request: HttpRequest) -> None:
    """A déclarant has no such page (G4.4)."""
    if not administration(person(request)).allowed:
        raise Http404


@require_GET
def cooptation_list(request: HttpRequest) -> HttpResponse:
    """List the candidates, each with « Accord » and « Refus », none chosen beforehand (G4.5)."""
    _administrator_only(request)
    waiting = pending_cooptations(person(request), clock.now()).select_related("user", "establishment")
    shown = page(waiting, order=("deadline", "id"), params=request.GET, size=PAGE_SIZE)
    rows = [(cooptation, DecisionForm(prefix=str(cooptation.pk))) for cooptation in shown.items]
    return _list(request, {"page": shown, "rows": rows})


def _list(request: HttpRequest, shown: dict[str, object]) -> HttpResponse:
    crumbs = _crumbs(("Administrateur en attente de gestion", ""))
    return render(request, "habilitations/cooptation_list.html", {"crumbs": crumbs} | shown)


def _numbers(texts: Iterable[str]) -> list[int]:
    """Return the numbers of requests among what was sent, a page of them at the most."""
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]
    return numbers[:PAGE_SIZE]


def _asked(request: HttpRequest) -> list[int]:
    return _numbers(name.partition("-")[0] for name in request.POST if name.endswith("-choice"))


def _posted(request: HttpRequest) -> list[DecisionForm]:
    """Return the form of each candidate that was posted, and is this administrator's to decide on."""
    waiting = pending_cooptations(person(request), clock.now()).filter(pk__in=_asked(request))
    found = waiting.select_related("user", "establishment", "enterprise").order_by("deadline", "id")
    return [DecisionForm(request.POST, prefix=str(cooptation.pk), cooptation=cooptation) for cooptation in found]


def _chosen(forms: list[DecisionForm]) -> list[DecisionForm]:
    return [form for form in forms if form.is_valid() and form.cleaned_data["choice"]]


@require_POST
def cooptation_confirm(request: HttpRequest) -> HttpResponse:
    """Say what will happen before it does; what was typed wrong comes back, with what was chosen beside it."""
    _administrator_only(request)
    forms = _posted(request)
    if wrong := [form for form in forms if form.errors]:
        return _list(request, {"wrong": wrong[0], "rows": [(form.cooptation, form) for form in forms]})
    rows = [(form, closed_refusal(form.cooptation.establishment, clock.now())) for form in _chosen(forms)]
    crumbs = _crumbs(
        ("Administrateur en attente de gestion", reverse("habilitations:cooptation_list")), ("Confirmation", "")
    )
    return render(request, "habilitations/cooptation_confirm.html", {"crumbs": crumbs, "rows": rows})


@require_POST
def cooptation_decide(request: HttpRequest) -> HttpResponse:
    """Decide, and lead to the acknowledgement (G4.5, G4.6). Those decided meanwhile are shown as they were."""
    _administrator_only(request)
    by, now = person(request), clock.now()
    for form in _chosen(_posted(request)):
        decide_cooptation(
            cooptation=form.cooptation,
            granted=form.cleaned_data["choice"] == DecisionForm.GRANT,
            reason=form.cleaned_data["reason"],
            by=by,
            on=now,
        )
    numbers = ",".join(map(str, _asked(request)))
    return redirect(f"{reverse('habilitations:cooptation_outcome')}?demandes={numbers}")


@require_GET
def cooptation_outcome(request: HttpRequest) -> HttpResponse:
    """Acknowledge: each request with its outcome, by whom and when (G4.6)."""
    _administrator_only(request)
    numbers = _numbers(request.GET.get("demandes", "").split(","))
    decided = decided_cooptations(person(request)).filter(pk__in=numbers)
    return render(
        request,
        "habilitations/cooptation_outcome.html",
        {
            "crumbs": _crumbs(
                ("Administrateur en attente de gestion", reverse("habilitations:cooptation_list")),
                ("Accusé de réception", ""),
            ),
            "decided": [
                (one, closed_refusal(one.establishment, one.decided_at or clock.now()))
                for one in decided.select_related("user", "establishment", "decided_by").order_by("pk")
            ],
        },
    )
