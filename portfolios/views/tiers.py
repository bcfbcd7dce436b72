"""« Vos tiers déclarants »: who acts for one's establishments, and with which declarations."""

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import administration, person
from portal import clock
from portal.kit.paging import page
from portfolios.access import clients_over
from portfolios.models import ClientDeclaration


@require_GET
def tiers_list(request: HttpRequest) -> HttpResponse:
    """Show a client's administrators which firms hold its establishments in a portfolio."""
    user = person(request)
    if not administration(user).allowed:
        raise Http404
    given = ClientDeclaration.objects.select_related("held__declaration").order_by("held__declaration__label")
    found = clients_over(user).select_related("portfolio__enterprise", "establishment")
    found = found.prefetch_related(Prefetch("declarations", queryset=given, to_attr="given"))
    crumbs = [("Menu personnalisé", reverse("portal:dashboard")), ("Vos tiers déclarants", "")]
    shown = page(found, order=("siret", "id"), size=50, params=request.GET)
    return render(request, "portfolios/tiers_list.html", {"crumbs": crumbs, "page": shown, "now": clock.now()})
