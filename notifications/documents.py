"""The official document of a rate decision, as a PDF: made on demand, the same bytes whenever and wherever it is made.

typst and its bundled fonts write PDF/A-2a and PDF/UA-1; the layout is templates/notifications/documents/decision.typ.
"""

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import takewhile
from typing import Any

from notifications.models import CollectiveRate, RateDecision
from notifications.rules.explanation import Explanation
from portal.kit import french
from portal.kit.pdf import document_pdf, printable, typst_day, unbroken

ISSUER = "Caisse fictive de l’Atelier AT/MP"


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
    explanation: Explanation
    issuer: str = ISSUER


def rate_decision_pdf(decision: RateDecision) -> bytes:
    """Return the official document (domain.md, section 3: contents of the decision; its layout is a choice).

    PDF/A-2a and PDF/UA-1. It depends on nothing but the decision, those taken before it and the tariff's label.
    """
    facts = _facts(decision)
    return document_pdf("notifications/documents/decision.typ", _printed(facts), dated=facts.decided_on)


def _facts(decision: RateDecision) -> DecisionFacts:
    # One decided later does not change a document already made, though it take effect earlier.
    earlier = list(RateDecision.objects.history_of(decision).filter(pk__lt=decision.pk).reverse())
    replaced = list(takewhile(lambda one: one.effective_on == decision.effective_on, earlier))
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
        "title": f"Notification de taux AT/MP n° {facts.number}",
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


def _history(facts: DecisionFacts) -> str:
    """Say in words how this rate stands to those before it."""
    sentences = []
    if old := facts.replaced:
        sentences.append(
            f"Cette décision remplace celle du {unbroken(old.decided_on)} (n°{french.NBSP}{old.number}), "
            "de même date d’effet."
        )
    if facts.previous is None:
        sentences.append("Aucun taux antérieur n’a été notifié pour ce code risque.")
    elif change := facts.rate - facts.previous.rate:
        sentences.append(f"Écart avec le taux précédent{french.NBSP}: {french.difference(change)}.")
    else:
        sentences.append("Le taux est le même que le taux précédent.")
    return " ".join(sentences)
