"""Is the process alive, and is everything it needs?"""

from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts.models import Sweep
from portal import clock


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer « ok »: the process is alive. Asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Answer 200 when the database, the broker if there is one, and every periodic job are as they should be."""
    state: dict[str, Any] = {"database": _database()}
    if settings.REDIS_URL:
        state["broker"] = _broker()
    state["sweeps"] = _sweep_ages() if state["database"] else {}
    late = [
        name
        for name in settings.CELERY_BEAT_SCHEDULE
        if state["sweeps"].get(name, float("inf")) > settings.SWEEP_MAX_AGE_SECONDS
    ]
    ready = state["database"] and state.get("broker", True) and not late
    return JsonResponse(state | {"ready": ready, "late": late}, status=200 if ready else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker() -> bool:
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
        return bool(client.ping())
    except redis.RedisError:
        return False


def _sweep_ages() -> dict[str, int]:
    """Return the seconds since each job last ended; a job that never ran is absent."""
    now = clock.real_now()
    return {sweep.name: round((now - sweep.ended_at).total_seconds()) for sweep in Sweep.objects.all()}
