"""The post: letters leave at five o'clock, are copied once, and can be read once they arrive."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from habilitations.actions.cooptation import ask_letter
from habilitations.actions.keys import key_hash, post_letters, print_letters
from habilitations.models import ActivationKey, Cooptation
from notifications.models import RateDecision
from portal import clock
from sandbox.actions.post import collect_next, read_copy
from sandbox.models import Letter
from sandbox.tasks import collect_post
from tests.conftest import NOW

FIVE = dt.datetime(2027, 1, 20, 16, tzinfo=dt.UTC)


@pytest.fixture
def asked(candidate: User) -> ActivationKey:
    """A candidate asked for a letter at ten o'clock."""
    cooptation = Cooptation.objects.get(user=candidate)
    ask_letter(cooptation=cooptation, on=NOW)
    return cooptation.keys.get()


def collect(on: dt.datetime) -> None:
    while collect_next(on=on):
        pass


def test_a_letter_asked_for_in_the_morning_leaves_at_five(asked: ActivationKey) -> None:
    collect(FIVE - dt.timedelta(minutes=1))
    asked.refresh_from_db()
    assert (asked.state, Letter.objects.count()) == ("to_print", 0)
    collect(FIVE)
    asked.refresh_from_db()
    letter = Letter.objects.get()
    assert (asked.state, letter.key, letter.posted_at) == ("posted", asked, FIVE)
    assert letter.arrives_on == dt.date(2027, 1, 23)
    assert [letter.is_there(dt.date(2027, 1, day)) for day in (22, 23)] == [False, True]


def test_its_copy_holds_the_key_of_which_the_portal_keeps_the_hash(asked: ActivationKey) -> None:
    collect(FIVE)
    asked.refresh_from_db()
    copy = read_copy(Letter.objects.get())
    assert key_hash(copy.key) == asked.key_hash
    assert (copy.number, copy.printed_on, copy.deadline) == (
        asked.pk,
        dt.date(2027, 1, 20),
        asked.cooptation.deadline,
    )


def test_what_staff_prints_waits_until_staff_posts_it(asked: ActivationKey, staff: User) -> None:
    print_letters(keys=ActivationKey.objects.all(), by=staff, on=NOW, day=clock.day(NOW))
    collect(FIVE)
    letter = Letter.objects.get()
    assert letter.posted_at is None
    post_letters(keys=ActivationKey.objects.all(), by=staff, on=FIVE + dt.timedelta(hours=1))
    collect(FIVE + dt.timedelta(hours=1))
    letter.refresh_from_db()
    assert (letter.posted_at, letter.arrives_on) == (FIVE + dt.timedelta(hours=1), dt.date(2027, 1, 23))


def test_a_rate_notified_on_paper_leaves_on_the_day_of_its_decision(demo: None) -> None:
    collect(NOW)
    letters = list(Letter.objects.order_by("posted_at"))
    decided = RateDecision.objects.filter(channel="paper").order_by("decided_on")
    assert [letter.decision for letter in letters] == list(decided)
    assert [letter.posted_at for letter in letters] == [
        dt.datetime(year, 1, 4, 16, tzinfo=dt.UTC) for year in (2025, 2026, 2027)
    ]
    assert {letter.addressee for letter in letters} == {"Restaurant La Dentelière"}


def test_nothing_is_copied_twice(demo: None) -> None:
    for _time in range(2):
        collect_post()
    assert Letter.objects.count() == 3


def test_a_decision_of_today_leaves_at_five(demo: None) -> None:
    decision = RateDecision.objects.filter(channel="paper").latest("id")
    RateDecision.objects.filter(pk=decision.pk).update(decided_on=dt.date(2027, 1, 20))
    collect(FIVE - dt.timedelta(minutes=1))
    assert not Letter.objects.filter(decision=decision).exists()
    collect(FIVE)
    assert Letter.objects.get(decision=decision).posted_at == FIVE


def test_an_envelope_holds_one_thing(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.create(addressee="x", siret="0" * 14)
