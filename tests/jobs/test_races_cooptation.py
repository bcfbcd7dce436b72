"""Two people at the same instant, on PostgreSQL: one outcome (trust.md, Changes of state)."""

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import Enterprise, JournalEntry, User
from habilitations.actions import keys
from habilitations.actions.activation import validate_address
from habilitations.actions.cooptation import choose_route, decide_cooptation, expire_next
from habilitations.models import ActivationKey, Cooptation
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.habilitations import CooptationFactory
from tests.jobs.races import ROUNDS, race

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NOW = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def emptied_outbox() -> Iterator[None]:
    yield
    mail.outbox.clear()


def request() -> tuple[Cooptation, User, User]:
    """Return a fresh request, and two administrators of its enterprise."""
    place = EstablishmentFactory(head_office=True)
    first, second = UserFactory.create_batch(2, establishment=place, administrator=True)
    return CooptationFactory(user__establishment=place), first, second


def decide(asked: Cooptation, by: User, *, granted: bool) -> bool:
    # As each request of a browser does: an object of its own.
    mine = Cooptation.objects.select_related("user", "establishment", "enterprise").get(pk=asked.pk)
    return decide_cooptation(cooptation=mine, granted=granted, reason="", by=by, on=NOW)


def naive(asked: Cooptation, by: User, *, granted: bool) -> bool:
    """Read, check, save: what must not be written."""
    mine = Cooptation.objects.get(pk=asked.pk)
    if mine.status != Cooptation.Status.PENDING:
        return False
    # The time that a page takes to check a form.
    time.sleep(0.001)
    mine.status = Cooptation.Status.GRANTED if granted else Cooptation.Status.REFUSED
    mine.decided_at, mine.decided_by = NOW, by
    mine.save()
    return True


def test_accept_against_refuse_gives_one_outcome() -> None:
    for _round in range(ROUNDS):
        asked, first, second = request()
        mail.outbox.clear()
        done = race(lambda: decide(asked, first, granted=True), lambda: decide(asked, second, granted=False))
        candidate = asked.user
        asked.refresh_from_db()
        granted = asked.status == Cooptation.Status.GRANTED
        assert sorted(done) == [False, True]
        assert done[0] is granted
        assert User.objects.filter(pk=candidate.pk, state=User.State.ACTIVE).exists() is granted
        entries = JournalEntry.objects.filter(enterprise=asked.enterprise_id, verb__startswith="cooptation.")
        assert (entries.count(), len(mail.outbox)) == (1, 1)


def test_the_naive_variant_decides_twice() -> None:
    """The test above can fail: the same race, won by both."""
    both = 0
    for _round in range(ROUNDS):
        asked, first, second = request()
        both += race(lambda: naive(asked, first, granted=True), lambda: naive(asked, second, granted=False)) == [
            True,
            True,
        ]
    assert both >= 0.9 * ROUNDS


def test_accept_against_two_expiries_gives_one_outcome() -> None:
    """The deadline falls between the two clocks: the accord reads one instant before, the sweeps one after."""
    for _round in range(ROUNDS):
        asked, first, _second = request()
        Cooptation.objects.filter(pk=asked.pk).update(deadline=NOW + dt.timedelta(microseconds=1))
        mail.outbox.clear()
        late = NOW + dt.timedelta(seconds=1)
        granted, *_swept = race(
            lambda: decide(asked, first, granted=True), lambda: expire_next(on=late), lambda: expire_next(on=late)
        )
        candidate = asked.user
        asked.refresh_from_db()
        assert asked.status == (Cooptation.Status.GRANTED if granted else Cooptation.Status.EXPIRED)
        assert User.objects.filter(pk=candidate.pk, state=User.State.ACTIVE).exists() is granted
        assert len(mail.outbox) == 1


def test_two_first_administrators_make_one_and_a_candidate() -> None:
    for _round in range(ROUNDS):
        place = EstablishmentFactory(head_office=True)
        people = UserFactory.create_batch(2, establishment=place, administrator=True, state=User.State.UNVERIFIED)
        addresses = [EmailAddress.objects.get(user=user) for user in people]
        race(*(lambda one=address: validate_address(address=one, on=NOW) for address in addresses))  # type: ignore[misc]
        states = sorted(User.objects.filter(establishment=place).values_list("state", flat=True))
        assert (states, Cooptation.objects.filter(establishment=place).count()) == (["active", "pending"], 1)


def test_one_key_typed_twice_activates_once() -> None:
    staff = UserFactory(staff=True, last_name="equipe")
    for _round in range(ROUNDS):
        asked, _first, _second = request()
        choose_route(cooptation=asked, route=Cooptation.Route.KEY, on=NOW)
        [letter] = keys.print_letters(keys=ActivationKey.objects.all(), by=staff, on=NOW, day=NOW.date())
        mail.outbox.clear()

        def typed(asked: Cooptation = asked, key: str = letter.key) -> bool:
            mine = Cooptation.objects.select_related("user", "establishment", "enterprise").get(pk=asked.pk)
            return keys.use_key(cooptation=mine, key=key, on=NOW, day=NOW.date())

        done = race(typed, typed)
        assert ([result for result in done if result is True], len(mail.outbox)) == ([True], 1)
        assert list(asked.keys.values_list("state", flat=True)) == ["used"]


def test_one_link_followed_twice_asks_once() -> None:
    """A double submit."""
    for _round in range(ROUNDS):
        asked, _first, _second = request()
        enterprise = Enterprise.objects.get(pk=asked.enterprise_id)
        user = UserFactory(establishment=asked.establishment, administrator=True, state=User.State.UNVERIFIED)
        address = EmailAddress.objects.get(user=user)
        mail.outbox.clear()
        race(*[lambda one=address: validate_address(address=one, on=NOW)] * 2)  # type: ignore[misc]
        assert (Cooptation.objects.filter(enterprise=enterprise).count(), len(mail.outbox)) == (2, 1)
