"""What is looked at in the tables, never at clicks: for each check, rows of an enterprise and since when they are so.

A check holds in a world when one of its enterprises has such a row that is younger than the world.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.models import JournalEntry, User
from habilitations.models import ATMP, ActivationKey, Cooptation, EstablishmentDeclaration, Habilitation, Registration
from notifications.models import Consultation, Receipt
from portfolios.models import (
    BulkRequest,
    Client,
    ClientDeclaration,
    ClientHabilitation,
    DsnFiling,
    DsnWindow,
    Portfolio,
    PortfolioDeclaration,
)


@dataclass(frozen=True)
class Found:
    """rows: those that satisfy the check. siren: the way to their enterprise. at: since when, an instant or a day."""

    rows: "QuerySet[Any]"
    siren: str
    at: str
    # What must be younger than the world, when that is another moment.
    begun: str = ""


Check = Callable[[dt.datetime], Found]
_PLACE = "establishment__enterprise"


def _registered_by_himself() -> Exists:
    """The first administrator came by the form: who was there before, or is a candidate, is another mission's."""
    first = Registration.objects.filter(user__role=User.Role.ADMINISTRATOR, user__cooptation=None)
    return Exists(first.filter(user__establishment__enterprise=OuterRef("establishment__enterprise")))


def registered(_now: dt.datetime) -> Found:
    """Somebody registered as first administrator (G3.13)."""
    rows = Registration.objects.filter(user__role=User.Role.ADMINISTRATOR, user__cooptation=None)
    return Found(rows, "user__establishment__enterprise", "submitted_at")


def address_validated(now: dt.datetime) -> Found:
    """And his address is validated: he is active (G3.15)."""
    found = registered(now)
    return Found(found.rows.filter(user__state=User.State.ACTIVE), found.siren, found.at)


def first_access(now: dt.datetime) -> Found:
    """The declaration asked for at the registration can be used (G2.8)."""
    rows = EstablishmentDeclaration.objects.atmp().usable(now).filter(_registered_by_himself())
    return Found(rows, _PLACE, "opens_at", begun="registered_at")


def declaration_chosen(_now: dt.datetime) -> Found:
    """An enterprise that has an administrator is registered to « Compte AT/MP » (G1.2)."""
    return Found(EstablishmentDeclaration.objects.atmp().exclude(_registered_by_himself()), _PLACE, "registered_at")


def declaration_usable(now: dt.datetime) -> Found:
    """And its access delay has run (G2.8)."""
    rows = EstablishmentDeclaration.objects.atmp().exclude(_registered_by_himself()).usable(now)
    return Found(rows, _PLACE, "opens_at", begun="registered_at")


def colleague_registered(_now: dt.datetime) -> Found:
    """A déclarant was registered by a colleague: he has no registration of his own (G3.5)."""
    rows = User.objects.filter(role=User.Role.DECLARANT, registration=None)
    return Found(rows, _PLACE, "created_at")


def right_granted(_now: dt.datetime) -> Found:
    """A déclarant has the right (G1.5)."""
    return Found(Habilitation.objects.filter(declaration__code=ATMP), _PLACE, "granted_at")


def right_used(_now: dt.datetime) -> Found:
    """A déclarant opened a notification (G5.5)."""
    rows = Consultation.objects.filter(way=Consultation.Way.OPENED, entitled=True, user__role=User.Role.DECLARANT)
    return Found(rows, "notification__enterprise", "at")


def candidacy_sent(_now: dt.datetime) -> Found:
    """A candidate who registered himself chose his route (G4.1, G4.2).

    One that the trainer sent was created in the same instant; of a refused one nothing else is left to tell them apart.
    """
    sent = JournalEntry.objects.filter(
        verb="user.create", enterprise=OuterRef("enterprise"), at=OuterRef("requested_at")
    )
    return Found(Cooptation.objects.exclude(route="").exclude(Exists(sent)), "enterprise", "requested_at")


def candidate_accepted(_now: dt.datetime) -> Found:
    """An administrator gave his accord (G4.5)."""
    rows = Cooptation.objects.filter(status=Cooptation.Status.GRANTED, route=Cooptation.Route.COOPTATION)
    return Found(rows, "enterprise", "decided_at")


def candidate_refused(_now: dt.datetime) -> Found:
    """An administrator refused; the candidate is gone (G4.5)."""
    return Found(Cooptation.objects.filter(status=Cooptation.Status.REFUSED), "enterprise", "decided_at")


def candidate_expired(_now: dt.datetime) -> Found:
    """Nobody decided for fifteen days (G4.7)."""
    return Found(Cooptation.objects.filter(status=Cooptation.Status.EXPIRED), "enterprise", "decided_at")


