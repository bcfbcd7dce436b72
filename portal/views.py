"""The frame's own pages."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views import defaults
from django.views.decorators.http import require_GET

from accounts.access import administration, person
from accounts.models import User
from habilitations.access import pending_cooptations
from notifications.access import notification_scope
from portal import clock
from portal.accessibility import LIMITS, TOPICS
from portal.gallery import component_entries, icon_names, pattern_entries
from portal.kit.uploads import no_room
from portfolios.access import may_manage_portfolios, visible_clients


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Say what the simulator is, and lead to « Votre compte » (G5.1)."""
    return render(request, "portal/home.html")


@login_not_required
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say what was looked at, by whom, and what was not."""
    return render(request, "portal/accessibility.html", {"topics": TOPICS, "limits": LIMITS})


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something broke (500), or that no room is left (507): asked for while the error is being handled."""
    if no_room(sys.exception()):
        return HttpResponse(render_to_string("507.html"), status=507)
    return defaults.server_error(request)


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
    manages = administration(user).allowed
    return render(
        request,
        "portal/dashboard.html",
        {
            "person": user,
            "atmp": scope.decision,
            "unread": scope.unread(),
            "has_clients": visible_clients(user).exists(),
            "manages": manages,
            "manages_portfolios": manages and may_manage_portfolios(user),
            "candidates": pending_cooptations(user, now).count() if manages else 0,
            "administrators": list(
                User.objects.administrators_of(user.establishment.enterprise).only("first_name", "last_name")[:11]
            ),
        },
    )
