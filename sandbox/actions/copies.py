"""Copies of scenarios: ordered by a page or a command, loaded and reset by a sweep, one a transaction.

A lock on the clock's row makes each wait for the others and for moves of the clock: it is one day all the while.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.actions.journal import record
from accounts.models import Enterprise, User
from portal.kit.bulk import skip_locked
from portal.kit.french import number, plural
from sandbox.actions.clock import locked_clock
from sandbox.actions.erasing import erase
from sandbox.actions.loading import Loading, load_declarations, load_people, load_register
from sandbox.actions.loading_rates import load_rates, load_tariff
from sandbox.actions.loading_tiers import load_dsn, load_portfolios
from sandbox.models import Copy, CopyEnterprise, CopyPerson
from sandbox.scenario.file import read_named
from sandbox.scenario.schema import Scenario
from sandbox.scenario.sirens import PREFIXES, free_sirens, siret

logger = logging.getLogger(__name__)
_State = Copy.State
MOST_COPIES = 200
# No letter or digit that is taken for another one on paper, in syllables that can be said.
_CONSONANTS, _VOWELS, _DIGITS = "bdfgkmnprstvz", "aeiou", "23456789"


@transaction.atomic
def order_copies(
    *, name: str, count: int, trainees: Sequence[str] = (), by: User | None, on: dt.datetime
) -> list[Copy]:
    """Put so many copies of a scenario in the queue, numbered after those there are.

    trainees: whose they are, if known.
    Raises LookupError or WrongScenario, and orders none, when the file is not there or not right; ValidationError for
    more than MOST_COPIES.
    """
    scenario = read_named(name, on)
    locked_clock()
    last = Copy.objects.filter(scenario=name).aggregate(last=Max("number"))["last"] or 0
    if not 1 <= count <= MOST_COPIES - last:
        raise ValidationError(f"De 1 à {MOST_COPIES} copies d'un scénario : il y en a déjà {last}.")
    names = [*trainees, *[""] * count][:count]
    card = {"title": scenario.title}
    copies = Copy.objects.bulk_create(
        Copy(scenario=name, number=last + position, trainee=trainee[:80], created_at=on, card=card)
        for position, trainee in enumerate(names, 1)
    )
    told = f"{plural(count, 'copie demandée', 'copies demandées')} du scénario « {scenario.title} »."
    record(by=by, on=on, verb="copy.order", summary=told)
    return copies


@transaction.atomic
def order_reset(*, copy: Copy, by: User | None, on: dt.datetime) -> bool:
    """Put a copy in the queue again. Return False when it waits there already."""
    if not Copy.objects.filter(pk=copy.pk).exclude(state=_State.WAITING).update(state=_State.WAITING, problem=""):
        return False
    record(by=by, on=on, verb="copy.order_reset", summary=f"Remise à zéro demandée : {copy}.")
    return True


def load_next(*, on: dt.datetime) -> bool:
    """Load, or reset, the copy that has waited longest. Return False when none waits.

    on: now, for the portal. One that cannot be loaded says why and leaves nothing behind.
    """
    tried: Copy | None = None
    try:
        with transaction.atomic():
            tried = skip_locked(Copy.objects.waiting()).first()
            if tried is None:
                return False
            _load(tried, on)
    except Exception as error:
        assert tried is not None  # noqa: S101 - reading the queue is all that came before
        logger.warning("copy %s not loaded", tried.pk, exc_info=not isinstance(error, (ValueError, ValidationError)))
        told = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        if not isinstance(error, (ValueError, ValidationError, LookupError)):
            told = f"{type(error).__name__} : {told}"
        Copy.objects.filter(pk=tried.pk, state=_State.WAITING).update(state=_State.FAILED, problem=told)
    return True


def _load(copy: Copy, on: dt.datetime) -> None:
    locked_clock()
    scenario = read_named(copy.scenario, on)
    before = dict(copy.enterprises.values_list("key", "enterprise"))
    sirens, archive = _sirens(scenario, before)
    again = copy.reset_at is not None or bool(before)
    if before:
        erase(copy, archive, on)
    password = str(copy.card.get("password", "")) or _password()
    this = Loading(copy, scenario, sirens, password, on)
    load_tariff(on)
    load_register(this)
    _keep_enterprises(this, before)
    load_declarations(this)
    load_people(this)
    CopyPerson.objects.bulk_create(CopyPerson(copy=copy, key=key, user=user) for key, user in this.people.items())
    load_portfolios(this)
    load_dsn(this)
    load_rates(this)
    _tell(this, again=again)
    copy.card = _card(this)
    copy.state, copy.problem = _State.READY, ""
    copy.reset_at = on if again else None
    copy.loaded_at = on
    copy.save(update_fields=["card", "state", "problem", "reset_at", "loaded_at"])


def _sirens(scenario: Scenario, before: dict[str, str]) -> tuple[dict[str, list[str]], str]:
    """Return the SIRENs of each enterprise's key, those of before again, and a free one for archives."""
    taken: set[str] = set()
    for prefix in PREFIXES:
        taken |= set(Enterprise.objects.filter(pk__startswith=prefix).values_list("pk", flat=True))
    free = free_sirens(taken)
    try:
        found = {
            key: [before.get(one) or next(free) for one in _keys(key, company.repeat)]
            for key, company in scenario.companies.items()
        }
        return found, next(free)
    except StopIteration:
        raise ValidationError("Les SIREN réservés aux copies sont épuisés.") from None


