"""« Pourquoi ? »: what a page refuses and hides, told under the bar by the decision that refused or hid it."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from notifications.models import Notification
from tests.factories.habilitations import HabilitationFactory
from tests.people import logged_in

PANEL = re.compile(r'<details class="bar-panel">\s*<summary>Pourquoi.*?</details>', re.DOTALL)


def told(browser: Client, path: str) -> tuple[int, list[str]]:
    """Return the answer's code, and the rules that the bar names."""
    answer = browser.get(path)
    panels = PANEL.findall(answer.content.decode())
    return answer.status_code, re.findall(r"Règle (G[\d.]+) du guide", " ".join(panels))


@pytest.mark.parametrize(
    ("key", "path", "expected"),
    [
        # Shown, with parts left out.
        ("aubepine-declarant", "/menu/", (200, ["G1.4", "G1.3"])),
        ("belharra-strasbourg", "/menu/", (200, ["G2.3"])),
        ("dentelliere-admin", "/menu/", (200, ["G0.1"])),
        ("estran-admin", "/menu/", (200, ["G2.8"])),
        ("cormoran-admin", "/notifications/clients/", (200, ["G0.6", "G0.5", "G2.8"])),
        # Refused by a page, or as if it did not exist.
        ("aubepine-declarant", "/notifications/taux/", (403, ["G1.4"])),
        ("aubepine-declarant", "/habilitations/declarations/", (404, ["G1.3"])),
        ("aubepine-candidat", "/entreprise/inscrits/", (404, ["G4.1"])),
        ("aubepine-candidat", "/portefeuilles/dsn/", (404, ["G4.1"])),
        ("belharra-strasbourg", "/portefeuilles/", (404, ["G2.3"])),
        # Nothing to explain.
        ("aubepine-admin", "/menu/", (200, [])),
        ("aubepine-admin", "/introuvable/", (404, [])),
    ],
)
def test_the_bar_names_the_rule(
    client: Client, demo: None, key: str, path: str, expected: tuple[int, list[str]]
) -> None:
    client.post(f"/simulateur/personnages/{key}/")
    status, rules = told(client, path)
    assert (status, sorted(rules)) == (expected[0], sorted(expected[1]))


def test_it_says_the_rule_the_fact_and_what_would_change_it(client: Client, demo: None) -> None:
    client.post("/simulateur/personnages/cormoran-admin/")
    notification = Notification.objects.filter(establishment__siret="00000101600013").latest("pk")
    answer = client.get(f"/notifications/{notification.pk}/")
    [panel] = PANEL.findall(answer.content.decode())
    assert answer.status_code == 403
    assert answer.context["decision"].reason in panel.replace("\xa0", " ").replace("&#x27;", "'")
    assert "Ce qui changerait la réponse" in panel
    assert "Seule l&#x27;entreprise elle-même reçoit la notification" in panel.replace("\xa0", " ")


def test_what_changes_the_fact_takes_the_explanation_away(client: Client, demo: None) -> None:
    client.post("/simulateur/personnages/aubepine-declarant/")
    assert told(client, "/notifications/")[1] == ["G1.4"]
    HabilitationFactory(user=User.objects.get(last_name="Abgrall"))
    assert told(client, "/notifications/")[1] == []


def test_one_request_does_not_hear_another(client: Client, demo: None) -> None:
    client.post("/simulateur/personnages/aubepine-declarant/")
    assert told(client, "/notifications/taux/")[1] == ["G1.4"]
    assert told(client, "/mes-informations/")[1] == []


def test_where_the_tools_are_closed_nothing_is_explained(declarant_without_right: User, settings: Settings) -> None:
    settings.DEMO = False
    browser = logged_in(declarant_without_right)
    assert told(browser, "/menu/") == (200, [])
    settings.CLASS_CODE = "brest"
    assert told(browser, "/menu/") == (200, ["G1.4", "G1.3"])


def test_without_the_training_room_the_page_itself_still_names_its_rule(
    declarant_without_right: User, settings: Settings
) -> None:
    settings.BAR_PANEL = settings.BAR_LINK = None
    browser = logged_in(declarant_without_right)
    page = browser.get("/notifications/taux/").content.decode()
    assert (PANEL.findall(page), "Règle G1.4 du guide" in page) == ([], True)
