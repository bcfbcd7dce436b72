"""Every page, light and dark: no axe violation, no sideways scroll at 320 px."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from habilitations.views.steps import BY_SLUG
from notifications.actions import receipts
from notifications.models import RateDecision
from portfolios.models import BulkRequest, DsnRate
from tests.axe import faults_of
from tests.factories.accounts import PASSWORD
from tests.factories.habilitations import DeclarationFactory, EstablishmentDeclarationFactory
from tests.factories.notifications import RateCalculationFactory, several
from tests.factories.tiers import client_of, dsn_for
from tests.factors import application_of, gives_password, with_application, with_passkey
from tests.people import Company, logged_in
from tests.registering import fill, register

# What a page looks like is not the database's: once is enough.
pytestmark = [pytest.mark.browser, pytest.mark.sqlite]

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
# Who looks (a fixture of tests/people.py, then who is there too; somebody who registers or has registered; or nobody).
# {read} and {unread} notifications, a {colleague}, the {link} to a new password, a {place}; what the simulator's tools
# show. After « # », buttons to press, all of the list on the right ticked: what only a form leads to.
PAGES = [
    ("", "/"),
    ("", "/connexion/"),
    ("", "/gestion/connexion/"),
    ("", "/conditions-generales/"),
    ("", "/accessibilite/"),
    ("", "/verifier/?numero=AT-2027-00000042"),
    *(("registering", f"/inscription/{slug}/") for slug in BY_SLUG),
    ("registered", "/inscription/rapport/"),
    ("administrator", "/menu/"),
    ("declarant_without_right", "/menu/"),
    ("candidate", "/habilitations/ma-demande/"),
    ("candidate", "/habilitations/ma-demande/cle/"),
    ("administrator", "/habilitations/ma-demande/activee/"),
    ("administrator candidate", "/habilitations/cooptations/"),
    ("administrator", "/habilitations/cooptations/"),
    ("administrator", "/habilitations/cooptations/accuse/?demandes=1"),
    ("", "/inscription/adresse/"),
    ("", "/inscription/adresse/abc/"),
    ("administrator", "/entreprise/"),
    ("administrator", "/entreprise/journal/"),
    ("administrator", "/entreprise/inscrits/"),
    ("administrator", "/entreprise/inscrits/?word=zzz"),
    ("administrator", "/entreprise/inscrits/nouveau/"),
    ("administrator", "/entreprise/inscrits/{colleague}/"),
    ("administrator", "/entreprise/inscrits/{colleague}/adresse/"),
    ("administrator", "/entreprise/inscrits/{colleague}/suspendre/"),
    ("administrator", "/habilitations/declarations/"),
    ("administrator", "/habilitations/declarations/{place}/"),
    ("administrator", "/habilitations/droits/{place}/"),
    ("administrator", "/mes-informations/"),
    ("administrator", "/mes-informations/mot-de-passe/"),
    ("administrator", "/mes-informations/question/"),
    ("administrator", "/mes-informations/quitter/"),
    ("administrator", "/mes-donnees/"),
    ("administrator", "/securite/"),
    ("administrator", "/securite/application/"),
    ("administrator", "/securite/cle/"),
    ("protected", "/securite/"),
    ("protected", "/securite/codes/"),
    ("protected", "/securite/{factor}/retirer/"),
    ("enrolled", "/securite/codes/"),
    ("waiting", "/connexion/second-facteur/"),
    ("", "/mot-de-passe/perdu/"),
    ("", "/mot-de-passe/envoye/"),
    ("", "/mot-de-passe/{link}/"),
    ("", "/mot-de-passe/1/abc/"),
    ("administrator", "/notifications/"),
    ("administrator", "/notifications/?ouvrir={unread}"),
    ("administrator", "/notifications/?annee=2001"),
    ("administrator", "/notifications/?annee=abc"),
    ("declarant_without_right", "/notifications/"),
    ("administrator", "/notifications/{unread}/"),
    ("administrator", "/notifications/{read}/"),
    ("declarant_without_right", "/notifications/{read}/"),
    ("administrator", "/portefeuilles/tiers/"),
    ("administrator", "/portefeuilles/"),
    ("administrator", "/portefeuilles/?ouvrir={portfolio}"),
    ("administrator", "/portefeuilles/ajouter/"),
    ("administrator", "/portefeuilles/{portfolio}/modifier/"),
    ("administrator", "/portefeuilles/{portfolio}/modifier/#Retirer,Valider"),
    ("administrator", "/portefeuilles/{portfolio}/declarations/#Retirer,Valider"),
    ("administrator", "/portefeuilles/clients/{client}/declarations/#Retirer,Valider"),
    ("administrator", "/portefeuilles/{portfolio}/supprimer/"),
    ("administrator", "/portefeuilles/clients/{client}/retirer/"),
    ("administrator", "/portefeuilles/{portfolio}/declarations/"),
    ("administrator", "/portefeuilles/{portfolio}/clients/?ouvrir={client}"),
    ("administrator", "/portefeuilles/clients/{client}/declarations/"),
    ("administrator", "/portefeuilles/clients/{client}/habilitations/"),
    ("administrator", "/notifications/clients/"),
    ("administrator", "/notifications/clients/{client}/"),
    ("administrator", "/portefeuilles/dsn/"),
    ("administrator", "/portefeuilles/imports/"),
    ("administrator", "/portefeuilles/imports/nouvelle-demande/"),
    ("administrator", "/portefeuilles/imports/{bulk}/?lignes=toutes"),
    ("administrator", "/portefeuilles/{portfolio}/suivi/"),
    ("administrator", "/portefeuilles/{portfolio}/suivi/tous/"),
    ("administrator", "/habilitations/droits/"),
    ("administrator", "/habilitations/droits/?nom=k"),
    ("administrator", "/habilitations/droits/personnes/{colleague}/"),
    ("administrator", "/notifications/clients/nouveaux-taux/"),
    ("administrator", "/notifications/clients/paie/"),
    ("administrator", "/notifications/paie/?depuis=tous"),
    ("administrator", "/notifications/taux/"),
    ("administrator", "/notifications/documents/"),
    ("administrator", "/notifications/taux/repartition/"),
    ("administrator", "/notifications/clients/repartition/"),
    ("administrator", "/introuvable/"),
    ("administrator", "/deconnexion/"),
    ("staff", "/composants/"),
    ("staff", "/gestion/notifications/campaign/{campaign}/tableau-de-bord/"),
]
if django_settings.SANDBOX:
    PAGES += [
        ("", "/simulateur/"),
        ("", "/simulateur/horloge/"),
        ("", "/simulateur/horloge/{moved}/"),
        ("", "/simulateur/horloge/{moving}/"),
        ("", "/simulateur/courriels/"),
        ("", "/simulateur/courriels/?adresse=zzz"),
        ("", "/simulateur/courriels/boite/?adresse=anais@exemple.example"),
        ("", "/simulateur/courriels/{mail}/"),
        ("", "/simulateur/courriels/{mail}/?forme=texte"),
        ("", "/simulateur/courriels/{mail}/?forme=source"),
        ("", "/simulateur/lettres/"),
        ("", "/simulateur/lettres/{letter}/"),
        ("", "/simulateur/personnages/"),
        ("", "/simulateur/missions/"),
        ("", "/simulateur/missions/fichier-dsn/?siret=1"),
        ("", "/simulateur/missions/portefeuille/"),
        ("staff", "/simulateur/tableau/"),
        ("staff", "/simulateur/tableau/?projection"),
        ("staff", "/simulateur/copies/"),
        ("", "/simulateur/carte/{card}/"),
        ("", "/simulateur/carte/{unready}/"),
        ("class_code", "/simulateur/code/"),
    ]


def browser_of(person: str, company: Company, request: pytest.FixtureRequest) -> Client:
    if person == "registered":
        return register(company.head_office)
    if person == "registering":
        visitor = Client()
        fill(visitor, company.head_office)
        return visitor
    if person in ("protected", "enrolled", "waiting"):
        return protected(request.getfixturevalue("administrator"), person)
    user, *_present = [request.getfixturevalue(name) for name in person.split()]
    return logged_in(user)


def protected(user: User, person: str) -> Client:
    """Return a browser of whoever has both factors: in, with codes just made, or half-way through his log-in."""
    with_application(user)
    with_passkey(user)
    if person == "waiting":
        return gives_password(user)
    client = logged_in(user)
    if person == "enrolled":
        client.post("/securite/codes/", {"current": PASSWORD})
    return client


@pytest.fixture(params=PAGES, ids=[f"{path} {person}".strip() for person, path in PAGES])
def page(
    request: pytest.FixtureRequest,
    browser: Browser,
    live_server: LiveServer,
    company: Company,
    administrator: User,
    declarant: User,
    settings: Settings,
) -> Iterator[Page]:
    """Return the page, loaded by its person; there are 52 notifications, one of them read."""
    person, (path, _mark, buttons) = request.param[0], request.param[1].partition("#")
    if person == "class_code":
        person, settings.CLASS_CODE = "", "Brest-2027"
    *_others, read, unread = several(52, company.head_office)
    receipts.open_notification(notification=read, by=administrator, on=ON)
    # With every step of its calculation, and a warning that the rate is another.
    RateDecision.objects.filter(pk=read.decision_id).update(effective_on=dt.date(2026, 2, 1))
    RateCalculationFactory(decision=read.decision, headcount_n2=85, previous_rate=5)
    with browser.new_context(locale="fr-FR") as context:
        if person:
            session = browser_of(person, company, request).cookies["sessionid"]
            context.add_cookies([{"name": "sessionid", "value": session.value, "url": live_server.url}])
        opened = context.new_page()
        link = f"{declarant.pk}/{default_token_generator.make_token(declarant)}"
        known = {"read": read.pk, "unread": unread.pk, "colleague": declarant.pk, "place": company.head_office.pk}
        client = client_of(company.enterprise)
        client.portfolio.members.add(declarant)
        client.followed_since = ON
        client.save()
        DsnRate.objects.create(filing=dsn_for(client), code="55.3AC", rate="1.78", line=1)
        bulk = BulkRequest.objects.create(
            portfolio=client.portfolio, kind="habilitations", name="x.csv", size=1, status="applying", lines=2, done=1,
            created_at=ON,
        )  # fmt: skip
        bulk.rows.create(line=2, siret="7,3E+13", person="Kervella Zoé", result="KO", message="SIRET abîmé.")
        known |= {"portfolio": client.portfolio_id, "client": client.pk, "bulk": bulk.pk}
        known["campaign"] = read.decision.campaign_id
        if "/simulateur/" in path:
            known |= request.getfixturevalue("tools_at_work")
        if "{factor}" in path:
            known["factor"] = application_of(administrator).pk
        opened.goto(live_server.url + path.format(**known, link=link))
        for button in buttons.split(",") if buttons else ():
            for box in opened.locator("[name=retenu]").all():
                box.check()
            opened.get_by_role("button", name=button).click()
        assert not buttons or opened.title().startswith("Confirmation")
        yield opened


def test_the_page_has_no_violation_and_does_not_scroll_sideways(page: Page) -> None:
    """Light on a wide screen, dark on a narrow one."""
    assert faults_of(page) == []


def test_a_matrix_of_twelve_declarations_scrolls_by_itself(
    browser: Browser, live_server: LiveServer, company: Company, administrator: User, declarant: User
) -> None:
    for number in range(12):
        declaration = DeclarationFactory(code=f"autre-{number}", label=f"Attestation de l'organisme numéro {number}")
        EstablishmentDeclarationFactory(establishment=company.head_office, declaration=declaration)
    with browser.new_context(locale="fr-FR") as context:
        session = logged_in(administrator).cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": session.value, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/habilitations/droits/{company.head_office.pk}/")
        assert page.locator("[name=accorde]").count() > 12
        assert faults_of(page) == []
