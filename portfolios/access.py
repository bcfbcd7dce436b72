"""Who deposits DSN, and who reads what became of them."""

from django.db.models import QuerySet

from accounts.models import User
from portfolios.models import DsnDeposit


def may_deposit(user: User) -> bool:
    """Say whether a person may deposit DSN for his enterprise: whoever is active in one (dsn.md, Who filed)."""
    return user.establishment is not None and user.state == User.State.ACTIVE


def visible_deposits(user: User) -> QuerySet[DsnDeposit]:
    """Return the deposits of a person's enterprise: all of them for an administrator, his own for a déclarant."""
    if not may_deposit(user) or user.establishment is None:
        return DsnDeposit.objects.none()
    deposits = DsnDeposit.objects.filter(depositor=user.establishment.enterprise_id)
    return deposits if user.is_administrator else deposits.filter(deposited_by=user)
