"""What stands under the simulator bar: « Pourquoi ? » and the mission that one follows. settings.BAR_PANEL."""

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from portal import clock
from portal.kit.decision import refusals
from sandbox.mission.file import guide, mission_named
from sandbox.mission.progress import Progress, progress_of, world_of
from sandbox.personas import actor
from sandbox.scope import demo_is_here, scope_of

# The mission that this browser follows, by its key: no secret, and nobody's data.
COOKIE = f"{settings.COOKIE_PREFIX}mission"
# A list of clients closed for many reasons is explained by the first of them.
MOST_TOLD = 5


def bar_panel(request: HttpRequest) -> SafeString:
    """Return the panel as HTML; empty where nothing was refused and no mission is followed."""
    refused = refusals()
    followed = followed_mission(request)
    if not refused and followed is None:
        return SafeString("")
    who = actor(followed.mission, scope_of(request).copy) if followed else None
    context = {
        "told": [(one, guide().get(one.rule, "")) for one in refused[:MOST_TOLD]],
        "more": len(refused[MOST_TOLD:]),
        "progress": followed,
        "actor": who,
        "is_me": who is not None and who.is_played_by(request.user),
        "path": request.get_full_path() if request.method == "GET" else "",
    }
    return render_to_string("sandbox/_panel.html", context, request)


def followed_mission(request: HttpRequest) -> Progress | None:
    """Return how far the followed mission is: four queries, none without one."""
    key = request.COOKIES.get(COOKIE, "")
    if not key or not hasattr(request, "user"):
        return None
    copy = scope_of(request).copy
    if copy is None and not demo_is_here():
        return None
    world = world_of(copy)
    mission = mission_named(key, world.scenario)
    return progress_of([world], [mission], clock.now())[0][0] if mission else None
