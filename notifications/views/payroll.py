"""« Contrôle de la paie »: the rates that DSN applied against those notified for their month (dsn.md)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import person
from notifications.access import notification_scope
from notifications.forms import PayrollFilters
from notifications.models import RateDecision
from notifications.models.payroll import differences, explained
from portal import clock
from portal.kit import french
from portal.kit.decision import Decision, refused
from portal.kit.export import table_response
from portal.kit.paging import chunks, page, with_params
from portfolios.access import clients_access, visible_clients
from portfolios.models import DsnRate
from portfolios.rules.window import first_day

_ORDER = ("-filing__month", "filing__establishment__siret", "id")
_HEADER = (
    "SIRET", "Entreprise", "Mois", "Déposée le", "Déposée par", "Écart", "Code déclaré", "Fonctions supports",
    "Taux déclaré (%)", "Code notifié", "Taux notifié (%)", "Notifié depuis le",
)  # fmt: skip


@dataclass(frozen=True)
class Payroll:
    """What a person may compare: the rates of some DSN with some decisions, or why not."""

    title: str
    name: str
    access: Decision
    rates: QuerySet[DsnRate]
    decisions: QuerySet[RateDecision]


def _own(request: HttpRequest) -> Payroll:
    """Compare the DSN of a person's establishments, whoever deposited them, with what the enterprise has seen."""
    scope = notification_scope(person(request), clock.now())
    decisions = scope.decisions(clock.today())
    rates = DsnRate.objects.filter(filing__establishment__in=decisions.values("establishment"))
    return Payroll("Contrôle de la paie", "payroll", scope.decision, rates, decisions)


def _clients(request: HttpRequest) -> Payroll:
    """Compare the DSN that the firm deposited for clients whose account is open to it (G0.5)."""
    user, now = person(request), clock.now()
    clients = visible_clients(user).seen_by(user).open(now, first_day(clock.day(now)))
    firm = user.establishment.enterprise_id if user.establishment else None
    rates = DsnRate.objects.filter(filing__depositor=firm, filing__establishment__in=clients.values("establishment"))
    decisions = RateDecision.objects.all()
    return Payroll("Contrôle de la paie de vos clients", "client_payroll", clients_access(user), rates, decisions)


def _found(request: HttpRequest, payroll: Payroll) -> QuerySet[DsnRate]:
    found = PayrollFilters(request.GET).keep(differences(payroll.rates, payroll.decisions), clock.today())
    return found.select_related("filing__establishment__enterprise", "filing__depositor")


@require_GET
def payroll_list(request: HttpRequest) -> HttpResponse:
    """List the differences for one's own establishments."""
    return _list(request, _own(request))


@require_GET
def client_payroll_list(request: HttpRequest) -> HttpResponse:
    """List the differences for the clients of a tiers déclarant."""
    return _list(request, _clients(request))


def _list(request: HttpRequest, payroll: Payroll) -> HttpResponse:
    if not payroll.access.allowed:
        return refused(request, payroll.access)
    shown = page(_found(request, payroll), order=_ORDER, size=50, params=request.GET)
    context = {
        "crumbs": [("Menu personnalisé", reverse("portal:dashboard")), (payroll.title, "")],
        "payroll": payroll,
        "form": PayrollFilters(request.GET),
        "page": shown,
        "rows": explained(shown.items, payroll.decisions),
        "query": with_params(request.GET, {}),
    }
    return render(request, "notifications/payroll_list.html", context)


@require_GET
def payroll_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Send the differences of one's own establishments, as a CSV or an XLSX."""
    return _export(request, _own(request), form)


@require_GET
def client_payroll_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Send the differences of the clients, as a CSV or an XLSX."""
    return _export(request, _clients(request), form)


def _export(request: HttpRequest, payroll: Payroll, form: str) -> HttpResponseBase:
    if not payroll.access.allowed:
        return refused(request, payroll.access)
    found = _found(request, payroll).order_by(*_ORDER)
    rows = (line for some in chunks(found, 500) for line in _lines(some, payroll))
    return table_response(f"controle-paie-{clock.today():%Y%m%d}", form, _HEADER, rows)


def _lines(rates: list[DsnRate], payroll: Payroll) -> Iterator[list[object]]:
    for row in explained(rates, payroll.decisions):
        filing, declared = row.declared.filing, row.declared
        place = filing.establishment
        assert filing.month is not None  # noqa: S101 - a DSN without month is not compared
        head = [place.siret, place.enterprise.name, french.month(filing.month), filing.filed_on, filing.depositor.name]
        rate = "" if declared.rate is None else declared.rate
        said = [row.kind, declared.code, "oui" if declared.support else "", rate]
        for notified in row.notified:
            yield [*head, *said, notified.code_risque, notified.rate, notified.effective_on]
