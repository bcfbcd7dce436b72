"""Scenario files: what is wrong is said by its line, in French, all at once."""

import re

import pytest
from django.conf import settings

from sandbox.scenario.file import WrongScenario, names, read, read_named, titles
from tests.conftest import NOW

GOOD = """\
titre: Essai
resume: Un essai.
entreprises:
  aubepine:
    nom: Maçonnerie Aubépine
    etablissements:
      siege: {ville: BREST, code_risque: 45.2BE, code_postal: 01000, declarations: {compte-atmp: -1 an}}
  pme:
    nom: PME {n}
    repete: 3
    etablissements:
      siege: {code_risque: 45.2BE}
personnes:
  anais:
    prenom: Anaïs
    nom: Le Goff
    chez: aubepine
    role: administrateur
    depuis: -1 an
  mael:
    prenom: Maël
    nom: Riou
    chez: aubepine/siege
    role: candidat
    depuis: -2 jours
    candidature: {le: -2 jours, voie: cle, postee: -1 jour, perdue: oui}
taux:
  - {pour: pme, taux: "6,05", effet: 1er janvier, publie: -3 jours, mode: mixte}
"""
LINES = GOOD.splitlines()


def wrong(content: str) -> list[str]:
    with pytest.raises(WrongScenario) as caught:
        read(content.encode(), "essai.yaml", NOW)
    return [str(problem) for problem in caught.value.problems]


def changed(line: int, text: str) -> str:
    return "\n".join([*LINES[: line - 1], text, *LINES[line:]])


def test_a_good_file_is_read_as_it_is_written() -> None:
    """YAML's surprises stay out: 01000 is a postcode, « 6,05 » a rate."""
    scenario = read(GOOD.encode(), "essai.yaml", NOW)
    assert scenario.companies["aubepine"].places["siege"].postcode == "01000"
    assert str(scenario.rates[0].rate) == "6.05"
    assert scenario.people["mael"].candidacy.lost  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("line", "text", "told"),
    [
        (2, "résumé: Un essai.", ["Ligne 1 : « resume » manque.", "« résumé » n'existe pas ici."]),
        (5, "    nom: ''", ["« nom » est vide."]),
        (7, "      siege: {code_postal: 1}", ["« 1 » ne convient pas pour « code_postal » : voyez docs/scenarios.md."]),
        (9, "    nom: PME", ["une entreprise répétée a « {n} » dans son nom."]),
        (10, "    repete: beaucoup", ["« beaucoup » n'est pas un nombre entier."]),
        (10, "    repete: 0", ["« 0 » : au moins 1."]),
        (14, "  Anaïs:", ["« Anaïs » ne convient pas"]),
        (17, "    chez: ailleurs", ["l'entreprise « ailleurs » n'est pas dans le fichier."]),
        (17, "    chez: pme", ["« pme » est répétée"]),
        (18, "    role: directeur", ["« directeur » : écrivez administrateur, déclarant ou candidat."]),
        (18, "    role: candidat", ["un candidat, et lui seul, a une « candidature »."]),
        (19, "    depuis: hier", ["« hier » n'est pas une date"]),
        (19, "    depuis: [1]", ["« ['1'] » n'est pas une date"]),
        (23, "    chez: aubepine/lyon", ["« aubepine » n'a pas d'établissement « lyon »."]),
        (26, "    candidature: {le: -2 jours, voie: pigeon}", ["« pigeon » : écrivez cooptation ou cle."]),
        (26, "    candidature: {le: -2 jours, postee: -1 jour}", ["une lettre ne part que pour la voie « cle »."]),
        (26, "    candidature: {le: -2 jours, voie: cle, perdue: ouais}", ["« ouais » : écrivez oui ou non."]),
        (
            28,
            "  - {pour: pme, taux: 6.055, effet: 1er mai, publie: -3 jours, mode: mixte}",
            ["« 6.055 » : deux décimales au plus"],
        ),
        (
            28,
            "  - {pour: pme, taux: 6 %, effet: 1er mai, publie: -3 jours, mode: mixte}",
            ["« 6 % » n'est pas un taux"],
        ),
        (28, "  - {pour: x, taux: 6, effet: 1er mai, publie: -3 jours, mode: mixte}", ["l'entreprise « x »"]),
        (28, "  bonjour", ["Ligne 27 : « taux » : une liste est attendue"]),
        (24, "    : [", ["ce n'est pas du YAML"]),
        (16, "    prenom: Noé", ["« prenom » est donné deux fois."]),
    ],
)
def test_what_is_wrong_is_told_at_its_line(line: int, text: str, told: list[str]) -> None:
    """told: what the problems say, at that line unless they name another one."""
    found = wrong(changed(line, text))
    wanted = [one if one.startswith("Ligne") else f"Ligne {line} : {one}" for one in told]
    assert [one for one in wanted if not any(said.startswith(one) for said in found)] == [], found


def test_every_problem_is_told_at_once_in_the_order_of_lines() -> None:
    twice = changed(19, "    depuis: hier").replace("mode: mixte", "mode: magique")
    assert [one.split(" :")[0] for one in wrong(twice)] == ["Ligne 19", "Ligne 28"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "Ligne 1 : le fichier est vide."),
        ("a: &x 1\nb: *x\n", "les renvois (& et *) ne sont pas admis."),
        ("- 1", "« fichier » : des lignes « nom: … » sont attendues."),
        ("a: \0", "un caractère n'est pas admis."),
    ],
)
def test_what_is_no_scenario_at_all_is_told(content: str, told: str) -> None:
    assert told in "".join(wrong(content))


def test_a_heap_of_references_is_refused_not_unrolled() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(50))
    assert all("ne sont pas admis" in one for one in wrong(bomb))


def test_a_name_that_leads_elsewhere_is_no_scenario() -> None:
    with pytest.raises(LookupError, match="n'existe pas"):
        read_named("../../pyproject", NOW)


@pytest.mark.parametrize("name", names())
def test_every_scenario_of_the_project_can_be_read(name: str) -> None:
    assert read_named(name, NOW).summary


def test_the_example_of_the_docs_can_be_read() -> None:
    [example] = re.findall(r"```yaml\n(.+?)```", (settings.ROOT / "docs" / "scenarios.md").read_text(), re.DOTALL)
    assert list(read(example.encode(), "exemple.yaml", NOW).people) == ["anais", "mael", "chloe"]


def test_the_form_names_each_by_its_title() -> None:
    shown = dict(titles())
    assert (set(shown), shown["decouverte"]) == (set(names()), "Découverte (decouverte)")
