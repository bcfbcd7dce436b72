"""The access delay, in real hours (G2.8), a candidate's days in Paris (G4.7), and the form of a key (G4.3)."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habilitations import rules
from habilitations.rules import opens_at

pytestmark = pytest.mark.usefixtures("machine_elsewhere")
PARIS = ZoneInfo("Europe/Paris")


@given(st.datetimes(timezones=st.just(dt.UTC)).filter(lambda d: d.year < 9999), st.integers(0, 1000))
def test_the_delay_is_counted_in_hours(registered: dt.datetime, hours: int) -> None:
    assert opens_at(registered, hours) - registered == dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    ("registered", "opens"),
    [
        (dt.datetime(2027, 1, 20, 10, tzinfo=PARIS), dt.datetime(2027, 1, 21, 10, tzinfo=PARIS)),
        # The night of the clock change has 23 or 25 hours: the wall clock shifts, the delay does not.
        (dt.datetime(2027, 3, 27, 12, tzinfo=PARIS), dt.datetime(2027, 3, 28, 13, tzinfo=PARIS)),
        (dt.datetime(2027, 10, 30, 12, tzinfo=PARIS), dt.datetime(2027, 10, 31, 11, tzinfo=PARIS)),
    ],
)
def test_a_clock_change_does_not_change_the_delay(registered: dt.datetime, opens: dt.datetime) -> None:
    opened = opens_at(registered, 24)
    assert (opened.isoformat(), opened.tzinfo) == (opens.isoformat(), PARIS)


@pytest.mark.parametrize(
    ("asked", "reminder", "deadline"),
    [
        # On 1 March at any time, up to the last minute in Paris, which is another day in UTC.
        ("2027-03-01T00:00+01:00", "2027-03-10T23:00+00:00", "2027-03-16T23:00+00:00"),
        ("2027-03-01T23:59+01:00", "2027-03-10T23:00+00:00", "2027-03-16T23:00+00:00"),
        # Over a clock change, midnight stays midnight.
        ("2027-03-20T12:00+01:00", "2027-03-29T22:00+00:00", "2027-04-04T22:00+00:00"),
        ("2027-07-01T22:30+00:00", "2027-07-11T22:00+00:00", "2027-07-17T22:00+00:00"),
    ],
)
def test_a_candidate_waits_for_days_of_paris(asked: str, reminder: str, deadline: str) -> None:
    """G4.7; the instants are in UTC."""
    requested = dt.datetime.fromisoformat(asked)
    assert rules.cooptation_reminder(requested).isoformat(timespec="minutes") == reminder
    assert rules.cooptation_deadline(requested).isoformat(timespec="minutes") == deadline


@pytest.mark.parametrize(
    ("at", "left"),
    [
        ("2027-03-01T12:00+01:00", 15),
        # The first minute of a day in Paris is still the day before in UTC.
        ("2027-03-15T00:00+01:00", 1),
        ("2027-03-15T23:59+01:00", 1),
        ("2027-03-15T23:00+00:00", 0),
        ("2027-03-16T23:59+01:00", 0),
        ("2027-03-17T00:00+01:00", 0),
        ("2027-03-20T12:00+01:00", 0),
    ],
)
def test_days_left_are_counted_to_the_last_one(at: str, left: int) -> None:
    deadline = rules.cooptation_deadline(dt.datetime(2027, 3, 1, 12, tzinfo=PARIS))
    assert rules.days_left(deadline, dt.datetime.fromisoformat(at)) == left


def test_a_new_key_is_twelve_characters_drawn_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter("0123456789ABCDEF")
    alphabets = set()

    def choice(alphabet: str) -> str:
        alphabets.add(alphabet)
        return next(drawn)

    monkeypatch.setattr(rules.secrets, "choice", choice)
    assert (rules.new_key(), alphabets) == ("0123456789AB", {"0123456789ABCDEFGHJKMNPQRSTVWXYZ"})


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0123456789AB", "0123456789AB"),
        (" 0123-4567 89ab\n", "0123456789AB"),
        ("OoIiLl-VWXYZ-Z", "001111VWXYZZ"),
    ],
)
def test_a_key_is_read_as_it_was_printed(typed: str, read: str) -> None:
    assert rules.clean_key(typed) == read


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0123-4567", "Une clé a 12 caractères, celle-ci en a 8."),
        ("0123456789ABC", "Une clé a 12 caractères, celle-ci en a 13."),
        ("U!234567890A", "« ! » ne figure dans aucune clé : vérifiez la lettre."),
    ],
)
def test_a_key_that_cannot_be_one_is_told_why(typed: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        rules.clean_key(typed)


def test_a_key_is_spelt_in_three_groups() -> None:
    assert rules.spell_key("0123456789AB") == "0123-4567-89AB"


@pytest.mark.parametrize(
    ("states", "refusal"),
    [
        ([], ""),
        (["printed"], ""),
        (["printed", "to_print"], "Une lettre attend déjà d'être imprimée."),
        (["printed", "returned"], "2 lettres ont déjà été demandées : choisissez la cooptation."),
        (["used", "returned", "replaced"], "2 lettres ont déjà été demandées : choisissez la cooptation."),
    ],
)
def test_a_letter_is_refused_while_one_waits_or_enough_were_asked_for(states: list[str], refusal: str) -> None:
    assert rules.letter_refusal(states, 2) == refusal
