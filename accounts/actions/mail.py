"""Sends what waits in the outbox, one mail a transaction: killed, a mail is sent again at the worst, never lost."""

import datetime as dt
import logging

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction

from accounts.models import Mail
from portal.kit.bulk import skip_locked

logger = logging.getLogger(__name__)
# After so many refusals the mail server has the last word; staff see the mail with its problem.
ATTEMPTS = 8


@transaction.atomic
def send_next_mail(*, at: dt.datetime) -> bool:
    """Send one mail that is due, and say whether there was one.

    at: real time. Without settings.MAIL_TRANSPORT the mail stays in the portal's own store.
    """
    mail = skip_locked(Mail.objects.due(at)).first()
    if mail is None:
        return False
    mail.attempts += 1
    try:
        if settings.MAIL_TRANSPORT:
            _send(mail)
        mail.sent_at, mail.problem = at, ""
    except OSError as error:  # of which SMTPException is one
        mail.problem = str(error)[:300]
        mail.next_try_at = at + dt.timedelta(minutes=2**mail.attempts) if mail.attempts < ATTEMPTS else None
        logger.warning("mail %s refused, attempt %s", mail.pk, mail.attempts)
    mail.save(update_fields=["attempts", "sent_at", "problem", "next_try_at"])
    return True


def _send(mail: Mail) -> None:
    transport = get_connection(settings.MAIL_TRANSPORT)
    message = EmailMultiAlternatives(mail.subject, mail.text, mail.sender, [mail.recipient], connection=transport)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    message.send()
