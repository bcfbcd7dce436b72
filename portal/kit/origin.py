"""Where the current request comes from, for the journal."""

from contextvars import ContextVar

origin: ContextVar[str] = ContextVar("origin", default="")
