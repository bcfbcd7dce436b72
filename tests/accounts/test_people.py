"""Colleagues, and the last administrator who stays (G3.5; trust.md, Learned from peers)."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.actions import people
from accounts.actions.passwords import adopt_address, propose_address
from accounts.models import JournalEntry, User
from notifications.actions.receipts import open_notification
from notifications.models import Receipt
from tests.factories.accounts import UserFactory
from tests.factories.notifications import NotificationFactory
from tests.people import Company, logged_in

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
LEAVINGS: dict[str, Callable[[User, User], object]] = {
    "leaving": lambda user, _by: people.remove_user(user=user, by=user, on=ON),
    "removal": lambda user, by: people.remove_user(user=user, by=by, on=ON),
    "suspension": lambda user, by: people.suspend_user(user=user, by=by, on=ON),
    "demotion": lambda user, by: people.change_role(user=user, role=User.Role.DECLARANT, by=by, on=ON),
}


@pytest.mark.parametrize("way", LEAVINGS)
def test_the_last_administrator_stays_whatever_the_door(administrator: User, declarant: User, way: str) -> None:
    with pytest.raises(ValidationError, match="Anaïs Le Goff est le dernier administrateur"):
        LEAVINGS[way](administrator, declarant)
    administrator.refresh_from_db()
    assert administrator.is_administrator


@pytest.mark.parametrize("way", LEAVINGS)
def test_one_of_two_may_go_and_the_other_then_stays(
    administrator: User, secondary_administrator: User, declarant: User, way: str
) -> None:
    LEAVINGS[way](secondary_administrator, declarant)
    assert list(User.objects.administrators_of(administrator.establishment.enterprise)) == [administrator]  # type: ignore[union-attr]
    with pytest.raises(ValidationError):
        LEAVINGS[way](administrator, declarant)


def test_a_suspended_or_waiting_administrator_does_not_count(
    administrator: User, suspended: User, candidate: User
) -> None:
    with pytest.raises(ValidationError):
        people.remove_user(user=administrator, by=administrator, on=ON)


def test_staff_may_suspend_even_the_last(administrator: User, staff: User) -> None:
    assert people.suspend_user(user=administrator, by=staff, on=ON, even_last=True)


def invite(company: Company, by: User, **changes: str) -> User:
    values = {"last_name": "Quéré", "first_name": "Maï", "homonym": "", "email": "mai@exemple.example", "phone": ""}
    return people.invite_declarant(establishment=company.head_office, by=by, on=ON, **(values | changes))


def test_a_colleague_is_invited_to_choose_his_password(company: Company, administrator: User) -> None:
    """G3.5."""
    user = invite(company, administrator)
    assert (user.role, user.state, user.has_usable_password()) == ("declarant", "unverified", False)
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["mai@exemple.example"], "[SIMULATEUR] Un administrateur vous a inscrit")
    assert "23 janvier 2027 à 10" in sent.body
    assert re.search(r"/mot-de-passe/\d+/\S+/", sent.body)


@pytest.mark.parametrize(
    "changes",
    [
        {"last_name": "LE GOFF", "first_name": "anais"},
        {"last_name": "œ" * 80, "first_name": "œ" * 80, "homonym": "œ" * 40},
    ],
)
def test_a_name_that_is_taken_or_does_not_fit_is_refused_at_its_field(
    company: Company, administrator: User, changes: dict[str, str]
) -> None:
    with pytest.raises(ValidationError) as refusal:
        invite(company, administrator, **changes)
    assert list(refusal.value.message_dict) == ["last_name"]
    assert mail.outbox == []


def test_nobody_is_invited_to_a_closed_establishment(company: Company, administrator: User) -> None:
    company.head_office.closed_on = dt.date(2027, 1, 20)
    with pytest.raises(ValidationError, match="fermé"):
        invite(company, administrator)


def test_the_link_is_sent_again_until_it_is_followed(company: Company, administrator: User, declarant: User) -> None:
    user = invite(company, administrator)
    assert people.invite_again(user=user, by=administrator, on=ON)
    assert not people.invite_again(user=declarant, by=administrator, on=ON)
    assert len(mail.outbox) == 2


def test_a_corrected_address_has_to_be_validated_and_the_old_link_dies(declarant: User, administrator: User) -> None:
    """G3.15: the old address is told."""
    before = declarant.email
    old = EmailConfirmationHMAC.create(EmailAddress.objects.get(user=declarant)).key
    assert people.correct_address(user=declarant, email="neuve@exemple.example", by=administrator, on=ON)
    [address] = EmailAddress.objects.filter(user=declarant)
    assert (address.email, address.verified, EmailConfirmationHMAC.from_key(old)) == (
        "neuve@exemple.example",
        False,
        None,
    )
    assert [sent.to for sent in mail.outbox] == [["neuve@exemple.example"], [before]]
    assert not people.correct_address(user=declarant, email="neuve@exemple.example", by=administrator, on=ON)


def test_the_corrected_address_of_an_invited_colleague_gets_the_invitation(
    company: Company, administrator: User
) -> None:
    user = invite(company, administrator, email="faux@exemple.example")
    people.correct_address(user=user, email="juste@exemple.example", by=administrator, on=ON)
    assert [(sent.to[0], sent.subject[13:]) for sent in mail.outbox[1:]] == [
        ("juste@exemple.example", "Un administrateur vous a inscrit"),
        ("faux@exemple.example", "Votre adresse électronique a changé"),
    ]


def test_ones_own_new_address_replaces_the_old_once_its_link_is_followed(administrator: User) -> None:
    before = administrator.email
    assert propose_address(user=administrator, email="Moi@Exemple.example", on=ON)
    administrator.refresh_from_db()
    assert administrator.email == before
    address = EmailAddress.objects.get(user=administrator, verified=False)
    assert [adopt_address(address=address, on=ON) for _time in range(2)] == [True, False]
    administrator.refresh_from_db()
    assert administrator.email == "moi@exemple.example"
    assert list(EmailAddress.objects.filter(user=administrator).values_list("email", "primary")) == [
        ("moi@exemple.example", True)
    ]
    assert mail.outbox[-1].to == [before]
    assert not propose_address(user=administrator, email="MOI@exemple.example", on=ON)


@pytest.mark.parametrize("way", ["removal", "suspension"])
def test_whoever_goes_loses_his_sessions_at_once(administrator: User, declarant: User, way: str) -> None:
    client = logged_in(declarant)
    assert client.get("/menu/").status_code == 200
    LEAVINGS[way](declarant, administrator)
    assert client.get("/menu/").status_code == 302


def test_a_new_role_holds_from_the_next_request_on(administrator: User, declarant: User) -> None:
    client = logged_in(declarant)
    assert client.get("/entreprise/inscrits/").status_code == 404
    people.change_role(user=declarant, role=User.Role.ADMINISTRATOR, by=administrator, on=ON)
    assert client.get("/entreprise/inscrits/").status_code == 200


def test_a_removed_person_leaves_the_journal_and_the_first_reading(administrator: User, declarant: User) -> None:
    """Who read a notification, and when, counts in law."""
    notification = NotificationFactory(decision__establishment=declarant.establishment)
    open_notification(notification=notification, by=declarant, on=ON)
    assert people.remove_user(user=declarant, by=administrator, on=ON)
    assert not people.remove_user(user=declarant, by=administrator, on=ON)
    assert (Receipt.objects.get().user, Receipt.objects.get().read_at) == (None, ON)
    assert JournalEntry.objects.filter(verb="user.remove").count() == 1
    assert "Zoé Kervella est retiré de l'entreprise" in JournalEntry.objects.latest("pk").summary
    assert [sent.to for sent in mail.outbox] == [[declarant.email]]


def test_a_candidate_is_never_promoted_this_way(administrator: User, candidate: User) -> None:
    assert not people.change_role(user=candidate, role=User.Role.DECLARANT, by=administrator, on=ON)
    candidate.refresh_from_db()
    assert candidate.state == User.State.PENDING


def test_changing_nothing_writes_nothing(administrator: User, declarant: User) -> None:
    entries = JournalEntry.objects.count()
    assert not people.change_role(user=declarant, role=User.Role.DECLARANT, by=administrator, on=ON)
    assert not people.correct_phone(user=declarant, phone=declarant.phone, by=administrator, on=ON)
    assert not people.reactivate_user(user=declarant, by=administrator, on=ON)
    assert JournalEntry.objects.count() == entries


def test_people_of_other_enterprises_do_not_keep_one_here(administrator: User, stranger: User) -> None:
    UserFactory(establishment=stranger.establishment, administrator=True)
    with pytest.raises(ValidationError):
        people.remove_user(user=administrator, by=administrator, on=ON)
    assert Client().get("/menu/").status_code == 302
