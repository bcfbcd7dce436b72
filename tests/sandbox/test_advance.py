"""The clock is moved day by day, and whatever falls due on the way is done: in order, once, never half."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from accounts.actions.journal import breaks
from accounts.models import JournalEntry, Mail, Sweep, User
from habilitations import rules as habilitation_rules
from habilitations.actions.cooptation import ask_letter, request_cooptation
from habilitations.models import Cooptation
from notifications.access import notification_scope
from portal import clock
from portfolios.models import DsnWindow
from sandbox import clock as sandbox_clock
from sandbox import sweeps
from sandbox.actions import clock as actions
from sandbox.actions.clock import order_advance, work_once, work_until
from sandbox.models import Advance, Clock, Letter
from sandbox.rules import Jump, end_of
from tests.conftest import NOW
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.tiers import client_of, dsn_for
from tests.people import Company, logged_in

DAY = Jump("+ 1 jour", days=1)


def advance(jump: Jump = DAY) -> Advance:
    """Move the clock as far as that, at once."""
    ordered = order_advance(jump=jump, at=clock.real_now())
    work_until(enough=lambda: False)
    ordered.refresh_from_db()
    return ordered


def days(count: int) -> Jump:
    return Jump(f"+ {count} jours", days=count)


@pytest.fixture
def busy(demo: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo, a letter to print, a registration nobody validates, a firm whose DSN opens and closes a client."""
    monkeypatch.setattr(habilitation_rules, "new_key", lambda: "0123456789AB")
    by_letter = UserFactory(establishment=User.objects.get(last_name="Le Goff").establishment, administrator=True)
    ask_letter(cooptation=request_cooptation(user=by_letter, on=NOW), on=NOW)
    UserFactory(state=User.State.UNVERIFIED, administrator=True, terms_version="1", created_at=NOW)
    firm = EstablishmentFactory(head_office=True, enterprise__name="Cabinet Pétrel")
    UserFactory(establishment=firm, administrator=True, last_name="Pétrel")
    dsn_for(client_of(firm.enterprise), dt.date(2027, 1, 10))


# What only tells of the clock itself, or of the machine.
APART = {Advance, Clock, Sweep}
OURS = {"accounts", "habilitations", "portfolios", "notifications", "sandbox"}


def everything() -> dict[str, list[Any]]:
    """Return every row of every table of ours, without identities."""
    state = {}
    for model in apps.get_models():
        if model._meta.app_label not in OURS or model in APART:
            continue
        names = [
            field.attname for field in model._meta.concrete_fields if not field.primary_key and not field.is_relation
        ]
        state[model.__name__] = sorted(map(repr, model._default_manager.values_list(*names)))
    return state


def outcome(act: Callable[[], object]) -> dict[str, list[Any]]:
    """Return the state after an act, and undo it."""
    with transaction.atomic():
        act()
        state = everything() | {"now": [clock.now()]}
        transaction.set_rollback(True)
    sandbox_clock.forget()
    return state


def test_one_jump_of_400_days_and_400_jumps_of_one_day_end_in_the_same_state(busy: None, vendor: str) -> None:
    """The year is walked on SQLite; on PostgreSQL the hundred days in which something of each kind happens."""
    count = 400 if vendor == "sqlite" else 100
    before = everything()
    at_once = outcome(lambda: advance(days(count)))
    one_by_one = outcome(lambda: [advance() for _day in range(count)])
    assert at_once == one_by_one
    assert clock.now() == NOW
    # Something happened, of each kind.
    changed = {name for name in before if before[name] != at_once[name]}
    assert changed >= {"Cooptation", "ActivationKey", "User", "Mail", "JournalEntry", "DsnWindow", "Letter"}


def test_the_clock_moves_by_days_of_paris_and_stays_aligned_with_the_wall(db: None) -> None:
    advance(days(100))
    assert clock.now() == dt.datetime(2027, 4, 30, 8, tzinfo=dt.UTC)
    assert Clock.objects.get().offset == dt.timedelta(days=100, hours=-1)


def test_the_machines_clock_stays(db: None) -> None:
    advance()
    assert clock.real_now() == NOW


