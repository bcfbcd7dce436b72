"""The missions' files: nothing in them that the guide, the scenarios or the pages do not have."""

import re
from pathlib import Path

import pytest
import yaml

from sandbox.mission.checks import CHECKS
from sandbox.mission.file import DEMO, Mission, guide, missions
from sandbox.personas import PEOPLE

ROOT = Path(__file__).resolve().parents[3]
RULES = set(re.findall(r"^\| (G\d\.\d+) \|", (ROOT / "docs" / "rules.md").read_text(), re.MULTILINE))
APPS = ("accounts", "habilitations", "portfolios", "notifications", "portal")
# What a person reads: templates and labels in code, the training room's own texts apart.
SHOWN = " ".join(
    path.read_text()
    for folder in (*(ROOT / "templates" / app for app in (*APPS, "account", ".")), *(ROOT / app for app in APPS))
    for path in (folder.glob("*.html") if folder.name == "templates" else folder.rglob("*"))
    if path.suffix in (".html", ".py") and "sandbox" not in path.parts
)


def test_the_guide_is_told_rule_by_rule() -> None:
    assert set(guide()) == RULES
    assert [rule for rule, sentence in guide().items() if not sentence.endswith(".")] == []


def test_there_are_missions_for_the_demo_and_the_discovery() -> None:
    everywhere = [mission.key for mission in missions() if {DEMO, "decouverte"} <= set(mission.who)]
    assert everywhere == [mission.key for mission in missions()]
    assert len(everywhere) == 14


def test_every_check_is_asked_for_and_every_one_asked_for_is_there() -> None:
    assert {step.check for mission in missions() for step in mission.steps} == set(CHECKS)


@pytest.mark.parametrize("mission", missions(), ids=lambda mission: mission.key)
def test_a_mission_names_rules_labels_and_people_that_exist(mission: Mission) -> None:
    assert [rule for step in mission.steps for rule in step.rules if rule not in RULES] == []
    labels = {label for step in mission.steps for label in step.path}
    assert [label for label in sorted(labels) if label not in SHOWN] == []
    for scenario, person in mission.who.items():
        if scenario == DEMO:
            known = {one.key for one in PEOPLE}
        else:
            known = set(yaml.safe_load((ROOT / f"sandbox/scenarios/{scenario}.yaml").read_text())["personnes"])
        assert not person or person in known, scenario


@pytest.mark.parametrize("mission", missions(), ids=lambda mission: mission.key)
def test_hints_are_three_sentences_that_say_more_each_time(mission: Mission) -> None:
    for step in mission.steps:
        assert len(set(step.hints)) == 3
        assert [text for text in (step.why, *step.hints) if not text.endswith(".")] == []
