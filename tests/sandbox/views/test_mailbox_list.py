"""The mailboxes: every mail by recipient, as HTML, text or source, and harmless."""

import datetime as dt
import re
from base64 import b64encode
from email import message_from_bytes, policy
from hashlib import sha256

import pytest
from allauth.account.models import EmailAddress
from django.template.loader import render_to_string
from django.test import Client

from accounts.emails import confirm_address
from accounts.models import Mail, User
from tests.conftest import NOW

URL = "/simulateur/courriels/"


def write(recipient: str = "anais@exemple.example", **fields: object) -> Mail:
    values = {"sender": "Atelier <a@b.example>", "subject": "Objet", "text": "Bonjour", "created_at": NOW}
    return Mail.objects.create(recipient=recipient, **values | fields)


@pytest.mark.parametrize("boxes", [1, 3])
def test_each_box_has_its_count_and_its_last_mail(
    client: Client, db: None, boxes: int, django_assert_num_queries: object
) -> None:
    for number in range(boxes):
        for turn in range(2):
            write(f"boite{number}@exemple.example", subject=f"Objet {number}-{turn}")
    # The clock's row, the boxes.
    with django_assert_num_queries(2):  # type: ignore[operator]
        page = client.get(URL).content.decode()
    assert re.findall(r"Objet (\d-\d)", page) == [f"{number}-1" for number in reversed(range(boxes))]
    assert re.findall(r'class="number">(\d+)<', page) == ["2"] * boxes


def test_a_box_is_found_by_part_of_its_address(client: Client, db: None) -> None:
    write("anais@exemple.example")
    write("mael@exemple.example")
    page = client.get(URL, {"adresse": "MAEL"}).content.decode()
    assert ("mael@" in page, "anais@" in page) == (True, False)


@pytest.mark.parametrize("word", ["a\0", "x" * 200])
def test_a_filter_that_cannot_be_read_finds_nothing(client: Client, db: None, word: str) -> None:
    write()
    assert "Aucune boîte." in client.get(URL, {"adresse": word}).content.decode()


@pytest.mark.parametrize("mails", [1, 3])
def test_a_box_lists_its_mails_and_no_others(
    client: Client, db: None, mails: int, django_assert_num_queries: object
) -> None:
    for number in range(mails):
        write(subject=f"Objet {number}")
    write("mael@exemple.example", subject="Objet 9")
    with django_assert_num_queries(2):  # type: ignore[operator]
        page = client.get(f"{URL}boite/", {"adresse": "anais@exemple.example"}).content.decode()
    assert re.findall(r"Objet (\d)", page) == [str(number) for number in reversed(range(mails))]


def test_a_box_that_never_was_written_to_is_not_found(client: Client, db: None) -> None:
    assert client.get(f"{URL}boite/", {"adresse": "x@y.example"}).status_code == 404
    assert client.get(f"{URL}boite/").status_code == 404


def test_an_address_with_a_plus_leads_to_its_own_box(client: Client, db: None) -> None:
    write("a+b&c@exemple.example")
    [link] = re.findall(r'href="(/simulateur/courriels/boite/[^"]+)"', client.get(URL).content.decode())
    assert client.get(link).status_code == 200


def test_a_mail_is_shown_in_a_frame_that_may_do_nothing_but_follow_links(client: Client, db: None) -> None:
    mail = write(html="<html><head></head><body><p>Bonjour</p></body></html>")
    answer = client.get(f"{URL}{mail.pk}/")
    frame = re.search(r"<iframe[^>]+>", answer.content.decode())
    assert frame is not None
    assert f'src="{URL}{mail.pk}/contenu/"' in frame[0]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"' in frame[0]
    assert "frame-src 'self'" in answer["Content-Security-Policy"]


def test_the_frames_content_runs_and_fetches_nothing(client: Client, db: None) -> None:
    style = (
        render_to_string("layouts/email.html", {"subject": "", "body": ""})
        .partition("<style>")[2]
        .partition("</style>")[0]
    )
    mail = write(html='<script>x</script><img src="https://ailleurs.example/p.gif"><a href="/menu/">menu</a>')
    answer = client.get(f"{URL}{mail.pk}/contenu/")
    rules = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
    }
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.content.decode().startswith('<base target="_top">')


def test_the_text_is_shown_as_text_with_its_links(client: Client, db: None) -> None:
    mail = write(text="Voyez <b>ici</b> : http://localhost:8000/menu/")
    page = client.get(f"{URL}{mail.pk}/?forme=texte").content.decode()
    assert "&lt;b&gt;ici&lt;/b&gt;" in page
    assert 'href="http://localhost:8000/menu/"' in page


def test_a_mail_without_html_opens_as_text(client: Client, db: None) -> None:
    mail = write()
    page = client.get(f"{URL}{mail.pk}/?forme=html").content.decode()
    assert ("<iframe" in page, "Bonjour" in page) == (False, True)
    assert client.get(f"{URL}{mail.pk}/contenu/").status_code == 404


def test_the_source_is_the_message_as_it_would_travel(client: Client, db: None) -> None:
    mail = write(html="<p>Été</p>", text="Été", created_at=dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC))
    answer = client.get(f"{URL}{mail.pk}/?forme=source")
    message = message_from_bytes(answer.context["source"].encode(), policy=policy.default)
    assert (message["To"], message["Date"]) == ("anais@exemple.example", "Wed, 20 Jan 2027 10:00:00 +0100")
    assert [part.get_content().strip() for part in message.iter_parts()] == ["Été", "<p>Été</p>"]


def test_the_link_of_a_mail_works(client: Client, administrator: User) -> None:
    """G3.15: out of the box, to the page that validates the address."""
    EmailAddress.objects.filter(user=administrator).update(verified=False)
    confirm_address(EmailAddress.objects.get(user=administrator))
    mail = Mail.objects.get()
    body = client.get(f"{URL}{mail.pk}/contenu/").content.decode()
    [link] = re.findall(r'href="http://localhost:8000(/inscription/adresse/[^"]+)"', body)
    assert client.get(link).status_code == 200


def test_a_mail_that_does_not_exist_is_not_found(client: Client, db: None) -> None:
    assert [client.get(f"{URL}9/{page}").status_code for page in ("", "contenu/")] == [404, 404]
