"""The simulator bar: on every page, printed too, and the only way to the tools."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.people import logged_in

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
BAR = re.compile(r'<aside aria-label="Simulateur">.*?</aside>', re.DOTALL)


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> list[str]:
    """Return every address that needs no number or name, the staff's included, the tools' own left out."""
    found = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            found += addresses(pattern.url_patterns, route)
        elif "<" not in route and "(" not in route and not route.startswith("/simulateur/"):
            found.append(route)
    return sorted(set(found))


def pages(client: Client) -> dict[str, str]:
    """Return the HTML pages that a GET of these addresses shows this browser."""
    answers = {address: client.get(address) for address in addresses(get_resolver().url_patterns)}
    return {
        address: answer.content.decode()
        for address, answer in answers.items()
        if answer.get("Content-Type", "").startswith("text/html") and answer.content and not answer.streaming
    }


@pytest.fixture(params=["visitor", "administrator", "candidate", "staff"])
def shown(request: pytest.FixtureRequest, db: None) -> dict[str, str]:
    """Every page of the portal as one kind of person sees it, refusals and pages not found included."""
    who = request.param
    return pages(Client() if who == "visitor" else logged_in(request.getfixturevalue(who)))


def test_the_bar_is_on_every_page_once_with_its_link(shown: dict[str, str]) -> None:
    bars = {address: BAR.findall(page) for address, page in shown.items()}
    wrong = {
        address: len(found)
        for address, found in bars.items()
        if [bar.count('href="/simulateur/"') for bar in found] != [1]
    }
    assert len(shown) > 8
    assert wrong == {}


def test_no_page_of_the_portal_leads_to_a_tool_but_by_the_bar(shown: dict[str, str]) -> None:
    assert [address for address, page in shown.items() if "/simulateur/" in BAR.sub("", page)] == []


def test_no_template_of_the_portal_names_a_tool() -> None:
    """Where the pages above cannot look: fragments, refusals, mails, documents."""
    naming = [
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.*")
        if not path.is_relative_to(TEMPLATES / "sandbox") and re.search(r"sandbox|simulateur/", path.read_text())
    ]
    assert naming == []


def test_a_page_that_is_not_found_has_its_bar_too(client: Client, db: None) -> None:
    assert len(BAR.findall(client.get("/introuvable/").content.decode())) == 1


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/", "/menu/", "/simulateur/horloge/", "/simulateur/personnages/", "/gestion/"])
def test_the_bar_is_printed_without_its_link(
    browser: Browser, live_server: LiveServer, administrator: User, staff: User, path: str
) -> None:
    user = staff if path == "/gestion/" else administrator
    with browser.new_context(locale="fr-FR") as context:
        session = logged_in(user).cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": session.value, "url": live_server.url}])
        page = context.new_page()
        page.goto(live_server.url + path)
        page.emulate_media(media="print")
        bar = page.locator("aside .simulator")
        assert (bar.count(), bar.is_visible()) == (1, True)
        assert "ne saisissez jamais un vrai mot de passe" in bar.inner_text()
        assert not page.get_by_role("link", name="Outils du simulateur").is_visible()
        assert page.get_by_role("navigation", name="Outils du simulateur").count() == 0
