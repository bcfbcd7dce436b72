"""The end of the wizard (G3.13): an account to be validated, or the same work for nothing when the name is taken."""

import datetime as dt
import secrets
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import emails, rules
from accounts.actions.journal import record
from accounts.actions.registration import draft_expiry
from accounts.models import Establishment, RegistrationDraft, User
from habilitations.models import Declaration, Registration
from portal import clock
from portal.kit import french


@transaction.atomic
def submit_registration(*, draft: RegistrationDraft, on: dt.datetime, at: dt.datetime) -> None:
    """Register the person of a draft, once; the draft becomes its report (G3.13, G3.14). at: real time.

    The report is the same whether the name was free or taken: only mails tell, each to its owner. Nobody validated
    an older registration of that name: the new one replaces it, and its link dies.
    Raises ValidationError when the establishment has closed meanwhile.
    """
    fresh = RegistrationDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if fresh is None or fresh.is_submitted:
        return
    answers = fresh.data
    # The row makes those wait who register at the same place: two of one name come one after the other.
    places = Establishment.objects.select_for_update(no_key=True, of=("self",)).select_related("enterprise")
    place = places.open_on(clock.day(on)).filter(siret=answers["identity"]["siret"]).first()
    if place is None:
        raise ValidationError("Cet établissement vient de fermer : personne ne s'y inscrit plus.")
    declarations = list(Declaration.objects.filter(code__in=answers["declarations"]["codes"]))
    # Drawn, not counted: a number would otherwise tell whether an account was made, and how many there are.
    number = f"{clock.day(on).year}-{secrets.randbelow(10**7):07d}"
    try:
        _register(answers, place, declarations, number, on)
    except IntegrityError:
        # Somebody else took the name in between, staff for instance: it is taken now.
        _register(answers, place, declarations, number, on)
    report = _report(answers, place, declarations, number, on)
    still = RegistrationDraft.objects.filter(pk=fresh.pk)
    still.update(data={RegistrationDraft.REPORT: report}, expires_at=draft_expiry(at))


def _register(
    answers: dict[str, Any], place: Establishment, declarations: list[Declaration], number: str, on: dt.datetime
) -> None:
    """Create the account; when its name is taken, do and undo the same under a name that nobody has."""
    identity = answers["identity"]
    key = rules.login_key(place.siret, identity["last_name"], identity["first_name"], identity["homonym"])
    people = User.objects.select_for_update(of=("self",)).select_related("establishment")
    holder = people.filter(login_key=key).first()
    taken = holder is not None and holder.state != User.State.UNVERIFIED
    with transaction.atomic():
        if holder and not taken:
            holder.delete()
        address = _create(secrets.token_hex(32) if taken else key, answers, place, on)
        registration = Registration.objects.create(
            user=address.user, number=number, submitted_at=on, profile=answers["profile"]["profile"]
        )
        registration.declarations.set(declarations)
        transaction.set_rollback(taken)
    where = f"au SIRET {french.siret(place.siret)}"
    if holder and taken:
        emails.tell_name_taken(holder)
        told, by = f"Inscription demandée {where} au nom d'une personne déjà inscrite, prévenue par courriel.", None
    else:
        emails.confirm_address(address)
        by = address.user
        told = f"{by.journal_name} demande à être inscrit comme administrateur {where}."
    record(by=by, on=on, verb="registration.submit", summary=told, enterprise=place.enterprise)


def _create(key: str, answers: dict[str, Any], place: Establishment, on: dt.datetime) -> EmailAddress:
    """Create a person who registers himself, always as administrator (G3.5), with the hashes of his draft."""
    identity, kept, terms = answers["identity"], answers["password"], answers["terms"]
    user = User.objects.create(
        login_key=key,
        establishment=place,
        last_name=identity["last_name"],
        first_name=identity["first_name"],
        homonym=identity["homonym"],
        email=identity["email"],
        phone=identity["phone"],
        role=User.Role.ADMINISTRATOR,
        state=User.State.UNVERIFIED,
        created_at=on,
        password=kept["password"],
        question=kept["question"],
        answer=kept["answer"],
        terms_version=terms["version"],
        terms_accepted_at=dt.datetime.fromisoformat(terms["accepted_at"]),
    )
    return EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)


def _report(
    answers: dict[str, Any], place: Establishment, declarations: list[Declaration], number: str, on: dt.datetime
) -> dict[str, Any]:
    identity = answers["identity"]
    return {
        "number": number,
        "submitted_at": french.moment(on),
        "person": f"{identity['first_name']} {identity['last_name']}",
        "email": identity["email"],
        "enterprise": place.enterprise.name,
        "siret": place.siret,
        "address": place.address_lines,
        "profile": Registration.Profile(answers["profile"]["profile"]).label,
        "declarations": [declaration.label for declaration in declarations],
        "confirm_before": emails.address_link_expiry(),
    }