def key_asked(_now: dt.datetime) -> Found:
    """A letter with a key was asked for (G4.3)."""
    return Found(ActivationKey.objects.all(), "cooptation__enterprise", "asked_at")


def key_posted(_now: dt.datetime) -> Found:
    """It was posted (G4.3)."""
    return Found(ActivationKey.objects.all(), "cooptation__enterprise", "posted_at", begun="asked_at")


def key_used(_now: dt.datetime) -> Found:
    """Its key was typed in (G4.8)."""
    return Found(ActivationKey.objects.all(), "cooptation__enterprise", "used_at", begun="asked_at")


def notification_opened(_now: dt.datetime) -> Found:
    """Somebody entitled opened a notification (G5.5)."""
    return Found(_consulted(Consultation.Way.OPENED), "notification__enterprise", "at")


def document_taken(_now: dt.datetime) -> Found:
    """Somebody of the enterprise has its document (G0.2)."""
    return Found(_consulted(Consultation.Way.DOWNLOADED), "notification__enterprise", "at")


def notification_archived(_now: dt.datetime) -> Found:
    """A notification is archived (G5.6)."""
    return Found(Receipt.objects.exclude(archived_at=None), "notification__enterprise", "archived_at")


def portfolio_made(_now: dt.datetime) -> Found:
    """A portfolio was added (G2.1)."""
    return Found(Portfolio.objects.all(), "enterprise", "created_at")


def portfolio_holds(_now: dt.datetime) -> Found:
    """« Compte AT/MP » was put in a portfolio (G2.3, G2.4)."""
    return Found(PortfolioDeclaration.objects.filter(declaration__code=ATMP), "portfolio__enterprise", "added_at")


def client_added(_now: dt.datetime) -> Found:
    """A client was put in a portfolio (G2.5)."""
    return Found(Client.objects.all(), "portfolio__enterprise", "added_at")


def client_given(_now: dt.datetime) -> Found:
    """« Compte AT/MP » was given to a client (G2.7)."""
    rows = ClientDeclaration.objects.filter(held__declaration__code=ATMP)
    return Found(rows, "client__portfolio__enterprise", "added_at")


def client_right_granted(_now: dt.datetime) -> Found:
    """A collaborator has the right on a client (G2.9)."""
    return Found(ClientHabilitation.objects.all(), "given__client__portfolio__enterprise", "granted_at")


def dsn_deposited(_now: dt.datetime) -> Found:
    """A DSN that counts was deposited (G0.5), by a firm and for somebody else."""
    rows = DsnFiling.objects.filter(counts=True).exclude(establishment__enterprise=F("depositor"))
    return Found(rows, "depositor", "deposit__deposited_at")


def client_open(now: dt.datetime) -> Found:
    """A client for whom a DSN was deposited can be read: its delay has run too (G0.5, G0.6, G2.8)."""
    given = ClientDeclaration.objects.filter(
        held__declaration__code=ATMP, opens_at__lte=now, client__establishment=OuterRef("establishment"),
        client__portfolio__enterprise=OuterRef("depositor"),
    )  # fmt: skip
    found = dsn_deposited(now)
    return Found(found.rows.filter(Exists(given)), found.siren, found.at)


def client_followed(_now: dt.datetime) -> Found:
    """The firm follows a client's notifications (G0.6)."""
    return Found(Client.objects.all(), "portfolio__enterprise", "followed_since")


def closing_told(_now: dt.datetime) -> Found:
    """The firm was told that a client will close (G0.5)."""
    return Found(DsnWindow.objects.all(), "depositor", "warned_on")


def client_closed(_now: dt.datetime) -> Found:
    """Three months passed, and a client closed (G0.5)."""
    return Found(DsnWindow.objects.all(), "depositor", "closed_on")


def bulk_sent(_now: dt.datetime) -> Found:
    """A file of rights was deposited for a portfolio."""
    return Found(BulkRequest.objects.all(), "portfolio__enterprise", "created_at")


def bulk_done(_now: dt.datetime) -> Found:
    """Such a file was taken whole: no line in error."""
    rows = BulkRequest.objects.filter(status=BulkRequest.Status.DONE, wrong=0)
    return Found(rows, "portfolio__enterprise", "ended_at")


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        registered, address_validated, first_access, declaration_chosen, declaration_usable, colleague_registered,
        right_granted, right_used, candidacy_sent, candidate_accepted, candidate_refused, candidate_expired, key_asked,
        key_posted, key_used, notification_opened, document_taken, notification_archived, portfolio_made,
        portfolio_holds, client_added, client_given, client_right_granted, dsn_deposited, client_open,
        client_followed, closing_told, client_closed, bulk_sent, bulk_done,
    )
}  # fmt: skip


def _consulted(way: str) -> "QuerySet[Consultation]":
    return Consultation.objects.filter(way=way, entitled=True)
