"""The frame's own pages."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.gallery import component_entries, pattern_entries


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
        request, "portal/gallery.html", {"components": component_entries(), "patterns": pattern_entries()}
    )
