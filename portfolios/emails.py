"""Letters by mail to tiers déclarants, one function each."""

import datetime as dt
from dataclasses import dataclass, field

from accounts.emails import portal_link, send_letter
from accounts.models import Establishment, User

# A firm of ten thousand clients reads the rest on the page.
MOST_NAMED = 50


@dataclass
class News:
    """What happened to a firm's clients since the last look: (establishment, last day) pairs."""

    opened: list[tuple[Establishment, dt.date]] = field(default_factory=list)
    closed: list[tuple[Establishment, dt.date]] = field(default_factory=list)
    closing: list[tuple[Establishment, dt.date]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed or self.closing)


def tell_windows(administrator: User, news: News) -> None:
    """Tell what opened, closed, and will close within fifteen days (G0.5)."""
    send_letter(
        to=administrator.email,
        subject="Accès aux comptes AT/MP de vos clients",
        template="portfolios/emails/windows.txt",
        person=administrator,
        groups=[
            ("Ouverts par vos DSN", news.opened[:MOST_NAMED], len(news.opened)),
            ("Fermés, faute de DSN depuis trois mois", news.closed[:MOST_NAMED], len(news.closed)),
            ("Bientôt fermés, sans nouvelle DSN", news.closing[:MOST_NAMED], len(news.closing)),
        ],
        link=portal_link("notifications:client_rate_list"),
    )
