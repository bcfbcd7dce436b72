"""The demo's people follow every link of the site: no axe violation, no sideways scroll at 320 px.

tests/journeys/test_accessibility.py looks at chosen states of chosen pages; here nothing is chosen.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from sandbox.personas import PEOPLE
from tests.axe import faults_of
from tests.house.test_repository import OURS
from tests.journeys.test_accessibility import PAGES
from tests.people import logged_in

# What axe judges does not come from the database: once is enough, and it takes minutes.
pytestmark = [pytest.mark.browser, pytest.mark.sqlite]
# What a link can lead to without being a page.
FILES = (".csv", ".xlsx", ".pdf", ".pem", ".ics", ".json", ".txt", ".svg", ".zip", "/pdf/", "/contenu/", "/jsi18n/")
# Answers to a POST and pages of machines: a link never leads there.
NO_PAGE = {
    "habilitations:cooptation_confirm", "habilitations:cooptation_decide", "habilitations:cooptation_route",
    "habilitations:activation_letter", "habilitations:registration_submit",
    "notifications:notification_open", "notifications:notification_archive", "notifications:notification_unarchive",
    "notifications:notification_delete", "notifications:notification_restore",
    "accounts:security_sessions", "accounts:security_passkey_options",
    "accounts:security_codes_kept", "mfa_passkey_options", "mfa_cancel", "accounts:password_gauge", "healthz", "readyz",
    "metrics",
    "sandbox:clock_advance", "sandbox:clock_continue", "sandbox:persona_switch",
    "sandbox:mission_follow", "sandbox:board_rate", "sandbox:board_candidate", "sandbox:copy_add", "sandbox:copy_reset",
    "sandbox:copy_cards",
}  # fmt: skip


def name_of(path: str) -> str:
    """Return the URL name behind a path; its query does not count."""
    return resolve(urlsplit(path).path).view_name


def links_of(page: Page) -> list[str]:
    """Return the addresses this page leads to on the site."""
    found = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    parts = [urlsplit(link) for link in found]
    here = urlsplit(page.url).netloc
    ours = [part for part in parts if part.netloc == here and not part.path.endswith(FILES)]
    return sorted({part._replace(scheme="", netloc="", fragment="").geturl() for part in ours})


def shape_of(page: Page) -> str:
    """Return what axe judges of a page, its words apart: tags, classes and roles in their order."""
    shape: str = page.evaluate(
        "[...document.querySelectorAll('*')]"
        ".map(one => `${one.tagName}.${one.getAttribute('class')}.${one.getAttribute('role')}`)"
        ".filter((one, at, all) => one !== all[at - 1]).join()"
    )
    return shape


def walk(page: Page, site: str, start: str, shapes: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield (URL name, faults) for each page reached from there, one address for each name."""
    todo, names = [start], {name_of(start)}
    for path in todo:
        page.goto(site + path)
        shape = shape_of(page)
        yield name_of(path), [] if shape in shapes else [f"{path}: {one}" for one in faults_of(page)]
        shapes.add(shape)
        for link in links_of(page):
            if name_of(link) not in names:
                names.add(name_of(link))
                todo.append(link)


def names_of(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    """Yield the URL name of every page of ours, the staff's own site apart."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from names_of(pattern.url_patterns, pattern.namespace or namespace)
            continue
        ours = pattern.callback.__module__.split(".")[0] in OURS and pattern.name
        if ours and not str(pattern.pattern).endswith((*FILES, ":form>")):
            yield f"{namespace}:{pattern.name}" if namespace else pattern.name or ""


def test_no_page_that_anybody_reaches_has_a_fault(live_server: LiveServer, demo: None, browser: Browser) -> None:
    staff, trainer = (User.objects.get(is_staff=True, is_superuser=one) for one in (True, False))
    people = [User.objects.get(last_name=one.nom, first_name=one.prenom) for one in PEOPLE if one.siret]
    starts = [
        (None, "/"),
        (None, "/simulateur/"),
        (staff, "/gestion/"),
        (trainer, "/simulateur/tableau/"),
        *((one, "/menu/") for one in people),
    ]
    shapes: set[str] = set()
    faults: list[str] = []
    seen = set()
    for person, start in starts:
        with browser.new_context(locale="fr-FR") as context:
            cookies = logged_in(person).cookies if person else Client().cookies
            if person:
                session = cookies["sessionid"].value
                context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
            for name, found in walk(context.new_page(), live_server.url, start, shapes):
                seen.add(name)
                faults += [f"{person or 'visitor'} {one}" for one in found]
    assert faults == [], "\n".join(faults)
    listed = {name_of(path.format_map(Ones())) for _person, path in PAGES if path != "/introuvable/"}
    assert set(names_of(get_resolver().url_patterns)) - seen - listed == NO_PAGE


class Ones(dict[str, str]):
    """1 for every name: an address that leads to the same view."""

    def __missing__(self, key: str) -> str:
        return "1" if key != "link" else "1/abc"
