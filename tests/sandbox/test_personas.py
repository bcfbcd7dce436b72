"""Every persona really logs in, and shows what it promises."""

import html
import json
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from sandbox.personas import PEOPLE, STAFF, Persona, personas

# Persona → (unread notifications, listed notifications, words on the menu).
SHOWN = {
    "aubepine-admin": (1, 6, "Votre espace entreprise"),
    "aubepine-declarant": (0, 0, "Vous n'avez pas d'habilitation"),
    "aubepine-candidat": (0, 0, "Vous demandez à devenir administrateur"),
    "belharra-admin": (3, 9, "Votre espace entreprise"),
    "belharra-strasbourg": (3, 3, "Votre espace entreprise"),
    "belharra-declarant": (3, 3, "Consulter ses notifications"),
    "dentelliere-admin": (0, 0, "n'est pas inscrit à la déclaration"),
    "estran-admin": (0, 0, "Le délai d'accès"),
    "cormoran-admin": (0, 0, "Compte AT/MP de vos clients"),
    "cormoran-declarant": (0, 0, "Compte AT/MP de vos clients"),
}


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
    assert response.redirect_chain[0] == ("/menu/", 302)
    return client, html.unescape(response.content.decode())


def test_each_persona_logs_in_and_shows_what_it_promises(demo: None) -> None:
    shown = {}
    for persona in PEOPLE:
        client, page = menu(persona)
        badge = re.search(r"([0-9]+)\xa0notification", page)
        listed = client.get("/notifications/").content.decode().count('id="ligne-')
        words = SHOWN[persona.key][2]
        shown[persona.key] = (int(badge[1]) if badge else 0, listed, words if words in page else page)
    assert shown == SHOWN


def test_the_staff_logs_in_by_identifier(demo: None) -> None:
    answer = Client().post("/gestion/connexion/", {"identifier": STAFF.nom, "password": STAFF.password})
    assert answer["Location"] == "/gestion/"


@pytest.mark.parametrize("persona", personas(), ids=lambda persona: persona.key)
def test_a_password_keeps_the_guides_rule(persona: Persona) -> None:
    """G3.6: at least six letters and two digits, upper and lower case, at most twenty characters."""
    word = persona.password
    letters, digits = sum(map(str.isalpha, word)), sum(map(str.isdigit, word))
    assert (letters >= 6, digits >= 2, len(word) <= 20) == (True, True, True)
    assert word not in (word.lower(), word.upper())


def test_the_command_lists_the_same_people_as_json() -> None:
    out = StringIO()
    call_command("personas", "--json", stdout=out)
    assert json.loads(out.getvalue()) == [
        {
            "key": persona.key,
            "role": persona.role,
            "siret": persona.siret,
            "nom": persona.nom,
            "prenom": persona.prenom,
            "password": persona.password,
            "shows": persona.shows,
        }
        for persona in personas()
    ]
