"""« Missions »: the list, one mission, following it from the bar, a DSN to deposit."""

import datetime as dt
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader
from pytest_django import Settings

from accounts.models import User
from portfolios.models import DsnDeposit
from sandbox.documents import card_token, result_pdf
from sandbox.mission.file import missions
from sandbox.mission.progress import Progress
from sandbox.models import Clock, Copy
from tests.conftest import NOW
from tests.people import logged_in
from tests.sandbox.copies import load
from tests.sandbox.mission.playing import Player

URL = "/simulateur/missions/"
BAR = re.compile(r'<aside aria-label="Simulateur">.*?</aside>', re.DOTALL)


def become(client: Client, key: str) -> None:
    client.post(f"/simulateur/personnages/{key}/")


def test_the_demo_has_every_mission_for_anybody(client: Client, demo: None) -> None:
    page = client.get(URL).content.decode()
    assert [mission.key for mission in missions() if f'href="{URL}{mission.key}/"' not in page] == []
    assert "0 sur 14" in page


def test_a_copy_has_its_own_and_only_what_was_done_in_it(client: Client, demo: None) -> None:
    [copy] = load("decouverte")
    Player(copy).grant(NOW - dt.timedelta(days=1))
    Player(copy).invite(NOW + dt.timedelta(seconds=0))
    client.get(f"/simulateur/carte/{card_token(copy)}/")
    page = client.get(URL).content.decode()
    assert (str(copy) in page, "0 sur 14" in page) == (True, True)


def test_outside_of_a_demo_and_of_every_copy_there_are_none(client: Client, db: None, settings: Settings) -> None:
    settings.DEMO, settings.CLASS_CODE = False, "brest"
    client.post("/simulateur/code/", {"code": "brest"})
    assert client.get(URL).status_code == 404
    assert URL not in client.get("/simulateur/").content.decode()


def test_a_mission_is_followed_on_every_page_until_it_is_closed(client: Client, demo: None) -> None:
    become(client, "aubepine-admin")
    assert "Mission «" not in client.get("/menu/").content.decode()
    answer = client.post(f"{URL}suivre/", {"mission": "notification", "next": "/menu/"})
    assert answer["Location"] == "/menu/"
    for path in ("/menu/", "/notifications/", "/introuvable/", "/simulateur/horloge/"):
        [bar] = BAR.findall(client.get(path).content.decode())
        assert "étape 1 sur 3" in bar, path
    client.post(f"{URL}suivre/", {"mission": "", "next": "/menu/"})
    assert "étape 1 sur 3" not in client.get("/menu/").content.decode()


def test_the_panel_costs_the_same_on_each_page(
    client: Client, demo: None, django_assert_max_num_queries: object
) -> None:
    become(client, "aubepine-admin")
    with django_assert_max_num_queries(100) as without:  # type: ignore[operator]
        client.get("/menu/")
    client.post(f"{URL}suivre/", {"mission": "notification"})
    with django_assert_max_num_queries(100) as following:  # type: ignore[operator]
        client.get("/menu/")
    # The copy of whoever is logged in, the demo's beginning, the steps.
    assert len(following) - len(without) == 3


def result_of(client: Client, copy: Copy, nom: str) -> str:
    """Return the text of the result of « collaborateur », accomplished and printed by whoever holds the copy's card."""
    Player(copy).invite(NOW + dt.timedelta(minutes=5))
    client.get(f"/simulateur/carte/{card_token(copy)}/")
    assert 'value="Awa Diallo"' in client.get(f"{URL}collaborateur/").content.decode()
    answer = client.get(f"{URL}collaborateur/resultat.pdf", {"nom": nom})
    assert answer["Content-Disposition"] == 'inline; filename="mission-collaborateur.pdf"'
    [page] = PdfReader(io.BytesIO(answer.content)).pages
    return " ".join(page.extract_text().split())


def test_the_result_prints_who_what_when_and_that_it_is_fictitious(client: Client, db: None) -> None:
    [copy] = load("decouverte")
    Copy.objects.update(trainee="Awa Diallo")
    # The clock is a year ahead; the day of printing is real.
    Clock.objects.update(offset=dt.timedelta(days=365))
    text = result_of(client, copy, "Awa Diallo 鷗")
    for words in (
        "Simulateur – Entreprises, personnes et taux sont fictifs. Ce document d'exercice n'a aucune valeur.",
        "Mission accomplie : Inscrire un collaborateur", "Stagiaire Awa Diallo □", "Exercice Découverte 1",
        "Accomplie le 20 janvier 2027 à 10 h 05", "Document édité le 20 janvier 2027",
        "Inscrire un déclarant", "G3.5",
    ):  # fmt: skip
        assert words in text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"), words


