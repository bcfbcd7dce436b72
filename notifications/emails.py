"""Letters by mail about the legal dates of notifications, one function each; one mail a person, whatever the number."""

import datetime as dt

from django.conf import settings

from accounts.emails import portal_link, send_letter
from accounts.models import User
from notifications.rules import Policy, legal_state
from portal.kit import french


def tell_available(person: User, count: int, available: dt.date, policy: Policy) -> None:
    """Send the notice of deposit: day of availability, contact, the fifteen days (domain.md, section 3)."""
    _about_opening(person, "Avis de dépôt : votre taux AT/MP", "available", count, available, policy)


def remind_unread(person: User, count: int, available: dt.date, policy: Policy) -> None:
    """Remind of what nobody of the enterprise opened yet, before the fifteenth day."""
    last = french.day(legal_state(available, None, available, policy).last_free_day)
    _about_opening(person, f"Rappel : taux AT/MP à ouvrir jusqu'au {last}", "unread", count, available, policy)


def remind_challenge(person: User, count: int, until: dt.date) -> None:
    """Remind of the last day to challenge."""
    send_letter(
        to=person.email,
        subject=f"Rappel : taux AT/MP contestable jusqu'au {french.day(until)}",
        template="notifications/emails/challenge.txt",
        person=person,
        count=count,
        until=until,
        contact=settings.ISSUER_CONTACT,
        link=portal_link("notifications:notification_list"),
    )


def _about_opening(person: User, subject: str, template: str, count: int, available: dt.date, policy: Policy) -> None:
    last = legal_state(available, None, available, policy).last_free_day
    # What the law will say if nobody opens it.
    unopened = legal_state(available, None, last + dt.timedelta(days=1), policy)
    send_letter(
        to=person.email,
        subject=subject,
        template=f"notifications/emails/{template}.txt",
        person=person,
        count=count,
        available=available,
        last=last,
        deemed=unopened.notified_on,
        until=unopened.challenge_until,
        # Opened later still, it is notified that day (Cass. avis 23-70.009).
        reopens=unopened.starts_clock,
        contact=settings.ISSUER_CONTACT,
        link=f"{portal_link('notifications:notification_list')}?etat=non-lues",
    )
