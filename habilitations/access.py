"""Which establishments a person may use « Compte AT/MP » for, and why not."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import CANDIDATE, reach
from accounts.models import Establishment, User
from habilitations import rules
from habilitations.models import Cooptation, EstablishmentDeclaration, Habilitation
from portal.kit import french
from portal.kit.decision import ALLOWED, Decision, decided

OUTSIDE = Decision(
    allowed=False,
    rule="G0.2",
    reason="Cet établissement n'est pas de votre entreprise.",
    remedy="Seule l'entreprise elle-même reçoit ses notifications.",
)
NO_ENTERPRISE = Decision(allowed=False, rule="G0.2", reason="Vous n'êtes inscrit dans aucune entreprise du répertoire.")
NOT_REGISTERED = Decision(
    allowed=False,
    rule="G0.1",
    reason="L'établissement n'est pas inscrit à la déclaration « Compte AT/MP ».",
    remedy="Un administrateur de l'entreprise l'ajoute dans « Gérer les déclarations ».",
)
NO_RIGHT = Decision(
    allowed=False,
    rule="G1.4",
    reason="Vous n'avez pas d'habilitation au « Compte AT/MP ».",
    remedy="Un administrateur de l'entreprise vous la donne dans « Gérer les habilitations ».",
)


@dataclass(frozen=True)
class AtmpScope:
    """What is open to a person: all of the enterprise, or some establishments; with the reason when nothing is."""

    siren: str
    whole: bool
    establishments: QuerySet[Establishment]
    decision: Decision


@decided
def atmp_scope(user: User, at: dt.datetime) -> AtmpScope:
    """Return where this person may use « Compte AT/MP » at that instant (G0.6): three queries at the most."""
    if refusal := _refused_person(user):
        return AtmpScope("", whole=False, establishments=Establishment.objects.none(), decision=refusal)
    within = reach(user)
    registrations = EstablishmentDeclaration.objects.atmp()
    own_enterprise = registrations.filter(establishment__enterprise=within.siren)
    if within.whole and own_enterprise.usable(at).filter(establishment__is_head_office=True).exists():
        return AtmpScope(within.siren, whole=True, establishments=Establishment.objects.none(), decision=ALLOWED)
    if user.is_administrator:
        candidates = Establishment.objects.filter(enterprise=within.siren)
        if not within.whole:
            candidates = candidates.filter(users=user)
        establishments = _opened(candidates, registrations.usable(at))
    else:
        rights = Habilitation.objects.atmp_of(user).filter(establishment__enterprise=within.siren)
        establishments = Establishment.objects.filter(pk__in=rights.usable(at).values("establishment"))
    decision = ALLOWED if establishments.exists() else _why_nothing(user, own_enterprise, at)
    return AtmpScope(within.siren, whole=False, establishments=establishments, decision=decision)


@decided
def atmp_access(user: User, establishment: Establishment, at: dt.datetime) -> Decision:
    """Say whether this person may use « Compte AT/MP » for this establishment at that instant (G0.6)."""
    if refusal := _refused_person(user):
        return refusal
    within = reach(user)
    if establishment.enterprise_id != within.siren:
        return OUTSIDE
    if user.is_administrator:
        right = within.covers(establishment)
    else:
        right = Habilitation.objects.atmp_of(user).filter(establishment=establishment).exists()
    if not right:
        return NO_RIGHT
    return _usable(EstablishmentDeclaration.objects.atmp().covering(establishment), at)


def _refused_person(user: User) -> Decision | None:
    if user.establishment is None or user.state == User.State.SUSPENDED:
        return NO_ENTERPRISE
    return CANDIDATE if user.state == User.State.PENDING else None


def _opened(candidates: QuerySet[Establishment], usable: QuerySet[EstablishmentDeclaration]) -> QuerySet[Establishment]:
    own = usable.filter(establishment=OuterRef("pk"))
    by_head_office = usable.filter(establishment__enterprise=OuterRef("enterprise"), establishment__is_head_office=True)
    return candidates.filter(Exists(own) | Exists(by_head_office))


def _why_nothing(user: User, own_enterprise: QuerySet[EstablishmentDeclaration], at: dt.datetime) -> Decision:
    """Find the first thing that is missing: the right, the registration, or the end of the delay."""
    own = user.establishment
    assert own is not None  # noqa: S101 - staff were refused before
    if user.is_administrator:
        covering = EstablishmentDeclaration.objects.atmp().covering(own)
        return _usable(own_enterprise if own.is_head_office else covering, at)
    # A right elsewhere opens nothing, and must not hide that there is none here.
    rights = Habilitation.objects.atmp_of(user).filter(establishment__enterprise=own.enterprise_id)
    if not rights.exists():
        return NO_RIGHT
    granted = Q(establishment__in=rights.values("establishment")) | Q(establishment__is_head_office=True)
    return _usable(own_enterprise.filter(granted), at)


def _usable(registrations: QuerySet[EstablishmentDeclaration], at: dt.datetime) -> Decision:
    opening = registrations.order_by("opens_at").values_list("opens_at", flat=True).first()
    if opening is None:
        return NOT_REGISTERED
    if opening > at:
        return Decision(
            allowed=False,
            rule="G2.8",
            reason=f"Le délai d'accès au « Compte AT/MP » court jusqu'au {french.moment(opening)}.",
            remedy="Revenez à ce moment : rien d'autre n'est à faire.",
        )
    return ALLOWED


def declarants_of(establishment: Establishment) -> QuerySet[User]:
    """Return the people who may be given rights on an establishment: active déclarants of its enterprise (G1.5).

    An administrator has the declarations of his scope without being given any.
    """
    return User.objects.filter(
        establishment__enterprise=establishment.enterprise_id, role=User.Role.DECLARANT, state=User.State.ACTIVE
    )


def pending_cooptations(user: User, at: dt.datetime) -> QuerySet[Cooptation]:
    """Return the candidates that this person may decide on: every administrator of their enterprise may (G4.2, G4.4).

    Nothing for anybody else.
    """
    if not user.is_administrator or user.establishment is None:
        return Cooptation.objects.none()
    return Cooptation.objects.pending(at).filter(enterprise=user.establishment.enterprise_id)


def decided_cooptations(user: User) -> QuerySet[Cooptation]:
    """Return the decisions taken in this administrator's enterprise, for the acknowledgement (G4.6)."""
    if not user.is_administrator or user.establishment is None:
        return Cooptation.objects.none()
    enterprise = user.establishment.enterprise_id
    return Cooptation.objects.filter(enterprise=enterprise).exclude(status=Cooptation.Status.PENDING)


@decided
def letter_access(cooptation: Cooptation) -> Decision:
    """Say whether a candidate may ask for a letter: one is never offered that cannot be had (trust.md, peers)."""
    states = list(cooptation.keys.values_list("state", flat=True))
    if reason := rules.letter_refusal(states, settings.KEY_LETTERS_MAX):
        return Decision(allowed=False, rule="G4.3", reason=reason)
    return ALLOWED
