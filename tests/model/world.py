"""What the guide and the law say of a small world, in dictionaries and dates: no line of it is the product's."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.model.days import DAY, begins, counts_until, day_of, months_away, told

ATMP, DPAE = "compte-atmp", "dpae"
HOURS = {ATMP: 24, DPAE: 0}
FIRM = "F"
# Ceilings that a short run can reach; the tests' settings say the same.
PENDING_MAX, LETTERS_MAX, TRIES_MAX, AWAY_DAYS = 2, 2, 2, 7
UNVERIFIED, PENDING, ACTIVE, SUSPENDED = "unverified", "pending", "active", "suspended"
ADMINISTRATOR, DECLARANT = "administrator", "declarant"


@dataclass(eq=False)
class Place:
    """An establishment. declared: code of a declaration → from when it is usable."""

    siret: str
    enterprise: str
    head: bool
    pk: int
    closed: dt.date | None = None
    declared: dict[str, dt.datetime] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{self.enterprise}{'0' if self.head else '1'}"


@dataclass(eq=False)
class Person:
    """A person at a place. asked: what he wants to be registered to. rights: (place, code) pairs."""

    name: str
    place: Place
    role: str
    state: str
    pk: int
    created: dt.datetime
    email: str
    proven: bool = False
    alone: bool = True
    asked: frozenset[str] = frozenset()
    rights: set[tuple[Place, str]] = field(default_factory=set)
    # Notification → what he did with it: « read », « archived », « deleted ».
    receipts: dict[int, set[str]] = field(default_factory=dict)

    @property
    def login(self) -> tuple[str, str]:
        return self.place.siret, self.name

    @property
    def rules(self) -> bool:
        """An active administrator."""
        return self.role == ADMINISTRATOR and self.state == ACTIVE


@dataclass(eq=False)
class Letter:
    """A letter with a key, unknown until it is printed."""

    state: str = "to_print"
    key: str = ""


@dataclass(eq=False)
class Request:
    """A candidate's request. It can be decided while it is pending, and its fifteen days are not over."""

    person: Person
    asked: dt.datetime
    pk: int
    status: str = PENDING
    route: str = ""
    reminded: bool = False
    letters: list[Letter] = field(default_factory=list)
    tries: int = 0
    tried: dt.date | None = None

    @property
    def ends(self) -> dt.datetime:
        """The end of the fifteenth day in Paris."""
        return begins(day_of(self.asked) + 16 * DAY)

    def alive(self, now: dt.datetime) -> bool:
        return self.status == PENDING and now < self.ends

    @property
    def on_its_way(self) -> Letter | None:
        return next((one for one in self.letters if one.state in ("to_print", "printed", "posted")), None)


@dataclass(eq=False)
class Filing:
    """A DSN that was taken."""

    place: Place
    month: str
    filed: dt.date
    counts: bool


@dataclass(eq=False)
class Client:
    """A place in a portfolio. opens: code → from when. rights: (person, code)."""

    place: Place
    pk: int
    opens: dict[str, dt.datetime] = field(default_factory=dict)
    rights: set[tuple[Person, str]] = field(default_factory=set)


@dataclass(eq=False)
class Portfolio:
    """Clients, what may be given to them, and who works on them."""

    name: str
    pk: int
    held: set[str] = field(default_factory=set)
    members: set[Person] = field(default_factory=set)
    clients: list[Client] = field(default_factory=list)


@dataclass(eq=False)
class Rate:
    """A decision. notification: its number, None on paper."""

    place: Place
    effective: dt.date
    version: int
    rate: str
    mode: str
    nature: str
    pk: int
    notification: int | None
    published: dt.datetime
    consulted: dt.date | None = None
    told: set[str] = field(default_factory=set)

    @property
    def free(self) -> dt.date:
        """The last of the fifteen days."""
        return day_of(self.published) + 15 * DAY

    def legal(self, today: dt.date) -> tuple[str, dt.date | None, dt.date | None]:
        """Return its status, the day it is notified, the last day to challenge it."""
        if self.consulted and self.consulted <= self.free:
            return "consulted", self.consulted, months_away(self.consulted, 2)
        if today <= self.free:
            return "available", None, None
        return "deemed", day_of(self.published), months_away(day_of(self.published), 2)


@dataclass(eq=False)
class Window:
    """Until when a client is open to the firm; whether a warning was sent, and the end told."""

    until: dt.date
    warned: bool = False
    closed: bool = False


