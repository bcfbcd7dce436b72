"""Chapter 4 of the guide, click by click: reading a rate notification (G5.1 to G5.6)."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from notifications.models import Notification
from tests.factories.accounts import PASSWORD
from tests.factories.notifications import NotificationFactory
from tests.people import Company

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=request.param, locale="fr-FR") as context:
        yield context.new_page()


@pytest.fixture
def notification(company: Company) -> Notification:
    return NotificationFactory(decision__establishment=company.head_office)


def log_in(page: Page, site: str, user: User) -> None:
    """From the home page, as the guide does (G5.1)."""
    give_password(page, site, user)
    expect(page.get_by_role("heading", name="Menu personnalisé")).to_be_visible()


def give_password(page: Page, site: str, user: User) -> None:
    """Fill in the log-in, and send it."""
    assert user.establishment is not None
    page.goto(site)
    page.get_by_role("main").get_by_role("link", name="Votre compte").click()
    page.get_by_label("SIRET").fill(user.establishment.siret)
    page.get_by_label("Nom", exact=True).fill(user.last_name)
    page.get_by_label("Prénom").fill(user.first_name)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()


def consult(page: Page) -> None:
    """« Votre tableau de bord » → « Vos notifications » → « Consulter ses notifications » (G5.3)."""
    page.get_by_role("link", name="Votre compte").click()
    board = page.get_by_role("region", name="Votre tableau de bord")
    expect(board.get_by_role("heading", name="Vos notifications")).to_be_visible()
    board.get_by_role("link", name="Consulter ses notifications").click()
    expect(page.get_by_role("heading", name="Vos notifications", level=1)).to_be_visible()


def filed(page: Page, state: str) -> None:
    page.get_by_label("État").select_option(state)
    page.get_by_role("button", name="Rechercher").click()


def open_row(page: Page) -> None:
    """A click on the row opens its menu (G5.5)."""
    page.get_by_role("row", name="982 820 011 00012").get_by_role("link").click()
    expect(page.get_by_role("list", name="Actions sur cette notification")).to_be_visible()


def test_a_company_reads_archives_and_deletes_its_notification(
    page: Page, live_server: LiveServer, administrator: User, notification: Notification
) -> None:
    log_in(page, live_server.url, administrator)
    account = page.get_by_role("region", name="Votre compte")
    expect(account.locator(".badge")).to_have_text("1")
    expect(account).to_contain_text("1 notification non lue")

    consult(page)
    row = page.get_by_role("row", name="982 820 011 00012")
    cells = "45.2BE 7,39 % 1er janvier 2027 4 janvier 2027 Réputée notifiée Non lue"
    expect(page.get_by_role("row", name=f"982 820 011 00012 BREST {cells}")).to_be_visible()
    open_row(page)
    page.get_by_role("button", name="Consulter").click()
    expect(page.get_by_role("heading", name="Votre taux AT/MP : 7,39 %")).to_be_visible()

    page.get_by_role("link", name="Votre compte").click()
    expect(page.locator(".badge")).to_have_count(0)
    expect(page.get_by_role("main")).not_to_contain_text("non lue")

    consult(page)
    open_row(page)
    page.get_by_role("link", name="Consulter").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger le document officiel (PDF)").click()
    assert download.value.suggested_filename == f"notification-{notification.decision.number}.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")

    page.get_by_role("button", name="Archiver").click()
    expect(page.get_by_role("status")).to_contain_text("Notification archivée.")
    expect(page.get_by_role("main")).to_contain_text("Aucune notification à lire.")
    filed(page, "Archivées")
    open_row(page)
    page.get_by_role("button", name="Désarchiver").click()
    expect(page.get_by_role("main")).to_contain_text("Aucune notification ne correspond à ces critères.")

    consult(page)
    expect(row).to_contain_text("Lue")
    open_row(page)
    page.get_by_role("button", name="Supprimer").click()
    expect(page.get_by_role("status")).to_contain_text("Notification supprimée.")
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Annuler").click()
    expect(page.get_by_role("status")).to_contain_text("Notification rétablie.")
    expect(row).to_contain_text("Lue")


def test_a_company_is_warned_before_it_opens_and_keeps_the_last_day(
    page: Page, live_server: LiveServer, administrator: User, company: Company
) -> None:
    """domain.md, section 3."""
    published = dt.datetime(2027, 1, 18, 8, tzinfo=dt.UTC)
    notification = NotificationFactory(decision__establishment=company.head_office, published_at=published)
    log_in(page, live_server.url, administrator)
    page.goto(f"{live_server.url}/notifications/{notification.pk}/")
    main = page.get_by_role("main")
    expect(main).to_contain_text("L'ouvrir fait courir le délai de deux mois")
    expect(main).to_contain_text("contestable jusqu'au 20 mars 2027")
    page.get_by_role("button", name="Ouvrir la notification").click()
    dates = page.get_by_role("region", name="Dates légales")
    expect(dates).to_contain_text("20 janvier 2027 à 10 h 00, par Anaïs Le Goff")
    expect(dates).to_contain_text("20 mars 2027 Il reste 59 jours.")
    with page.expect_download() as download:
        dates.get_by_role("link", name="Ajouter à mon agenda").click()
    assert b"DTSTART;VALUE=DATE:20270320" in Path(download.value.path()).read_bytes()


def test_a_declarant_without_rights_reads_why_there_is_nothing(
    page: Page, live_server: LiveServer, declarant_without_right: User, notification: Notification
) -> None:
    log_in(page, live_server.url, declarant_without_right)
    expect(page.locator(".badge")).to_have_count(0)
    expect(page.get_by_role("region", name="Compte AT/MP")).to_contain_text("Règle G1.4 du guide")
    page.goto(f"{live_server.url}/notifications/")
    expect(page.get_by_role("main")).to_contain_text("Vous n'avez pas d'habilitation au « Compte AT/MP ».")


def test_the_row_menu_opens_in_place_and_escape_gives_the_focus_back(
    browser: Browser, live_server: LiveServer, administrator: User, notification: Notification
) -> None:
    """What JavaScript adds: no new page, `aria-expanded`, a click anywhere in the row, Escape."""
    page = browser.new_page(locale="fr-FR")
    log_in(page, live_server.url, administrator)
    consult(page)
    address = page.url
    link = page.get_by_role("row", name="982 820 011 00012").get_by_role("link")
    menu = page.get_by_role("list", name="Actions sur cette notification")
    expect(link).to_have_attribute("aria-expanded", "false")
    link.press("Enter")
    expect(menu).to_be_visible()
    expect(link).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="Archiver").focus()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(link).to_be_focused()
    page.get_by_role("cell", name="7,39 %").click()
    expect(menu).to_be_visible()
    assert page.url == address
    page.close()


def test_the_whole_way_can_be_gone_by_keyboard_alone(
    browser: Browser, live_server: LiveServer, administrator: User, notification: Notification
) -> None:
    page = browser.new_page(locale="fr-FR")

    def reach(target: Locator) -> None:
        """Press Tab until the focus is there."""
        expect(target).to_be_visible()
        for _step in range(40):
            if target.evaluate("element => element === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {target}")

    assert administrator.establishment is not None
    page.goto(live_server.url)
    reach(page.get_by_role("main").get_by_role("link", name="Votre compte"))
    page.keyboard.press("Enter")
    for label, value in {
        "SIRET": administrator.establishment.siret,
        "Nom": administrator.last_name,
        "Prénom": administrator.first_name,
        "Mot de passe": PASSWORD,
    }.items():
        reach(page.get_by_label(label, exact=True))
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    reach(page.get_by_role("link", name="Consulter ses notifications"))
    page.keyboard.press("Enter")
    reach(page.get_by_role("row", name="982 820 011 00012").get_by_role("link"))
    page.keyboard.press("Enter")
    reach(page.get_by_role("button", name="Consulter"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Votre taux AT/MP : 7,39 %")).to_be_visible()
    reach(page.get_by_role("button", name="Supprimer"))
    page.keyboard.press("Enter")
    reach(page.get_by_role("button", name="Annuler"))
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_contain_text("Notification rétablie.")
    page.close()
