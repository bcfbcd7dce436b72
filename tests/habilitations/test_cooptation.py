"""Candidates for administrator: asked for, decided, reminded, expired (G4)."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from pytest_django import Settings

from accounts.models import Establishment, JournalEntry, User
from habilitations import rules
from habilitations.actions.activation import validate_address
from habilitations.actions.cooptation import (
    ask_letter,
    choose_route,
    decide_cooptation,
    expire_next,
    remind_next,
)
from habilitations.models import ATMP, ActivationKey, Cooptation, Declaration, EstablishmentDeclaration, Registration
from habilitations.tasks import expire_cooptations, remind_cooptations
from portal import clock
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.habilitations import CooptationFactory
from tests.people import Company

NOW = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
KEY, COOPTATION = Cooptation.Route.KEY, Cooptation.Route.COOPTATION


def mails() -> list[tuple[str, str]]:
    """Return (recipient, subject) of what was sent, the simulator's prefix left out."""
    return [(message.to[0], message.subject.removeprefix("[SIMULATEUR] ")) for message in mail.outbox]


@pytest.fixture
def newcomer(company: Company) -> User:
    """Registered from the home page as administrator, his address not validated yet."""
    user = UserFactory(
        establishment=company.head_office,
        administrator=True,
        state=User.State.UNVERIFIED,
        last_name="Tanguy",
        email="tanguy@exemple.example",
    )
    asked = Registration.objects.create(
        user=user, number="2027-000001", submitted_at=NOW, profile=Registration.Profile.ENTERPRISE
    )
    asked.declarations.set(Declaration.objects.filter(code=ATMP))
    return user


def validate(user: User, on: dt.datetime = NOW) -> User:
    validate_address(address=EmailAddress.objects.get(user=user), on=on)
    user.refresh_from_db()
    return user


def test_the_first_to_validate_becomes_the_administrator_with_his_declarations(newcomer: User) -> None:
    EstablishmentDeclaration.objects.all().delete()
    assert validate(newcomer).state == User.State.ACTIVE
    [opened] = EstablishmentDeclaration.objects.all()
    assert (opened.establishment, opened.opens_at) == (newcomer.establishment, NOW + dt.timedelta(hours=24))
    assert not Cooptation.objects.exists()


def test_whoever_comes_later_is_a_candidate_for_fifteen_days(administrator: User, newcomer: User) -> None:
    """G4.1; he is told of the two ways."""
    assert validate(newcomer).state == User.State.PENDING
    asked = Cooptation.objects.get()
    assert (asked.user, asked.route, asked.status) == (newcomer, "", Cooptation.Status.PENDING)
    assert asked.deadline == dt.datetime(2027, 2, 4, 23, tzinfo=dt.UTC)
    assert mails() == [("tanguy@exemple.example", "Choisissez comment être activé")]


def test_an_enterprise_whose_only_administrator_is_suspended_is_not_up_for_the_taking(
    suspended: User, newcomer: User
) -> None:
    assert validate(newcomer).state == User.State.PENDING
    with pytest.raises(ValidationError, match="Aucun administrateur ne peut être joint"):
        choose_route(cooptation=newcomer.cooptation, route=COOPTATION, on=NOW)
    assert Cooptation.objects.get().route == ""
    choose_route(cooptation=newcomer.cooptation, route=KEY, on=NOW)
    assert ActivationKey.objects.get().state == ActivationKey.State.TO_PRINT


def test_an_administrator_of_another_establishment_counts_too(company: Company, newcomer: User) -> None:
    UserFactory(establishment=company.secondary, administrator=True)
    assert validate(newcomer).state == User.State.PENDING


def test_a_second_click_on_the_link_changes_nothing(administrator: User, newcomer: User) -> None:
    """G3.15."""
    validate(newcomer)
    entries = JournalEntry.objects.count()
    validate(newcomer)
    assert (Cooptation.objects.count(), JournalEntry.objects.count(), len(mail.outbox)) == (1, entries, 1)


def test_a_closed_establishment_takes_nobody(newcomer: User) -> None:
    assert newcomer.establishment is not None
    newcomer.establishment.closed_on = dt.date(2027, 1, 20)
    newcomer.establishment.save()
    with pytest.raises(ValidationError, match="fermé depuis le 20 janvier 2027"):
        validate(newcomer)
    newcomer.refresh_from_db()
    assert (newcomer.state, EmailAddress.objects.get(user=newcomer).verified) == (User.State.UNVERIFIED, False)


