"""The answer of every `access` function: never a bare boolean."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    """May this person do this? With the rule and the facts that decided.

    rule: number in docs/rules.md (« G0.2 »). reason: one sentence in French for the person.
    remedy: what would change the answer, in French, empty when nothing would.
    """

    allowed: bool
    rule: str = ""
    reason: str = ""
    remedy: str = ""


ALLOWED = Decision(allowed=True)
