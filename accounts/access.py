"""Who is asking, and whose establishments he acts for."""

import datetime as dt
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Establishment, User
from portal.kit.decision import ALLOWED, Decision, decided

CANDIDATE = Decision(
    allowed=False,
    rule="G4.1",
    reason="Votre inscription comme administrateur n'est pas encore acceptée.",
    remedy="Un administrateur doit l'accepter, ou vous saisissez la clé d'activation reçue par courrier.",
)
NOT_ADMINISTRATOR = Decision(
    allowed=False,
    rule="G1.3",
    reason="Vous n'êtes pas administrateur de l'entreprise.",
    remedy="Les administrateurs, nommés dans « Votre compte », peuvent agir pour vous, ou vous faire administrateur.",
)


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


def managed_places(user: User, day: dt.date) -> QuerySet[Establishment]:
    """Return the open establishments within an administrator's reach, head office first. day: the portal's."""
    within = reach(user)
    places = Establishment.objects.open_on(day).filter(enterprise=within.siren)
    if not within.whole:
        places = places.filter(users=user)
    return places.order_by("-is_head_office", "siret")


def colleagues(user: User) -> QuerySet[User]:
    """Return the people that an administrator manages, himself included, candidates not (G3.5, G4.4)."""
    within = reach(user)
    people = User.objects.filter(establishment__enterprise=within.siren).exclude(state=User.State.PENDING)
    # Whoever registered himself as administrator is nobody's colleague before his address is validated.
    people = people.exclude(state=User.State.UNVERIFIED, role=User.Role.ADMINISTRATOR)
    return people if within.whole else people.filter(establishment=within.establishment_id)


@decided
def administration(user: User) -> Decision:
    """Say whether « Votre espace entreprise » exists for this person: for active administrators alone (G1.3)."""
    if user.is_administrator and user.establishment is not None:
        return ALLOWED
    return CANDIDATE if user.state == User.State.PENDING else NOT_ADMINISTRATOR


def person(request: HttpRequest) -> User:
    """Return who is logged in. Raises PermissionDenied for a visitor, whom the middleware stops before that."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def factors(user: User) -> list[Authenticator]:
    """Return a person's second factors, recovery codes included, the oldest first."""
    return list(Authenticator.objects.filter(user=user).order_by("created_at", "id"))


def has_factor(user: User) -> bool:
    """Say whether a person has a second factor; recovery codes alone are none."""
    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def must_have_factor(user: User) -> bool:
    """Say whether a person must have a second factor: staff, wherever STAFF_MFA is on (decision 0022)."""
    return bool(settings.STAFF_MFA) and user.is_staff
