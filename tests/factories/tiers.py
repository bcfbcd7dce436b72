"""A firm's client whose account is open on the tests' day: given, delay over, DSN filed."""

import datetime as dt

from accounts.models import Enterprise, Establishment
from habilitations.models import ATMP, Declaration
from portfolios.models import Client, ClientDeclaration, DsnDeposit, DsnFiling, Portfolio, PortfolioDeclaration
from tests.factories.accounts import EstablishmentFactory

LONG_AGO = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)


def client_of(firm: Enterprise, place: Establishment | None = None, *, name: str = "Ouest") -> Client:
    """Return a client in the firm's portfolio of that name, with « Compte AT/MP »; no DSN yet."""
    portfolio, _made = Portfolio.objects.get_or_create(enterprise=firm, name=name, defaults={"created_at": LONG_AGO})
    atmp = Declaration.objects.get(code=ATMP)
    held, _made = PortfolioDeclaration.objects.get_or_create(
        portfolio=portfolio, declaration=atmp, defaults={"added_at": LONG_AGO}
    )
    place = place or EstablishmentFactory(head_office=True)
    client = Client.objects.create(portfolio=portfolio, establishment=place, added_at=LONG_AGO)
    ClientDeclaration.objects.create(client=client, held=held, added_at=LONG_AGO, opens_at=LONG_AGO)
    return client


def dsn_for(client: Client, filed_on: dt.date = dt.date(2027, 1, 10), **fields: object) -> DsnFiling:
    """Return a filing by the client's firm, deposited that day."""
    firm = client.portfolio.enterprise
    deposit = DsnDeposit.objects.create(
        depositor=firm, deposited_at=LONG_AGO, name="x", sha256=str(DsnDeposit.objects.count()), size=1, outcome="OK",
        accepted=1,
    )  # fmt: skip
    values = {"nature": "01", "type": "01", "fraction": "11", "month": filed_on.replace(day=1), "line": 1} | fields
    return DsnFiling.objects.create(
        deposit=deposit, depositor=firm, establishment=client.establishment, filed_on=filed_on, **values
    )