def test_the_result_of_nobody_names_nobody_and_too_long_a_name_is_said(client: Client, db: None) -> None:
    [copy] = load("decouverte")
    Copy.objects.update(trainee="Awa Diallo")
    assert "Stagiaire" not in result_of(client, copy, "")
    page = client.get(f"{URL}collaborateur/resultat.pdf", {"nom": "x" * 81}).content.decode()
    assert "<title>Erreur" in page


@pytest.mark.parametrize("key", [mission.key for mission in missions()])
def test_each_mission_has_a_result_on_one_page(key: str) -> None:
    [mission] = [one for one in missions() if one.key == key]
    done = {step.check: NOW for step in mission.steps}
    pdf = result_pdf(Progress(mission, done), None, "N" * 80, NOW.date())
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1


def test_what_is_not_accomplished_has_no_result(client: Client, demo: None) -> None:
    answer = client.get(f"{URL}notification/resultat.pdf", follow=True)
    assert answer.redirect_chain == [(f"{URL}notification/", 302)]
    assert "il reste « Ouvrir la notification »" in answer.content.decode().replace("\xa0", " ")
    assert client.get(f"{URL}rien/resultat.pdf").status_code == 404


def test_it_says_whose_part_it_is_and_that_it_is_ones_own(client: Client, demo: None) -> None:
    [copy] = load("decouverte")
    client.post(f"{URL}suivre/", {"mission": "notification"})
    for key, (oneself, button) in {
        "aubepine-admin": (2, 0), f"{copy.pk}-anais": (2, 0), "aubepine-declarant": (0, 2),
    }.items():  # fmt: skip
        become(client, key)
        page = client.get(f"{URL}notification/").content.decode()
        assert (page.count("c'est vous"), page.count("Devenir Anaïs Le Goff")) == (oneself, button), key


def test_it_goes_on_by_itself_and_ends_with_a_result(client: Client, demo: None) -> None:
    become(client, "aubepine-admin")
    client.post(f"{URL}suivre/", {"mission": "collaborateur"})
    detail = client.get(f"{URL}collaborateur/").content.decode()
    assert detail.count("<summary>Un indice</summary>") == 1
    assert "Mission accomplie" not in detail
    administrator = User.objects.get(last_name="Le Goff")
    User.objects.create(
        login_key="x", establishment=administrator.establishment, last_name="Nouvel", role=User.Role.DECLARANT,
        created_at=NOW + dt.timedelta(minutes=5),
    )  # fmt: skip
    [bar] = BAR.findall(client.get("/menu/").content.decode())
    assert "Mission accomplie" in bar
    detail = client.get(f"{URL}collaborateur/").content.decode()
    assert ("Mission accomplie" in detail, "Un indice" in detail) == (True, False)
    assert f'action="{URL}collaborateur/resultat.pdf"' in detail


@pytest.mark.parametrize("key", [mission.key for mission in missions()])
def test_each_mission_has_its_page(client: Client, demo: None, key: str) -> None:
    page = client.get(f"{URL}{key}/").content.decode()
    [mission] = [one for one in missions() if one.key == key]
    assert page.count("<strong>Chemin") == len(mission.steps)


def test_what_does_not_exist_is_not_followed(client: Client, demo: None) -> None:
    assert client.get(f"{URL}rien/").status_code == 404
    assert client.post(f"{URL}suivre/", {"mission": "rien"}).status_code == 404
    assert client.get(f"{URL}suivre/").status_code == 405
    client.cookies["mission"] = "rien"
    assert client.get("/").status_code == 200


def test_a_dsn_is_made_for_the_firm_that_asks_and_it_is_accepted(client: Client, demo: None) -> None:
    asked = f"{URL}fichier-dsn/?siret=000 002 022 00010"
    assert client.get(asked)["Location"] == URL
    become(client, "cormoran-admin")
    answer = client.get(asked)
    assert answer["Content-Disposition"].startswith('attachment; filename="dsn-2026-12-00000202200010')
    client.post("/portefeuilles/dsn/", {"dsn": SimpleUploadedFile("d.dsn", answer.content)})
    assert DsnDeposit.objects.latest("pk").outcome == "OK"
    page = client.get(f"{URL}fichier-dsn/?siret=12").content.decode()
    assert "Erreur" in page


def test_the_staff_have_no_firm(demo: None) -> None:
    assert (
        logged_in(User.objects.get(is_superuser=True)).get(f"{URL}fichier-dsn/?siret=00000202200010")["Location"] == URL
    )
