"""What the tools show a request: one copy's people, mails and letters, no copy's, or all (docs/decisions/0020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from sandbox.models import Copy, CopyEnterprise

COOKIE = f"{settings.COOKIE_PREFIX}copie"
Q = TypeVar("Q", bound="QuerySet[Any]")


@dataclass(frozen=True)
class Scope:
    """copy: the one that this browser is in. trainer: staff who may load and reset copies."""

    copy: Copy | None
    trainer: bool = False

    @property
    def sees_all(self) -> bool:
        """Whether every copy is shown: to the trainer, and on an open demo, where anybody may become anybody."""
        return self.copy is None and (self.trainer or (settings.DEMO and not settings.CLASS_CODE))

    def keep(self, rows: Q, siren: str) -> Q:
        """Keep the rows of the copy; in no copy, those of none. siren: their column, or the way to the enterprise."""
        if self.sees_all:
            return rows
        if self.copy is None:
            return rows.exclude(**{f"{siren}__in": CopyEnterprise.objects.values("enterprise")})
        mine = CopyEnterprise.objects.filter(copy=self.copy).values("enterprise")
        return rows.filter(**{f"{siren}__in": mine})

    def holds(self, copy: Copy) -> bool:
        """Say whether this copy's people may be seen, and become."""
        return self.copy == copy or self.sees_all


EVERYBODY = Scope(None, trainer=True)


def scope_of(request: HttpRequest) -> Scope:
    """Return the scope of a request, looked up once.

    The staff's right comes first; then the copy of whoever is logged in, then the copy whose card this browser has
    shown or where it has been logged in. A mail's link validates an address or resets a password: whoever is in no
    copy reads none of theirs.
    """
    known: Scope | None = getattr(request, "copy_scope", None)
    if known is None:
        known = _look(request)
        request.copy_scope = known  # type: ignore[attr-defined]
    return known


def demo_is_here() -> bool:
    """Say whether there is the demo to play in, for whoever is in no copy."""
    return bool(settings.DEMO)


def keep_in_copy(response: HttpResponse, copy: Copy) -> None:
    """Remember the copy in a cookie of its own: logging out does not show the others'."""
    response.set_signed_cookie(
        COOKIE, str(copy.pk), salt=COOKIE, max_age=settings.SESSION_COOKIE_AGE, secure=settings.HTTPS, httponly=True,
        samesite="Lax",
    )  # fmt: skip


def _look(request: HttpRequest) -> Scope:
    user = request.user
    if user.is_authenticated:
        if user.is_staff:
            return Scope(None, trainer=user.has_perm("sandbox.change_copy"))
        if mine := Copy.objects.of_user(user).first():
            return Scope(mine)
    shown = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=settings.SESSION_COOKIE_AGE)
    return Scope(Copy.objects.filter(pk=int(shown)).first() if shown else None)
