"""The staff's main job, click by click: rates deposited, previewed, published, seen by the company (G0.1, G5.2)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import ImportFile, ImportProblem, User
from notifications.tasks import process_campaigns
from tests.factories.accounts import PASSWORD, EstablishmentFactory
from tests.factories.habilitations import HabilitationFactory
from tests.factories.notifications import (
    CampaignFactory,
    CollectiveRateFactory,
    ImportFileFactory,
    NotificationFactory,
)
from tests.people import Company, logged_in

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=request.param, locale="fr-FR") as context:
        yield context.new_page()


@pytest.fixture
def rates(tmp_path: Path, company: Company) -> Path:
    """A file of three rates: one to tell online, one by letter, one wrong."""
    CollectiveRateFactory()
    alone = EstablishmentFactory(enterprise__name="Société seule")
    sirets = (company.head_office.siret, alone.siret, "20003452800041")
    lines = ["siret;code_risque;taux;date_effet;mode", *(f"{s};45.2BE;7,39;01/01/2027;mixte" for s in sirets)]
    path = tmp_path / "taux.csv"
    path.write_text("\n".join(lines))
    return path


def after_the_job(page: Page, text: str) -> None:
    """Let the periodic job pass; the page follows by itself, or by « Actualiser » where there is no JavaScript."""
    process_campaigns()
    if page.evaluate("document.querySelector('[data-progress-url]')?.ariaBusy") != "true":
        page.get_by_role("link", name="Actualiser").click()
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()


def log_in_as_staff(page: Page, site: str, staff: User) -> None:
    page.goto(f"{site}/gestion/")
    page.get_by_label("Identifiant").fill(staff.login_key)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()


def test_staff_publish_a_campaign_and_the_company_sees_it(
    page: Page, live_server: LiveServer, rates: Path, company: Company, staff: User, administrator: User
) -> None:
    log_in_as_staff(page, live_server.url, staff)
    page.get_by_role("link", name="Nouvelle campagne").click()
    page.get_by_label("Nom de la campagne").fill("Campagne 2027")
    page.get_by_label("Fichier CSV").set_input_files(rates)
    page.get_by_role("button", name="Créer la campagne").click()

    expect(page.get_by_role("heading", name="Campagne 2027")).to_be_visible()
    expect(page.get_by_text("Le fichier attend que le prochain passage le lise")).to_be_visible()
    after_the_job(page, "Lu, à confirmer")
    expect(page.get_by_role("definition").filter(has_text="1").nth(2)).to_be_visible()
    expect(page.get_by_role("cell", name="7,39 %").first).to_be_visible()
    expect(page.get_by_text("la clé de ce SIRET est fausse")).to_be_visible()

    page.get_by_role("link", name="Publier…").click()
    expect(page.get_by_text("1 notification en ligne")).to_be_visible()
    page.get_by_role("button", name="Publier").click()
    after_the_job(page, "Terminé")

    page.get_by_role("link", name="À notifier par courrier").click()
    expect(page.get_by_role("cell", name="Société seule")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporter (CSV)").click()
    assert "Société seule" in download.value.path().read_text("utf-8-sig")

    page.get_by_role("button", name="Déconnexion").click()
    page.goto(f"{live_server.url}/connexion/")
    page.get_by_label("SIRET").fill(company.head_office.siret)
    page.get_by_label("Nom", exact=True).fill(administrator.last_name)
    page.get_by_label("Prénom").fill(administrator.first_name)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    expect(page.get_by_text("1 notification non lue")).to_be_attached()


# Each page of ours, and Django's own under our lists. Numbers: {campaign}, {file}, {user}, {place}.
PAGES = (
    "/gestion/",
    "/gestion/accounts/importfile/",
    "/gestion/accounts/importfile/add/",
    "/gestion/accounts/importfile/{file}/change/",
    "/gestion/accounts/importfile/{file}/appliquer/",
    "/gestion/accounts/importfile/{file}/abandonner/",
    "/gestion/accounts/enterprise/982820011/change/",
    "/gestion/accounts/establishment/",
    "/gestion/accounts/establishment/{place}/change/",
    "/gestion/accounts/user/",
    "/gestion/accounts/user/add/",
    "/gestion/accounts/user/{user}/change/",
    "/gestion/accounts/user/{user}/mot-de-passe/",
    "/gestion/accounts/journalentry/",
    "/gestion/habilitations/establishmentdeclaration/add/",
    "/gestion/habilitations/habilitation/",
    "/gestion/habilitations/habilitation/add/",
    "/gestion/notifications/campaign/",
    "/gestion/notifications/campaign/add/",
    "/gestion/notifications/campaign/{campaign}/change/",
    "/gestion/notifications/ratedecision/",
    "/gestion/notifications/tariff/add/",
)


@pytest.fixture
def addresses(company: Company) -> dict[str, int]:
    """One row of each kind to open."""
    file: ImportFile = ImportFileFactory(kind="register", status="checked", lines=3, good=2, wrong=1)
    ImportProblem.objects.create(import_file=file, line=4, column="siret", message="SIRET absent.")
    user = HabilitationFactory(user__establishment=company.head_office).user
    notification = NotificationFactory(decision__campaign=CampaignFactory(notified=1))
    return {"campaign": notification.campaign_id, "file": file.pk, "user": user.pk, "place": company.head_office.pk}


# What a page looks like is not the database's: once is enough.
@pytest.mark.sqlite
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_staff_is_accessible_keeps_to_its_policy_and_fits_320_px(
    browser: Browser, live_server: LiveServer, staff: User, addresses: dict[str, int], path: str, scheme: str
) -> None:
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    with browser.new_context(locale="fr-FR", color_scheme=scheme) as context:  # type: ignore[arg-type]
        session = logged_in(staff).cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": session.value, "url": live_server.url}])
        page = context.new_page()
        page.on("console", listen)
        page.goto(live_server.url + path.format(**addresses))
        # Before axe, which writes styles of its own.
        assert complaints == []
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        page.set_viewport_size({"width": 320, "height": 640})
        widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert widths == [320, 320]
