"""Letters about the legal dates of notifications, one function each; they are sent many at a time.

count: of establishments. available: day the notifications were put online.
"""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage

from accounts.emails import letter, portal_link
from accounts.models import User
from notifications.rules import Policy, legal_state
from portal.kit import french


def deposit_notice(person: User, count: int, available: dt.date, policy: Policy) -> EmailMessage:
    """Write the notice of deposit: day of availability, contact, the fifteen days (domain.md, section 3)."""
    return _about_opening(
        person, "Avis de dépôt : votre taux AT/MP", "notifications/emails/available.txt", count, available, policy
    )


def unread_reminder(person: User, count: int, available: dt.date, policy: Policy) -> EmailMessage:
    """Write the reminder of what nobody of the enterprise opened yet, before the fifteenth day."""
    last = french.day(legal_state(available, None, available, policy).last_free_day)
    return _about_opening(
        person,
        f"Rappel : taux AT/MP à ouvrir jusqu'au {last}",
        "notifications/emails/unread.txt",
        count,
        available,
        policy,
    )


def before_challenge_ends(person: User, count: int, until: dt.date) -> EmailMessage:
    """Write the reminder of the last day to challenge."""
    return letter(
        to=person.email,
        subject=f"Rappel : taux AT/MP contestable jusqu'au {french.day(until)}",
        template="notifications/emails/challenge.txt",
        person=person,
        count=count,
        until=until,
        contact=settings.ISSUER_CONTACT,
        link=portal_link("notifications:notification_list"),
    )


def _about_opening(
    person: User, subject: str, template: str, count: int, available: dt.date, policy: Policy
) -> EmailMessage:
    last = legal_state(available, None, available, policy).last_free_day
    # What the law will say if nobody opens it.
    unopened = legal_state(available, None, last + dt.timedelta(days=1), policy)
    return letter(
        to=person.email,
        subject=subject,
        template=template,
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
