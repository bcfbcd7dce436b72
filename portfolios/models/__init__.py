"""Tables of portfolios, their clients, and deposited DSN."""

from portfolios.models.dsn import DsnDeposit, DsnFiling, DsnRate, DsnRemark
from portfolios.models.portfolio import (
    Client,
    ClientDeclaration,
    ClientHabilitation,
    Portfolio,
    PortfolioDeclaration,
)

__all__ = [
    "Client",
    "ClientDeclaration",
    "ClientHabilitation",
    "DsnDeposit",
    "DsnFiling",
    "DsnRate",
    "DsnRemark",
    "Portfolio",
    "PortfolioDeclaration",
]
