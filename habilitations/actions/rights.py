"""Every write of declarations and rights."""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actions.journal import record
from accounts.models import Establishment, User
from habilitations import rules
from habilitations.models import Declaration, EstablishmentDeclaration, Habilitation
from portal import clock
from portal.kit import french


@transaction.atomic
def save_declaration(*, declaration: Declaration, changed: list[str], by: User, on: dt.datetime) -> None:
    """Add a declaration to the catalogue, or change it; a delay that changes holds for what is given from now on."""
    known = declaration.pk is not None
    if known and not changed:
        return
    declaration.save()
    told = "modifiée" if known else "ajoutée au catalogue"
    record(by=by, on=on, verb="catalogue.save", summary=f"Déclaration « {declaration} » {told}.")


@transaction.atomic
def register_declaration(
    *, establishment: Establishment, declaration: Declaration, by: User | None, on: dt.datetime
) -> EstablishmentDeclaration:
    """Register an establishment to a declaration; twice changes nothing (G1.1, G1.2).

    Raises ValidationError when the establishment is closed.
    """
    _refuse_if_closed(establishment, on, "aucune déclaration")
    registration, created = EstablishmentDeclaration.objects.get_or_create(
        establishment=establishment,
        declaration=declaration,
        defaults={"registered_at": on, "opens_at": rules.opens_at(on, declaration.access_delay_hours)},
    )
    if created:
        _tell("declaration.register", f"« {declaration} » ajoutée", establishment, by, on)
    return registration


@transaction.atomic
def remove_declaration(*, registration: EstablishmentDeclaration, by: User | None, on: dt.datetime) -> None:
    """Take a declaration from an establishment; rights on it stop with it. Twice changes nothing."""
    deleted, _models = EstablishmentDeclaration.objects.filter(pk=registration.pk).delete()
    if deleted:
        _tell("declaration.remove", f"« {registration.declaration} » retirée", registration.establishment, by, on)


@transaction.atomic
def grant_habilitation(
    *, user: User, establishment: Establishment, declaration: Declaration, by: User | None, on: dt.datetime
) -> Habilitation:
    """Give a person the right to a declaration for an establishment of his enterprise; twice changes nothing (G1.5).

    Raises ValidationError when the person is of another enterprise or not active, or the establishment is closed or
    not registered to the declaration, directly or by its head office (G0.6).
    """
    if user.establishment is None or user.establishment.enterprise_id != establishment.enterprise_id:
        raise ValidationError("Cette personne n'est pas de l'entreprise de cet établissement.")
    if user.state != User.State.ACTIVE:
        raise ValidationError("Cette personne n'est pas active : aucun droit ne peut lui être donné.")
    _refuse_if_closed(establishment, on, "aucun droit")
    registrations = EstablishmentDeclaration.objects.filter(declaration=declaration)
    if not registrations.covering(establishment).exists():
        raise ValidationError(f"Cet établissement n'est pas inscrit à « {declaration} » : ajoutez-la d'abord.")
    right, created = Habilitation.objects.get_or_create(
        user=user, establishment=establishment, declaration=declaration, defaults={"granted_at": on}
    )
    if created:
        _tell("habilitation.grant", f"« {declaration} » accordée à {user.full_name}", establishment, by, on)
    return right


@transaction.atomic
def remove_habilitation(*, right: Habilitation, by: User | None, on: dt.datetime) -> None:
    """Take a right back; twice changes nothing (G1.5)."""
    deleted, _models = Habilitation.objects.filter(pk=right.pk).delete()
    if deleted:
        summary = f"« {right.declaration} » retirée à {right.user.full_name}"
        _tell("habilitation.remove", summary, right.establishment, by, on)


def closed_refusal(establishment: Establishment, on: dt.datetime, what: str = "aucune déclaration") -> str:
    """Say why a closed establishment receives no new right (trust.md, peers); empty while it is open, in Paris."""
    closed_on = establishment.closed_on
    if closed_on is None or closed_on > clock.day(on):
        return ""
    return f"Cet établissement est fermé depuis le {french.day(closed_on)} : il ne peut recevoir {what}."


def _refuse_if_closed(establishment: Establishment, on: dt.datetime, what: str) -> None:
    """Keep a closed establishment as it is. Raises ValidationError from its last day in Paris on."""
    if refusal := closed_refusal(establishment, on, what):
        raise ValidationError(refusal)


def _tell(verb: str, summary: str, establishment: Establishment, by: User | None, on: dt.datetime) -> None:
    where = f"{summary} pour le SIRET {french.siret(establishment.siret)}."
    record(by=by, on=on, verb=verb, summary=where, enterprise=establishment.enterprise_id)


@transaction.atomic
def set_declarations(
    *, establishment: Establishment, declarations: set[Declaration], by: User, on: dt.datetime
) -> tuple[int, int]:
    """Make these the declarations of an establishment (G1.2); return how many were added and removed.

    Raises ValidationError, and changes nothing, when a closed establishment would get one, or one is out of use.
    """
    rows = {row.declaration: row for row in establishment.declarations.select_related("declaration", "establishment")}
    added = declarations - set(rows)
    in_use = set(Declaration.objects.in_use(clock.day(on)))
    if unused := added - in_use:
        raise ValidationError(f"« {unused.pop()} » n'est pas en service.")
    for declaration in sorted(added, key=str):
        register_declaration(establishment=establishment, declaration=declaration, by=by, on=on)
    removed = [row for declaration, row in rows.items() if declaration not in declarations]
    for row in removed:
        remove_declaration(registration=row, by=by, on=on)
    return len(added), len(removed)


@transaction.atomic
def set_habilitations(
    *, changes: Iterable[tuple[User, Establishment, Declaration, bool]], by: User, on: dt.datetime
) -> tuple[int, int]:
    """Give (True) and take (False) rights (G1.5); return how many were given and taken.

    Only what is listed changes. Raises ValidationError, and changes nothing, when one may not be given.
    """
    given = taken = 0
    for user, establishment, declaration, granted in changes:
        rights = Habilitation.objects.filter(user=user, establishment=establishment, declaration=declaration)
        right = rights.select_related("user", "declaration", "establishment").first()
        if granted and right is None:
            grant_habilitation(user=user, establishment=establishment, declaration=declaration, by=by, on=on)
            given += 1
        elif not granted and right is not None:
            remove_habilitation(right=right, by=by, on=on)
            taken += 1
    return given, taken
