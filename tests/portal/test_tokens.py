"""The colours of the style sheet: readable in both themes, and written nowhere but in the tokens."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

HEX = re.compile(r"#[0-9a-f]{3,8}\b", re.IGNORECASE)
TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6})\b")
BACKGROUNDS = ("paper", "surface", "sunken")
# Foreground on background: WCAG 2.2, 1.4.3 (text).
TEXT = [
    *((ink, paper) for ink in ("ink", "ink-soft", "action", "action-strong") for paper in BACKGROUNDS),
    *(("error", paper) for paper in ("paper", "surface")),
    ("on-action", "action"),
    ("on-action", "action-strong"),
    ("ink", "action-soft"),
    ("ink-soft", "action-soft"),
    ("action", "action-soft"),
    ("action-strong", "action-soft"),
    ("on-simulator", "simulator"),
    ("ink", "account"),
    ("on-unread", "unread"),
    *((tone, f"{tone}-soft") for tone in ("error", "success", "warning")),
    *(("ink", f"{tone}-soft") for tone in ("error", "success", "warning")),
    ("warning", "surface"),
    ("success", "surface"),
]
# Edges and focus rings on what surrounds them: WCAG 2.2, 1.4.11 (controls).
CONTROLS = [
    *(("control", paper) for paper in BACKGROUNDS),
    *(("action", paper) for paper in BACKGROUNDS),
    *(("focus", paper) for paper in (*BACKGROUNDS, "account", "action-soft", "error-soft", "success-soft")),
    ("error", "surface"),
    ("warning", "surface"),
    ("unread", "account"),
    ("orange", "surface"),
    ("success", "surface"),
]


def sheet(name: str = "atelier.css") -> str:
    found = finders.find(f"portal/{name}")
    assert isinstance(found, str)
    return Path(found).read_text()


def rules() -> list[tuple[str, str]]:
    """Return the selector and the body of every rule after the tokens."""
    bare = re.sub(r"/\*.*?\*/", "", "/*" + sheet().split("/* Page", 1)[1], flags=re.DOTALL)
    return re.findall(r"([^{}]+)\{([^{}]*)\}", bare)


def tokens(theme: str) -> dict[str, str]:
    """Return the colours of one theme, by name."""
    light, dark = re.findall(r":root \{(.*?)\n *\}", sheet().split("/* Page")[0], re.DOTALL)
    return dict(TOKEN.findall(light)) | (dict(TOKEN.findall(dark)) if theme == "dark" else {})


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), TEXT)
def test_text_stands_out_by_4_5(theme: str, ink: str, paper: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[ink], colours[paper]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "paper"), CONTROLS)
def test_controls_stand_out_by_3(theme: str, edge: str, paper: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[edge], colours[paper]) >= 3


def test_the_dark_theme_changes_every_colour_but_the_white_of_the_simulator_bar() -> None:
    light, dark = tokens("light"), tokens("dark")
    assert {name for name in light if light[name] == dark[name]} == {"on-simulator"}


def test_no_rule_writes_a_colour_of_its_own() -> None:
    bodies = " ".join(body for _, body in rules())
    assert HEX.findall(bodies) == []
    assert re.findall(r"\b(?:rgb|hsl|oklch)a?\(", bodies) == []


def test_the_admin_borrows_its_colours_from_the_tokens_a_light_one_with_its_dark_one() -> None:
    light, dark = tokens("light"), tokens("dark")
    pairs = re.findall(r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", sheet("gestion.css"))
    assert set(pairs) - {(light[name], dark[name]) for name in light} == set()
    assert len(HEX.findall(sheet("gestion.css"))) == 2 * len(pairs)


def test_yellow_is_for_the_account_panel_and_violet_for_the_simulator_bar_alone() -> None:
    """screens.md: each of the two colours says one thing."""
    wearing = {
        colour: {selector.strip().split()[0].split(":")[0] for selector, body in rules() if f"--{colour}" in body}
        for colour in ("account", "simulator", "unread")
    }
    assert wearing == {"account": {".panel--account"}, "simulator": {".simulator"}, "unread": {".badge"}}


def test_the_files_keep_within_their_budgets() -> None:
    """Base of screens.md: 40 kB of CSS, 15 kB of JavaScript."""
    assert len(sheet().encode()) <= 40_000
    assert len(sheet("atelier.js").encode()) <= 15_000
