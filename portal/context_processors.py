"""What the frame shows on every page."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from portal import clock


def frame(request: HttpRequest) -> dict[str, Any]:
    """The portal's day, where the tools are and what stands under the simulator bar, made where the bar is drawn."""
    link = import_string(settings.BAR_LINK)(request) if settings.BAR_LINK else ""
    panel = partial(import_string(settings.BAR_PANEL), request) if link and settings.BAR_PANEL else ""
    return {"portal_today": clock.today(), "tools_url": link, "bar_panel": panel}
