"""The frame's own pages."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.access import person
from accounts.models import User
from habilitations.access import pending_cooptations
from notifications.access import notification_scope
from portal import clock
from portal.gallery import component_entries, icon_names, pattern_entries
from portfolios.access import visible_clients


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Say what the simulator is, and lead to « Votre compte » (G5.1)."""
    return render(request, "portal/home.html")


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state, to staff; nobody else knows the page exists."""
    if not request.user.is_staff:
        raise Http404
    return render(
        request,
        "portal/gallery.html",
        {"icons": icon_names(), "components": component_entries(), "patterns": pattern_entries()},
    )


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the « Menu personnalisé », panel by panel after the person's role and rights (G1.3, G5.2, G5.3)."""
    user = person(request)
    if user.establishment is None:
        return redirect("admin:index")
    if user.state == User.State.PENDING:
        return redirect("habilitations:cooptation_status")
    now = clock.now()
    scope = notification_scope(user, now)
    return render(
        request,
        "portal/dashboard.html",
        {
            "person": user,
            "atmp": scope.decision,
            "unread": scope.unread(),
            "has_clients": visible_clients(user).exists(),
            "candidates": pending_cooptations(user, now).count() if user.is_administrator else 0,
            "administrators": list(User.objects.administrators_of(user.establishment.enterprise)[:11]),
        },
    )
