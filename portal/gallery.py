"""What the gallery page shows: each component in each of its states, drawn by the very line it prints."""

import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django import forms
from django.template import engines
from django.template.loader import get_template

from accounts.rules.passwords import password_requirements
from notifications.rules.spread import rate_bars
from portal import clock
from portal.kit.decision import Decision
from portal.kit.duallist import Item, dual_list
from portal.kit.paging import Page, SortLink


class SampleForm(forms.Form):
    """A form with one field of each kind."""

    siret = forms.CharField(label="SIRET", help_text="14 chiffres, avec ou sans espaces.")
    note = forms.CharField(label="Remarque", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    year = forms.ChoiceField(label="Année", choices=[("2027", "2027"), ("2026", "2026")])
    answer = forms.ChoiceField(
        label="Votre décision", choices=[("yes", "Accord"), ("no", "Refus")], widget=forms.RadioSelect
    )
    upload = forms.FileField(label="Fichier", help_text="CSV, 20 Mo au plus.", required=False)
    terms = forms.BooleanField(label="J'ai lu les conditions générales")


class SampleFilters(forms.Form):
    """A filter bar: a choice and a word."""

    year = forms.ChoiceField(label="Année", choices=[("", "Toutes"), ("2027", "2027")], required=False)
    word = forms.CharField(label="Établissement", required=False)


@dataclass(frozen=True)
class Example:
    """One state of a component: the template source that the page prints, and what it draws."""

    source: str
    html: str


@dataclass(frozen=True)
class Entry:
    """A component or a pattern: its file's name, its own description and its examples."""

    name: str
    description: str
    examples: tuple[Example, ...]


# Component → the arguments of each state.
STATES: dict[str, tuple[str, ...]] = {
    "simulator_bar": ("today=today", 'today=today tools="?"', 'today=today tools="?" panel="Pourquoi ?"'),
    "chip": (
        'tone="neutral" icon="clock" label="En attente"',
        'tone="info" icon="eye" label="À relire"',
        'tone="success" icon="check" label="Accepté"',
        'tone="warning" icon="warning" label="Incomplet"',
        'tone="error" icon="cross" label="Refusé"',
    ),
    "badge": ("count=0", "count=1", "count=100"),
    "alert": (
        'kind="info" title="Le délai d\'accès court" text="Le compte AT/MP s\'ouvrira le 1er février 2027."',
        'kind="success" text="Notification archivée."',
        'kind="warning" text="Ce fichier a déjà été importé."',
        'kind="error" title="Rien n\'a été enregistré" text="Le fichier est vide."',
    ),
    "breadcrumb": ("items=crumbs",),
    "error_summary": ("form=wrong_form",),
    "field": (
        "field=form.siret",
        "field=wrong_form.siret",
        "field=form.note",
        "field=form.year",
        "field=form.answer",
        "field=wrong_form.answer",
        "field=form.upload",
        "field=form.terms",
    ),
    "empty": (
        'title="Aucune notification" text="Une notification arrive ici à chaque nouveau taux."',
        'title="Aucun résultat" text="Aucune ligne ne convient." action_label="Tout afficher" action_url="?"',
    ),
    "pager": ("page=page",),
    "password_gauge": (
        'strength="" requirements=requirements',
        'strength="weak" requirements=requirements',
        'strength="medium" requirements=requirements',
        'strength="strong" requirements=requirements',
    ),
    "progress": (
        'done=1200 total=20000 label="Taux publiés"',
        'done=20000 total=20000 label="Taux publiés"',
        'done=0 total=0 label="Lecture du fichier"',
    ),
    "refusal": ("decision=decision",),
    "status_notification": ('state="unread"', 'state="read"', 'state="archived"', 'state="deleted"'),
    "status_legal": ('state="available"', 'state="consulted"', 'state="deemed"'),
    "exports": ('name="rate_export" query="?tri=siret"',),
    "status_bulk": ('status="received"', 'status="applying"', 'status="done"', 'status="refused"'),
    "status_import": (
        'status="received"',
        'status="checked"',
        'status="refused"',
        'status="applying"',
        'status="applied"',
        'status="cancelled"',
    ),
    "status_person": ('state="active"', 'state="suspended"', 'state="unverified"', 'state="pending"'),
    "status_cooptation": ('status="pending"', 'status="granted"', 'status="refused"', 'status="expired"'),
    "status_mission": ("done=0 total=3", "done=1 total=3", "done=3 total=3"),
    "status_copy": ('status="waiting"', 'status="ready"', 'status="failed"'),
    "status_advance": ('status="waiting"', 'status="running"', 'status="done"'),
    "outcome": ('outcome="OK"', 'outcome="OK partiel"', 'outcome="KO"', 'outcome=""'),
    "dual_list": ('lists=lists available="Déclarations" selected="Sélection" empty="Aucune."',),
    "step_chart": ('chart=chart name="alone"', 'chart=compared name="compared"'),
    "bars": ('bars=bars of="Taux net" label="Exemple de répartition"',),
}
PATTERNS = ("buttons", "panels", "row_menu", "filters", "facts", "live_progress", "undo")


def component_entries() -> list[Entry]:
    """Return every component but the icon, drawn in every state."""
    return [
        Entry(
            name,
            _description(_source(f"components/{name}.html")),
            tuple(_example(f'{{% include "components/{name}.html" with {state} only %}}') for state in states),
        )
        for name, states in STATES.items()
    ]


def pattern_entries() -> list[Entry]:
    """Return the patterns that are markup and classes rather than components."""
    return [Entry(name, "", (_example(_source(f"portal/patterns/{name}.html")),)) for name in PATTERNS]


def icon_names() -> list[str]:
    """Return the names that icon.html knows."""
    return re.findall(r'name == "([^"]+)"', _source("components/icon.html"))


def _source(template: str) -> str:
    return str(get_template(template).template.source)  # type: ignore[attr-defined]


def _description(source: str) -> str:
    comment = re.search(r"{% comment %}(.*?){% endcomment %}", source, re.DOTALL)
    return " ".join(comment[1].split()) if comment else ""


def _example(source: str) -> Example:
    return Example(source.strip(), engines["django"].from_string(source).render(_samples()))


def _samples() -> dict[str, Any]:
    """Return the objects that the examples name."""
    wrong_form = SampleForm({"siret": "", "year": "2027", "terms": "on"})
    wrong_form.add_error(None, "Cet établissement est fermé depuis le 31 décembre 2026.")
    return {
        "today": clock.today(),
        "form": SampleForm(auto_id="sample_%s"),
        "wrong_form": wrong_form,
        "filters": SampleFilters(auto_id="filter_%s"),
        "crumbs": [("Menu personnalisé", "?"), ("Vos notifications", "?"), ("Boulangerie Exemple", "")],
        "head": SortLink("Date d'effet", "?tri=effet", "descending"),
        "requirements": password_requirements("Atelier2", reinforced=False),
        "page": Page(items=(), next_url="?apres=W10", previous_url="?avant=W10"),
        "decision": Decision(
            allowed=False,
            rule="G0.2",
            reason="Seule l'entreprise elle-même télécharge le document officiel de notification.",
            remedy="Demandez-le à votre client : son administrateur le trouve dans « Vos notifications ».",
        ),
        "chart": _chart(),
        "compared": _chart("M120 76H260V100H400V88H660"),
        "bars": rate_bars({1: 12, 2: 31, 4: 3}),
        "lists": dual_list(
            [Item("a", "Compte AT/MP", "Délai d'accès : 24 h"), Item("b", "DSN"), Item("c", "AED")], {"b"}
        ),
    }


def _chart(beside: str = "") -> SimpleNamespace:
    rates = [
        ("2024", "2,40", 120, 56),
        ("2025", "1,90", 260, 116),
        ("2026", "1,87", 400, 120),
        ("2027", "2,10", 540, 92),
    ]
    return SimpleNamespace(
        title="Taux de cotisation de 2024 à 2027, en pour cent" + (" ; taux collectif" if beside else ""),
        width=680,
        height=220,
        path="M120 56H260V116H400V120H540V92H660",
        beside=beside,
        points=[{"x": x, "y": y, "label": year, "value": rate} for year, rate, x, y in rates],
        ticks_x=[{"position": x, "label": year} for year, _, x, _ in rates],
        ticks_y=[{"position": y, "label": label} for label, y in (("2,50", 44), ("2,00", 104), ("1,50", 164))],
    )
