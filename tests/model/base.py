"""The machine's ground: one transaction a run, what the product answered, and what must hold after every step."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, TypeVar

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Model
from django.test import TestCase
from hypothesis import event, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from accounts.actions.journal import breaks
from accounts.models import Establishment, JournalEntry, Mail, User
from habilitations.access import atmp_access, pending_cooptations
from habilitations.models import Cooptation, Declaration, EstablishmentDeclaration
from notifications.access import badge, document_access
from notifications.models import Notification
from notifications.rules import Policy
from portal.kit.csvfile import FileProblem
from portfolios.access import client_access, visible_clients
from portfolios.rules.window import first_day
from tests.model.days import day_of, told
from tests.model.transitions import REASONS, TRANSITIONS
from tests.model.world import FIRM, UNVERIFIED, Person, Place, World

START = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
# What an act is handed: a number says which one of those there are.
WHICH, BOTH = range(360), (False, True)
T = TypeVar("T")


def one_of(pool: Sequence[T], which: int) -> T:
    return pool[which % len(pool)]


def act(**choices: Sequence[Any]) -> Callable[[T], T]:
    """Let the machine play this method, each argument one of these."""

    def listed(method: Any) -> Any:
        method.choices = choices
        return method

    return listed


def when(holds: Callable[[Any], Any]) -> Callable[[T], T]:
    """Play it only then."""

    def listed(method: Any) -> Any:
        method.holds = holds
        return method

    return listed


@dataclass(frozen=True)
class Cast:
    """What the register and the catalogue hold, whatever is played."""

    places: dict[str, Establishment]
    declarations: dict[str, Declaration]
    staff: User


class Ground(RuleBasedStateMachine):
    """A run. `play` compares one act of the product with what the model expects of it, and counts it."""

    cast: ClassVar[Cast]
    counts: ClassVar[Counter[str]] = Counter()
    runs: ClassVar[int] = 0
    steps: ClassVar[int] = 0
    # What portal.clock reads.
    instant: ClassVar[dt.datetime] = START

    acts: ClassVar[list[str]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.acts = [name for name in sorted(dir(cls)) if hasattr(getattr(cls, name), "choices")]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(
            START,
            [Place(row.siret, name[0], head=row.is_head_office, pk=row.pk) for name, row in self.cast.places.items()],
        )
        for row in self.cast.places.values():
            row.closed_on = None
        Ground.instant = START
        self.run = transaction.atomic()
        self.run.__enter__()
        self.last_mail = Mail.objects.order_by("-id").values_list("id", flat=True).first() or 0
        self.last_entry = self._newest()
        # Whether something was written, or time went by, since everything was looked at.
        self.moved = True

    def teardown(self) -> None:
        Ground.runs += 1
        if Ground.runs % 25 == 0:
            print(f"{Ground.runs} runs, {Ground.steps} steps")
        try:
            if self.world.taken:
                assert list(breaks()) == []
            # What a commit would check.
            connection.check_constraints()
        finally:
            transaction.set_rollback(True)
            self.run.__exit__(None, None, None)

    @property
    def now(self) -> dt.datetime:
        return self.world.now

    def user(self, person: Person) -> User:
        return User.objects.select_related("establishment__enterprise").get(pk=person.pk)

    def place(self, place: Place) -> Establishment:
        return Establishment.objects.select_related("enterprise").get(pk=place.pk)

    def _newest(self) -> int | None:
        return JournalEntry.objects.order_by("-id").values_list("id", flat=True).first()

    def play(self, what: str, expected: str, act: Callable[[], Any], *, journal: bool | None = None) -> Any:
        """Do it. expected: « yes: … », « nothing: … » or « no: … », as TRANSITIONS lists them.

        act: returns False, 0 or None for nothing where « nothing » may be expected, raises for « no ».
        journal: whether an entry is left; by default, exactly when something was done.
        """
        assert expected in TRANSITIONS[what], f"{what}: {expected} is not listed"
        got: Any = None
        try:
            with TestCase.captureOnCommitCallbacks(execute=True):
                got = act()
        except (ValidationError, FileProblem) as refusal:
            outcome = f"no: {reason(refusal)}"
        else:
            outcome = expected.partition(":")[0] if isinstance(got, Model) or got is None else got
            outcome = {True: "yes", False: "nothing"}.get(outcome, outcome)
        assert outcome in (expected, expected.partition(":")[0]), f"{what}: {outcome} instead of {expected}"
        before, self.last_entry = self.last_entry, self._newest()
        left = self.last_entry != before
        self.moved |= left or not outcome.startswith("no")
        assert left == (expected.startswith("yes") if journal is None else journal), f"{what}: journal {left}"
        Ground.counts[f"{what}, {expected}"] += 1
        event(f"{what}, {expected}")
        return got

    @rule(seed=st.integers(0, 2**48))
    def step(self, seed: int) -> None:
        """Play one act. A rule for each would be drawn less evenly: hypothesis leaves out many of them in a run."""
        drawn = Random(seed)
        acts = [one for name in self.acts if getattr(one := getattr(self, name), "holds", bool)(self)]
        chosen = drawn.choice(acts)
        values = {name: drawn.choice(choices) for name, choices in chosen.choices.items()}
        note(f"{chosen.__name__}({', '.join(f'{name}={value!r}' for name, value in values.items())})")
        chosen(**values)

    @invariant()
    def everything_holds(self) -> None:
        """A refusal is rolled back: what was read from the tables before it still holds."""
        Ground.steps += 1
        if not self.moved:
            return
        self.moved = False
        self.people_are_who_they_are()
        self.candidates_are_where_they_are()
        self.declarations_are_given()
        self.access_is_what_the_rules_say()
        self.a_firm_reads_what_its_dsn_open()
        self.notifications_stand_where_the_law_says()
        self.one_mail_each()

    def people_are_who_they_are(self) -> None:
        rows = User.objects.filter(is_staff=False).select_related("establishment__enterprise")
        self.rows = {row.pk: row for row in rows}
        found = {(row.pk, row.establishment.siret, row.role, row.state) for row in self.rows.values()}
        people = self.world.people.values()
        assert found == {(one.pk, one.place.siret, one.role, one.state) for one in people}
        for enterprise in self.world.taken:
            siren = self.world.head(enterprise).siret[:9]
            assert any(row.is_administrator and row.establishment.enterprise_id == siren for row in self.rows.values())
        proven = set(EmailAddress.objects.filter(verified=True, user__is_staff=False).values_list("email", flat=True))
        assert proven == {one.email for one in people if one.proven}

    def candidates_are_where_they_are(self) -> None:
        found = dict(Cooptation.objects.values_list("pk", "status"))
        assert found == {one.pk: one.status for one in self.world.requests}
        for person in self.world.people.values():
            if person.role == "administrator" and person.state != UNVERIFIED:
                shown = set(pending_cooptations(self.rows[person.pk], self.now).values_list("pk", flat=True))
                mine = self.world.alive(person.place.enterprise) if person.rules else []
                assert shown == {one.pk for one in mine}

    def declarations_are_given(self) -> None:
        found = EstablishmentDeclaration.objects.values_list("establishment", "declaration__code", "opens_at")
        assert set(found) == {
            (place.pk, code, opens) for place in self.world.places for code, opens in place.declared.items()
        }

    def access_is_what_the_rules_say(self) -> None:
        for person in self.world.people.values():
            if person.state == UNVERIFIED:
                continue
            row = self.rows[person.pk]
            for place in self.world.places:
                rule, moment = self.world.answer(person, place)
                given = atmp_access(row, self.cast.places[repr(place)], self.now)
                assert (given.allowed, given.rule) == (rule == "", rule), (person, place, given)
                assert moment is None or told(day_of(moment)) in given.reason
            assert badge(row, self.now) == self.world.badge(person), person

    def a_firm_reads_what_its_dsn_open(self) -> None:
        world = self.world
        for person in world.of(FIRM):
            row = self.rows[person.pk]
            mine = (
                {client.pk: client for _portfolio, client in world.clients_of(person)}
                if person.state == "active"
                else {}
            )
            found = visible_clients(row).seen_by(row)
            clients = {client.pk: client for client in found}
            assert set(clients) == set(mine)
            for pk, client in clients.items():
                rule, words = world.client_answer(person, mine[pk])
                given = client_access(client, at=self.now)
                assert (given.allowed, given.rule) == (rule == "", rule), (person, mine[pk], given)
                assert words in given.reason, (words, given.reason)
                told_why = f"no: {rule}" if rule else "yes"
                told_why += {"aucune DSN": ", aucune DSN"}.get(words, ", fermé") if rule == "G0.5" else ""
                self.counts[f"client access, {told_why}"] += 1
            if clients:
                first = first_day(world.today)
                opened = set(found.open(self.now, first).values_list("pk", flat=True))
                assert opened == {pk for pk in mine if world.client_answer(person, mine[pk])[0] == ""}
                closed = set(found.closed(self.now, first).values_list("pk", flat=True))
                assert opened | closed == set(mine)
                assert not opened & closed

    def notifications_stand_where_the_law_says(self) -> None:
        rows = {row.pk: row for row in Notification.objects.with_consultation().select_related("establishment")}
        rates = {rate.notification: rate for rate in self.world.notified()}
        assert set(rows) == set(rates)
        for pk, rate in rates.items():
            legal = rows[pk].legal_on(self.world.today, Policy.AVAILABILITY)
            stands = rate.legal(self.world.today)
            assert (legal.status.value, legal.notified_on, legal.challenge_until) == stands
            Ground.counts[f"notification, {stands[0]}"] += 1
        waiting = set(Notification.objects.waiting(self.world.today).values_list("pk", flat=True))
        assert waiting == {pk for pk, rate in rates.items() if rate.legal(self.world.today)[0] == "available"}
        for person in self.world.of(FIRM):
            for pk, rate in rates.items():
                if rate.place.enterprise != FIRM:
                    given = document_access(self.rows[person.pk], rows[pk], self.now)
                    assert (given.allowed, given.rule) == (False, "G0.2")

    def one_mail_each(self) -> None:
        """Every mail of the step is expected, to that address, once; and no other was written."""
        news = list(Mail.objects.filter(pk__gt=self.last_mail).order_by("pk").values_list("pk", "recipient", "subject"))
        found = Counter((to, subject.removeprefix("[SIMULATEUR] ")) for _pk, to, subject in news)
        assert found == self.world.mails
        self.world.mails.clear()
        self.last_mail = news[-1][0] if news else self.last_mail


def reason(refusal: Exception) -> str:
    """Return the short name of a refusal, by words of its message."""
    text = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    return next((short for words, short in REASONS.items() if words in text), text)
