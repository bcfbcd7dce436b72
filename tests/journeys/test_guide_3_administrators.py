"""Chapter 3 of the guide, click by click, from the home page: one more administrator, both ways (G4.1 to G4.8)."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from accounts.models import Mail, User
from tests.factories.accounts import PASSWORD
from tests.journeys.test_guide_2_registration import log_in, page, press, register, site
from tests.people import Company, logged_in

__all__ = ["page", "site"]
pytestmark = pytest.mark.browser


def told(address: str) -> str:
    """Return the subject of the last mail that somebody got."""
    return Mail.objects.filter(recipient=address).latest("pk").subject.removeprefix("[SIMULATEUR] ")


def candidate(page: Page, site: str, company: Company) -> None:
    """Register where there is an administrator already: one is a candidate (G4.1)."""
    register(page, site, company.head_office.siret)
    expect(page.get_by_role("main")).to_contain_text("vous êtes candidat")
    log_in(page, company.head_office.siret)
    expect(page.get_by_role("heading", name="Votre demande", level=1)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"4 février 2027, dans 15\sjours"))
    expect(page.get_by_role("main")).not_to_contain_text("Menu personnalisé")


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Me déconnecter").click()


@pytest.mark.parametrize("choice", ["Accord", "Refus"])
def test_a_candidate_asks_and_an_administrator_decides(
    page: Page, site: str, company: Company, administrator: User, choice: str
) -> None:
    candidate(page, site, company)
    page.get_by_label("Par cooptation").check()
    press(page, "Valider")
    expect(page.get_by_role("main")).to_contain_text("Anaïs Le Goff")
    log_out(page)

    assert told(administrator.email) == "Un administrateur attend votre décision"
    asked = Mail.objects.get(recipient=administrator.email)
    [link] = re.findall(rf"{re.escape(site)}/\S+", asked.text)
    page.goto(link)
    assert administrator.establishment is not None
    page.get_by_label("SIRET").fill(administrator.establishment.siret)
    page.get_by_label("Nom", exact=True).fill("Le Goff")
    page.get_by_label("Prénom").fill("Anaïs")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    press(page, "Je me connecte")
    page.get_by_role("link", name="Votre compte").click()
    pending = page.get_by_role("region", name="Demande en attente")
    expect(pending).to_contain_text("Administrateur en attente de gestion")
    pending.get_by_role("link", name="Consulter les administrateurs en attente d'activation").click()
    card = page.get_by_role("region", name="Maël Tanguy")
    expect(card.get_by_role("radio", checked=True)).to_have_count(0)
    card.get_by_role("radio", name=choice).check()
    press(page, "Valider")
    expect(page.get_by_role("heading", name="Confirmez vos décisions")).to_be_visible()
    press(page, "Confirmer")
    expect(page.get_by_role("heading", name="Accusé de réception")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("row").last).to_contain_text(choice)
    log_out(page)

    if choice == "Refus":
        assert told("mael@exemple.example") == "Votre demande est refusée"
        assert not User.objects.filter(last_name="Tanguy").exists()
        return
    assert told("mael@exemple.example") == "Vous êtes administrateur"
    log_in(page, company.head_office.siret)
    expect(page.get_by_role("heading", name="Menu personnalisé")).to_be_visible()
    expect(page.get_by_role("region", name="Votre espace entreprise")).to_be_visible()


def printed_key(browser: Browser, site: str, staff: User, folder: Path) -> str:
    """Print the letter as staff do, and read the key where its addressee does."""
    session = logged_in(staff).cookies["sessionid"]
    with browser.new_context(locale="fr-FR") as context:
        context.add_cookies([{"name": "sessionid", "value": session.value, "url": site}])
        desk = context.new_page()
        desk.goto(f"{site}/gestion/habilitations/activationkey/")
        desk.get_by_role("row", name="982 820 011 00012").get_by_role("checkbox").check()
        desk.get_by_role("combobox", name="Action").select_option("Imprimer les lettres (PDF)")
        with desk.expect_download() as download:
            desk.get_by_role("button", name="Envoyer").click()
        letter = folder / "lettre.pdf"
        download.value.save_as(letter)
    text = PdfReader(letter).pages[0].extract_text()
    [key] = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text)
    assert "Belharra Logistique" in text
    return str(key)


def test_a_candidate_types_the_key_of_his_letter(
    page: Page, browser: Browser, site: str, company: Company, administrator: User, staff: User, tmp_path: Path
) -> None:
    candidate(page, site, company)
    page.get_by_label("Par clé d'activation").check()
    press(page, "Valider")
    log_out(page)

    key = printed_key(browser, site, staff, tmp_path)
    page.goto(site)
    log_in(page, company.head_office.siret)
    page.get_by_role("link", name="Saisir la clé d'activation").click()
    page.get_by_label("Clé d'activation").fill(key.lower().replace("-", " "))
    press(page, "Valider")
    expect(page.get_by_role("heading", name="Votre inscription est activée")).to_be_visible()
    page.get_by_role("link", name="Poursuivre l'inscription").click()
    expect(page.get_by_role("heading", name="Menu personnalisé")).to_be_visible()
