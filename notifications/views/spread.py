"""« Répartition des taux »: a histogram of those in force, and each code beside its collective rate."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import person
from habilitations.forms import PlaceFilters
from notifications.access import notification_scope
from notifications.forms import ClientFilters
from notifications.models import RateDecision
from notifications.models.spread import spread
from portal import clock
from portal.kit.decision import refused
from portfolios.access import clients_access, visible_clients
from portfolios.rules.window import first_day

_MENU = "Menu personnalisé"


@require_GET
def rate_spread(request: HttpRequest) -> HttpResponse:
    """Show the rates of one's establishments together; a rate nobody opened is not among them (decision 0005)."""
    scope = notification_scope(person(request), clock.now())
    if not scope.decision.allowed:
        return refused(request, scope.decision)
    form, today = PlaceFilters(request.GET), clock.today()
    decisions = scope.decisions(today).filter(establishment__in=form.keep(scope.places()).values("pk"))
    context = {
        "crumbs": _crumbs("Taux de vos établissements", "rate_list"),
        "of": "de vos établissements",
        "form": form,
        "spread": spread(decisions, today),
        "day": today,
    }
    return render(request, "notifications/rate_spread.html", context)


@require_GET
def client_rate_spread(request: HttpRequest) -> HttpResponse:
    """Show the rates of the clients whose account is open to this person (G0.4, G0.5)."""
    user, now = person(request), clock.now()
    access = clients_access(user)
    if not access.allowed:
        return refused(request, access)
    form, today = ClientFilters(request.GET), clock.today()
    first = first_day(today)
    opened = form.keep(visible_clients(user).seen_by(user), now, first).open(now, first)
    context = {
        "crumbs": _crumbs("Compte AT/MP de vos clients", "client_rate_list"),
        "of": "de vos clients",
        "form": form,
        "spread": spread(RateDecision.objects.filter(establishment__in=opened.values("establishment")), today),
        "day": today,
    }
    return render(request, "notifications/rate_spread.html", context)


def _crumbs(label: str, name: str) -> list[tuple[str, str]]:
    listed = (label, reverse(f"notifications:{name}"))
    return [(_MENU, reverse("portal:dashboard")), listed, ("Répartition des taux", "")]
