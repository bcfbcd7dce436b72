"""What a trainee has on paper: his claim card, and the result of a mission."""

import datetime as dt
import io
from typing import Any

import segno
from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse

from portal import clock
from portal.kit import french
from portal.kit.pdf import document_pdf, printable, typst_day
from sandbox.mission.progress import Progress
from sandbox.models import Copy

_SALT = "sandbox.card"


def card_token(copy: Copy) -> str:
    """Return what stands in the address of a copy's page: whoever holds the card has it, nobody guesses it."""
    return Signer(salt=_SALT).sign(str(copy.pk))


def card_url(copy: Copy) -> str:
    """Return the address that the card prints."""
    return f"{settings.PORTAL_URL}{reverse('sandbox:card_detail', args=[card_token(copy)])}"


def copy_id(token: str) -> int:
    """Return the copy that a card's address names. Raises BadSignature for any other address."""
    return int(Signer(salt=_SALT).unsign(token))


def cards_pdf(copies: list[Copy], day: dt.date) -> bytes:
    """Return the cards to hand out (layout: a choice). PDF/A-2a and PDF/UA-1; there is at least one copy."""
    facts = {
        "title": f"Cartes des stagiaires : {copies[0].card['title']}",
        "date": typst_day(day),
        "portal": settings.PORTAL_URL,
        "cards": [_printed(copy) for copy in copies],
    }
    return document_pdf("sandbox/documents/cards.typ", facts, dated=day)


def result_pdf(progress: Progress, copy: Copy | None, name: str, day: dt.date) -> bytes:
    """Return the result of an accomplished mission (layout: a choice). PDF/A-2a and PDF/UA-1.

    copy: where it was done, None for the demo. name: the trainee's, may be empty. day: of printing, a real one.
    """
    mission = progress.mission
    assert progress.latest is not None  # noqa: S101 - accomplished
    facts = {
        "title": french.typeset(f"Mission accomplie : {mission.title}"),
        "aim": french.typeset(mission.aim),
        "date": typst_day(day),
        "name": printable(name),
        "world": printable(str(copy)) if copy else "Démonstration",
        "accomplished": french.moment(progress.latest),
        "printed": french.day(day),
        "steps": [
            {
                "title": french.typeset(step.title),
                "why": french.typeset(step.why),
                "rules": ", ".join(step.rules),
                "done": french.day(clock.day(at)) if at else "",
            }
            for step, at in progress.steps
        ],
    }
    return document_pdf("sandbox/documents/result.typ", facts, dated=day)


def _printed(copy: Copy) -> dict[str, Any]:
    card = copy.card
    picture = io.BytesIO()
    segno.make(card_url(copy), error="m").save(picture, kind="svg", scale=4, border=2)
    return {
        "title": printable(str(copy)),
        "trainee": printable(copy.trainee),
        "summary": printable(card["summary"]),
        "password": card["password"],
        "qr": picture.getvalue().decode(),
        "people": [
            [printable(f"{one['prenom']} {one['nom']}"), one["role"], french.siret(one["siret"]),
             printable(one["shows"])]
            for one in card["people"]
        ],
        "places": [
            [_sirets(place), printable(f"{place['name']}, {place['city']}"), printable(place["shows"])]
            for place in card["places"]
        ],
    }  # fmt: skip


def _sirets(place: dict[str, str]) -> str:
    first = french.siret(place["siret"])
    return f"{first} à {french.siret(place['last'])}" if "last" in place else first
