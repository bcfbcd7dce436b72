"""Chapter 1 of the guide for a company, click by click: declarations, then rights (G1.1 to G1.5)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from habilitations.models import EstablishmentDeclaration
from tests.journeys.test_guide_5_notifications import log_in
from tests.people import Company

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=request.param, locale="fr-FR") as context:
        yield context.new_page()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def menu(page: Page, link: str) -> None:
    """« Gestion » → the link (G1.1, G1.4)."""
    page.get_by_role("link", name="Votre compte").click()
    panel = page.get_by_role("region", name="Votre espace entreprise")
    expect(panel.get_by_role("heading", name="Gestion")).to_be_visible()
    panel.get_by_role("link", name=link, exact=True).click()


def head_office(page: Page, action: str) -> None:
    page.get_by_role("row", name="982 820 011 00012").get_by_role("link", name=action).click()


def test_an_administrator_chooses_declarations_then_gives_rights(
    page: Page, live_server: LiveServer, administrator: User, declarant_without_right: User, company: Company
) -> None:
    EstablishmentDeclaration.objects.all().delete()
    log_in(page, live_server.url, administrator)
    menu(page, "Gérer les déclarations")
    head_office(page, "Choix des déclarations")
    selected = page.get_by_role("group", name="Liste des déclarations sélectionnées")
    page.get_by_role("group", name="Déclarations disponibles").get_by_label("Compte AT/MP").check()
    press(page, "Ajouter →")
    expect(selected).to_contain_text("Compte AT/MP")
    press(page, "Valider")
    expect(page.get_by_role("status")).to_contain_text("1 déclaration ajoutée")
    expect(selected).to_contain_text(re.compile("utilisable à partir du 21 janvier 2027 à 10"))

    menu(page, "Gérer les habilitations")
    head_office(page, "Habilitations")
    page.get_by_label("Organisme").select_option("L'assurance maladie")
    press(page, "Rechercher")
    page.get_by_role("checkbox", name="Abgrall Noé Compte AT/MP").check()
    press(page, "Valider")
    expect(page.get_by_role("main")).to_contain_text("Noé Abgrall, SIRET 982 820 011 00012 : « Compte AT/MP » accordée")
    press(page, "Confirmer")
    expect(page.get_by_role("status")).to_contain_text("1 habilitation accordée")
    expect(page.get_by_role("checkbox", name="Abgrall Noé Compte AT/MP")).to_be_checked()

    menu(page, "Gérer les déclarations")
    head_office(page, "Choix des déclarations")
    selected.get_by_label("Compte AT/MP").check()
    press(page, "← Retirer")
    press(page, "Valider")
    expect(page.get_by_role("heading", name="Confirmez le retrait")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("1 habilitation cesse de servir")
    press(page, "Confirmer")
    expect(selected).not_to_contain_text("Compte AT/MP")


def test_whoever_is_no_administrator_finds_who_is_one(
    page: Page, live_server: LiveServer, declarant: User, administrator: User
) -> None:
    """G1.3: no « Votre espace entreprise »; the names are in « Votre compte »."""
    log_in(page, live_server.url, declarant)
    expect(page.get_by_role("region", name="Votre espace entreprise")).to_have_count(0)
    expect(page.get_by_role("region", name="Votre compte")).to_contain_text("Anaïs Le Goff")
