"""A newcomer's first hour, click by click, from the demo as `make run` leaves it: docs/newcomer.md tells it.

`SCREENSHOTS=docs/screenshots pytest tests/sandbox/test_newcomer.py` takes its pictures again. Nobody waits: the bar's
clock goes forward.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from sandbox.demo import HEAD, LOGISTICS, MASON
from tests.journeys import test_guide_2_registration as guide
from tests.journeys.test_guide_1_tiers import row, select
from tests.journeys.test_guide_2_registration import log_in, press

pytestmark = pytest.mark.browser
ADDRESS = "mael@exemple.example"
MAIN = "main"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(locale="fr-FR", viewport={"width": 1100, "height": 720}) as context:
        yield context.new_page()


@pytest.fixture
def site(live_server: LiveServer, settings: Settings, demo: None) -> str:
    settings.PORTAL_URL = live_server.url
    return live_server.url


def picture(page: Page, name: str) -> None:
    """Take a picture for the documentation, when it is asked for."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"newcomer-{name}.png")


def tool(page: Page, name: str) -> None:
    """The bar's only link, then one of the tools."""
    page.get_by_role("link", name="Outils du simulateur").first.click()
    page.get_by_role(MAIN).get_by_role("heading", name=name, exact=True).get_by_role("link").click()


def open_last_mail(page: Page, address: str) -> None:
    tool(page, "Courriels")
    page.get_by_role("row", name=address).get_by_role("link").last.click()
    page.get_by_role("link", name="Texte", exact=True).click()


def follow_mail(page: Page, _site: str, address: str) -> None:
    """Validate the address as a newcomer can: its mail is in the simulator's mailbox (G3.15)."""
    open_last_mail(page, address)
    page.locator("main a[href*='/inscription/adresse/']").click()
    press(page, "Valider mon adresse")


def become(page: Page, name: str) -> None:
    tool(page, "Personnages")
    press(page, f"Devenir {name}")
    expect(page.get_by_role("heading", name="Menu personnalisé")).to_be_visible()


def jump(page: Page, name: str) -> None:
    tool(page, "Horloge")
    press(page, name)
    expect(page.get_by_role("heading", name="Ce qui s'est passé")).to_be_visible()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Me déconnecter").click()


def ask(page: Page, site: str) -> None:
    """Register where there is an administrator already, and choose to be coopted (G4.1)."""
    guide.register(page, site, HEAD[MASON])
    log_in(page, HEAD[MASON])
    expect(page.get_by_role("heading", name="Votre demande", level=1)).to_be_visible()
    page.get_by_label("Par cooptation").check()
    press(page, "Valider")


def decide(page: Page, choice: str) -> None:
    """Anaïs Le Goff, administrator, decides (G4.4)."""
    become(page, "Anaïs Le Goff")
    page.get_by_role("link", name="Consulter les administrateurs en attente d'activation").click()
    page.get_by_role("region", name="Maël Tanguy").get_by_role("radio", name=choice).check()
    picture(page, f"decision-{choice.lower()}")
    press(page, "Valider")
    press(page, "Confirmer")
    expect(page.get_by_role("heading", name="Accusé de réception")).to_be_visible()
    log_out(page)


def test_a_newcomer_goes_through_his_first_hour(
    page: Page, site: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(guide, "validate_address", follow_mail)
    main = page.get_by_role(MAIN)

    # Refused.
    ask(page, site)
    picture(page, "demande")
    log_out(page)
    decide(page, "Refus")
    open_last_mail(page, ADDRESS)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Votre demande est refusée")

    # Whoever was refused asks again after a week; a request that nobody decides is forgotten after fifteen days.
    jump(page, "+ 15 jours")
    ask(page, site)
    jump(page, "+ 15 jours")
    # He has the whole of the last day.
    jump(page, "+ 1 jour")
    expect(main).to_contain_text("Candidats expirés (1)")
    picture(page, "quinze-jours")

    # Accepted.
    ask(page, site)
    log_out(page)
    decide(page, "Accord")
    page.goto(site)
    log_in(page, HEAD[MASON])
    expect(page.get_by_role("region", name="Votre espace entreprise")).to_be_visible()
    picture(page, "menu")

    # A client.
    page.get_by_role("link", name="Gérer vos portefeuilles").click()
    page.get_by_role("link", name="Ajouter un portefeuille").first.click()
    page.get_by_label("Nom du portefeuille").fill("Filiales")
    press(page, "Valider")
    row(page, "Filiales", "Gérer les déclarations du portefeuille")
    select(page, "Déclarations disponibles", "Compte AT/MP")
    press(page, "Valider")
    page.get_by_role("link", name="Composer le portefeuille").click()
    page.get_by_label("SIRET ou SIREN à ajouter").fill(HEAD[LOGISTICS])
    press(page, "Ajouter")
    row(page, "Belharra Logistique", "Gérer les déclarations")
    select(page, "Déclarations du portefeuille", "Compte AT/MP")
    press(page, "Valider")
    picture(page, "client")
    jump(page, "+ 24 h (délai d'accès)")

    def clients() -> None:
        page.get_by_role("link", name="Votre compte").first.click()
        page.get_by_role("link", name="Compte AT/MP de vos clients").click()

    # No rate without a DSN, then the rate, then no more after three months (G0.5).
    clients()
    expect(main).to_contain_text("Vous n'avez déposé aucune DSN pour ce client. Règle G0.5.")
    tool(page, "Missions")
    page.get_by_label("SIRET du client").fill(HEAD[LOGISTICS])
    with page.expect_download() as download:
        press(page, "Télécharger")
    file = tmp_path / "paie.dsn"
    download.value.save_as(file)
    page.get_by_role("link", name="Votre compte").first.click()
    page.get_by_role("link", name="Déposer une DSN").click()
    page.get_by_label("Fichiers DSN").set_input_files(file)
    press(page, "Déposer")
    expect(page.get_by_role("heading", name="Récépissé de dépôt")).to_be_visible()
    clients()
    expect(page.get_by_role("row", name="Belharra Logistique")).to_contain_text("4,86 %")
    page.get_by_role("link", name="Belharra Logistique").click()
    expect(main).to_contain_text("Accès ouvert jusqu'au")
    expect(main).to_contain_text("Seule l'entreprise peut le télécharger (règle G0.2)")
    picture(page, "taux")
    tool(page, "Horloge")
    page.get_by_label("Aller au").fill("2027-06-01")
    press(page, "Aller à ce jour")
    expect(page.get_by_role("heading", name="Ce qui s'est passé")).to_be_visible()
    clients()
    closed = page.get_by_role("row", name="Belharra Logistique")
    expect(closed).to_contain_text("l'accès s'est fermé")
    expect(closed).not_to_contain_text("4,86 %")
    picture(page, "ferme")
