"""Going through the registration as a visitor does, by its forms."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import Establishment
from habilitations.views.steps import BY_SLUG, LAST, STEPS

PASSWORD = "Zebulon42kx"
ANSWERS: dict[str, dict[str, Any]] = {
    "identite": {
        "last_name": "Tanguy",
        "first_name": "Maël",
        "homonym": "",
        "email": "mael@exemple.example",
        "phone": "01 23 45 67 89",
    },
    "conditions": {"accepted": "on"},
    "etablissement": {},
    "mot-de-passe": {"password": PASSWORD, "again": PASSWORD, "question": "school", "answer": "Les Tilleuls"},
    "authentification": {},
    "entreprise": {},
    "profil": {"profile": "enterprise"},
    "services": {"bodies": ["L'assurance maladie"]},
    "declarations": {},
    "recapitulatif": {},
}
REPORT = "/inscription/rapport/"


def url(slug: str) -> str:
    """Return the address of a step."""
    return f"/inscription/{slug}/"


def post(client: Client, slug: str, answers: Mapping[str, Any], **more: str) -> HttpResponse:
    """Send a step's form, with the draft that the session knows."""
    draft = {"draft": client.session.get("registration_draft", "")}
    response: Any = client.post(url(slug), draft | dict(answers) | more)
    return response


def fill(client: Client, place: Establishment, until: str = LAST.slug, **identity: str) -> None:
    """Answer every step before this one."""
    for step in STEPS[: BY_SLUG[until].number - 1]:
        answers = ANSWERS[step.slug] | ({"siret": place.siret} | identity if step.slug == "identite" else {})
        response = post(client, step.slug, answers)
        assert response.status_code == 302, re.sub(r"\s+", " ", response.content.decode())[:3000]


def submit(client: Client) -> HttpResponse:
    """Press « Valider l'inscription »."""
    response: Any = client.post(url("valider"), {"draft": client.session.get("registration_draft", "")})
    return response


def register(place: Establishment, **identity: str) -> Client:
    """Register from the first step to the report; return the visitor's browser."""
    client = Client()
    fill(client, place, **identity)
    assert submit(client)["Location"] == REPORT
    return client
