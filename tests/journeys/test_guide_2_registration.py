"""Chapter 2 of the guide, click by click: registering from the home page to the report (G3.1 to G3.15)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Mail, User
from tests.people import Company
from tests.registering import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=request.param, locale="fr-FR") as context:
        yield context.new_page()


@pytest.fixture
def site(live_server: LiveServer, settings: Settings, company: Company) -> str:
    """Return the portal's address, which its mails know too."""
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"
    settings.PORTAL_URL = live_server.url
    return live_server.url


def step(page: Page, number: int, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(rf"Étape {number} sur 11\s*:\s*{re.escape(title)}")
    )
    expect(page).to_have_title(re.compile(rf"^Étape {number} sur 11\s: "))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def identity(page: Page, siret: str, **changes: str) -> None:
    """« Je m'inscris » (G3.2)."""
    answers = {"SIRET": siret, "Nom": "Tanguy", "Prénom": "Maël", "Adresse électronique": "mael@exemple.example"}
    for label, value in (answers | changes).items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Téléphone").fill("01 23 45 67 89")
    press(page, "Je m'inscris")


def secrets(page: Page) -> None:
    """« Mot de passe et question secrète » → « Valider » (G3.6)."""
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("Le même, une deuxième fois").fill(PASSWORD)
    page.get_by_label("Question secrète").select_option("Quel était le nom de votre première école ?")
    page.get_by_label("Réponse").fill("Les Tilleuls")
    press(page, "Valider")


def validate_address(page: Page, site: str, address: str) -> None:
    """Follow the link where its owner reads it: in his mail (G3.15)."""
    mail = Mail.objects.filter(recipient=address).latest("pk")
    [link] = re.findall(rf"{re.escape(site)}/inscription/adresse/\S+", mail.text)
    page.goto(link)
    press(page, "Valider mon adresse")


def log_in(
    page: Page, siret: str, last_name: str = "Tanguy", first_name: str = "Maël", password: str = PASSWORD
) -> None:
    """« Votre compte » → « Je me connecte » (G5.1)."""
    page.get_by_role("main").get_by_role("link", name="Votre compte").click()
    page.get_by_label("SIRET").fill(siret)
    page.get_by_label("Nom", exact=True).fill(last_name)
    page.get_by_label("Prénom").fill(first_name)
    page.get_by_label("Mot de passe").fill(password)
    press(page, "Je me connecte")


def register(page: Page, site: str, siret: str) -> None:
    """From the home page to the report, then the link of the mail."""
    page.goto(site)
    page.get_by_role("link", name="Je crée mon compte sur l'Atelier AT/MP").click()
    identity(page, siret)
    page.get_by_label("J'ai lu et j'accepte les conditions générales").check()
    press(page, "Étape suivante")
    press(page, "Étape suivante")
    secrets(page)
    press(page, "S'inscrire aux services Atelier AT/MP")
    press(page, "Étape suivante")
    page.get_by_label("Une entreprise, qui déclare pour elle-même").check()
    press(page, "Étape suivante")
    page.get_by_label(re.compile("L'assurance maladie.*Compte AT/MP")).check()
    press(page, "Étape suivante")
    press(page, "Valider")
    press(page, "Étape suivante")
    press(page, "Valider l'inscription")
    expect(page.get_by_role("heading", name="Rapport d'inscription", level=1)).to_be_visible()
    validate_address(page, site, "mael@exemple.example")


