"""The accounting firm of « découverte »: two portfolios, one client of each state, DSN deposited and not."""

import datetime as dt

from django.core.files.base import ContentFile

from accounts.models import Establishment, User
from habilitations.models import ATMP, Declaration
from portal.clock import PARIS
from portfolios.actions.dsn import deposit_dsn
from portfolios.actions.portfolio import (
    add_clients,
    create_portfolio,
    follow_clients,
    set_client_declarations,
    set_client_habilitations,
    set_portfolio_declarations,
)
from portfolios.models import Client, Portfolio


def load_firm(
    *, administrator: User, collaborator: User, open_client: str, closed_client: str, new_client: str,
    without: str, on: dt.datetime,
) -> None:  # fmt: skip
    """Write the firm's portfolios, clients by SIRET: one open, one whose DSN is too old, one whose access delay runs,
    one without « Compte AT/MP ». The open one's latest DSN applies a rate that was not notified.
    """
    long_ago = on - dt.timedelta(days=400)
    west = _portfolio("Ouest", "Clients de Bretagne", administrator, collaborator, long_ago)
    old = [open_client, closed_client, without]
    add_clients(
        portfolio=west, establishments=Establishment.objects.filter(siret__in=old), by=administrator, on=long_ago
    )
    for siret in (open_client, closed_client):
        _give(west, siret, administrator, long_ago)
    coast = _portfolio("Littoral", "", administrator, collaborator, long_ago)
    add_clients(portfolio=coast, establishments=Establishment.objects.filter(siret=new_client), by=administrator, on=on)
    _give(coast, new_client, administrator, on)
    client = west.clients.get(establishment__siret=open_client)
    rows = list(client.declarations.all())
    set_client_habilitations(
        client=client, shown=[(collaborator, row) for row in rows],
        granted={(collaborator.pk, row.pk) for row in rows}, by=administrator, on=long_ago,
    )  # fmt: skip
    follow_clients(portfolio=west, shown=[client.pk], followed=[client.pk], by=administrator, on=long_ago)
    _deposit(administrator, open_client, "6.20", on - dt.timedelta(days=12))
    _deposit(administrator, new_client, "", on - dt.timedelta(days=12))
    _deposit(administrator, closed_client, "", on - dt.timedelta(days=150))


def _portfolio(name: str, comment: str, by: User, collaborator: User, on: dt.datetime) -> Portfolio:
    assert by.establishment is not None  # noqa: S101 - personas have one
    portfolio = create_portfolio(
        enterprise=by.establishment.enterprise, name=name, comment=comment, members=[collaborator], by=by, on=on
    )
    declarations = Declaration.objects.filter(code__in=[ATMP, "dsn"])
    set_portfolio_declarations(portfolio=portfolio, declarations=declarations, by=by, on=on)
    return portfolio


def _give(portfolio: Portfolio, siret: str, by: User, on: dt.datetime) -> None:
    client = Client.objects.get(portfolio=portfolio, establishment__siret=siret)
    set_client_declarations(client=client, declarations=[Declaration.objects.get(code=ATMP)], by=by, on=on)


def _deposit(by: User, siret: str, rate: str, on: dt.datetime) -> None:
    """Deposit the DSN of the month before. rate: what payroll applied to 45.2BE, nothing for 999ZZ."""
    assert by.establishment is not None  # noqa: S101 - personas have one
    file = month_file(by.establishment.siret, siret, ("45.2BE", rate) if rate else None, on.astimezone(PARIS).date())
    deposit_dsn(file=file, depositor=by.establishment.enterprise, by=by, on=on)


def month_file(sender: str, siret: str, rate: tuple[str, str] | None, today: dt.date) -> "ContentFile[bytes]":
    """Return a DSN of the month before, for one establishment. rate: the code and what payroll applied, if notified."""
    month = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    code, applied = rate or ("999ZZ", "")
    rates = [("S21.G00.40.040", code.replace(".", "")), *([("S21.G00.40.043", applied)] if applied else [])]
    rubriques = [
        ("S10.G00.00.005", "02"), ("S10.G00.00.006", "P26V01"), ("S10.G00.00.008", "01"),
        ("S10.G00.01.001", sender[:9]), ("S10.G00.01.002", sender[9:]),
        ("S20.G00.05.001", "01"), ("S20.G00.05.002", "01"), ("S20.G00.05.003", "11"), ("S20.G00.05.004", "1"),
        ("S20.G00.05.005", f"{month:%d%m%Y}"), ("S20.G00.05.007", f"{today:%d%m%Y}"),
        ("S21.G00.06.001", siret[:9]), ("S21.G00.11.001", siret[9:]), ("S21.G00.40.039", "200"), *rates,
    ]  # fmt: skip
    rubriques += [("S90.G00.90.001", str(len(rubriques) + 2)), ("S90.G00.90.002", "1")]
    content = "".join(f"{name},'{value}'\n" for name, value in rubriques).encode()
    return ContentFile(content, f"dsn-{month:%Y-%m}-{siret}.dsn")
