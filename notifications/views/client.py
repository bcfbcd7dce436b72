"""« Compte AT/MP » of a tiers déclarant: one entry point to the rates of all its clients (G0.4)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import person
from accounts.models import Establishment, User
from notifications.forms import ClientFilters
from notifications.models import CollectiveRate, RateDecision
from notifications.models.tariff import COMPARISON, Beside, comparison, naming
from notifications.models.timeline import timeline
from notifications.rules import step_chart
from portal import clock
from portal.kit.decision import Decision, refused
from portal.kit.export import table_response
from portal.kit.paging import chunks, page, sort_links, with_params
from portfolios.access import client_access, clients_access, visible_clients
from portfolios.forms import CLIENT_SORTS, client_sort
from portfolios.models import Client
from portfolios.models.portfolio import ClientQuerySet
from portfolios.rules.window import first_day, last_day

_HEADER = (
    "SIRET", "Entreprise", "Portefeuille", "Code risque", "Taux net (%)", "Date d'effet", "Taux précédent (%)",
    *COMPARISON, "Dernière DSN", "Accès jusqu'au", "Motif",
)  # fmt: skip
_CHUNK = 500
# What a row shows of other tables.
_SHOWN = ("portfolio", "establishment__enterprise")
COLUMNS = {"entreprise": "Client", "portefeuille": "Portefeuille"}


@dataclass(frozen=True)
class RateRow:
    """A decision in force, the one before it, and the collective rate of its code; None when there is none."""

    decision: RateDecision
    previous: RateDecision | None
    beside: Beside | None


@dataclass(frozen=True)
class ClientRates:
    """A client with what may be read of it. rates: those in force, empty if refused."""

    client: Client
    access: Decision
    rates: list[RateRow]
    until: object


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    listed = reverse("notifications:client_rate_list") if more else ""
    return [("Menu personnalisé", reverse("portal:dashboard")), ("Compte AT/MP de vos clients", listed), *more]


def _clients(user: User) -> ClientQuerySet:
    return visible_clients(user).seen_by(user)


@require_GET
def client_rate_list(request: HttpRequest) -> HttpResponse:
    """List the clients of all portfolios with their rate, or the reason why there is none (G0.4, G0.5)."""
    user, now = person(request), clock.now()
    access = clients_access(user)
    if not access.allowed:
        return refused(request, access)
    filters, sort = ClientFilters(request.GET), client_sort(request.GET)
    # PostgreSQL sorts what it joins: joined, the register would be read for all clients, for a page of fifty.
    found = filters.keep(_clients(user).prefetch_related(*_SHOWN), now, first_day(clock.day(now)))
    shown = page(found, order=CLIENT_SORTS[sort], size=50, params=request.GET)
    return render(
        request,
        "notifications/client_rate_list.html",
        {
            "crumbs": _crumbs(),
            "form": filters,
            "page": shown,
            "rows": list(_with_rates(shown.items)),
            "heads": sort_links(COLUMNS, current=sort, params=request.GET),
            "sort": sort,
            "query": with_params(request.GET, {}),
        },
    )


@require_GET
def client_rate_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Send the same list whole, as a CSV or an XLSX; refused lines say why."""
    user, now = person(request), clock.now()
    access = clients_access(user)
    if not access.allowed:
        return refused(request, access)
    found = ClientFilters(request.GET).keep(_clients(user), now, first_day(clock.day(now))).select_related(*_SHOWN)

    def rows() -> Iterator[list[object]]:
        for some in chunks(found.order_by(*CLIENT_SORTS[client_sort(request.GET)]), _CHUNK):
            yield from _lines(some)

    return table_response(f"taux-clients-{clock.today():%Y%m%d}", form, _HEADER, rows())


@require_GET
def client_rate_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the rates of a client and their history; the document is the client's alone (G0.2)."""
    client = get_object_or_404(_clients(person(request)).select_related(*_SHOWN), pk=pk)
    access = client_access(client, at=clock.now())
    if not access.allowed:
        return refused(request, access)
    [row] = _with_rates([client])
    histories = [_history(one.decision, client.establishment) for one in row.rates]
    context = {"crumbs": _crumbs((client.establishment.enterprise.name, "")), "row": row, "histories": histories}
    return render(request, "notifications/client_rate_detail.html", context)


def _with_rates(clients: Iterable[Client]) -> Iterator[ClientRates]:
    """Yield clients with their rates: three queries, however many there are."""
    now, clients = clock.now(), list(clients)
    access = {client.pk: client_access(client, at=now) for client in clients}
    readable = {client.establishment_id for client in clients if access[client.pk].allowed}
    in_force = RateDecision.objects.in_force(readable, clock.day(now))
    compared = {client.establishment_id for client in clients if not client.establishment.alsace_moselle}
    beside = CollectiveRate.objects.beside(
        decision for place in compared for decision, _previous in in_force.get(place, [])
    )
    for client in clients:
        pairs = in_force.get(client.establishment_id, []) if access[client.pk].allowed else []
        rates = [RateRow(decision, previous, beside.get(decision.pk)) for decision, previous in pairs]
        last_dsn = client.last_dsn  # type: ignore[attr-defined]
        yield ClientRates(client, access[client.pk], rates, last_day(last_dsn) if last_dsn else None)


def _history(decision: RateDecision, place: Establishment) -> dict[str, object]:
    tariffs = CollectiveRate.objects.by_year(decision.code_risque)
    rates = {} if place.alsace_moselle else {year: one.rate for year, one in tariffs.items()}
    events = timeline(decision, clock.today(), rates)
    steps = [
        one.decision for one in events if not one.replaced_by and one.decision.effective_on <= decision.effective_on
    ]
    return {
        "decision": decision,
        "name": str(decision.pk),
        "collective": naming(tariffs, decision.effective_on.year),
        "events": events,
        "chart": step_chart([(one.effective_on, one.rate) for one in steps[::-1]], clock.today(), rates),
    }


def _lines(clients: list[Client]) -> Iterator[list[object]]:
    for row in _with_rates(clients):
        place, last_dsn = row.client.establishment, row.client.last_dsn  # type: ignore[attr-defined]
        head = [place.siret, place.enterprise.name, row.client.portfolio.name]
        tail = [last_dsn or "", row.until or "", "" if row.access.allowed else row.access.reason]
        for one in row.rates:
            rate = [one.decision.code_risque, one.decision.rate, one.decision.effective_on]
            before = one.previous.rate if one.previous else ""
            yield [*head, *rate, before, *comparison(one.beside), *tail]
        if not row.rates:
            yield [*head, *[""] * (len(_HEADER) - 6), *tail]
