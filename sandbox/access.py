"""Who may use the simulator's own tools: everybody on a demo instance, elsewhere whoever has the class code."""

import enum

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

COOKIE = f"{settings.COOKIE_PREFIX}classe"


class Door(enum.Enum):
    """The door of the tools, for one request."""

    OPEN = "open"
    ASKS_CODE = "asks_code"
    CLOSED = "closed"


def door(request: HttpRequest) -> Door:
    """Say whether this request may use the tools. A class code is asked for wherever one is set, demo or not."""
    if settings.CLASS_CODE:
        shown = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=settings.SESSION_COOKIE_AGE)
        return Door.OPEN if constant_time_compare(shown or "", _proof()) else Door.ASKS_CODE
    return Door.OPEN if settings.DEMO else Door.CLOSED


def is_class_code(text: str) -> bool:
    """Say whether this is the class code; spaces around it and capitals do not matter."""
    given, right = text.strip().casefold(), settings.CLASS_CODE.strip().casefold()
    return bool(right) and constant_time_compare(given, right)


def keep_door_open(response: HttpResponse) -> None:
    """Remember in a cookie of its own that the code was given: changing the person ends the session, not the class."""
    response.set_signed_cookie(
        COOKIE, _proof(), salt=COOKIE, max_age=settings.SESSION_COOKIE_AGE, secure=settings.HTTPS, httponly=True,
        samesite="Lax",
    )  # fmt: skip


def bar_link(request: HttpRequest) -> str:
    """Return where the simulator bar leads this request, empty when the tools are closed: settings.BAR_LINK."""
    return "" if door(request) is Door.CLOSED else reverse("sandbox:tool_index")


def _proof() -> str:
    """A new class code shuts out whoever had the old one."""
    return salted_hmac("sandbox.class_code", settings.CLASS_CODE, algorithm="sha256").hexdigest()
