"""Loads the portfolios, clients and DSN of a copy: by the actions of the pages, clients that are many alike at once."""

import datetime as dt
import hashlib

from accounts.actions.journal import record
from accounts.models import Establishment, User
from habilitations.models import ATMP, Declaration
from habilitations.rules import opens_at
from portal import clock
from portal.kit.french import plural
from portfolios.actions.dsn import deposit_dsn
from portfolios.actions.portfolio import (
    add_clients,
    create_portfolio,
    follow_clients,
    set_client_declarations,
    set_client_habilitations,
    set_portfolio_declarations,
)
from portfolios.models import Client, ClientDeclaration, ClientHabilitation, DsnDeposit, DsnFiling, Portfolio
from sandbox.actions.loading import CannotLoad, Loading
from sandbox.demo_tiers import month_file
from sandbox.scenario.schema import Clients, Deposit, Folder


def load_portfolios(this: Loading) -> None:
    """Create each portfolio with its clients and what each may use."""
    for folder in this.scenario.folders.values():
        by = this.people[folder.by]
        [head] = this.places(folder.firm)
        portfolio = create_portfolio(
            enterprise=head.enterprise,
            name=folder.name,
            comment=folder.comment,
            members=[this.people[key] for key in folder.members],
            by=by,
            on=folder.since,
        )
        declarations = list(Declaration.objects.filter(code__in=folder.declarations))
        if len(declarations) != len(set(folder.declarations)):
            raise CannotLoad(f"Portefeuille « {folder.name} » : une déclaration n'est pas au catalogue.")
        set_portfolio_declarations(portfolio=portfolio, declarations=declarations, by=by, on=folder.since)
        for clients in folder.clients:
            _add(this, portfolio, folder, clients)


def _add(this: Loading, portfolio: Portfolio, folder: Folder, clients: Clients) -> None:
    by, places = this.people[folder.by], this.places(clients.place)
    add_clients(portfolio=portfolio, establishments=places, by=by, on=clients.since)
    users = [this.people[key] for key in clients.users]
    added = list(portfolio.clients.filter(establishment__in=[place.pk for place in places]))
    if len(places) == 1:
        _give(added[0], users, by, clients.given)
    elif clients.given:
        _give_all(portfolio, added, users, clients.given)
    if clients.followed:
        keys = [client.pk for client in added]
        follow_clients(portfolio=portfolio, shown=keys, followed=keys, by=by, on=clients.since)


def _give(client: Client, users: list[User], by: User, at: dt.datetime | None) -> None:
    if at is None:
        return
    set_client_declarations(client=client, declarations=[Declaration.objects.get(code=ATMP)], by=by, on=at)
    if users:
        shown = [(user, row) for user in users for row in client.declarations.all()]
        granted = {(user.pk, row.pk) for user, row in shown}
        set_client_habilitations(client=client, shown=shown, granted=granted, by=by, on=at)


def _give_all(portfolio: Portfolio, clients: list[Client], users: list[User], at: dt.datetime) -> None:
    held = portfolio.declarations.select_related("declaration").get(declaration__code=ATMP)
    opens = opens_at(at, held.declaration.access_delay_hours)
    rows = ClientDeclaration.objects.bulk_create(
        [ClientDeclaration(client=client, held=held, added_at=at, opens_at=opens) for client in clients],
        batch_size=1000,
    )
    ClientHabilitation.objects.bulk_create(
        [ClientHabilitation(user=user, given=row, granted_at=at) for row in rows for user in users], batch_size=1000
    )


def load_dsn(this: Loading) -> None:
    """Deposit the DSN, in the order of their days."""
    for deposit in sorted(this.scenario.deposits, key=lambda one: one.at):
        by, places = this.people[deposit.by], this.places(deposit.place)
        if len(places) > 1:
            _deposit_all(deposit, places, by)
            continue
        code = deposit.code or this.scenario.place_of(deposit.place)[1].code
        applied = (code, str(deposit.rate)) if code and deposit.rate is not None else None
        assert by.establishment is not None  # noqa: S101 - people of a scenario have one
        file = month_file(by.establishment.siret, places[0].siret, applied, clock.day(deposit.at))
        received, _new = deposit_dsn(file=file, depositor=by.establishment.enterprise, by=by, on=deposit.at)
        if received.outcome != DsnDeposit.Outcome.OK:
            raise CannotLoad(f"DSN pour {places[0].siret} : {received.refusal or received.told}")


def _deposit_all(deposit: Deposit, places: list[Establishment], by: User) -> None:
    """Write down one deposit of a monthly DSN for each of many clients: what reading such a file would leave."""
    assert by.establishment is not None  # noqa: S101 - people of a scenario have one
    firm, day = by.establishment.enterprise, clock.day(deposit.at)
    month = (day.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    name = f"dsn-{month:%Y-%m}-{len(places)}-clients.dsn"
    named = "|".join((name, *(place.siret for place in places)))
    received = DsnDeposit.objects.create(
        depositor=firm, deposited_by=by, deposited_at=deposit.at, name=name, size=600 * len(places),
        sha256=hashlib.sha256(named.encode()).hexdigest(), outcome=DsnDeposit.Outcome.OK, accepted=len(places),
    )  # fmt: skip
    DsnFiling.objects.bulk_create(
        [
            DsnFiling(
                deposit=received, depositor=firm, establishment=place, line=5 + number, nature="01", type="01",
                fraction="11", month=month, filed_on=day,
            )
            for number, place in enumerate(places)
        ],
        batch_size=1000,
    )  # fmt: skip
    told = plural(len(places), "déclaration acceptée", "déclarations acceptées")
    record(by=by, on=deposit.at, verb="dsn.deposit", summary=f"DSN « {name} » déposée : OK, {told}.", enterprise=firm)
