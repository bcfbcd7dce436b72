"""« Missions »: what there is to do, how far one is, following one from the bar, and its printable result."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from portal import clock
from sandbox.demo_tiers import month_file
from sandbox.documents import result_pdf
from sandbox.forms import DsnFileForm, ResultForm
from sandbox.mission.file import guide, mission_named
from sandbox.mission.progress import Progress, World, progress_in, progress_of, world_of
from sandbox.panel import COOKIE
from sandbox.personas import actor, place_of
from sandbox.scope import demo_is_here, scope_of
from sandbox.views.door import local_url, tool, tool_page


def _world(request: HttpRequest) -> World:
    """Return where this browser plays. Raises Http404 outside of the demo and of every copy."""
    copy = scope_of(request).copy
    if copy is None and not demo_is_here():
        raise Http404
    return world_of(copy)


@tool
@require_GET
def mission_list(request: HttpRequest) -> HttpResponse:
    """List the missions of one's copy, or of the demo, and how far each is."""
    return _list_page(request, DsnFileForm())


@tool
@require_GET
def mission_dsn(request: HttpRequest) -> HttpResponse:
    """Make a DSN of the month before, by the firm of whoever is logged in, for one establishment."""
    form = DsnFileForm(request.GET)
    user = request.user
    if not isinstance(user, User) or user.establishment is None:
        messages.info(request, "Connectez-vous d'abord comme quelqu'un du cabinet : le fichier est à son nom.")
        return redirect("sandbox:mission_list")
    if not form.is_valid():
        return _list_page(request, form)
    file = month_file(user.establishment.siret, form.cleaned_data["siret"], None, clock.today())
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.read(), content_type="text/plain; charset=utf-8", headers=headers)


@tool
@require_GET
def mission_detail(request: HttpRequest, key: str) -> HttpResponse:
    """Show a mission: each step, why, the way through the menus, its rules and three hints; the result at the end."""
    world = _world(request)
    form = ResultForm(initial={"nom": world.copy.trainee if world.copy else ""})
    return _mission_page(request, world, _progress(world, key), form)


@tool
@require_GET
def mission_result(request: HttpRequest, key: str) -> HttpResponse:
    """Print the result of a mission as a PDF; one that is not accomplished has none."""
    world = _world(request)
    progress, form = _progress(world, key), ResultForm(request.GET)
    if progress.current:
        messages.info(request, f"Cette mission n'est pas accomplie : il reste « {progress.current.title} ».")
        return redirect("sandbox:mission_detail", key)
    if not form.is_valid():
        return _mission_page(request, world, progress, form)
    pdf = result_pdf(progress, world.copy, form.cleaned_data["nom"], clock.day(clock.real_now()))
    headers = {"Content-Disposition": f'inline; filename="mission-{key}.pdf"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@tool
@require_POST
def mission_follow(request: HttpRequest) -> HttpResponse:
    """Follow a mission from the bar of every page, or none any more; this browser remembers it."""
    key = request.POST.get("mission", "")
    if key and mission_named(key, _world(request).scenario) is None:
        raise Http404
    listed = reverse("sandbox:mission_list")
    response = redirect(local_url(request, request.POST.get("next", ""), listed))
    if key:
        response.set_cookie(COOKIE, key, samesite="Lax", httponly=True, secure=settings.HTTPS)
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


def _progress(world: World, key: str) -> Progress:
    """Return how far one mission is. Raises Http404 where there is none of that key."""
    mission = mission_named(key, world.scenario)
    if mission is None:
        raise Http404
    return progress_of([world], [mission], clock.now())[0][0]


def _mission_page(request: HttpRequest, world: World, progress: Progress, form: ResultForm) -> HttpResponse:
    mission = progress.mission
    who = actor(mission, world.copy)
    context = {
        "progress": progress,
        "steps": [(step, at, [(rule, guide()[rule]) for rule in step.rules]) for step, at in progress.steps],
        "actor": who,
        "is_me": who is not None and who.is_played_by(request.user),
        "siret": place_of(mission, world.copy) if mission.place else "",
        "copy": world.copy,
        "followed": request.COOKIES.get(COOKIE) == mission.key,
        "form": form,
    }
    return tool_page(request, "sandbox/mission_detail.html", "missions", context)


def _list_page(request: HttpRequest, form: DsnFileForm) -> HttpResponse:
    world = _world(request)
    rows = progress_in(world, clock.now())
    context = {
        "rows": rows,
        "copy": world.copy,
        "accomplished": sum(row.current is None for row in rows),
        "followed": request.COOKIES.get(COOKIE, ""),
        "form": form,
    }
    return tool_page(request, "sandbox/mission_list.html", "missions", context)
