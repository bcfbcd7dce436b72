"""Drafts and registrations that nobody finished are swept."""

import datetime as dt

import pytest

from accounts.actions.registration import BATCH, keep_answers, purge_drafts, purge_unverified
from accounts.models import JournalEntry, RegistrationDraft, Sweep, User
from accounts.tasks import purge_registrations
from portal import clock
from tests.factories.accounts import UserFactory
from tests.people import Company

pytestmark = pytest.mark.django_db
AT = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def newcomer(company: Company, created_at: dt.datetime, **changes: str) -> User:
    values = {"state": User.State.UNVERIFIED, "terms_version": "1.0"} | changes
    user: User = UserFactory(establishment=company.head_office, administrator=True, created_at=created_at, **values)
    return user


# The fifteenth day after 5 January ends in Paris at 23:00 UTC on the 20th.
@pytest.mark.parametrize(
    ("created_at", "left"),
    [
        (dt.datetime(2027, 1, 4, 22, 59, tzinfo=dt.UTC), 0),
        (dt.datetime(2027, 1, 4, 23, 0, tzinfo=dt.UTC), 1),
        (AT, 1),
    ],
)
def test_an_address_never_validated_ends_its_registration_after_fifteen_days(
    company: Company, created_at: dt.datetime, left: int
) -> None:
    newcomer(company, created_at)
    assert purge_unverified(on=AT) is (left == 0)
    assert User.objects.count() == left


def test_the_journal_keeps_a_pseudonym(company: Company) -> None:
    gone = newcomer(company, AT - dt.timedelta(days=16), last_name="Tanguy")
    purge_unverified(on=AT)
    entry = JournalEntry.objects.get()
    assert (entry.verb, entry.actor_name, entry.enterprise) == ("registration.expire", "Portail", company.enterprise)
    assert (gone.pseudonym[:8] in entry.summary, "Tanguy" in entry.summary) == (True, False)


@pytest.mark.parametrize(
    "changes", [{"state": User.State.ACTIVE}, {"state": User.State.PENDING}, {"terms_version": ""}]
)
def test_others_stay(company: Company, changes: dict[str, str]) -> None:
    """Those who are in, and those whom a colleague registered."""
    newcomer(company, AT - dt.timedelta(days=400), **changes)
    assert purge_unverified(on=AT) is False
    assert User.objects.count() == 1


@pytest.mark.parametrize(("expires_at", "left"), [(AT, 0), (AT + MINUTE, 1)])
def test_an_expired_draft_is_deleted(expires_at: dt.datetime, left: int, db: None) -> None:
    RegistrationDraft.objects.create(expires_at=expires_at)
    assert (purge_drafts(at=AT), RegistrationDraft.objects.count()) == (left == 0, left)


def test_the_sweep_takes_batches_until_nothing_is_left(company: Company) -> None:
    RegistrationDraft.objects.bulk_create(RegistrationDraft(expires_at=AT - MINUTE) for _one in range(BATCH + 1))
    newcomer(company, AT - dt.timedelta(days=16))
    assert purge_registrations() == 2
    assert (RegistrationDraft.objects.count(), User.objects.count(), purge_registrations()) == (0, 0, 0)
    assert Sweep.objects.get().name == "accounts.tasks.purge_registrations"


def test_a_jump_of_the_portals_clock_ends_no_draft(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trainer goes on fifteen days: registrations end, drafts live in real time."""
    RegistrationDraft.objects.create(expires_at=AT + MINUTE)
    newcomer(company, AT)
    monkeypatch.setattr(clock, "now", lambda: AT + dt.timedelta(days=20))
    purge_registrations()
    assert (RegistrationDraft.objects.count(), User.objects.count()) == (1, 0)


def test_answers_given_after_the_end_change_nothing(db: None) -> None:
    report = RegistrationDraft.objects.create(expires_at=AT + MINUTE, data={"report": {"number": "1"}})
    late = RegistrationDraft.objects.create(expires_at=AT, data={})
    for draft in (report, late):
        keep_answers(draft=draft, step="terms", answers={"version": "1.0"}, forgets={}, at=AT)
        before = draft.data
        draft.refresh_from_db()
        assert draft.data == before