def test_a_person_registers_from_the_home_page_to_the_report(page: Page, site: str, company: Company) -> None:
    page.goto(site)
    page.get_by_role("main").get_by_role("link", name="Votre compte").click()
    page.get_by_role("link", name="Je crée mon compte").click()
    step(page, 1, "Votre inscription")
    expect(page.get_by_role("main")).to_contain_text("Il peut vous inscrire lui-même comme déclarant")  # G3.5
    identity(page, company.head_office.siret)

    step(page, 2, "Conditions générales")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger (PDF)").click()
    assert download.value.suggested_filename == "conditions-generales-1.0.pdf"
    press(page, "Étape suivante")
    expect(page).to_have_title(re.compile("^Erreur"))
    page.get_by_label("J'ai lu et j'accepte les conditions générales").check()
    press(page, "Étape suivante")

    step(page, 3, "Votre établissement")
    expect(page.get_by_role("main")).to_contain_text("Belharra Logistique")
    press(page, "Étape suivante")

    step(page, 4, "Mot de passe et question secrète")
    secrets(page)
    step(page, 5, "Vos données d'authentification")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"solidité\s: fort"))
    press(page, "S'inscrire aux services Atelier AT/MP")

    step(page, 6, "Votre entreprise")
    press(page, "Étape suivante")
    step(page, 7, "Vous êtes")
    page.get_by_label("Une entreprise, qui déclare pour elle-même").check()
    press(page, "Étape suivante")
    step(page, 8, "Vous souhaitez utiliser les services liés à…")
    page.get_by_label(re.compile("L'assurance maladie.*Compte AT/MP")).check()
    press(page, "Étape suivante")
    step(page, 9, "Déclarations proposées")
    expect(page.get_by_role("main").get_by_role("listitem")).to_contain_text(["Compte AT/MP"])
    press(page, "Valider")
    step(page, 10, "Votre inscription en tant qu'entreprise déclarante")
    press(page, "Étape suivante")
    step(page, 11, "Valider l'inscription")
    press(page, "Valider l'inscription")

    expect(page.get_by_role("heading", name="Rapport d'inscription", level=1)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(User.objects.get().registration.number)
    expect(page.get_by_role("main")).to_contain_text("Un courriel vous a été envoyé à mael@exemple.example")
    validate_address(page, site, "mael@exemple.example")
    expect(page.get_by_role("main")).to_contain_text("Vous pouvez vous connecter.")
    log_in(page, company.head_office.siret)
    expect(page.get_by_role("heading", name="Menu personnalisé")).to_be_visible()


def test_one_goes_back_changes_a_name_and_returns_to_the_recap(page: Page, site: str, company: Company) -> None:
    page.goto(site)
    page.get_by_role("region", name="S'inscrire").get_by_role(
        "link", name="Je crée mon compte sur l'Atelier AT/MP"
    ).click()
    identity(page, company.head_office.siret)
    page.get_by_role("link", name="Précédent").click()
    expect(page.get_by_label("Nom", exact=True)).to_have_value("Tanguy")
    press(page, "Je m'inscris")
    page.get_by_label("J'ai lu").check()
    press(page, "Étape suivante")
    press(page, "Étape suivante")
    secrets(page)
    step(page, 5, "Vos données d'authentification")
    page.get_by_role("region", name="Votre identité").get_by_role("link", name="Modifier").click()
    identity(page, company.head_office.siret, Nom="Tanguy-Ly")
    step(page, 4, "Mot de passe et question secrète")
    expect(page.get_by_role("status").first).to_contain_text("choisissez-le de nouveau")
    secrets(page)
    step(page, 5, "Vos données d'authentification")
    expect(page.get_by_role("region", name="Votre identité")).to_contain_text("Tanguy-Ly")


def test_the_gauge_moves_while_one_types_and_the_password_can_be_shown(
    browser: Browser, site: str, company: Company
) -> None:
    """What JavaScript adds (G3.7)."""
    page = browser.new_page(locale="fr-FR")
    page.goto(f"{site}/inscription/identite/")
    identity(page, company.head_office.siret)
    page.get_by_label("J'ai lu").check()
    press(page, "Étape suivante")
    press(page, "Étape suivante")
    rules = page.get_by_role("list", name="Règles du mot de passe")
    expect(rules).not_to_contain_text("manquante")
    password = page.get_by_label("Mot de passe", exact=True)
    for typed, word, colour, missing in [
        ("abc", "faible", "weak", "au moins 6 lettres"),
        ("Motdepasse12", "faible", "weak", "pas un mot de passe courant"),
        ("Tanguyxkq42", "faible", "weak", "ni votre nom, ni votre prénom, ni votre SIRET"),
        ("Zqbulo42", "moyen", "medium", ""),
        (PASSWORD, "fort", "strong", ""),
    ]:
        password.fill(typed)
        expect(page.locator(".gauge [role=status]")).to_have_text(
            re.compile(rf"Solidité du mot de passe\s:\s+{word}\s*")
        )
        expect(page.locator(f".gauge__bar--{colour}")).to_have_count(1)
        expect(rules).to_contain_text(re.compile(rf"{missing}\s: manquante" if missing else "respectée"))
    show = page.get_by_role("button", name="Afficher")
    expect(password).to_have_attribute("type", "password")
    show.click()
    expect(password).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    show.click()
    expect(password).to_have_attribute("type", "password")
    page.close()
