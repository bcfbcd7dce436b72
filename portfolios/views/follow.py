"""« Suivre les notifications »: the clients whose rate notifications a firm follows, without receiving any (G0.6)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import person
from portal import clock
from portal.kit import french
from portal.kit.paging import page
from portfolios.actions.portfolio import follow_clients, follow_portfolio
from portfolios.forms import CLIENT_SORTS, ClientFilters
from portfolios.models import Portfolio
from portfolios.views.portfolio import crumbs, portfolio_or_404

_MOST_SHOWN = 50


@require_http_methods(["GET", "POST"])
def client_follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick the clients to follow; only those that were shown change."""
    portfolio = portfolio_or_404(request, pk)
    if request.method == "POST":
        shown, followed = (_ids(request.POST.getlist(name)) for name in ("montre", "suivi"))
        added, removed = follow_clients(
            portfolio=portfolio, shown=shown, followed=followed, by=person(request), on=clock.now()
        )
        messages.success(request, f"Suivi enregistré : +{added} / −{removed}.")
        return redirect(request.get_full_path())
    filters = ClientFilters(request.GET)
    found = filters.keep(portfolio.clients.with_atmp()).select_related("establishment__enterprise")
    context = {
        "crumbs": _crumbs(portfolio),
        "portfolio": portfolio,
        "form": filters,
        "page": page(found, order=CLIENT_SORTS["siret"], size=_MOST_SHOWN, params=request.GET),
        "total": portfolio.clients.count(),
        "followed": portfolio.clients.exclude(followed_since=None).count(),
    }
    return render(request, "portfolios/client_follow.html", context)


@require_http_methods(["GET", "POST"])
def client_follow_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then follow every client of a portfolio, or none."""
    portfolio = portfolio_or_404(request, pk)
    if request.method == "POST":
        follow = "suivre" in request.POST
        changed = follow_portfolio(portfolio=portfolio, follow=follow, by=person(request), on=clock.now())
        told = french.plural(changed, "client est maintenant suivi", "clients sont maintenant suivis")
        untold = french.plural(changed, "client n'est plus suivi", "clients ne sont plus suivis")
        messages.success(request, f"{told if follow else untold}.")
        return redirect("portfolios:client_follow", pk=pk)
    context = {"crumbs": _crumbs(portfolio), "portfolio": portfolio, "total": portfolio.clients.count()}
    return render(request, "portfolios/client_follow_all.html", context)


def _crumbs(portfolio: Portfolio) -> list[tuple[str, str]]:
    composed = reverse("portfolios:client_list", args=[portfolio.pk])
    return crumbs((portfolio.name, composed), ("Suivre les notifications", ""))


def _ids(posted: list[str]) -> list[int]:
    """Return the ids of a page of checkboxes; anything else is left out."""
    return [int(text) for text in posted[:_MOST_SHOWN] if text.isascii() and text.isdigit() and len(text) < 19]
