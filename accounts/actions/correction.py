"""Corrections of the register by hand: each says in the journal what was and what is (G3.4)."""

import datetime as dt
from typing import Any

from django.db import models, transaction

from accounts.actions.journal import record
from accounts.models import Enterprise, Establishment, Headcount, User
from portal.kit import french

ENTERPRISE_FIELDS = ("name", "legal_form")
ESTABLISHMENT_FIELDS = (
    "is_head_office", "sign", "address", "postcode", "city", "naf", "code_risque", "alsace_moselle", "closed_on",
)  # fmt: skip


@transaction.atomic
def correct_enterprise(*, enterprise: Enterprise, by: User | None, on: dt.datetime, reason: str = "") -> bool:
    """Write an enterprise, new or corrected, and say why. Return False when nothing differs."""
    told = _write(enterprise, ENTERPRISE_FIELDS)
    if told:
        name = french.siret(enterprise.siren)
        summary = f"Entreprise {name} : {told}.{_why(reason)}"
        record(by=by, on=on, verb="enterprise.correct", summary=summary, enterprise=enterprise)
    return bool(told)


@transaction.atomic
def correct_establishment(*, establishment: Establishment, by: User | None, on: dt.datetime, reason: str = "") -> bool:
    """Write an establishment, new or corrected, and say why. Return False when nothing differs.

    Raises IntegrityError where the database refuses it: a wrong key, a second head office.
    """
    told = _write(establishment, ESTABLISHMENT_FIELDS)
    if told:
        record(
            by=by,
            on=on,
            verb="establishment.correct",
            summary=f"Établissement {french.siret(establishment.siret)} : {told}.{_why(reason)}",
            enterprise=establishment.enterprise_id,
        )
    return bool(told)


@transaction.atomic
def set_headcount(
    *, enterprise: Enterprise, year: int, headcount: int | None, by: User | None, on: dt.datetime
) -> bool:
    """Set the headcount of one year; None removes it. Return False when nothing differs."""
    known = Headcount.objects.select_for_update().filter(enterprise=enterprise, year=year)
    before = known.values_list("headcount", flat=True).first()
    if before == headcount:
        return False
    if headcount is None:
        known.delete()
    else:
        Headcount.objects.update_or_create(enterprise=enterprise, year=year, defaults={"headcount": headcount})
    record(
        by=by,
        on=on,
        verb="enterprise.correct",
        summary=f"Effectif {year} : {_shown(before)} → {_shown(headcount)}.",
        enterprise=enterprise,
    )
    return True


def _write(instance: models.Model, names: tuple[str, ...]) -> str:
    """Insert or update a row; return what changed, in French, empty when nothing did."""
    stored = type(instance)._default_manager.select_for_update().filter(pk=instance.pk).first()
    if stored is None:
        instance.save(force_insert=True)
        return "ajouté au répertoire"
    changed = [name for name in names if getattr(stored, name) != getattr(instance, name)]
    instance.save(update_fields=changed)
    return ", ".join(
        f"{instance._meta.get_field(name).verbose_name} "  # type: ignore[union-attr]
        f"{_shown(getattr(stored, name))} → {_shown(getattr(instance, name))}"
        for name in changed
    )


def _why(reason: str) -> str:
    return f" Motif : {reason}" if reason else ""


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, dt.date):
        return french.day(value)
    return "rien" if value in (None, "") else f"«{french.NBSP}{value}{french.NBSP}»"
