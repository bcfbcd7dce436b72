"""« Nouveaux taux »: the notifications of followed clients, as a tiers déclarant may know of them (G0.2, G0.6)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import person
from accounts.models import User
from notifications.forms import NewRateFilters
from notifications.models import Notification, RateDecision
from notifications.models.notification import NotificationQuerySet
from notifications.rules.legal import LegalState
from portal import clock
from portal.kit.decision import refused
from portal.kit.export import table_response
from portal.kit.paging import chunks, page, with_params
from portfolios.access import clients_access, may_manage_portfolios, visible_clients
from portfolios.models.portfolio import ClientQuerySet
from portfolios.rules.window import first_day

_HEADER = (
    "SIRET", "Entreprise", "Code risque", "Taux net (%)", "Date d'effet", "Taux précédent (%)",
    "Mise à disposition", "Première consultation", "Notifiée le", "État",
)  # fmt: skip


@dataclass(frozen=True)
class NewRate:
    """A notification of a client, what it changes, where it stands in law, and the client to read more of."""

    notification: Notification
    previous: RateDecision | None
    legal: LegalState
    client: int


def _clients(user: User) -> ClientQuerySet:
    """Return the followed clients whose account is open to this person (G0.5)."""
    now = clock.now()
    return visible_clients(user).seen_by(user).open(now, first_day(clock.day(now))).exclude(followed_since=None)


def _found(request: HttpRequest, clients: ClientQuerySet) -> NotificationQuerySet:
    followed = Notification.objects.filter(establishment__in=clients.values("establishment"))
    found = NewRateFilters(request.GET).keep(followed.with_consultation())
    return found.select_related("decision", "establishment__enterprise")


def _rates(notifications: Iterable[Notification], clients: ClientQuerySet) -> Iterator[NewRate]:
    """Yield notifications with the rate before each: two queries, however many there are."""
    shown, today = list(notifications), clock.today()
    places = {one.establishment_id for one in shown}
    mine = dict(clients.filter(establishment__in=places).values_list("establishment", "pk"))
    history: dict[tuple[int, str], list[RateDecision]] = {}
    for decision in RateDecision.objects.filter(establishment__in=places).order_by("-effective_on", "-version"):
        history.setdefault((decision.establishment_id, decision.code_risque), []).append(decision)
    for one in shown:
        earlier = history[(one.establishment_id, one.decision.code_risque)]
        previous = next((before for before in earlier if before.effective_on < one.decision.effective_on), None)
        legal = one.legal_on(today, settings.NOTIFICATION_POLICY)
        # A client who changes portfolio meanwhile is read next time.
        if one.establishment_id in mine:
            yield NewRate(one, previous, legal, mine[one.establishment_id])


@require_GET
def new_rate_list(request: HttpRequest) -> HttpResponse:
    """List the notifications of followed clients, the newest first."""
    user = person(request)
    access = clients_access(user)
    if not access.allowed:
        return refused(request, access)
    clients = _clients(user)
    shown = page(_found(request, clients), order=("-id",), size=50, params=request.GET)
    context = {
        "crumbs": [
            ("Menu personnalisé", reverse("portal:dashboard")),
            ("Compte AT/MP de vos clients", reverse("notifications:client_rate_list")),
            ("Nouveaux taux", ""),
        ],
        "form": NewRateFilters(request.GET),
        "page": shown,
        "rows": list(_rates(shown.items, clients)),
        "may_choose": may_manage_portfolios(user),
        "query": with_params(request.GET, {}),
    }
    return render(request, "notifications/new_rate_list.html", context)


@require_GET
def new_rate_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Send the same list whole, as a CSV or an XLSX."""
    user = person(request)
    access = clients_access(user)
    if not access.allowed:
        return refused(request, access)
    clients = _clients(user)
    found = _found(request, clients).order_by("-id")
    rows = (_line(rate) for some in chunks(found, 500) for rate in _rates(some, clients))
    return table_response(f"nouveaux-taux-{clock.today():%Y%m%d}", form, _HEADER, rows)


def _line(rate: NewRate) -> list[object]:
    one, legal = rate.notification, rate.legal
    return [
        one.establishment.siret, one.establishment.enterprise.name, one.decision.code_risque, one.decision.rate,
        one.decision.effective_on, rate.previous.rate if rate.previous else "", legal.available,
        legal.consulted or "", legal.notified_on or "", legal.sentence,
    ]  # fmt: skip