def test_an_establishment_closed_before_the_accord_gets_no_declaration(administrator: User, newcomer: User) -> None:
    """trust.md, peers: it receives no new right. The accord stands, and the reason is told."""
    EstablishmentDeclaration.objects.all().delete()
    validate(newcomer)
    Establishment.objects.filter(pk=newcomer.establishment_id).update(closed_on=dt.date(2027, 1, 20))
    decide(Cooptation.objects.get(), administrator, granted=True)
    newcomer.refresh_from_db()
    assert (newcomer.state, EstablishmentDeclaration.objects.count()) == (User.State.ACTIVE, 0)
    refusal = "Cet établissement est fermé depuis le 20 janvier 2027 : il ne peut recevoir aucune déclaration."
    assert mails()[-1] == (newcomer.email, "Vous êtes administrateur")
    told = str(mail.outbox[-1].body)
    assert ("fermé depuis le 20 janvier 2027" in told, "son délai d'accès" in told) == (True, False)
    entry = JournalEntry.objects.latest("pk")
    assert (entry.verb, entry.summary.partition("Tanguy. ")[2]) == ("cooptation.grant", refusal)


def test_an_establishment_takes_a_limited_number_of_candidates(
    settings: Settings, administrator: User, candidate: User, newcomer: User
) -> None:
    settings.COOPTATION_PENDING_MAX = 1
    with pytest.raises(ValidationError, match="Trop de demandes attendent déjà"):
        validate(newcomer)
    assert not EmailAddress.objects.get(user=newcomer).verified
    Cooptation.objects.update(deadline=NOW)
    assert validate(newcomer).state == User.State.PENDING


def test_a_refused_candidate_asks_again_after_some_days_only(
    administrator: User, candidate: User, company: Company
) -> None:
    decide(candidate.cooptation, administrator, granted=False)
    again = UserFactory(
        establishment=company.head_office, administrator=True, state=User.State.UNVERIFIED, last_name="Riou"
    )
    with pytest.raises(ValidationError, match="à partir du 27 janvier 2027"):
        validate(again, on=NOW + dt.timedelta(days=7, seconds=-1))
    validate(again, on=NOW + dt.timedelta(days=7))
    assert Cooptation.objects.get(user=again).requested_at == NOW + dt.timedelta(days=7)


def test_cooptation_asks_every_active_administrator_by_mail(
    administrator: User, secondary_administrator: User, suspended: User, declarant: User, candidate: User
) -> None:
    """G4.2. The mail names who asks, for which company and SIRET, and decides nothing by itself."""
    choose_route(cooptation=candidate.cooptation, route=COOPTATION, on=NOW)
    subject = "Un administrateur attend votre décision"
    assert mails() == [(administrator.email, subject), (secondary_administrator.email, subject)]
    told = mail.outbox[0].body
    assert "Camille Riou demande à devenir administrateur de Belharra Logistique, au SIRET 982 820 011 00012" in (
        told.replace("\N{NO-BREAK SPACE}", " ")
    )
    assert "/habilitations/cooptations/" in told


def test_an_administrator_who_did_not_validate_his_new_address_is_not_asked(
    administrator: User, secondary_administrator: User, candidate: User
) -> None:
    """trust.md, Learned from peers: only active, reachable administrators are asked."""
    EmailAddress.objects.filter(user=administrator).update(verified=False)
    choose_route(cooptation=candidate.cooptation, route=COOPTATION, on=NOW)
    assert [sent.to[0] for sent in mail.outbox] == [secondary_administrator.email]


def test_choosing_the_same_way_twice_asks_once(administrator: User, candidate: User) -> None:
    for _time in range(2):
        choose_route(cooptation=candidate.cooptation, route=COOPTATION, on=NOW)
    assert len(mail.outbox) == 1


def test_the_mind_may_be_changed_while_the_request_is_pending(administrator: User, candidate: User) -> None:
    """A letter not printed yet is given up, and asked for again; the deadline stays."""
    asked, deadline = candidate.cooptation, candidate.cooptation.deadline
    for route in (KEY, COOPTATION, KEY):
        choose_route(cooptation=asked, route=route, on=NOW)
    asked.refresh_from_db()
    states = list(asked.keys.order_by("pk").values_list("state", flat=True))
    assert (asked.route, states, asked.deadline) == ("key", ["replaced", "to_print"], deadline)


def test_a_letter_under_way_stays_when_cooptation_is_chosen(administrator: User, candidate: User) -> None:
    choose_route(cooptation=candidate.cooptation, route=KEY, on=NOW)
    ActivationKey.objects.update(state=ActivationKey.State.POSTED, key_hash="x")
    for route in (COOPTATION, KEY):
        choose_route(cooptation=candidate.cooptation, route=route, on=NOW)
    assert ActivationKey.objects.get().state == ActivationKey.State.POSTED