def test_a_candidate_expires_at_midnight_after_his_reminder(busy: None) -> None:
    """G4.7: asked on 20 January, he is reminded on the 30th and gone on 5 February at midnight."""
    advance(days(15))
    assert not Cooptation.objects.filter(status=Cooptation.Status.EXPIRED).exists()
    advance()
    [by_cooptation, by_letter] = Cooptation.objects.filter(requested_at=NOW).order_by("id")
    midnight = dt.datetime(2027, 2, 4, 23, tzinfo=dt.UTC)
    assert [(one.status, one.decided_at) for one in (by_cooptation, by_letter)] == [("expired", midnight)] * 2
    assert by_cooptation.reminded_at == dt.datetime(2027, 1, 29, 23, tzinfo=dt.UTC)
    assert not User.objects.filter(last_name="Riou").exists()


def test_what_happens_is_dated_in_its_order_and_the_journal_holds(busy: None) -> None:
    last = JournalEntry.objects.latest("id").pk
    Mail.objects.all().delete()
    advance(days(85))
    entries = list(JournalEntry.objects.filter(pk__gt=last).order_by("id"))
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert {entry.source for entry in entries} == {""}
    assert list(breaks()) == []
    mails = list(Mail.objects.order_by("id").values_list("created_at", flat=True))
    assert mails == sorted(mails)


def test_a_window_closes_on_its_day(busy: None) -> None:
    """G0.5: filed on 10 January, open to 10 April."""
    advance(days(85))
    window = DsnWindow.objects.get(depositor__name="Cabinet Pétrel")
    assert (window.until, window.warned_on, window.closed_on) == (
        dt.date(2027, 4, 10),
        dt.date(2027, 3, 26),
        dt.date(2027, 4, 11),
    )


def test_the_access_delay_is_over_24_hours_later(demo: None) -> None:
    """G2.8."""
    person = User.objects.get(last_name="Rouxel")
    assert not notification_scope(person, clock.now()).decision.allowed
    advance(Jump("+ 24 h", hours=24))
    assert notification_scope(person, clock.now()).decision.allowed


def test_what_was_due_before_is_done_before_the_clock_moves(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dt.datetime] = []
    monkeypatch.setattr(actions, "run_jobs", lambda _names: seen.append(clock.now()))
    advance()
    hours = [(20, 16), (20, 23), (21, 9)]
    assert seen == [NOW, *(dt.datetime(2027, 1, day, hour, tzinfo=dt.UTC) for day, hour in hours)]


def test_sessions_and_links_keep_the_real_clock(administrator: User, settings: Settings) -> None:
    client = logged_in(administrator)
    advance(days(60))
    assert client.get("/menu/").status_code == 200
    assert "21 mars 2027" in client.get("/menu/").content.decode()


def test_a_new_advance_begins_where_the_one_before_ends(db: None) -> None:
    first = order_advance(jump=days(3), at=NOW)
    second = order_advance(jump=Jump("+ 24 h", hours=24), at=NOW)
    assert (second.from_at, second.to_at) == (first.to_at, NOW + dt.timedelta(days=4))
    while work_once():
        running = Advance.objects.open().values_list("status", flat=True)
        assert list(running) in (["running", "waiting"], ["waiting"], ["running"], [])
    assert clock.now() == NOW + dt.timedelta(days=4)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.landed_at, second.landed_at) == (first.to_at, second.to_at)


