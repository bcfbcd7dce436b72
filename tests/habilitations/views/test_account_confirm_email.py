"""The link that validates an address (G3.15)."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import mail, signing
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertRedirects

from accounts import emails
from accounts.models import User
from tests.factories.accounts import PASSWORD, UserFactory
from tests.people import Company

SENT = reverse("account_email_verification_sent")


@pytest.fixture
def newcomer(company: Company) -> User:
    return UserFactory(
        establishment=company.head_office, administrator=True, state=User.State.UNVERIFIED, last_name="Tanguy"
    )


def link(user: User) -> str:
    key = EmailConfirmationHMAC.create(EmailAddress.objects.get(user=user)).key
    return reverse("account_confirm_email", args=[key])


def log_in(user: User, client: Client | None = None) -> tuple[Client, str]:
    """Log in by the form; return the client, and where it was led."""
    client = client or Client()
    assert user.establishment is not None
    values = {
        "siret": user.establishment.siret,
        "last_name": user.last_name,
        "first_name": user.first_name,
        "password": PASSWORD,
    }
    return client, client.post(reverse("account_login"), values).headers.get("Location", "")


def test_nothing_can_be_used_before_and_logging_in_sends_the_link_again(newcomer: User) -> None:
    client, location = log_in(newcomer)
    assert location == SENT
    assertContains(client.get(SENT), newcomer.email)
    assert client.get(reverse("portal:dashboard")).status_code == 302
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([newcomer.email], "[SIMULATEUR] Validez votre adresse électronique")
    assert link(newcomer).rsplit(":", 1)[0].split("/")[-1].split(":")[0] in sent.body


def test_the_mail_has_text_and_html_with_the_date_on_which_the_link_ends(newcomer: User, settings: Settings) -> None:
    settings.PORTAL_URL = "https://portail.exemple"
    emails.confirm_address(EmailAddress.objects.get(user=newcomer))
    [sent] = mail.outbox
    text, html = sent.body.replace("\N{NO-BREAK SPACE}", " "), str(sent.alternatives[0][0])  # type: ignore[attr-defined]
    assert "Ce lien vaut jusqu'au 23 janvier 2027 à 10 h 00." in text
    [address] = re.findall(r"https://portail\.exemple/inscription/adresse/\S+/", text)
    assert f'<a href="{address}"' in html
    assert "SIMULATEUR" in html


def test_a_name_is_escaped_in_html_and_not_in_text(newcomer: User) -> None:
    newcomer.last_name = "<b>D'Été</b>"
    newcomer.save()
    emails.confirm_address(EmailAddress.objects.get(user=newcomer))
    [sent] = mail.outbox
    assert "Bonjour Camille <b>D'Été</b>," in sent.body
    assert "<b>" not in str(sent.alternatives[0][0])  # type: ignore[attr-defined]


def test_following_the_link_changes_nothing_until_the_button_is_pressed(newcomer: User) -> None:
    """Mail scanners follow links."""
    client = Client()
    assertContains(client.get(link(newcomer)), "Valider mon adresse")
    newcomer.refresh_from_db()
    assert newcomer.state == User.State.UNVERIFIED
    assertContains(client.post(link(newcomer)), "Vous pouvez vous connecter.")
    newcomer.refresh_from_db()
    assert newcomer.state == User.State.ACTIVE
    assert log_in(newcomer)[1] == reverse("portal:dashboard")


def test_a_second_click_is_harmless_and_says_so(newcomer: User) -> None:
    address = link(newcomer)
    Client().post(address)
    for response in (Client().get(address), Client().post(address)):
        assertContains(response, "Cette adresse est déjà validée")


def test_a_later_administrator_reads_that_he_is_a_candidate(administrator: User, newcomer: User) -> None:
    """G4.1."""
    assertContains(Client().post(link(newcomer)), "vous êtes candidat")
    client, location = log_in(newcomer)
    assert location == reverse("portal:dashboard")
    assertRedirects(client.get(location), reverse("habilitations:cooptation_status"))


def test_an_expired_link_says_how_to_get_another(newcomer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    address = link(newcomer)
    later = dt.datetime(2099, 1, 1, tzinfo=dt.UTC).timestamp()
    monkeypatch.setattr(signing.time, "time", lambda: later)  # type: ignore[attr-defined]
    for response in (Client().get(address), Client().post(address)):
        assertContains(response, "Ce lien a expiré")
    newcomer.refresh_from_db()
    assert newcomer.state == User.State.UNVERIFIED


@pytest.mark.parametrize("key", ["abc", "x" * 5000, "1:2:3", "é"])
def test_a_link_cut_or_made_up_leads_to_nothing(db: None, key: str) -> None:
    assertContains(Client().get(reverse("account_confirm_email", args=[key])), "Ce lien ne mène à rien")


def test_the_link_of_a_deleted_account_leads_to_nothing(newcomer: User) -> None:
    address = link(newcomer)
    newcomer.delete()
    assertContains(Client().post(address), "Ce lien ne mène à rien")


def test_a_refusal_tells_why_and_writes_nothing(newcomer: User, administrator: User, settings: Settings) -> None:
    settings.COOPTATION_PENDING_MAX = 0
    assertContains(Client().post(link(newcomer)), "Trop de demandes attendent déjà")
    assert not EmailAddress.objects.get(user=newcomer).verified


def test_people_who_share_a_mailbox_each_get_their_link(company: Company) -> None:
    """allauth's own limit is one mail in three minutes per address."""
    for number in range(6):
        user = UserFactory(
            establishment=company.head_office,
            state=User.State.UNVERIFIED,
            last_name=f"Partage{number}",
            email="accueil@exemple.example",
        )
        log_in(user)
    assert [sent.to for sent in mail.outbox] == [["accueil@exemple.example"]] * 6
