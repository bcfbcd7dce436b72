"""Reads a scenario file: YAML as plain text and lists, each error with its line, in French."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sandbox.scenario.checks import contradictions
from sandbox.scenario.schema import Scenario

MOST_BYTES = 1_000_000
_Path = tuple[str | int, ...]
_TITLE = re.compile(r"^titre: *(.{1,80})$", re.MULTILINE)
_SENTENCES = {
    "missing": "« {field} » manque.",
    "extra_forbidden": "« {field} » n'existe pas ici.",
    "string_too_long": "« {field} » : {max_length} caractères au plus.",
    "string_too_short": "« {field} » est vide.",
    "too_short": "« {field} » : il en faut au moins {min_length}.",
    "too_long": "« {field} » : {max_length} au plus.",
    "int_parsing": "« {input} » n'est pas un nombre entier.",
    "decimal_parsing": "« {input} » n'est pas un taux.",
    "decimal_max_places": "« {input} » : deux décimales au plus.",
    "bool_parsing": "« {input} » : écrivez oui ou non.",
    "literal_error": "« {input} » : écrivez {expected}.",
    "greater_than": "« {input} » : plus de {gt}.",
    "greater_than_equal": "« {input} » : au moins {ge}.",
    "less_than": "« {input} » : moins de {lt}.",
    "less_than_equal": "« {input} » : {le} au plus.",
    "dict_type": "« {field} » : des lignes « nom: … » sont attendues.",
    "model_type": "« {field} » : des lignes « nom: … » sont attendues.",
    "list_type": "« {field} » : une liste est attendue, comme [a, b].",
    "string_type": "« {field} » : un texte est attendu.",
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file, and its line."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"Ligne {self.line} : {self.text}"


class WrongScenario(ValueError):
    """A file that is no scenario: its problems, in the order of its lines."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name, self.problems = name, sorted(problems, key=lambda one: one.line)
        super().__init__("\n".join(f"{name}, {str(one)[0].lower()}{str(one)[1:]}" for one in self.problems))


def names() -> list[str]:
    """Return the names of the scenarios there are, those of SCENARIO_FOLDER included."""
    found = {path.stem for folder in settings.SCENARIO_FOLDERS for path in Path(folder).glob("*.yaml")}
    return sorted(found)


def titles() -> list[tuple[str, str]]:
    """Return each scenario's name and title, without reading more of its file: one that is broken has a name too."""
    found = []
    for name in names():
        title = _TITLE.search(_path(name).read_text(errors="replace"))
        found.append((name, f"{title[1].strip()} ({name})" if title else name))
    return found


def read_named(name: str, now: dt.datetime) -> Scenario:
    """Return the scenario of that name. Raises WrongScenario, and LookupError when there is none."""
    path = _path(name)
    return read(path.read_bytes(), path.name, now)


def _path(name: str) -> Path:
    for folder in settings.SCENARIO_FOLDERS:
        path = Path(folder) / f"{name}.yaml"
        # Looked up among those that are there: a name that leads elsewhere is none of them.
        if name in names() and path.is_file():
            return path
    raise LookupError(f"Le scénario « {name} » n'existe pas : {', '.join(names())}.")


def read(content: bytes, name: str, now: dt.datetime) -> Scenario:
    """Return the scenario that a file holds, its dates counted from now. Raises WrongScenario with every problem."""
    reading = _Reading(name)
    data = reading.data(content)
    try:
        scenario = Scenario.model_validate(data, context={"now": now})
    except ValidationError as error:
        raise WrongScenario(name, [reading.told(one) for one in error.errors()]) from None
    if wrong := contradictions(scenario):
        raise WrongScenario(name, [Problem(reading.line(path), told) for path, told in wrong])
    return scenario


@dataclass
class _Reading:
    """One file being read. lines: where each value stands."""

    name: str
    lines: dict[_Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def data(self, content: bytes) -> Any:
        """Return the file as texts, lists and mappings: « 01000 » stays a postcode, « non » a word."""
        if len(content) > MOST_BYTES:
            raise WrongScenario(self.name, [Problem(1, f"le fichier dépasse {MOST_BYTES} octets.")])
        try:
            node = yaml.compose(content.decode(), Loader=yaml.SafeLoader)
        except UnicodeDecodeError:
            raise WrongScenario(self.name, [Problem(1, "le fichier n'est pas en UTF-8.")]) from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            told = "ce n'est pas du YAML : vérifiez les retraits, les deux-points et les guillemets."
            raise WrongScenario(self.name, [Problem(line, told)]) from None
        except yaml.YAMLError:
            raise WrongScenario(self.name, [Problem(1, "un caractère n'est pas admis.")]) from None
        if node is None:
            raise WrongScenario(self.name, [Problem(1, "le fichier est vide.")])
        data = self._plain(node, (), set())
        if self.problems:
            raise WrongScenario(self.name, self.problems)
        return data

    def _plain(self, node: yaml.Node, path: _Path, seen: set[int]) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in seen:
            self.problems.append(Problem(line, "les renvois (& et *) ne sont pas admis."))
            return None
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, (*path, number), seen) for number, item in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            return node.value
        found: dict[str, Any] = {}
        for key, value in node.value:
            name, at = str(key.value), key.start_mark.line + 1
            if name in found:
                self.problems.append(Problem(at, f"« {name} » est donné deux fois."))
            self.lines[(*path, name)] = at
            found[name] = self._plain(value, (*path, name), seen)
        return found

    def line(self, path: _Path) -> int:
        """Return the line of a value, or of the nearest thing around it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def told(self, error: ErrorDetails) -> Problem:
        """Say in French what pydantic found."""
        path = tuple(part for part in error["loc"] if part != "[key]")
        named = str(path[-1]) if path else "fichier"
        facts = {"field": named, "input": str(error["input"])[:40]} | error.get("ctx", {})
        if "expected" in facts:
            facts["expected"] = str(facts["expected"]).replace("'", "").replace(" or ", " ou ").removeprefix(", ")
        if error["type"] == "scenario":
            return Problem(self.line(path), str(facts["told"]))
        if error["type"] == "string_pattern_mismatch":
            told = f"« {facts['input']} » ne convient pas pour « {named} » : voyez docs/scenarios.md."
            return Problem(self.line(path), told)
        sentence = _SENTENCES.get(error["type"], "« {field} » ne convient pas.")
        return Problem(self.line(path), sentence.format(**facts))
