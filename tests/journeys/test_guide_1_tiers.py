"""Chapter 1 of the guide for a tiers déclarant, click by click: portfolio, client, rights, DSN, rates (G2, G0.4)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from portfolios.models import ClientDeclaration
from tests.factories.accounts import UserFactory
from tests.factories.habilitations import LONG_AGO
from tests.factories.notifications import NotificationFactory
from tests.journeys.test_guide_5_notifications import log_in
from tests.people import Company
from tests.portfolios.dsn import declaration, encoded, rubriques

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=request.param, locale="fr-FR") as context:
        yield context.new_page()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def row(page: Page, name: str, action: str) -> None:
    """A click on the row opens its menu; a pictogram with its words leads on."""
    page.get_by_role("row", name=name).get_by_role("link").first.click()
    page.get_by_role("link", name=action, exact=True).click()


def select(page: Page, available: str, label: str) -> None:
    """Move one line to the right (G2.4, G2.7)."""
    page.get_by_role("group", name=available).get_by_label(label).check()
    press(page, "Ajouter →")


def test_a_firm_composes_a_portfolio_and_reads_its_clients_rate(
    page: Page, live_server: LiveServer, tiers_declarant: User, company: Company, tmp_path: Path
) -> None:
    UserFactory(establishment=tiers_declarant.establishment, last_name="Bihan", first_name="Enora")
    NotificationFactory(decision__establishment=company.head_office)
    log_in(page, live_server.url, tiers_declarant)
    page.get_by_role("link", name="Gérer vos portefeuilles").click()
    page.get_by_role("link", name="Ajouter un portefeuille").click()
    page.get_by_label("Nom du portefeuille").fill("Ouest")
    select(page, "Personnes de l'entreprise", "Bihan Enora")
    press(page, "Valider")

    row(page, "Ouest", "Gérer les déclarations du portefeuille")
    select(page, "Déclarations disponibles", "Compte AT/MP")
    press(page, "Valider")
    page.get_by_role("link", name="Composer le portefeuille").click()
    page.get_by_label("SIRET ou SIREN à ajouter").fill(company.head_office.siret)
    press(page, "Ajouter")

    row(page, "Belharra Logistique", "Gérer les déclarations")
    select(page, "Déclarations du portefeuille", "Compte AT/MP")
    press(page, "Valider")
    expect(page.get_by_role("main")).to_contain_text("utilisable à partir du 21 janvier 2027")
    page.get_by_role("link", name="Revenir au portefeuille").click()
    row(page, "Belharra Logistique", "Gérer les habilitations")
    page.get_by_role("checkbox", name="Bihan Enora Compte AT/MP").check()
    press(page, "Valider")
    press(page, "Confirmer")
    expect(page.get_by_role("status")).to_contain_text("+1 / −0")

    clients = f"{live_server.url}/notifications/clients/"
    page.goto(clients)
    expect(page.get_by_role("main")).to_contain_text("Règle G2.8")
    ClientDeclaration.objects.update(added_at=LONG_AGO, opens_at=LONG_AGO)
    page.goto(clients)
    expect(page.get_by_role("main")).to_contain_text("Vous n'avez déposé aucune DSN pour ce client. Règle G0.5.")

    file = tmp_path / "paie.dsn"
    file.write_bytes(encoded(rubriques([declaration(company.head_office.siret)])))
    page.get_by_role("link", name="Votre compte").click()
    page.get_by_role("link", name="Déposer une DSN").click()
    page.get_by_label("Fichiers DSN").set_input_files(file)
    press(page, "Déposer")
    expect(page.get_by_role("heading", name="Récépissé de dépôt")).to_be_visible()

    page.get_by_role("link", name="Votre compte").click()
    page.get_by_role("link", name="Compte AT/MP de vos clients").click()
    expect(page.get_by_role("row", name="Belharra Logistique")).to_contain_text("7,39 %")
    page.get_by_role("link", name="Belharra Logistique").click()
    expect(page.get_by_role("main")).to_contain_text("Accès ouvert jusqu'au 20 avril 2027")
    expect(page.get_by_role("main")).to_contain_text("Seule l'entreprise peut le télécharger (règle G0.2)")
