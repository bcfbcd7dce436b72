"""Tables of portfolios, their clients, and deposited DSN."""

from portfolios.models.bulk import BulkLine, BulkRequest
from portfolios.models.dsn import DsnDeposit, DsnFiling, DsnRate, DsnRemark
from portfolios.models.portfolio import (
    Client,
    ClientDeclaration,
    ClientHabilitation,
    Portfolio,
    PortfolioDeclaration,
)
from portfolios.models.window import DsnCheck, DsnWindow

__all__ = [
    "BulkLine",
    "BulkRequest",
    "Client",
    "ClientDeclaration",
    "ClientHabilitation",
    "DsnCheck",
    "DsnDeposit",
    "DsnFiling",
    "DsnRate",
    "DsnRemark",
    "DsnWindow",
    "Portfolio",
    "PortfolioDeclaration",
]
