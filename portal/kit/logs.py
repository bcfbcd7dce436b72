"""Lines of log that can be read together and tell nobody's secrets: the number of their request or job, no values.

Whatever is logged passes here: addresses are said by their route, an exception by its kind and where it was raised. Its
message is left out, for it quotes what people typed.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

# Of the request or the job that runs; « » outside of both.
number: ContextVar[str] = ContextVar("number", default="")

HIDDEN = "…"
# A second net, under messages that quote something: an electronic address, a SIREN or more, a token.
_PERSONAL = re.compile(r"[\w.+-]+@[\w.-]+|\d(?:[ .\u00a0\u202f]?\d){8,}|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}")
_PLAIN_SEGMENT = re.compile(r"[a-z-]{0,24}")


class LineFormatter(logging.Formatter):
    """For eyes: one line, then where an exception was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """Put the parts of an entry one after the other."""
        told = entry(record)
        raised = "".join(f"\n  {line}" for line in told.pop("exception", []))
        head = " ".join(str(told.pop(key)) for key in ("at", "level", "logger", "number", "message") if told.get(key))
        return " ".join([head, *(f"{key}={value}" for key, value in told.items() if value is not None)]) + raised


class JsonFormatter(logging.Formatter):
    """For programs: one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write an entry as JSON."""
        return json.dumps(entry(record), ensure_ascii=False, default=str)


def entry(record: logging.LogRecord) -> dict[str, Any]:
    """Return what is told of a record; its `fields` are added as they are."""
    request = getattr(record, "request", None)
    told: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        # Django logs a status once the request has gone through every middleware: its number is no longer set.
        "number": getattr(request, "number", "") or number.get(),
        "message": _message(record, request),
    }
    told |= getattr(record, "fields", {})
    if record.exc_info and record.exc_info[1]:
        told["exception"] = list(stack(record.exc_info[1]))
    return told


def _message(record: logging.LogRecord, request: Any) -> str:
    if isinstance(record.args, dict) and "exc" in record.args:
        # Celery's own words on a job that failed.
        raised = record.exc_info[1] if record.exc_info else None
        text = record.msg % {**record.args, "exc": type(raised).__name__, "traceback": HIDDEN}
    elif isinstance(request, HttpRequest) and isinstance(record.args, tuple):
        asked = {request.path, request.path.encode("unicode_escape").decode("ascii")}
        text = record.msg % tuple(place(request) if arg in asked else arg for arg in record.args)
    else:
        text = record.getMessage()
    return _PERSONAL.sub(HIDDEN, text).replace("\n", "\\n").replace("\r", "\\r")


def place(request: HttpRequest) -> str:
    """Return the route that a request took; of one that leads nowhere, the plain words. A path may hold a secret."""
    if request.resolver_match:
        return f"/{request.resolver_match.route}"
    return "/".join(part if _PLAIN_SEGMENT.fullmatch(part) else HIDDEN for part in request.path.split("/"))


def stack(raised: BaseException) -> Iterator[str]:
    """Yield where an exception was raised and what it is, its causes before it; never what it says."""
    chain = [raised]
    # A cause may come round to what it caused.
    while (cause := _cause(chain[0])) and cause not in chain:
        chain.insert(0, cause)
    for one in chain:
        for frame in traceback.extract_tb(one.__traceback__):
            yield f"{frame.filename}:{frame.lineno} {frame.name}"
        yield f"{type(one).__module__}.{type(one).__qualname__}{_constraint(one)}"


def _cause(raised: BaseException) -> BaseException | None:
    return raised.__cause__ or (None if raised.__suppress_context__ else raised.__context__)


def _constraint(raised: BaseException) -> str:
    """Name what a row broke: PostgreSQL says so apart from the values."""
    name = getattr(getattr(raised, "diag", None), "constraint_name", None)
    return f" ({name})" if name else ""