def _keys(key: str, repeat: int) -> list[str]:
    return [key] if repeat == 1 else [f"{key}-{number}" for number in range(1, repeat + 1)]


def _keep_enterprises(this: Loading, before: dict[str, str]) -> None:
    rows = [
        CopyEnterprise(copy=this.copy, key=one, enterprise_id=siren)
        for key, company in this.scenario.companies.items()
        for one, siren in zip(_keys(key, company.repeat), this.sirens[key], strict=True)
        if one not in before
    ]
    CopyEnterprise.objects.bulk_create(rows, batch_size=1000)


def _tell(this: Loading, *, again: bool) -> None:
    """Leave a mark in the journal of each enterprise that has people: what stands above it was another life."""
    verb, told = ("copy.reset", "remise à zéro") if again else ("copy.load", "chargée")
    named = {this.scenario.company_of(person.place)[0] for person in this.scenario.people.values()}
    for key in sorted(named):
        summary = (
            f"{this.copy} : copie {told}, de nouveau comme au premier jour." if again else f"{this.copy} : {told}."
        )
        record(by=None, on=this.on, verb=verb, summary=summary, enterprise=this.sirens[key][0])


def _password() -> str:
    """Return a password that keeps the guide's rule (G3.6) and can be read on paper."""
    word = "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _syllable in range(4))
    return word.capitalize() + "".join(secrets.choice(_DIGITS) for _digit in range(4))


def _card(this: Loading) -> dict[str, Any]:
    """Return what the card prints, and the index of situations."""
    people = [
        {
            "key": key, "role": person.role, "siret": this.sirets(person.place)[0], "nom": person.last,
            "prenom": person.first, "shows": person.shows,
        }
        for key, person in this.scenario.people.items()
        if not person.absent
    ]  # fmt: skip
    return {
        "title": this.scenario.title, "summary": this.scenario.summary, "password": this.password, "people": people,
        "places": _places(this),
    }  # fmt: skip


def _places(this: Loading) -> list[dict[str, str]]:
    rows = []
    for key, company in this.scenario.companies.items():
        sirens = this.sirens[key]
        for nic, place in enumerate(company.places.values(), 1):
            row = {"siret": siret(sirens[0], nic), "name": company.name, "city": place.city, "shows": place.situation}
            if company.repeat > 1:
                alike = company.name.replace("{n}", f"1 à {number(company.repeat)}")
                row |= {"name": alike, "last": siret(sirens[-1], nic)}
            rows.append(row)
    return rows
