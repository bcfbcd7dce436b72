"""Who deposits DSN and reads their receipts; who reads the rates of which client, and why not."""

import datetime as dt

from django.db.models import QuerySet

from accounts.access import CANDIDATE, administration, reach
from accounts.models import User
from habilitations.access import NO_ENTERPRISE
from portal import clock
from portal.kit import french
from portal.kit.decision import ALLOWED, Decision, decided
from portfolios.models import Client, DsnDeposit
from portfolios.models.portfolio import ClientQuerySet
from portfolios.rules.window import first_day, last_day


def may_deposit(user: User) -> bool:
    """Say whether a person may deposit DSN for his enterprise: whoever is active in one (dsn.md, Who filed)."""
    return deposit_access(user).allowed


@decided
def deposit_access(user: User) -> Decision:
    """Say the same, with the reason: a candidate is nobody's yet."""
    if user.state == User.State.PENDING:
        return CANDIDATE
    return ALLOWED if user.establishment is not None and user.state == User.State.ACTIVE else NO_ENTERPRISE


def clients_access(user: User) -> Decision:
    """Say whether there is a « Compte AT/MP de vos clients » for a person, and why not: as for a deposit (G0.4)."""
    return deposit_access(user)


def visible_deposits(user: User) -> QuerySet[DsnDeposit]:
    """Return the deposits of a person's enterprise: all of them for an administrator, his own for a déclarant."""
    if not may_deposit(user) or user.establishment is None:
        return DsnDeposit.objects.none()
    deposits = DsnDeposit.objects.filter(depositor=user.establishment.enterprise_id)
    return deposits if user.is_administrator else deposits.filter(deposited_by=user)


def visible_clients(user: User) -> ClientQuerySet:
    """Return the clients a person works on: those of his firm's portfolios, of his own for a déclarant (G0.4, G2)."""
    own = user.establishment
    if own is None or user.state != User.State.ACTIVE:
        return Client.objects.none()
    clients: ClientQuerySet = Client.objects.filter(portfolio__enterprise=own.enterprise_id)
    if user.is_administrator and own.is_head_office:
        return clients
    return clients.filter(portfolio__members=user)


@decided
def client_access(client: Client, *, at: dt.datetime) -> Decision:
    """Say whether a tiers déclarant may read a client's rates at that instant, and why not (G0.5, G0.6).

    client: as `Client.objects.seen_by` returns it. Every screen and every refusal asks here.
    """
    opens_at, last_dsn = client.opens_at, client.last_dsn  # type: ignore[attr-defined]
    if opens_at is None:
        return Decision(
            allowed=False,
            rule="G0.6",
            reason="Ce client n'a pas la déclaration « Compte AT/MP » dans votre portefeuille.",
            remedy="Un administrateur la lui donne dans « Gérer les déclarations » du client.",
        )
    if opens_at > at:
        return Decision(
            allowed=False,
            rule="G2.8",
            reason=f"Le délai d'accès à ce client court jusqu'au {french.moment(opens_at)}.",
            remedy="Revenez à ce moment : rien d'autre n'est à faire.",
        )
    if not client.may_use:  # type: ignore[attr-defined]
        return Decision(
            allowed=False,
            rule="G2.9",
            reason="Vous n'avez pas d'habilitation au « Compte AT/MP » de ce client.",
            remedy="Un administrateur de votre entreprise vous la donne dans « Gérer les habilitations » du client.",
        )
    return _recent_enough(last_dsn, clock.day(at))


def _recent_enough(last_dsn: dt.date | None, today: dt.date) -> Decision:
    """Look at the last DSN: filed within three months, counted backward (G0.5)."""
    remedy = "Déposez une DSN pour ce client : l'accès s'ouvre aussitôt."
    if last_dsn is None:
        return Decision(
            allowed=False, rule="G0.5", reason="Vous n'avez déposé aucune DSN pour ce client.", remedy=remedy
        )
    if last_dsn < first_day(today):
        closed = french.day(last_day(last_dsn))
        return Decision(
            allowed=False,
            rule="G0.5",
            reason=f"Votre dernière DSN pour ce client date du {french.day(last_dsn)} : l'accès s'est fermé après "
            f"le {closed}.",
            remedy=remedy,
        )
    return ALLOWED


def may_manage_portfolios(user: User) -> bool:
    """Say whether a person manages portfolios: an administrator at the head office (G2.3).

    Of any enterprise: the same one may be client and tiers déclarant, and a firm registered by staff has no profile.
    """
    return portfolio_management(user).allowed


@decided
def portfolio_management(user: User) -> Decision:
    """Say the same, with the reason: it is no administrator, or one of a secondary establishment."""
    if not (manages := administration(user)).allowed:
        return manages
    if user.establishment is not None and user.establishment.is_head_office:
        return ALLOWED
    return Decision(
        allowed=False,
        rule="G2.3",
        reason="Vous êtes administrateur d'un établissement secondaire : les portefeuilles se gèrent au siège.",
        remedy="Adressez-vous à un administrateur du siège.",
    )


def clients_over(user: User) -> ClientQuerySet:
    """Return the portfolios' lines about a person's own establishments: who acts for them."""
    within = reach(user)
    clients: ClientQuerySet = Client.objects.filter(establishment__enterprise=within.siren)
    return clients if within.whole else clients.filter(establishment__users=user)
