"""Django's error reports, for whatever sends them somewhere: DEFAULT_EXCEPTION_REPORTER."""

from typing import Any

from django.conf import settings
from django.views.debug import ExceptionReporter

from portal.kit.logs import HIDDEN


class QuietReporter(ExceptionReporter):
    """Tells where an error was raised, without a request, a variable or a message."""

    def get_traceback_data(self) -> dict[str, Any]:
        """Empty whatever holds values; on a developer's own page (DEBUG) they stay."""
        data: dict[str, Any] = super().get_traceback_data()
        if settings.DEBUG:
            return data
        for frame in data.get("frames", ()):
            frame["vars"] = []
            frame["exc_cause"] = frame.get("exc_cause") and type(frame["exc_cause"]).__name__
        for key in data:
            if key.startswith(("request", "filtered_", "user_", "settings")):
                data[key] = None
        return data | {"exception_value": HIDDEN, "unicode_hint": ""}
