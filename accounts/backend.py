"""Who may be logged in from one request to the next."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class PortalBackend(AuthenticationBackend):
    """allauth's; a session is nobody's before its person validated his address, however it came about (G3.15)."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the person of a session. None also for whoever was suspended meanwhile."""
        user: User | None = super().get_user(user_id)
        return None if user and user.state == User.State.UNVERIFIED else user
