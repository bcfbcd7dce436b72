"""Every persona really logs in, and shows what it promises."""

import datetime as dt
import html
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Enterprise, Establishment
from notifications.models import Notification, RateDecision
from sandbox.demo import load_demo
from sandbox.personas import PEOPLE, STAFF, Persona, personas

NOW = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
# Persona → (unread notifications, listed notifications, words on the menu).
SHOWN = {
    "aubepine-admin": (1, 4, "Votre espace entreprise"),
    "aubepine-declarant": (0, 0, "Vous n'avez pas d'habilitation"),
    "aubepine-candidat": (0, 0, "n'est pas encore acceptée"),
    "belharra-admin": (3, 9, "Votre espace entreprise"),
    "belharra-strasbourg": (3, 3, "Votre espace entreprise"),
    "belharra-declarant": (3, 3, "Consulter ses notifications"),
    "dentelliere-admin": (0, 0, "n'est pas inscrit à la déclaration"),
    "estran-admin": (0, 0, "Le délai d'accès"),
    "cormoran-admin": (0, 0, "Votre espace entreprise"),
}


@pytest.fixture
def demo(db: None) -> None:
    load_demo(on=NOW)


def menu(persona: Persona) -> tuple[Client, str]:
    client = Client()
    response = client.post(
        "/connexion/",
        {
            "siret": persona.siret,
            "last_name": persona.nom,
            "first_name": persona.prenom,
            "password": persona.password,
        },
        follow=True,
    )
    assert response.redirect_chain == [("/menu/", 302)]
    return client, html.unescape(response.content.decode())


def test_each_persona_logs_in_and_shows_what_it_promises(demo: None) -> None:
    shown = {}
    for persona in PEOPLE:
        client, page = menu(persona)
        unread = next((n for n in (1, 3) if f"{n}\xa0notification" in page), 0)
        listed = client.get("/notifications/").content.decode().count('id="ligne-')
        shown[persona.key] = (unread, listed, SHOWN[persona.key][2] if SHOWN[persona.key][2] in page else page)
    assert shown == SHOWN


def test_the_staff_logs_in_by_identifier(demo: None) -> None:
    answer = Client().post("/gestion/connexion/", {"identifier": STAFF.nom, "password": STAFF.password})
    assert answer["Location"] == "/gestion/"


def test_a_rate_of_an_unregistered_enterprise_goes_by_post(demo: None) -> None:
    assert set(RateDecision.objects.filter(channel="paper").values_list("addressee", flat=True)) == {
        "Restaurant La Dentelière"
    }


def test_the_demo_does_not_depend_on_the_day(db: None) -> None:
    load_demo(on=dt.datetime(2031, 7, 14, 12, tzinfo=dt.UTC))
    days = {decision.effective_on.isoformat() for decision in RateDecision.objects.all()}
    assert days == {"2029-01-01", "2030-01-01", "2030-07-01", "2031-01-01"}


@pytest.mark.parametrize("day", [dt.datetime(2027, 1, 1, 0, 5, tzinfo=dt.UTC), dt.datetime(2028, 2, 29, tzinfo=dt.UTC)])
def test_the_demo_loads_on_the_first_of_january_and_on_29_february(db: None, day: dt.datetime) -> None:
    load_demo(on=day)
    assert Notification.objects.filter(published_at__gt=day).count() == 0


def test_nobody_has_the_demos_sirens(demo: None) -> None:
    assert {siren[:3] for siren in Enterprise.objects.values_list("siren", flat=True)} == {"000"}


def test_load_demo_keeps_what_a_database_holds(demo: None) -> None:
    before = Establishment.objects.count()
    with pytest.raises(CommandError, match="n'est pas vide"):
        call_command("load_demo")
    call_command("load_demo", "--if-empty")
    assert Establishment.objects.count() == before


def test_the_command_lists_the_same_people_as_json() -> None:
    out = StringIO()
    call_command("personas", "--json", stdout=out)
    listed = json.loads(out.getvalue())
    assert [person["key"] for person in listed] == [persona.key for persona in personas()]
    assert {tuple(sorted(person)) for person in listed} == {
        ("key", "nom", "password", "prenom", "role", "shows", "siret")
    }
