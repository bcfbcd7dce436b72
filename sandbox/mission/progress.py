"""How far each world is with its missions, in three queries however many worlds there are (decision 0021)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.fields import DateField

from accounts.models import User
from portal import clock
from sandbox.mission.checks import CHECKS, Found
from sandbox.mission.file import DEMO, Mission, Step, missions_of
from sandbox.models import Copy, CopyEnterprise

# A day of the demo's first jobs: it has no copy's row to say when it was loaded.
_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class World:
    """What a trainee plays in: a copy, or the demo (copy None). since: what is younger, he did."""

    copy: Copy | None
    since: dt.datetime

    @property
    def scenario(self) -> str:
        """The scenario's name, DEMO for the demo."""
        return self.copy.scenario if self.copy else DEMO


@dataclass(frozen=True)
class Progress:
    """One mission in one world. done: by check, since when."""

    mission: Mission
    done: dict[str, dt.datetime] = field(default_factory=dict)

    @property
    def steps(self) -> list[tuple[Step, dt.datetime | None]]:
        """Each step, and since when it is done."""
        return [(step, self.done.get(step.check)) for step in self.mission.steps]

    @property
    def count(self) -> int:
        """How many steps are done."""
        return sum(at is not None for _step, at in self.steps)

    @property
    def current(self) -> Step | None:
        """The first step that is not done; None once the mission is accomplished."""
        return next((step for step, at in self.steps if at is None), None)

    @property
    def number(self) -> int:
        """The number of the current step, from 1."""
        return next((number for number, (_step, at) in enumerate(self.steps, 1) if at is None), len(self.steps))

    @property
    def latest(self) -> dt.datetime | None:
        """When a step was last done."""
        return max((at for _step, at in self.steps if at), default=None)


def world_of(copy: Copy | None) -> World:
    """Return the world of a copy, or the demo's: one query for the demo, none for a copy."""
    if copy:
        return World(copy, copy.loaded_at or copy.reset_at or copy.created_at)
    # The demo's people are all registered in the instant of its loading, its first member of staff among them.
    first = User.objects.filter(is_superuser=True).aggregate(at=Min("created_at"))["at"]
    return World(None, first or _LONG_AGO)


def progress_of(worlds: Sequence[World], missions: Iterable[Mission], now: dt.datetime) -> list[list[Progress]]:
    """Return how far each world is with each of these missions: two queries, one for instants and one for days."""
    asked = list(missions)
    names = sorted({step.check for mission in asked for step in mission.steps})
    done = _done(worlds, names, now) if worlds and names else {}
    return [[Progress(mission, done.get(_key(world), {})) for mission in asked] for world in worlds]


def progress_in(world: World, now: dt.datetime) -> list[Progress]:
    """Return how far one world is with all its missions."""
    return progress_of([world], missions_of(world.scenario), now)[0]


def _key(world: World) -> int:
    return world.copy.pk if world.copy else 0


def _done(worlds: Sequence[World], names: list[str], now: dt.datetime) -> dict[int, dict[str, dt.datetime]]:
    """Return, by world, each check that holds and since when."""
    found = {name: CHECKS[name](now) for name in names}
    days = {name: one for name, one in found.items() if _is_day(one)}
    done: dict[int, dict[str, dt.datetime]] = {}
    for name, world, at in _union(worlds, {name: one for name, one in found.items() if name not in days}):
        done.setdefault(world, {})[name] = at
    for name, world, day in _union(worlds, days):
        done.setdefault(world, {})[name] = clock.midnight(day)
    return done


def _is_day(found: Found) -> bool:
    model: Any = found.rows.model
    return "__" not in found.at and type(model._meta.get_field(found.at)) is DateField


def _union(worlds: Sequence[World], found: dict[str, Found]) -> list[tuple[str, int, Any]]:
    """Return (check, world, first time) for each check that holds: all of them are one question."""
    rows = [_rows(worlds, name, one) for name, one in found.items()]
    # The demo is one group, and there is one even of no row.
    return [row for row in rows[0].union(*rows[1:], all=True) if row[2] is not None] if rows else []


def _rows(worlds: Sequence[World], name: str, found: Found) -> QuerySet[Any, Any]:
    begun = found.begun or found.at
    since: Any = min(world.since for world in worlds)
    young = clock.day(since) if _is_day(found) else since
    rows = found.rows.order_by().filter(**{f"{begun}__gt": young, f"{found.at}__isnull": False})
    members = CopyEnterprise.objects.filter(enterprise=OuterRef(found.siren))
    if worlds[0].copy is None:
        rows = rows.filter(~Exists(members)).annotate(world=Value(0))
    else:
        loaded = "copy__loaded_at__date__lt" if _is_day(found) else "copy__loaded_at__lt"
        mine = members.filter(copy__in=[_key(world) for world in worlds], **{loaded: OuterRef(begun)})
        rows = rows.annotate(world=Subquery(mine.values("copy")[:1])).exclude(world=None)
    grouped = rows.values("world").annotate(check=Value(name), first=Min(F(found.at)))
    counted: QuerySet[Any, Any] = grouped.values_list("check", "world", "first")
    return counted
