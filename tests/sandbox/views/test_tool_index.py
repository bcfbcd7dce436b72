"""The tools' first page, and who may open their door."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.people import logged_in

PAGES = ["", "horloge/", "courriels/", "lettres/", "personnages/"]


@pytest.mark.parametrize("tool", PAGES)
def test_on_a_demo_instance_the_tools_are_open_without_logging_in(db: None, tool: str) -> None:
    assert Client().get(f"/simulateur/{tool}").status_code == 200


def test_each_tool_is_named_with_its_page(db: None) -> None:
    page = Client().get("/simulateur/").content.decode()
    assert [page.count(f'<h2><a href="/simulateur/{path}">') for path in PAGES[1:]] == [1] * 4


@pytest.mark.parametrize("tool", PAGES)
def test_elsewhere_nobody_knows_that_they_exist(settings: Settings, administrator: User, tool: str) -> None:
    settings.DEMO = False
    client = logged_in(administrator)
    assert client.get(f"/simulateur/{tool}").status_code == 404
    assert client.post(f"/simulateur/{tool}").status_code in (404, 405)
    assert "/simulateur/" not in client.get("/menu/").content.decode()


def test_a_real_instance_with_a_class_code_has_no_personas(settings: Settings, db: None) -> None:
    settings.DEMO, settings.CLASS_CODE = False, "Brest-2027"
    client = Client()
    client.post("/simulateur/code/", {"code": "Brest-2027"})
    assert "/simulateur/personnages/" not in client.get("/simulateur/").content.decode()
    assert client.get("/simulateur/personnages/").status_code == 404
    assert client.post("/simulateur/personnages/aubepine-admin/").status_code == 404
