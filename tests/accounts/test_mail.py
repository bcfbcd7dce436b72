"""The outbox: a mail is a row of its caller's transaction, sent once, and again when the server refused."""

import datetime as dt
import smtplib
from pathlib import Path

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, send_mail
from django.db import transaction
from pytest_django import Settings

from accounts.actions import mail as actions
from accounts.actions.mail import ATTEMPTS, send_next_mail
from accounts.models import Mail
from accounts.tasks import send_mails
from portal import clock

pytestmark = pytest.mark.django_db
AT = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def outbox(settings: Settings) -> None:
    """Undo what the test runner puts in the place of the portal's backend."""
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Path:
    """A mail server that keeps one file per connection."""
    settings.MAIL_TRANSPORT = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mails")
    return tmp_path / "mails"


def write(subject: str = "Bonjour", *to: str) -> None:
    send_mail(subject, "Texte accentué : été", None, list(to) or ["a@exemple.example"], html_message="<p>été</p>")


def test_a_message_is_a_row_before_it_is_sent(server: Path) -> None:
    write("Bonjour", "a@exemple.example", "b@exemple.example")
    assert list(Mail.objects.order_by("id").values_list("recipient", "subject", "text", "html", "sent_at")) == [
        ("a@exemple.example", "Bonjour", "Texte accentué : été", "<p>été</p>", None),
        ("b@exemple.example", "Bonjour", "Texte accentué : été", "<p>été</p>", None),
    ]
    assert not server.exists()


def test_a_mail_goes_with_the_transaction_that_wrote_it() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not Mail.objects.exists()


def test_the_sweep_sends_each_once_text_first(server: Path) -> None:
    write("Un")
    write("Deux")
    assert (send_mails(), send_mails()) == (2, 0)
    # Two connections of one second may share a file.
    sent = "".join(path.read_text() for path in server.iterdir())
    assert (sent.count("Subject: "), Mail.objects.filter(sent_at=AT).count()) == (2, 2)
    assert sent.index("text/plain") < sent.index("text/html")


def test_without_a_server_mails_stay_in_the_portals_own_store(settings: Settings) -> None:
    settings.MAIL_TRANSPORT = ""
    write()
    send_mails()
    assert Mail.objects.get().sent_at == AT


def test_a_refused_mail_waits_longer_each_time_and_the_others_go_on(
    server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(mail: Mail) -> None:
        if mail.subject == "Refusé":
            raise smtplib.SMTPRecipientsRefused({mail.recipient: (550, b"inconnu")})

    monkeypatch.setattr(actions, "_send", refuse)
    write("Refusé")
    write("Accepté")
    assert (send_next_mail(at=AT), send_next_mail(at=AT), send_next_mail(at=AT)) == (True, True, False)
    refused, accepted = Mail.objects.get(subject="Refusé"), Mail.objects.get(subject="Accepté")
    assert (refused.sent_at, refused.attempts, refused.next_try_at) == (None, 1, AT + dt.timedelta(minutes=2))
    assert ("550" in refused.problem, accepted.sent_at) == (True, AT)


def test_a_mail_refused_too_often_is_given_up_and_kept(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_mail: Mail) -> None:
        raise ConnectionRefusedError("fermé")

    monkeypatch.setattr(actions, "_send", refuse)
    write()
    at = AT
    while send_next_mail(at=at):
        at += dt.timedelta(days=1)
    mail = Mail.objects.get()
    assert (mail.attempts, mail.sent_at, mail.next_try_at, mail.problem) == (ATTEMPTS, None, None, "fermé")


def test_what_a_row_cannot_hold_is_refused_whole() -> None:
    message = EmailMessage("Objet", "Texte", to=["a@exemple.example"], cc=["b@exemple.example"])
    with pytest.raises(ValueError, match="neither attachments nor copies"):
        message.send()
    message = EmailMultiAlternatives("Deux\nlignes", "Texte", to=["a@exemple.example"])
    with pytest.raises(ValueError, match="one line"):
        message.send()
    assert not Mail.objects.exists()


def test_mails_are_dated_by_the_portal_and_sent_by_the_machine(settings: Settings) -> None:
    settings.CLOCK_OFFSET = "tests.portal.test_clock.fifteen_days"
    write()
    mail = Mail.objects.get()
    assert (mail.created_at, mail.next_try_at) == (clock.now(), clock.real_now())
