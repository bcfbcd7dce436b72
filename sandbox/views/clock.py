"""The clock: where it stands, moving it, and « Ce qui s'est passé »."""

import time

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from portal import clock
from portal.kit.paging import page
from sandbox.actions.clock import order_advance, work_until
from sandbox.forms import JumpForm
from sandbox.models import Advance
from sandbox.personas import Persona, personas_of, sees_for
from sandbox.report import Event, what_happened
from sandbox.scope import Scope, scope_of
from sandbox.views.door import tool, tool_page


@tool
@require_GET
def tool_index(request: HttpRequest) -> HttpResponse:
    """Say what the tools are."""
    return tool_page(request, "sandbox/tool_index.html", "index", {})


@tool
@require_GET
def clock_detail(request: HttpRequest) -> HttpResponse:
    """Show the portal's day, the buttons that move it, and the moves so far."""
    return _clock_page(request, JumpForm(today=clock.today()))


@tool
@require_POST
def clock_advance(request: HttpRequest) -> HttpResponse:
    """Order a move, live through as much of it as a page may take, and show what happened or how far it is."""
    form = JumpForm(request.POST, today=clock.today())
    if form.is_valid():
        try:
            advance = order_advance(jump=form.asked(), at=clock.real_now())
        except ValidationError as error:
            form.add_error("day", error.message)
        else:
            _work(advance)
            return redirect("sandbox:advance_detail", advance.pk)
    return _clock_page(request, form)


@tool
@require_POST
def clock_continue(request: HttpRequest) -> HttpResponse:
    """Go on with what is left, for the time of a page: of use where no worker runs."""
    advance = Advance.objects.open().first()
    if advance is None:
        messages.info(request, "L'horloge est arrivée : rien ne reste à faire.")
        return redirect("sandbox:clock_detail")
    _work(advance)
    return redirect("sandbox:advance_detail", advance.pk)


@tool
@require_GET
def advance_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a move is, then « Ce qui s'est passé »."""
    advance = get_object_or_404(Advance, pk=pk)
    followed = "suivi" in request.GET
    scope = scope_of(request)
    happened = what_happened(advance, scope) if advance.status == Advance.Status.DONE and not followed else []
    groups = [(group, [(event, _seen_as(event, scope)) for event in group.events]) for group in happened]
    context = {"advance": advance, "groups": groups, "followed": followed}
    return tool_page(request, "sandbox/advance_detail.html", "clock", context)


def _seen_as(event: Event, scope: Scope) -> Persona | None:
    """Return the persona to become to see the page of an event."""
    if not event.siren:
        return None
    if scope.copy:
        return sees_for(event.siren, personas_of(scope.copy))
    return sees_for(event.siren) if settings.DEMO else None


def _work(advance: Advance) -> None:
    until = time.monotonic() + settings.CLOCK_PAGE_SECONDS
    arrived = Advance.objects.filter(pk=advance.pk, status=Advance.Status.DONE)
    work_until(enough=lambda: time.monotonic() > until or arrived.exists())


def _clock_page(request: HttpRequest, form: JumpForm) -> HttpResponse:
    return tool_page(
        request,
        "sandbox/clock_detail.html",
        "clock",
        {
            "form": form,
            "now": clock.now(),
            "next_year": clock.today().year + 1,
            "running": Advance.objects.open().first(),
            "page": page(Advance.objects.all(), order=("-id",), size=20, params=request.GET),
        },
    )