def test_letters_are_limited_and_one_at_a_time(candidate: User) -> None:
    asked = candidate.cooptation
    ask_letter(cooptation=asked, on=NOW)
    with pytest.raises(ValidationError, match="attend déjà d'être imprimée"):
        ask_letter(cooptation=asked, on=NOW)
    for _time in range(2):
        asked.keys.filter(state="to_print").update(state="posted", key_hash="x")
        ask_letter(cooptation=asked, on=NOW)
    asked.keys.filter(state="to_print").update(state="posted", key_hash="x")
    with pytest.raises(ValidationError, match="3 lettres ont déjà été demandées"):
        ask_letter(cooptation=asked, on=NOW)
    assert list(asked.keys.order_by("pk").values_list("state", flat=True)) == ["replaced", "replaced", "posted"]


def decide(asked: Cooptation, by: User, *, granted: bool, reason: str = "", on: dt.datetime = NOW) -> bool:
    return decide_cooptation(cooptation=asked, granted=granted, reason=reason, by=by, on=on)


def test_an_accord_makes_an_administrator_at_once(administrator: User, candidate: User) -> None:
    """G4.5, G4.6."""
    assert decide(candidate.cooptation, administrator, granted=True)
    candidate.refresh_from_db()
    assert (candidate.state, candidate.is_administrator) == (User.State.ACTIVE, True)
    asked = Cooptation.objects.get()
    assert (asked.status, asked.decided_by, asked.decided_at) == ("granted", administrator, NOW)
    assert mails() == [(candidate.email, "Vous êtes administrateur")]
    assert JournalEntry.objects.latest("pk").summary == (
        f"Candidat {asked.pseudonym[:8]} au SIRET 982 820 011 00012 : est accepté : Camille Riou.".replace(
            "982 820 011 00012", "982\N{NO-BREAK SPACE}820\N{NO-BREAK SPACE}011\N{NO-BREAK SPACE}00012"
        )
    )


def test_a_refusal_deletes_the_candidate_and_leaves_a_pseudonym(administrator: User, candidate: User) -> None:
    """G4.5, G4.6: nothing that is kept names him."""
    pseudonym = candidate.pseudonym
    choose_route(cooptation=candidate.cooptation, route=KEY, on=NOW)
    assert decide(candidate.cooptation, administrator, granted=False, reason="Inconnu ici")
    assert not User.objects.filter(pk=candidate.pk).exists()
    asked = Cooptation.objects.get()
    assert (asked.status, asked.user, asked.pseudonym) == ("refused", None, pseudonym)
    assert ActivationKey.objects.get().state == ActivationKey.State.REPLACED
    assert mails() == [(candidate.email, "Votre demande est refusée")]
    assert "Motif donné : Inconnu ici" in mail.outbox[0].body.replace("\N{NO-BREAK SPACE}", " ")
    kept = [entry.summary + entry.actor_name for entry in JournalEntry.objects.all()]
    assert [text for text in kept if "Riou" in text] == []


@pytest.mark.parametrize("first", [True, False])
def test_the_first_decision_stands(administrator: User, candidate: User, first: bool) -> None:
    assert decide(candidate.cooptation, administrator, granted=first)
    sent = len(mail.outbox)
    assert not decide(candidate.cooptation, administrator, granted=not first)
    status = Cooptation.Status.GRANTED if first else Cooptation.Status.REFUSED
    assert (Cooptation.objects.get().status, len(mail.outbox)) == (status, sent)


# Requested on a day in Paris → its last minute, and its end, in UTC: winter, summer and both clock changes.
DEADLINES = [
    ("2027-01-18 10:00", "2027-02-02 22:59", "2027-02-02 23:00"),
    ("2027-07-01 10:00", "2027-07-16 21:59", "2027-07-16 22:00"),
    # Summer time starts on 28 March 2027, ends on 31 October.
    ("2027-03-20 10:00", "2027-04-04 21:59", "2027-04-04 22:00"),
    ("2027-10-20 10:00", "2027-11-04 22:59", "2027-11-04 23:00"),
    ("2027-03-13 10:00", "2027-03-28 21:59", "2027-03-28 22:00"),
    ("2027-10-16 10:00", "2027-10-31 22:59", "2027-10-31 23:00"),
    # Asked five minutes before midnight in Paris, and five after.
    ("2027-01-18 22:55", "2027-02-02 22:59", "2027-02-02 23:00"),
    ("2027-01-18 23:05", "2027-02-03 22:59", "2027-02-03 23:00"),
]


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(("asked_at", "last_minute", "end"), DEADLINES)
def test_a_request_is_pending_on_day_fifteen_and_gone_on_day_sixteen(
    candidate: User, monkeypatch: pytest.MonkeyPatch, asked_at: str, last_minute: str, end: str
) -> None:
    """G4.7: one mail, and the account is gone, by the sweep itself."""
    asked = candidate.cooptation
    asked.requested_at, asked.deadline = utc(asked_at), rules.cooptation_deadline(utc(asked_at))
    asked.save()
    local = utc(last_minute).astimezone(clock.PARIS)
    assert (local.hour, local.minute) == (23, 59)
    assert (local.date() - utc(asked_at).astimezone(clock.PARIS).date()).days == 15
    monkeypatch.setattr(clock, "now", lambda: utc(last_minute))
    assert (expire_cooptations(), Cooptation.objects.pending(utc(last_minute)).count()) == (0, 1)
    monkeypatch.setattr(clock, "now", lambda: utc(end))
    assert Cooptation.objects.pending(utc(end)).count() == 0
    assert (expire_cooptations(), expire_cooptations()) == (1, 0)
    asked.refresh_from_db()
    assert (asked.status, asked.user, User.objects.filter(pk=candidate.pk).exists()) == ("expired", None, False)
    assert mails() == [(candidate.email, "Votre demande a expiré")]


