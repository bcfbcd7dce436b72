"""Behind Django's mail API: a message becomes a row, in the caller's transaction (trust.md, Jobs and mail)."""

from collections.abc import Iterator, Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from accounts.models import Mail
from portal import clock


class OutboxBackend(BaseEmailBackend):
    """EMAIL_BACKEND: stores each message once per recipient; a sweep sends them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages down and return how many there were.

        Raises ValueError for what a row cannot hold: attachments, copies, a subject of two lines.
        """
        Mail.objects.bulk_create([mail for message in email_messages for mail in self._mails(message)])
        return len(email_messages)

    def _mails(self, message: EmailMessage) -> Iterator[Mail]:
        if message.attachments or message.cc or message.bcc:
            raise ValueError("The outbox holds neither attachments nor copies.")
        if set(message.subject) & {"\n", "\r"}:
            raise ValueError("A subject is one line.")
        pages = [part.content for part in getattr(message, "alternatives", []) if part.mimetype == "text/html"]
        # Called by Django, which hands no instant down.
        now = clock.now()
        yield from (
            Mail(
                recipient=recipient,
                siren=message.extra_headers.get(Mail.ENTERPRISE, ""),
                sender=message.from_email,
                subject=str(message.subject),
                text=str(message.body),
                html=str(pages[0]) if pages else "",
                created_at=now,
                next_try_at=clock.real_now(),
            )
            for recipient in message.to
        )
