"""What the frame shows on every page."""

from typing import Any

from django.http import HttpRequest

from portal import clock


def frame(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """The portal's day, for the simulator bar."""
    return {"portal_today": clock.today()}
