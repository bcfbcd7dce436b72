"""Reads the missions (sandbox/missions/*.yaml) and the guide's rules in a sentence each (guide.yaml)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "missions"
# What stands for a scenario's name where there is no copy: the demo of `manage.py run`.
DEMO = "demo"


@dataclass(frozen=True)
class Step:
    """One thing to reach. check: a name of sandbox.mission.checks. path: labels, as the portal spells them."""

    check: str
    title: str
    why: str
    path: tuple[str, ...]
    rules: tuple[str, ...]
    hints: tuple[str, str, str]


@dataclass(frozen=True)
class Mission:
    """One procedure of the guide. who: by scenario in which it can be done, the person's key there, or « » for anybody.

    place: the name of the enterprise to register, where that is the exercise.
    """

    key: str
    title: str
    aim: str
    who: dict[str, str]
    place: str
    steps: tuple[Step, ...]


@cache
def missions() -> tuple[Mission, ...]:
    """Return every mission, in the order of the guide's chapters."""
    found: list[Mission] = []
    for path in sorted(FOLDER.glob("[0-9]*.yaml")):
        found += [_mission(key, told) for key, told in yaml.safe_load(path.read_text()).items()]
    return tuple(found)


def missions_of(scenario: str) -> list[Mission]:
    """Return those that can be done in a scenario, DEMO standing for the demo."""
    return [mission for mission in missions() if scenario in mission.who]


def mission_named(key: str, scenario: str) -> Mission | None:
    """Return one of a scenario's missions; None when there is none of that key."""
    return next((mission for mission in missions_of(scenario) if mission.key == key), None)


@cache
def guide() -> dict[str, str]:
    """Return each rule of the guide, by its number, as a sentence in French."""
    told: dict[str, str] = yaml.safe_load((FOLDER / "guide.yaml").read_text())
    return told


def _mission(key: str, told: dict[str, Any]) -> Mission:
    return Mission(
        key=key,
        title=told["titre"],
        aim=told["but"],
        who={name: person or "" for name, person in told["qui"].items()},
        place=told.get("ou", ""),
        steps=tuple(_step(step) for step in told["etapes"]),
    )


def _step(told: dict[str, Any]) -> Step:
    first, second, third = told["indices"]
    return Step(
        check=told["etat"],
        title=told["titre"],
        why=told["pourquoi"],
        path=tuple(told["chemin"]),
        rules=tuple(told["regles"]),
        hints=(first, second, third),
    )
