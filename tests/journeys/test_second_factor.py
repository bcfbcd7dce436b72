"""A second factor in a real browser: an application without JavaScript, a passkey with it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.rules.codes import code_at
from tests.factories.accounts import PASSWORD
from tests.factors import STEP
from tests.journeys.test_guide_5_notifications import give_password, log_in

pytestmark = pytest.mark.browser
VIRTUAL_KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(locale="fr-FR") as context:
        yield context.new_page()


@pytest.fixture
def bare(browser: Browser) -> Iterator[Page]:
    with browser.new_context(locale="fr-FR", java_script_enabled=False) as context:
        yield context.new_page()


def security(page: Page, link: str) -> None:
    page.get_by_role("link", name="Votre compte").click()
    page.get_by_role("link", name="Mes informations").click()
    page.get_by_role("link", name="Sécurité de mon compte").click()
    page.get_by_role("link", name=link).click()


def password_again(page: Page, site: str, user: User) -> None:
    """Log out, and give the password: the second step is there."""
    page.get_by_role("button", name="Me déconnecter").click()
    give_password(page, site, user)
    expect(page.get_by_role("heading", name="Second facteur")).to_be_visible()


def test_an_application_and_a_recovery_code_need_no_script(
    bare: Page, live_server: LiveServer, administrator: User
) -> None:
    log_in(bare, live_server.url, administrator)
    security(bare, "Ajouter une application")
    secret = bare.locator(".secret").inner_text().replace(" ", "")
    bare.get_by_label("Code de l'application").fill(code_at(secret, STEP))
    bare.get_by_label("Mot de passe actuel").fill(PASSWORD)
    bare.get_by_role("button", name="Ajouter", exact=True).click()
    codes = bare.locator(".codes code").all_inner_texts()
    bare.get_by_role("button", name="J'ai gardé mes codes").click()
    for code in (code_at(secret, STEP + 1), codes[0]):
        password_again(bare, live_server.url, administrator)
        bare.get_by_label("Code", exact=True).fill(code)
        bare.get_by_role("button", name="Valider le code").click()
        expect(bare.get_by_role("heading", name="Menu personnalisé")).to_be_visible()


def test_a_page_without_script_says_what_a_passkey_needs(
    bare: Page, live_server: LiveServer, administrator: User
) -> None:
    log_in(bare, live_server.url, administrator)
    security(bare, "Ajouter une clé d'accès")
    expect(bare.get_by_text("Les clés d'accès demandent JavaScript")).to_be_visible()
    expect(bare.get_by_role("button", name="Ajouter", exact=True)).to_be_disabled()


def test_a_passkey_is_added_and_opens(page: Page, live_server: LiveServer, administrator: User) -> None:
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_KEY})
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    log_in(page, live_server.url, administrator)
    security(page, "Ajouter une clé d'accès")
    page.get_by_label("Mot de passe actuel").fill(PASSWORD)
    page.get_by_role("button", name="Ajouter", exact=True).click()
    page.get_by_role("button", name="J'ai gardé mes codes").click()
    password_again(page, live_server.url, administrator)
    page.get_by_role("button", name="Utiliser ma clé d'accès").click()
    expect(page.get_by_role("heading", name="Menu personnalisé")).to_be_visible()
    # The same key is not added twice, and the page says so.
    security(page, "Ajouter une clé d'accès")
    page.get_by_label("Mot de passe actuel").fill(PASSWORD)
    page.get_by_role("button", name="Ajouter", exact=True).click()
    expect(page.get_by_text("Le navigateur n'a pas donné de clé")).to_be_visible()
    assert refused == []
