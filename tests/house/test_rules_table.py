"""docs/rules.md says what is true: every rule has its line, every name on it exists."""

import ast
import re
from pathlib import Path

import pytest
from django.urls import NoReverseMatch, get_resolver
from django.utils.module_loading import import_string

ROOT = Path(__file__).resolve().parents[2]
RULES = {0: 6, 1: 5, 2: 9, 3: 15, 4: 8, 5: 6}
ROWS = [
    [cell.strip() for cell in line.strip("|\n ").split("|")]
    for line in (ROOT / "docs" / "rules.md").read_text().splitlines()
    if line.startswith("| G")
]


def test_every_rule_of_the_guide_has_its_line_in_order() -> None:
    expected = [f"G{chapter}.{number}" for chapter, last in RULES.items() for number in range(1, last + 1)]
    assert list(dict.fromkeys(row[0] for row in ROWS)) == expected


def named(column: int) -> list[str]:
    return sorted({name for row in ROWS if len(row) > column for name in re.findall(r"`([^`]+)`", row[column])})


@pytest.mark.parametrize("dotted", named(2))
def test_every_function_named_exists(dotted: str) -> None:
    assert import_string(dotted)


@pytest.mark.parametrize("path", named(3))
def test_every_test_named_exists(path: str) -> None:
    file, _colons, function = path.partition("::")
    tree = ast.parse((ROOT / file).read_text())
    assert not function or function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("url_name", named(4))
def test_every_page_named_exists(url_name: str) -> None:
    resolver = get_resolver()
    for namespace in url_name.split(":")[:-1]:
        resolver = resolver.namespace_dict[namespace][1]
    if url_name.split(":")[-1] not in resolver.reverse_dict:
        raise NoReverseMatch(url_name)


@pytest.mark.parametrize("row", [row for row in ROWS if row[2] != "not built yet"], ids=lambda row: row[0])
def test_a_rule_that_is_built_names_its_function_test_and_page(row: list[str]) -> None:
    assert (len(row), "" in row) == (5, False)
