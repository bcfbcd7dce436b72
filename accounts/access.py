"""Who is asking, and whose establishments he acts for."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import Establishment, User


@dataclass(frozen=True)
class Reach:
    """The establishments a person may act for, before any right is looked at.

    siren: of his enterprise, empty for staff. whole: every establishment of it; otherwise the one of establishment_id.
    """

    siren: str
    whole: bool
    establishment_id: int | None

    def covers(self, establishment: Establishment) -> bool:
        """Say whether this establishment is within reach."""
        if self.whole:
            return establishment.enterprise_id == self.siren
        return establishment.pk == self.establishment_id


def reach(user: User) -> Reach:
    """Return a person's reach: an administrator at the head office acts for the whole enterprise (G0.6)."""
    if user.establishment is None:
        return Reach(siren="", whole=False, establishment_id=None)
    own = user.establishment
    return Reach(
        siren=own.enterprise_id,
        whole=user.is_administrator and own.is_head_office,
        establishment_id=own.pk,
    )


def person(request: HttpRequest) -> User:
    """Return who is logged in. Raises PermissionDenied for a visitor, whom the middleware stops before that."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
