"""Tables of deposited DSN."""

from portfolios.models.dsn import DsnDeposit, DsnFiling, DsnRate, DsnRemark

__all__ = ["DsnDeposit", "DsnFiling", "DsnRate", "DsnRemark"]
