"""From a validated address to an account: the first administrator, or one more candidate (G3.15, G4.1)."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actions.journal import record
from accounts.actions.passwords import adopt_address
from accounts.models import Enterprise, User
from habilitations import rules
from habilitations.actions.cooptation import activate, request_cooptation
from habilitations.models import Cooptation
from portal import clock
from portal.kit import french


@transaction.atomic
def validate_address(*, address: EmailAddress, on: dt.datetime) -> User:
    """Validate an address (G3.15), once: a second time changes nothing. Return its owner.

    The first to validate for an enterprise becomes its administrator; whoever comes later is a candidate (G4.1).
    Raises ValidationError, and changes nothing, when a candidate may not ask now.
    """
    user = User.objects.select_related("establishment__enterprise").get(pk=address.user_id)
    if user.establishment is None:
        return user
    # Two people of an enterprise wait for each other here: exactly one is first.
    Enterprise.objects.select_for_update().get(pk=user.establishment.enterprise_id)
    user.refresh_from_db(fields=["state"])
    if adopt_address(address=address, on=on) and user.state == User.State.UNVERIFIED:
        _start(user, on)
    return user


def _start(user: User, on: dt.datetime) -> None:
    place = user.establishment
    assert place is not None  # noqa: S101 - looked at before
    if place.closed_on and place.closed_on <= clock.day(on):
        raise ValidationError(f"Cet établissement est fermé depuis le {french.day(place.closed_on)}.")
    # A suspended administrator may come back: the enterprise is not up for the taking.
    others = User.objects.filter(
        establishment__enterprise=place.enterprise_id,
        role=User.Role.ADMINISTRATOR,
        state__in=(User.State.ACTIVE, User.State.SUSPENDED),
    )
    if user.role == User.Role.ADMINISTRATOR and others.exists():
        _refuse_too_many(user, on)
        request_cooptation(user=user, on=on)
        return
    activate(user=user, on=on)
    record(
        by=user,
        on=on,
        verb="user.activate",
        summary=f"{user.full_name} valide son adresse et devient {user.get_role_display().lower()} "
        f"au SIRET {french.siret(place.siret)}.",
        enterprise=place.enterprise_id,
    )


def _refuse_too_many(user: User, on: dt.datetime) -> None:
    """Keep a refused candidate away for some days, and an establishment from a heap of requests (choices)."""
    since = on - dt.timedelta(days=settings.COOPTATION_REFUSED_DAYS)
    refused = Cooptation.objects.filter(
        pseudonym=user.pseudonym, status=Cooptation.Status.REFUSED, decided_at__gt=since
    ).order_by("-decided_at")
    if last := refused.first():
        assert last.decided_at is not None  # noqa: S101 - the database says so
        again = last.decided_at + dt.timedelta(days=settings.COOPTATION_REFUSED_DAYS)
        raise ValidationError(
            f"Votre demande précédente a été refusée : vous pourrez en faire une autre à partir du "
            f"{french.moment(again)}. Ce lien vous servira alors, s'il vaut encore."
        )
    if (
        Cooptation.objects.pending(on).filter(establishment=user.establishment).count()
        >= settings.COOPTATION_PENDING_MAX
    ):
        raise ValidationError(
            "Trop de demandes attendent déjà pour cet établissement. Revenez avec ce lien quand il y en aura moins : "
            f"chacune est décidée, ou s'efface, en {rules.COOPTATION_DAYS} jours."
        )
