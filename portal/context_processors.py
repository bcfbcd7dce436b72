"""What the frame shows on every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from portal import clock


def frame(request: HttpRequest) -> dict[str, Any]:
    """The portal's day and where the tools are, for the simulator bar."""
    link = import_string(settings.BAR_LINK)(request) if settings.BAR_LINK else ""
    return {"portal_today": clock.today(), "tools_url": link}
