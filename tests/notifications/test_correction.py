"""A decision replaced, followed or cancelled by staff: published once, through the checks of every rate."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage

from accounts.models import ImportFile, JournalEntry, User
from notifications.actions.correction import Correction, correct_decision
from notifications.models import Campaign, Notification, RateDecision
from portal.kit.csvfile import FileProblem
from tests.factories.notifications import CollectiveRateFactory, NotificationFactory, RateDecisionFactory
from tests.people import Company

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
JANUARY = dt.date(2027, 1, 1)
NATURE = RateDecision.Nature


@pytest.fixture
def decision(company: Company) -> RateDecision:
    """7,39 % from 2027, after 6 % from 2026."""
    CollectiveRateFactory()
    RateDecisionFactory(
        establishment=company.head_office, effective_on=dt.date(2026, 1, 1), rate=Decimal(6), mode="mixed"
    )
    notified: Notification = NotificationFactory(decision__establishment=company.head_office)
    return notified.decision


def corrected(
    decision: RateDecision,
    by: User,
    rate: str | None = "5.5",
    effective_on: dt.date = JANUARY,
    nature: str = NATURE.RATE,
) -> RateDecision:
    value = None if rate is None else Decimal(rate)
    mode = None if rate is None else "individual"
    correction = Correction(nature, effective_on, value, mode, "Accident ; requalifié")
    return correct_decision(decision=decision, correction=correction, by=by, on=ON)


def in_force(decision: RateDecision, day: dt.date) -> Decimal:
    [(current, _previous)] = RateDecision.objects.in_force([decision.establishment_id], day)[decision.establishment_id]
    return current.rate


def test_a_rectified_decision_is_notified_anew_and_replaces_the_other(decision: RateDecision, staff: User) -> None:
    taken = corrected(decision, staff)
    assert (taken.version, taken.rate, taken.effective_on, taken.reason) == (
        2, Decimal("5.5"), JANUARY, "Accident ; requalifié",
    )  # fmt: skip
    assert (taken.kind, taken.decided_on) == ("Rectification", dt.date(2027, 1, 20))
    assert taken.notification.published_at == ON
    assert in_force(decision, dt.date(2027, 2, 1)) == Decimal("5.5")


def test_the_decision_that_is_replaced_stays_as_it_was(decision: RateDecision, staff: User) -> None:
    before = RateDecision.objects.filter(pk=decision.pk).values().get()
    corrected(decision, staff)
    assert RateDecision.objects.filter(pk=decision.pk).values().get() == before
    assert Notification.objects.filter(decision=decision).exists()


def test_a_change_during_the_year_leaves_the_months_before_alone(decision: RateDecision, staff: User) -> None:
    taken = corrected(decision, staff, effective_on=dt.date(2027, 7, 1))
    assert (taken.version, taken.kind) == (1, "Changement en cours d'année")
    assert in_force(decision, dt.date(2027, 6, 30)) == Decimal("7.39")
    assert in_force(decision, dt.date(2027, 7, 1)) == Decimal("5.5")


def test_a_cancelled_decision_gives_way_to_the_rate_before_it(decision: RateDecision, staff: User) -> None:
    taken = corrected(decision, staff, rate=None, nature=NATURE.CANCELLATION)
    assert (taken.nature, taken.rate, taken.mode, taken.kind) == (
        NATURE.CANCELLATION,
        Decimal(6),
        "mixed",
        "Annulation",
    )
    assert in_force(decision, dt.date(2027, 2, 1)) == Decimal(6)


def test_the_first_rate_cannot_be_cancelled_for_nothing_would_be_left(decision: RateDecision, staff: User) -> None:
    first = RateDecision.objects.get(effective_on=dt.date(2026, 1, 1))
    with pytest.raises(FileProblem, match="Aucun taux antérieur à rétablir"):
        corrected(first, staff, rate=None, effective_on=first.effective_on, nature=NATURE.CANCELLATION)
    assert RateDecision.objects.count() == 2


def test_what_changes_nothing_is_refused(decision: RateDecision, staff: User) -> None:
    with pytest.raises(FileProblem, match="rien ne changerait"):
        corrected(decision, staff, rate="7.39")


def test_a_decision_replaced_meanwhile_is_not_replaced_twice(decision: RateDecision, staff: User) -> None:
    corrected(decision, staff)
    with pytest.raises(FileProblem, match="vient d'être remplacée"):
        corrected(decision, staff, rate="4.4")
    assert RateDecision.objects.filter(effective_on=JANUARY).count() == 2


def test_a_second_change_of_the_same_day_is_not_taken_for_a_first_one(decision: RateDecision, staff: User) -> None:
    july = dt.date(2027, 7, 1)
    taken = corrected(decision, staff, effective_on=july)
    with pytest.raises(FileProblem, match=f"La décision {taken.number} prend déjà effet ce jour-là"):
        corrected(decision, staff, rate="4.4", effective_on=july)
    assert RateDecision.objects.filter(effective_on=july).count() == 1


def test_a_refusal_leaves_nothing_behind(decision: RateDecision, staff: User) -> None:
    """No campaign, no file in the store, no journal entry."""
    decision.establishment.closed_on = dt.date(2026, 6, 30)
    decision.establishment.save()
    campaigns, entries = Campaign.objects.count(), JournalEntry.objects.count()
    with pytest.raises(FileProblem, match="Établissement fermé"):
        corrected(decision, staff)
    assert (Campaign.objects.count(), JournalEntry.objects.count()) == (campaigns, entries)
    assert not ImportFile.objects.exclude(upload="").exists()
    assert default_storage.listdir("imports")[1] == []


def test_the_companys_journal_tells_the_reason(decision: RateDecision, staff: User) -> None:
    taken = corrected(decision, staff)
    entry = JournalEntry.objects.get(verb="notification.correct")
    assert entry.enterprise_id == decision.enterprise_id
    assert entry.summary == f"Rectification après {decision.number} : Accident ; requalifié"
    assert taken.campaign.name == f"Après {decision.number}"