@dataclass
class World:
    """Everything, at an instant."""

    now: dt.datetime
    places: list[Place]
    people: dict[tuple[str, str], Person] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    refused: dict[tuple[str, str], dt.datetime] = field(default_factory=dict)
    portfolios: list[Portfolio] = field(default_factory=list)
    filings: list[Filing] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    windows: dict[Place, Window] = field(default_factory=dict)
    # When the firm's clients were last looked at, and how many files had been deposited by then.
    looked: tuple[dt.date, int] | None = None
    deposits: int = 0
    mails: Counter[tuple[str, str]] = field(default_factory=Counter)
    # Enterprises that had an administrator once.
    taken: set[str] = field(default_factory=set)

    @property
    def today(self) -> dt.date:
        return day_of(self.now)

    def mail(self, to: str, subject: str) -> None:
        self.mails[to, subject] += 1

    def closed(self, place: Place) -> bool:
        return place.closed is not None and place.closed <= self.today

    def of(self, enterprise: str) -> list[Person]:
        return [one for one in self.people.values() if one.place.enterprise == enterprise]

    def rulers(self, enterprise: str) -> list[Person]:
        return [one for one in self.of(enterprise) if one.rules]

    def head(self, enterprise: str) -> Place:
        return next(place for place in self.places if place.enterprise == enterprise and place.head)

    def reach(self, person: Person) -> list[Place]:
        """Return the places an administrator acts for: the whole enterprise from its head office."""
        return [
            place
            for place in self.places
            if place is person.place or (person.place.head and place.enterprise == person.place.enterprise)
        ]

    def colleagues(self, person: Person) -> list[Person]:
        """Return whom an administrator manages: neither candidates nor those who only say who they are."""
        within = self.reach(person)
        return [
            one
            for one in self.people.values()
            if one.place in within
            and one.state != PENDING
            and not (one.state == UNVERIFIED and one.role == ADMINISTRATOR)
        ]

    def alive(self, enterprise: str) -> list[Request]:
        return [one for one in self.requests if one.alive(self.now) and one.person.place.enterprise == enterprise]

    def register(self, place: Place, code: str) -> None:
        """Register a place to a declaration: usable after its delay."""
        place.declared.setdefault(code, self.now + dt.timedelta(hours=HOURS[code]))

    def activate(self, person: Person) -> None:
        """Make a person active; his place gets what he asked for, unless it has closed."""
        person.state = ACTIVE
        self.taken.add(person.place.enterprise)
        if not self.closed(person.place):
            for code in person.asked:
                self.register(person.place, code)

    def forget(self, person: Person) -> None:
        """Delete a person, with what hangs on him."""
        del self.people[person.login]
        for portfolio in self.portfolios:
            portfolio.members.discard(person)
            for client in portfolio.clients:
                client.rights = {right for right in client.rights if right[0] is not person}

    def covered(self, place: Place, code: str) -> dt.datetime | None:
        """Return from when a place has a declaration, by itself or by its head office; None without any."""
        both = {id(one): one for one in (place, self.head(place.enterprise))}.values()
        return min((one.declared[code] for one in both if code in one.declared), default=None)

    def answer(self, person: Person, place: Place) -> tuple[str, dt.datetime | None]:
        """Say whether a person may use « Compte AT/MP » for a place: « » when he may, else the rule, and a moment."""
        if person.state == SUSPENDED:
            return "G0.2", None
        if person.state == PENDING:
            return "G4.1", None
        if place.enterprise != person.place.enterprise:
            return "G0.2", None
        if not (place in self.reach(person) if person.rules else (place, ATMP) in person.rights):
            return "G1.4", None
        opens = self.covered(place, ATMP)
        if opens is None:
            return "G0.1", None
        return ("G2.8", opens) if self.now < opens else ("", None)

    def may(self, person: Person, place: Place) -> bool:
        return self.answer(person, place)[0] == ""

    def badge(self, person: Person) -> int:
        """Count what he may read, and neither read, archived nor deleted."""
        return sum(
            rate.notification is not None and rate.notification not in person.receipts and self.may(person, rate.place)
            for rate in self.rates
        )

    def clients_of(self, person: Person) -> Iterator[tuple[Portfolio, Client]]:
        """Yield the clients that an active person of the firm works on."""
        for portfolio in self.portfolios:
            if (person.rules and person.place.head) or person in portfolio.members:
                yield from ((portfolio, client) for client in portfolio.clients)

    def last_filed(self, place: Place) -> dt.date | None:
        return max((one.filed for one in self.filings if one.place is place and one.counts), default=None)

    def client_answer(self, person: Person, client: Client) -> tuple[str, str]:
        """Say whether a person of the firm may read a client's rates: the rule, and words of the reason."""
        opens = client.opens.get(ATMP)
        if opens is None:
            return "G0.6", "n'a pas la déclaration"
        if self.now < opens:
            return "G2.8", told(day_of(opens))
        if not (person.rules and person.place.head) and (person, ATMP) not in client.rights:
            return "G2.9", "pas d'habilitation"
        last = self.last_filed(client.place)
        if last is None:
            return "G0.5", "aucune DSN"
        if last < months_away(self.today, -3):
            return "G0.5", f"du {told(last)} : l'accès s'est fermé après le {told(counts_until(last))}"
        return "", ""

    def standing(self, place: Place, effective: dt.date) -> Rate | None:
        """Return the last decision of a place for a day."""
        same = [one for one in self.rates if one.place is place and one.effective == effective]
        return max(same, key=lambda one: one.version, default=None)

    def before(self, place: Place, effective: dt.date) -> Rate | None:
        """Return the decision that applied until that day."""
        earlier = [one for one in self.rates if one.place is place and one.effective < effective]
        return max(earlier, key=lambda one: (one.effective, one.version), default=None)

    def notified(self) -> list[Rate]:
        return [one for one in self.rates if one.notification is not None]

    def concerned(self, rate: Rate) -> list[Person]:
        """Return who is told of a notification: those who may read it, and whose address is known to be theirs."""
        return [
            one
            for one in self.of(rate.place.enterprise)
            if one.state == ACTIVE and one.proven and self.may(one, rate.place)
        ]
