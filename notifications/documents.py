"""The official document of a rate decision, as a PDF: made on demand, the same bytes whenever and wherever it is made.

typst and its bundled fonts write PDF/A-2a and PDF/UA-1; the layout is templates/notifications/documents/decision.typ.
"""

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import takewhile
from typing import Any

from django.conf import settings

from notifications.models import CollectiveRate, Notification, RateDecision
from notifications.rules import LegalState, Status, challenge_until
from notifications.rules.explanation import Explanation
from portal.kit import french
from portal.kit.authority import current_seal
from portal.kit.ics import DayEvent
from portal.kit.pdf import document_pdf, printable, typst_day, unbroken
from portal.kit.seal import sealed

# Days before its last day that a calendar reminds of opening, and of challenging (choices).
REMIND_OPENING, REMIND_CHALLENGE = 3, 15
ISSUER = "Caisse fictive de l’Atelier AT/MP"
# Before the number, in the reason that the seal gives.
SEALED_AS = "Notification de taux AT/MP n° "


@dataclass(frozen=True)
class PriorDecision:
    """A decision taken before the one of the document, for the same establishment and code."""

    number: str
    mode: str
    rate: Decimal
    effective_on: dt.date
    decided_on: dt.date


@dataclass(frozen=True)
class DecisionFacts:
    """What the document says. previous: the rate until then; replaced: the one of the same day of effect, if any.

    superseded: the latest that replaced it since; cancelled: that one cancels it. cancels: it cancels the replaced one.

    address: its lines. label and category: of the code risque, empty when no tariff names it.
    """

    number: str
    addressee: str
    address: tuple[str, ...]
    siret: str
    siren: str
    code_risque: str
    label: str
    category: str
    mode: str
    rate: Decimal
    effective_on: dt.date
    decided_on: dt.date
    previous: PriorDecision | None
    replaced: PriorDecision | None
    superseded: PriorDecision | None
    cancelled: bool
    cancels: bool
    reason: str
    explanation: Explanation
    issuer: str = ISSUER


def sealed_decision_pdf(decision: RateDecision) -> bytes:
    """Return the official document with this installation's seal (decision 0013), the same bytes each time.

    Raises SealError when the environment's key cannot seal.
    """
    return sealed(
        rate_decision_pdf(decision),
        current_seal(),
        reason=f"{SEALED_AS}{decision.number}",
        dated=decision.decided_on,
    )


def rate_decision_pdf(decision: RateDecision) -> bytes:
    """Return the official document (domain.md, section 3: contents of the decision; its layout is a choice).

    PDF/A-2a and PDF/UA-1. It depends on nothing but the decision, those taken before it, the one that replaces it, the
    tariff's label, and the address where it can be verified.
    """
    facts = _facts(decision)
    return document_pdf("notifications/documents/decision.typ", _printed(facts), dated=facts.decided_on)


def legal_events(notification: Notification, legal: LegalState, link: str) -> list[DayEvent]:
    """Return what a calendar should keep of the legal dates: the last day to open, and the last day to challenge.

    Before it is notified the second is the earliest that it can be: as if nobody opened it, or somebody the first day.
    link: the address of the page. The rate is not told: a calendar is no consultation.
    """
    place = f"{notification.establishment.enterprise.name}, SIRET {french.siret(notification.establishment.siret)}"
    events = []
    if legal.status == Status.AVAILABLE:
        events.append(
            DayEvent(
                uid=f"notification-{notification.pk}-consultation@atelier-atmp.example",
                day=legal.last_free_day,
                title="Dernier jour pour ouvrir une notification de taux AT/MP",
                text=f"{place}\n{legal.sentence}",
                link=link,
                remind_days=REMIND_OPENING,
            )
        )
    earliest = legal.challenge_until or challenge_until(legal.available)
    last = "Dernier jour pour contester un taux AT/MP"
    events.append(
        DayEvent(
            uid=f"notification-{notification.pk}-contestation@atelier-atmp.example",
            day=earliest,
            title=last if legal.challenge_until else f"{last}, au plus tôt",
            text=f"{place}\n{legal.sentence}",
            link=link,
            remind_days=REMIND_CHALLENGE,
        )
    )
    return events


