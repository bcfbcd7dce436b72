"""What the simulator's tools show: a move of the clock that arrived and one under way, a mail, a letter."""

import datetime as dt

import pytest

from accounts.models import Mail
from tests.people import Company

NOON = dt.datetime(2027, 1, 20, 11, tzinfo=dt.UTC)


@pytest.fixture
def tools_at_work(company: Company, candidate: object) -> dict[str, int | str]:
    """Return the number of each, by the name it has in a page's address."""
    from habilitations.models import ActivationKey, Cooptation
    from sandbox.documents import card_token
    from sandbox.models import Advance, Copy, Letter

    days = dt.timedelta(days=30)
    moved = Advance.objects.create(
        label="+ 15 jours", from_at=NOON - days, to_at=NOON, reached_at=NOON, landed_at=NOON, status="done"
    )
    moving = Advance.objects.create(label="jusqu'au 1er janvier 2028", from_at=NOON, to_at=NOON + days, reached_at=NOON)
    mail = Mail.objects.create(
        recipient="anais@exemple.example",
        sender="Atelier AT/MP <a@b.example>",
        subject="Des candidats attendent",
        text="Voyez http://localhost/menu/ aujourd'hui.",
        html='<!DOCTYPE html><html lang="fr"><head><title>x</title></head><body><p>Voyez</p></body></html>',
        created_at=NOON,
    )
    key = ActivationKey.objects.create(cooptation=Cooptation.objects.get(), asked_at=NOON)
    letter = Letter.objects.create(
        key=key,
        addressee="Belharra Logistique, à l'attention de Camille Riou",
        address="1 RUE DES ESSAIS\n29200 BREST",
        siret=company.head_office.siret,
        posted_at=NOON,
        arrives_on=dt.date(2027, 1, 23),
    )
    siret = company.head_office.siret
    card = {
        "title": "Découverte", "summary": "Tous les rôles.", "password": "Bazefigo2345",
        "people": [{"key": "anais", "role": "administrateur", "siret": siret, "nom": "Le Goff", "prenom": "Anaïs",
                    "shows": "Une notification à lire."}],
        "places": [{"siret": siret, "name": "Belharra", "city": "BREST", "shows": "Le siège."},
                   {"siret": siret, "last": siret, "name": "PME 1 à 9", "city": "BREST", "shows": "Ouvertes."}],
    }  # fmt: skip
    states = [("ready", ""), ("waiting", ""), ("failed", "Un taux ne se lit pas.")]
    copies = [
        Copy.objects.create(
            scenario="decouverte", number=number, trainee="Ana Belle", created_at=NOON, reset_at=NOON, state=state,
            problem=problem, card=card,
        )
        for number, (state, problem) in enumerate(states, 1)
    ]  # fmt: skip
    return {
        "moved": moved.pk, "moving": moving.pk, "mail": mail.pk, "letter": letter.pk, "card": card_token(copies[0]),
        "unready": card_token(copies[1]),
    }  # fmt: skip