@pytest.mark.parametrize("route", ["", "cooptation", "key"])
def test_the_deadline_holds_for_every_way(administrator: User, candidate: User, route: str) -> None:
    """G4.7."""
    Cooptation.objects.update(route=route, deadline=NOW)
    assert (expire_next(on=NOW), expire_next(on=NOW)) == (True, False)
    assert Cooptation.objects.get().status == Cooptation.Status.EXPIRED


def test_a_request_is_expired_though_the_sweep_did_not_run_for_a_week(administrator: User, candidate: User) -> None:
    """Neither an accord, nor a letter, nor a change of mind is taken after the deadline."""
    asked = candidate.cooptation
    late = asked.deadline + dt.timedelta(days=7)
    assert not decide(asked, administrator, granted=True, on=late)
    for act in (
        lambda: choose_route(cooptation=asked, route=KEY, on=late),
        lambda: ask_letter(cooptation=asked, on=late),
    ):
        with pytest.raises(ValidationError, match="n'est plus en attente"):
            act()
    candidate.refresh_from_db()
    assert (candidate.state, len(mail.outbox)) == (User.State.PENDING, 0)


def test_candidates_and_administrators_are_reminded_once_on_the_tenth_day(
    administrator: User,
    secondary_administrator: User,
    candidate: User,
    company: Company,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Administrators get one mail for all candidates."""
    other = CooptationFactory(user__establishment=company.secondary, user__last_name="Cadiou").user
    tenth = rules.cooptation_reminder(candidate.cooptation.requested_at)
    assert tenth.astimezone(clock.PARIS) == dt.datetime(2027, 1, 28, tzinfo=clock.PARIS)
    assert not remind_next(on=tenth - dt.timedelta(seconds=1))
    monkeypatch.setattr(clock, "now", lambda: tenth)
    assert (remind_cooptations(), remind_cooptations()) == (1, 0)
    digest = "Des candidats attendent votre décision"
    assert mails() == [
        (candidate.email, "Votre demande attend toujours"),
        (other.email, "Votre demande attend toujours"),
        (administrator.email, digest),
        (secondary_administrator.email, digest),
    ]
    assert [("Camille Riou" in sent.body, "Camille Cadiou" in sent.body) for sent in mail.outbox[2:]] == [
        (True, True)
    ] * 2
    assert "Il lui reste 5 jours" in mail.outbox[0].body.replace("\N{NO-BREAK SPACE}", " ")


def test_a_decided_request_is_not_reminded(administrator: User, candidate: User) -> None:
    decide(candidate.cooptation, administrator, granted=True)
    mail.outbox.clear()
    assert not remind_next(on=candidate.cooptation.remind_at)
    assert mail.outbox == []


def test_a_tiers_declarant_never_becomes_administrator_of_a_client(tiers_declarant: User, company: Company) -> None:
    """Whoever registers does so at his own SIRET: nothing leads from a firm to its client's administrators."""
    client_place = EstablishmentFactory(head_office=True)
    user = UserFactory(establishment=tiers_declarant.establishment, administrator=True, state=User.State.UNVERIFIED)
    Registration.objects.create(
        user=user, number="2027-000009", submitted_at=NOW, profile=Registration.Profile.TIERS_DECLARANT
    )
    validate(user)
    assert not User.objects.administrators_of(client_place.enterprise).exists()
    assert Cooptation.objects.get(user=user).enterprise == tiers_declarant.establishment.enterprise  # type: ignore[union-attr]
