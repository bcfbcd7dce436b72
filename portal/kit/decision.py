"""The answer of every `access` function: never a bare boolean; and which refusals a request met."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

P = ParamSpec("P")
R = TypeVar("R")
# A list of ten thousand clients closed for ten thousand reasons is explained by its first ones.
MOST_HEARD = 20


@dataclass(frozen=True)
class Decision:
    """May this person do this? With the rule and the facts that decided.

    rule: number in docs/rules.md (« G0.2 »). reason: one sentence in French for the person.
    remedy: what would change the answer, in French, empty when nothing would.
    """

    allowed: bool
    rule: str = ""
    reason: str = ""
    remedy: str = ""


ALLOWED = Decision(allowed=True)


def refused(request: HttpRequest, decision: Decision) -> HttpResponse:
    """Answer with the page that says no, and why."""
    return render(request, "layouts/refusal.html", {"decision": decision}, status=403)


_heard: ContextVar[dict[Decision, None] | None] = ContextVar("heard", default=None)


@contextmanager
def listening() -> Iterator[None]:
    """Remember the refusals that are decided meanwhile, for `refusals`."""
    token = _heard.set({})
    try:
        yield
    finally:
        _heard.reset(token)


def refusals() -> list[Decision]:
    """Return the refusals of this request so far, each once, in their order: what it refuses, and what it hides."""
    return list(_heard.get() or ())


def decided(access: Callable[P, R]) -> Callable[P, R]:
    """Let what this function refuses be heard. It returns a Decision, or something that has one as `decision`."""

    @wraps(access)
    def heard(*args: P.args, **kwargs: P.kwargs) -> R:
        answer = access(*args, **kwargs)
        decision: Any = getattr(answer, "decision", answer)
        known = _heard.get()
        if known is not None and not decision.allowed and len(known) < MOST_HEARD:
            known[decision] = None
        return answer

    return heard
