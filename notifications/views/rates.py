"""« Taux de vos établissements »: what is in force for each, without opening anything (G0.4's page, for oneself)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import person
from accounts.models import Establishment
from habilitations.forms import PlaceFilters
from notifications.access import NotificationScope, notification_scope
from notifications.models import CollectiveRate, Notification, RateDecision
from notifications.models.tariff import COMPARISON, Beside, comparison
from portal import clock
from portal.kit.decision import refused
from portal.kit.export import table_response
from portal.kit.paging import chunks, page, sort_links, with_params

_HEADER = (
    "SIRET", "Commune", "Code risque", "Taux net (%)", "Date d'effet", "Taux précédent (%)", *COMPARISON,
    "Notifiée le", "Dernier jour pour contester", "À ouvrir",
)  # fmt: skip
_COLUMNS = {"siret": "SIRET", "commune": "Commune"}
_SORTS = {"siret": ("siret", "id"), "commune": ("city", "siret", "id")}
_SORTS |= {f"-{key}": tuple(f"-{name}" for name in order) for key, order in _SORTS.items()}


@dataclass(frozen=True)
class RateRow:
    """A decision in force, the one before it, the collective rate of its code, its notification; None without any."""

    decision: RateDecision
    previous: RateDecision | None
    beside: Beside | None
    notification: Notification | None


@dataclass(frozen=True)
class PlaceRates:
    """An establishment, its rates in force, and a notification still to be opened."""

    place: Establishment
    rates: list[RateRow]
    waiting: int | None


def _found(request: HttpRequest, scope: NotificationScope) -> QuerySet[Establishment]:
    return PlaceFilters(request.GET).keep(scope.places().select_related("enterprise"))


def _sort(request: HttpRequest) -> str:
    asked = request.GET.get("tri", "siret")
    return asked if asked in _SORTS else "siret"


def _rates(places: Iterable[Establishment], scope: NotificationScope) -> Iterator[PlaceRates]:
    """Yield establishments with their rates: four queries, however many there are."""
    shown, today = list(places), clock.today()
    ids = [place.pk for place in shown]
    known = scope.decisions(today)
    in_force = known.in_force(ids, today)
    current = [decision.pk for pairs in in_force.values() for decision, _previous in pairs]
    notified = Notification.objects.filter(decision__in=current).with_consultation()
    by_decision = {one.decision_id: one for one in notified}
    for one in by_decision.values():
        one.legal = one.legal_on(today, settings.NOTIFICATION_POLICY)
    unopened = scope.notifications().waiting(today).filter(establishment__in=ids).order_by("id")
    waiting = dict(unopened.values_list("establishment", "pk"))
    compared = [place.pk for place in shown if not place.alsace_moselle]
    beside = CollectiveRate.objects.beside(
        decision for place in compared for decision, _previous in in_force.get(place, [])
    )
    for place in shown:
        rates = [
            RateRow(decision, previous, beside.get(decision.pk), by_decision.get(decision.pk))
            for decision, previous in in_force.get(place.pk, [])
        ]
        yield PlaceRates(place, rates, waiting.get(place.pk))


@require_GET
def rate_list(request: HttpRequest) -> HttpResponse:
    """List one's establishments with their rates in force; a rate nobody opened is announced, not told."""
    scope = notification_scope(person(request), clock.now())
    if not scope.decision.allowed:
        return refused(request, scope.decision)
    sort = _sort(request)
    shown = page(_found(request, scope), order=_SORTS[sort], size=50, params=request.GET)
    context = {
        "crumbs": [("Menu personnalisé", reverse("portal:dashboard")), ("Taux de vos établissements", "")],
        "form": PlaceFilters(request.GET),
        "page": shown,
        "rows": list(_rates(shown.items, scope)),
        "heads": sort_links(_COLUMNS, current=sort, params=request.GET),
        "sort": sort,
        "query": with_params(request.GET, {}),
    }
    return render(request, "notifications/rate_list.html", context)


@require_GET
def rate_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Send the same list whole, as a CSV or an XLSX."""
    scope = notification_scope(person(request), clock.now())
    if not scope.decision.allowed:
        return refused(request, scope.decision)
    found = _found(request, scope).order_by(*_SORTS[_sort(request)])
    rows = (line for some in chunks(found, 500) for row in _rates(some, scope) for line in _lines(row))
    return table_response(f"taux-etablissements-{clock.today():%Y%m%d}", form, _HEADER, rows)


def _lines(row: PlaceRates) -> Iterator[list[object]]:
    head, tail = [row.place.siret, row.place.city], ["oui" if row.waiting else ""]
    for one in row.rates:
        rate = [one.decision.code_risque, one.decision.rate, one.decision.effective_on]
        rate += [one.previous.rate if one.previous else "", *comparison(one.beside)]
        legal = one.notification.legal if one.notification else None
        dates = [legal.notified_on or "", legal.challenge_until or ""] if legal else ["", ""]
        yield [*head, *rate, *dates, *tail]
    if not row.rates:
        yield [*head, *[""] * (len(_HEADER) - 3), *tail]
