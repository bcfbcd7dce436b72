"""What every request gets: headers that Django and django-csp leave to the project, its origin for the journal."""

import datetime as dt
import logging
import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from accounts.actions.sessions import note_session
from accounts.models import User
from portal import clock
from portal.kit import logs, metrics
from portal.kit.decision import listening, refusals
from portal.kit.origin import origin

SEEN, OPENED = "seen", "opened"
# What no page of the portal asks a device for; a passkey is asked for by its own pages.
PERMISSIONS = ", ".join(
    [
        *(f"{feature}=()" for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")),
        *(f"publickey-credentials-{verb}=(self)" for verb in ("create", "get")),
    ]
)
SEEN_EVERY = dt.timedelta(minutes=5)


# A proxy may have numbered the request already; anything else is not written into our logs.
NUMBER = re.compile("[A-Za-z0-9][A-Za-z0-9-]{7,63}")
# Asked for every few seconds by whoever watches the portal.
WATCHED = frozenset({"healthz", "readyz", "metrics"})
told = logging.getLogger("portal.told")


def request_told(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Number each request, for its lines of log and for whoever asks about it; then say what was asked and answered."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        number = given if NUMBER.fullmatch(given) else uuid.uuid4().hex
        request.number = number  # type: ignore[attr-defined]
        token, began = logs.number.set(number), time.perf_counter()
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = number
            match = request.resolver_match
            quiet = match is None or match.url_name in WATCHED
            fields = {
                "method": request.method,
                "place": logs.place(request),
                "status": response.status_code,
                "ms": round((time.perf_counter() - began) * 1000),
                "person": _known_person(request),
                "rule": getattr(request, "rule", None),
            }
            told.log(logging.DEBUG if quiet else logging.INFO, "request", extra={"fields": fields})
        finally:
            logs.number.reset(token)
        return response

    return middleware


def _known_person(request: HttpRequest) -> int | None:
    """Return the number of whoever asks, if the page looked who that is: a line of log is no reason to."""
    for user in (vars(request).get("user"), getattr(request, "_cached_user", None)):
        # A lazy object would look, if it were asked what it is.
        if issubclass(type(user), User):
            return user.pk  # type: ignore[union-attr,no-any-return]
    return None


def response_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Keep the simulator out of search engines, other origins and every cache.

    A visitor's pages too: they show a draft, a mailbox, a link that was mailed. Static files say otherwise themselves.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def journal_origin(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Remember the client's address while its request runs: the journal says from where a change came."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = origin.set(get_adapter(request).get_client_ip(request))
        try:
            return get_response(request)
        finally:
            origin.reset(token)

    return middleware


def mark_seen(request: HttpRequest, **_signal: Any) -> None:
    """Date a session as it opens, and count it: Django's signal user_logged_in."""
    metrics.count_login("ok")
    request.session[SEEN] = request.session[OPENED] = clock.real_now().isoformat()


def session_seen(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Note that a session is still in use, every five minutes at most, for the list of one's sessions; end a long one.

    Both instants lie in the session, which is read anyway: other requests cost nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and (seen := request.session.get(SEEN)):
            now = clock.real_now()
            opened = dt.datetime.fromisoformat(request.session.get(OPENED, seen))
            if (now - opened).total_seconds() >= settings.SESSION_LONGEST_SECONDS:
                logout(request)
                return redirect_to_login(request.get_full_path())
            if now - dt.datetime.fromisoformat(seen) >= SEEN_EVERY:
                note_session(key=request.session.session_key or "", at=now)
                request.session[SEEN] = now.isoformat()
        return get_response(request)

    return middleware


def refusals_heard(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Remember what this request refuses and hides, for who explains it: `portal.kit.decision.refusals`; count it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with listening():
            response = get_response(request)
            if response.status_code == HTTPStatus.FORBIDDEN:
                # A page asks first whether it may be seen: what it would hide comes after.
                request.rule = next((one.rule for one in refusals()), "")  # type: ignore[attr-defined]
                metrics.refusals.labels(request.rule).inc()  # type: ignore[attr-defined]
            return response

    return middleware