def _facts(decision: RateDecision) -> DecisionFacts:
    # One decided later does not change a document already made, though it take effect earlier.
    earlier = list(RateDecision.objects.history_of(decision).filter(pk__lt=decision.pk).reverse())
    replaced = list(takewhile(lambda one: one.effective_on == decision.effective_on, earlier))
    superseding = RateDecision.objects.replacing(decision).last()
    tariff = CollectiveRate.objects.naming(decision.code_risque, decision.effective_on.year)
    return DecisionFacts(
        number=decision.number,
        addressee=decision.addressee,
        address=tuple(decision.address.splitlines()),
        siret=decision.establishment.siret,
        siren=decision.enterprise_id,
        code_risque=decision.code_risque,
        label=tariff.label if tariff else "",
        category=tariff.category if tariff else "",
        mode=decision.get_mode_display(),
        rate=decision.rate,
        effective_on=decision.effective_on,
        decided_on=decision.decided_on,
        previous=next(map(_prior, earlier[len(replaced) :]), None),
        replaced=next(map(_prior, replaced), None),
        superseded=_prior(superseding) if superseding else None,
        cancelled=superseding is not None and superseding.nature == RateDecision.Nature.CANCELLATION,
        cancels=decision.nature == RateDecision.Nature.CANCELLATION,
        reason=decision.reason,
        explanation=decision.explanation,
    )


def _prior(decision: RateDecision) -> PriorDecision:
    return PriorDecision(
        number=decision.number,
        mode=decision.get_mode_display(),
        rate=decision.rate,
        effective_on=decision.effective_on,
        decided_on=decision.decided_on,
    )


def _printed(facts: DecisionFacts) -> dict[str, Any]:
    """Return the values of the template, spelled as they are printed."""
    decided = facts.decided_on
    return {
        "title": f"{SEALED_AS}{facts.number}",
        "verify": f"{settings.PORTAL_URL}/verifier/?numero={facts.number}",
        "verify_shown": f"{settings.PORTAL_URL.partition('//')[2]}/verifier",
        "issuer": facts.issuer,
        "date": typst_day(decided),
        "number": facts.number,
        "recipient": [line for line in map(printable, (facts.addressee, *facts.address)) if line],
        "siret": french.siret(facts.siret),
        "siren": french.siret(facts.siren),
        "code_risque": facts.code_risque,
        "label": printable(facts.label),
        "category": printable(facts.category),
        "rate": french.rate(facts.rate),
        "superseded": _superseded(facts),
        "effective_on": unbroken(facts.effective_on),
        "decided_on": unbroken(decided),
        "rows": [
            _row("Présente décision", facts.mode, facts.effective_on, facts.rate),
            *(
                _row(name, prior.mode, prior.effective_on, prior.rate)
                for name, prior in (("Décision remplacée", facts.replaced), ("Taux précédent", facts.previous))
                if prior
            ),
        ],
        "history": _history(facts),
        "calculation": _calculation(facts.explanation),
    }


def _calculation(explanation: Explanation) -> dict[str, Any]:
    """Return what the calculation sheet prints; no step when the rate came without its inputs."""
    return {
        "mode": explanation.mode,
        "why": explanation.why,
        "remark": explanation.remark,
        "contradicts": explanation.contradicts,
        "steps": [asdict(step) for step in explanation.sheet.steps] if explanation.sheet else [],
        "comparison": explanation.comparison,
    }


def _row(name: str, mode: str, effective_on: dt.date, rate: Decimal) -> list[str]:
    return [name, mode, unbroken(effective_on), french.rate(rate)]


def _superseded(facts: DecisionFacts) -> str:
    """Say what became of this decision since, nothing while it stands."""
    if facts.superseded is None:
        return ""
    how = "annulée" if facts.cancelled else "remplacée"
    return (
        f"Cette décision a été {how} le {unbroken(facts.superseded.decided_on)} "
        f"par la décision n°{french.NBSP}{facts.superseded.number}."
    )


def _history(facts: DecisionFacts) -> str:
    """Say in words how this rate stands to those before it."""
    sentences = []
    if old := facts.replaced:
        verb, effect = (
            ("annule", "le taux d’avant s’applique de nouveau")
            if facts.cancels
            else ("remplace", "de même date d’effet")
        )
        taken = f"{unbroken(old.decided_on)} (n°{french.NBSP}{old.number})"
        sentences.append(f"Cette décision {verb} celle du {taken}, {effect}.")
    if facts.reason:
        sentences.append(f"Motif{french.NBSP}: {printable(french.typeset(facts.reason)).rstrip('.')}.")
    if facts.previous is None:
        sentences.append("Aucun taux antérieur n’a été notifié pour ce code risque.")
    elif change := facts.rate - facts.previous.rate:
        sentences.append(f"Écart avec le taux précédent{french.NBSP}: {french.difference(change)}.")
    else:
        sentences.append("Le taux est le même que le taux précédent.")
    return " ".join(sentences)