def test_two_do_not_run_at_once(db: None) -> None:
    order_advance(jump=DAY, at=NOW)
    order_advance(jump=DAY, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Advance.objects.update(status=Advance.Status.RUNNING)


def test_a_crash_in_the_middle_leaves_a_whole_day_and_is_resumed(busy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = outcome(lambda: advance(days(20)))
    ordered = order_advance(jump=days(20), at=NOW)
    real = sweeps.run_jobs

    def crash(names: Any) -> None:
        real(names)
        # Midnight of 4 to 5 February: the candidates have just been deleted.
        if clock.now() == dt.datetime(2027, 2, 4, 23, tzinfo=dt.UTC):
            raise KeyboardInterrupt

    monkeypatch.setattr(actions, "run_jobs", crash)
    with pytest.raises(KeyboardInterrupt):
        work_until(enough=lambda: False)
    sandbox_clock.forget()
    ordered.refresh_from_db()
    assert (ordered.status, ordered.reached_at) == ("running", NOW + dt.timedelta(days=15))
    assert clock.now() == ordered.reached_at
    # Nothing of the day that was cut short is left.
    assert Cooptation.objects.filter(status=Cooptation.Status.PENDING).count() == 2
    monkeypatch.setattr(actions, "run_jobs", real)
    work_until(enough=lambda: False)
    assert everything() | {"now": [clock.now()]} == whole


def test_a_job_that_fails_stops_the_clock_and_says_so(busy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ordered = order_advance(jump=days(3), at=NOW)
    assert work_once()

    def broken(_names: object) -> None:
        raise ValueError("panne d'essai")

    with monkeypatch.context() as patched:
        patched.setattr(actions, "run_jobs", broken)
        assert not work_once()
    ordered.refresh_from_db()
    assert (ordered.problem, ordered.reached_at) == ("ValueError : panne d'essai", NOW + dt.timedelta(days=1))
    work_until(enough=lambda: False)
    ordered.refresh_from_db()
    assert (ordered.status, ordered.problem) == ("done", "")


def test_time_that_passed_meanwhile_is_not_gone_back_over(busy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ordered at ten, taken up at half past six in the evening: the post of five o'clock leaves then."""
    ordered = order_advance(jump=DAY, at=NOW)
    later = NOW + dt.timedelta(hours=8, minutes=30)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    work_until(enough=lambda: False)
    ordered.refresh_from_db()
    assert clock.now() == ordered.landed_at == later + dt.timedelta(days=1)
    assert Letter.objects.exclude(key=None).get().posted_at == later


def test_backward_and_too_far_are_refused(db: None) -> None:
    with pytest.raises(ValidationError, match="vers le futur"):
        order_advance(jump=Jump("x", until=dt.date(2027, 1, 20)), at=NOW)
    assert not Advance.objects.exists()


def test_every_job_of_the_schedule_is_run_but_those_of_real_time() -> None:
    scheduled = {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    apart = {"accounts.tasks.send_mails", "accounts.tasks.purge_personal_data"}
    apart |= {"sandbox.tasks.move_clock", "sandbox.tasks.load_copies"}
    assert {*sweeps.FILES, *sweeps.due_jobs()} == scheduled - apart
    assert sweeps.due_jobs()[0] == "accounts.tasks.purge_registrations"
    assert sweeps.due_jobs()[-1] == "sandbox.tasks.collect_post"


def test_a_job_that_nobody_placed_runs_before_the_post(settings: Settings) -> None:
    settings.CELERY_BEAT_SCHEDULE = {"x.tasks.y": {"task": "x.tasks.y"}} | django_settings.CELERY_BEAT_SCHEDULE
    assert sweeps.due_jobs()[-2:] == ["x.tasks.y", "sandbox.tasks.collect_post"]


def test_a_job_that_never_ends_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "import_string", lambda _name: type("Job", (), {"run": staticmethod(lambda: 1)}))
    with pytest.raises(RuntimeError, match="never ends"):
        sweeps.run_jobs(["x"])


def test_each_request_reads_the_row_once(company: Company, django_assert_num_queries: Any) -> None:
    client = Client()
    with django_assert_num_queries(1):
        client.get("/conditions-generales/")
    Clock.objects.create(offset=dt.timedelta(days=2))
    assert "22 janvier 2027" in client.get("/conditions-generales/").content.decode()


def test_outside_a_request_the_row_is_kept_a_second(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock.now() == NOW
    Clock.objects.create(offset=dt.timedelta(days=2))
    assert clock.now() == NOW
    monkeypatch.setattr(sandbox_clock, "KEPT_SECONDS", -1)
    assert clock.now() == NOW + dt.timedelta(days=2)


def test_the_clock_never_goes_back(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.create(offset=dt.timedelta(seconds=-1))
    Clock.objects.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.create(pk=2)


def test_ten_years_end_where_the_calendar_says() -> None:
    assert end_of(Jump("x", until=dt.date(2037, 1, 20)), NOW).date() == dt.date(2037, 1, 20)
