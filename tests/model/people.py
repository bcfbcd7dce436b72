"""Registering, validating an address, and what administrators do to their colleagues."""

from typing import Any

from allauth.account.models import EmailAddress
from hypothesis.stateful import initialize

from accounts.access import colleagues, managed_places
from accounts.actions import people
from accounts.actions.passwords import set_password_by_link
from accounts.models import Establishment, RegistrationDraft, User
from habilitations.actions.activation import validate_address
from habilitations.actions.registration import submit_registration
from habilitations.models import Cooptation
from tests.model.base import BOTH, WHICH, Ground, act, one_of, when
from tests.model.days import DAY
from tests.model.world import (
    ACTIVE,
    ADMINISTRATOR,
    ATMP,
    AWAY_DAYS,
    DECLARANT,
    DPAE,
    PENDING,
    PENDING_MAX,
    SUSPENDED,
    UNVERIFIED,
    Person,
    Place,
    Request,
)

NAMES = ("Un", "Deux", "Trois", "Quatre")
CONFIRM = "Validez votre adresse électronique"


class People(Ground):
    """Rules about people."""

    drafts: list[RegistrationDraft]
    mailboxes = 0

    @initialize()
    def an_enterprise_and_a_firm_are_registered(self) -> None:
        self.drafts = []
        for place in (self.world.places[0], self.world.places[3]):
            self._register(place, "Un", frozenset({ATMP}))
            self._validate(self.world.people[place.siret, "Un"])

    def _mailbox(self, name: str) -> str:
        self.mailboxes += 1
        return f"{name.lower()}{self.mailboxes}@exemple.example"

    @act(where=WHICH, name=NAMES, asks=[{ATMP}, {ATMP, DPAE}, set()])
    def register(self, where: int, name: str, asks: set[str]) -> None:
        self._register(one_of(self.world.places, where), name, frozenset(asks))

    def _register(self, place: Place, name: str, asked: frozenset[str]) -> None:
        world, holder = self.world, self.world.people.get((place.siret, name))
        email = self._mailbox(name)
        draft = RegistrationDraft.objects.create(
            expires_at=self.now + DAY,
            data={
                "identity": {
                    "siret": place.siret, "last_name": name, "first_name": "Camille", "homonym": "", "email": email,
                    "phone": "",
                },
                "password": {"password": "kept", "question": "", "answer": ""},
                "terms": {"version": "1", "accepted_at": self.now.isoformat()},
                "profile": {"profile": "enterprise"},
                "declarations": {"codes": sorted(asked)},
            },
        )  # fmt: skip
        free = holder is None or holder.state == UNVERIFIED
        expected = "no: closed" if world.closed(place) else "yes: name taken" if not free else "yes: registered"
        expected = "yes: in the place of who never validated" if free and holder and expected[0] == "y" else expected
        self.play("register", expected, lambda: submit_registration(draft=draft, on=self.now, at=self.now))
        if not expected.startswith("yes"):
            return
        self.drafts.append(draft)
        if not free:
            world.mail(holder.email, "Une inscription a été demandée à votre nom")
            return
        if holder:
            world.forget(holder)
        pk = User.objects.values_list("pk", flat=True).get(email=email)
        person = Person(name, place, ADMINISTRATOR, UNVERIFIED, pk, self.now, email, asked=asked)
        world.people[person.login] = person
        world.mail(email, CONFIRM)

    @act(where=WHICH)
    def a_crowd_registers(self, where: int) -> None:
        """Everybody who is not there yet, at one place, one after the other."""
        place = one_of(self.world.places, where)
        for name in NAMES:
            if not self.world.closed(place) and (place.siret, name) not in self.world.people:
                self._register(place, name, frozenset({ATMP}))
                self._validate(self.world.people[place.siret, name])

    @when(lambda self: self.world.refused)
    @act(which=WHICH)
    def who_was_refused_comes_back(self, which: int) -> None:
        siret, name = one_of(list(self.world.refused), which)
        place = next(one for one in self.world.places if one.siret == siret)
        self._register(place, name, frozenset())
        person = self.world.people.get((siret, name))
        if person and person.alone and not person.proven:
            self._validate(person)

    @when(lambda self: self.drafts)
    @act(which=WHICH)
    def register_twice(self, which: int) -> None:
        draft = one_of(self.drafts, which)
        self.play("register", "nothing: twice", lambda: submit_registration(draft=draft, on=self.now, at=self.now))

    @when(lambda self: any(one.alone and not one.proven for one in self.world.people.values()))
    @act(which=WHICH)
    def validate(self, which: int) -> None:
        """Those who wait for it first."""
        self._validate(one_of([one for one in self.world.people.values() if one.alone and not one.proven], which))

    @when(lambda self: any(one.proven for one in self.world.people.values()))
    @act(which=WHICH)
    def validate_again(self, which: int) -> None:
        self._validate(one_of([one for one in self.world.people.values() if one.proven], which))

    def _validate(self, person: Person) -> None:
        world, enterprise = self.world, person.place.enterprise
        address = EmailAddress.objects.get(user=person.pk)
        away = world.refused.get(person.login)
        waiting = [one for one in world.alive(enterprise) if one.person.place is person.place]
        if person.proven:
            expected = "nothing: already"
        elif person.state != UNVERIFIED:
            expected = "yes: a new address"
        elif world.closed(person.place):
            expected = "no: closed"
        elif not any(one.role == ADMINISTRATOR and one.state in (ACTIVE, SUSPENDED) for one in world.of(enterprise)):
            expected = "yes: first administrator"
        elif away and self.now < away + DAY * AWAY_DAYS:
            expected = "no: refused lately"
        elif len(waiting) >= PENDING_MAX:
            expected = "no: too many wait"
        else:
            expected = "yes: candidate"
        self.play("validate", expected, lambda: validate_address(address=address, on=self.now))
        if expected.startswith("yes"):
            person.proven = True
        if expected == "yes: first administrator":
            world.activate(person)
        elif expected == "yes: candidate":
            person.state = PENDING
            pk = Cooptation.objects.values_list("pk", flat=True).get(user=person.pk)
            world.requests.append(Request(person, self.now, pk))
            world.mail(person.email, "Choisissez comment être activé")

    def _administrators(self) -> list[Person]:
        return [one for one in self.world.people.values() if one.rules]

    @act(by=WHICH, where=WHICH, name=NAMES)
    def invite(self, by: int, where: int, name: str) -> None:
        world, boss = self.world, one_of(self._administrators(), by)
        user, reach = self.user(boss), world.reach(boss)
        offered = set(managed_places(user, world.today).values_list("pk", flat=True))
        assert offered == {place.pk for place in reach if not world.closed(place)}
        place, email = one_of(reach, where), self._mailbox(name)
        taken = (place.siret, name) in world.people
        expected = "no: closed" if world.closed(place) else "no: name taken" if taken else "yes"
        added = self.play(
            "invite",
            expected,
            lambda: people.invite_declarant(
                establishment=self.place(place), last_name=name, first_name="Camille", homonym="", email=email,
                phone="", by=user, on=self.now,
            ),
        )  # fmt: skip
        if expected == "yes":
            person = Person(name, place, DECLARANT, UNVERIFIED, added.pk, self.now, email, alone=False)
            world.people[person.login] = person
            world.mail(email, "Un administrateur vous a inscrit")

    @when(lambda self: any(not one.alone for one in self.world.people.values()))
    @act(which=WHICH)
    def choose_password(self, which: int) -> None:
        person = one_of([one for one in self.world.people.values() if not one.alone], which)
        first = person.state == UNVERIFIED
        self.play(
            "choose password",
            "yes: active" if first else "yes: only a password",
            lambda: set_password_by_link(
                user=self.user(person), password="Zebulon42kx", question="", answer="", on=self.now
            ),
        )
        self.world.mail(person.email, "Votre mot de passe a changé")
        if first:
            person.state, person.proven = ACTIVE, True

    @act(by=WHICH, whom=WHICH, staff=BOTH, same=[False, False, True])
    def correct_address(self, by: int, whom: int, staff: bool, same: bool) -> None:
        world, boss = self.world, one_of(self._administrators(), by)
        person = one_of([one for one in world.colleagues(boss) if one.state == ACTIVE], whom)
        email = person.email if same else self._mailbox(person.name)
        actor = self.cast.staff if staff else self.user(boss)
        expected = "nothing: the same" if same else "yes"
        self.play(
            "correct address",
            expected,
            lambda: people.correct_address(user=self.user(person), email=email, by=actor, on=self.now),
        )
        if not same:
            # Whoever was registered by a colleague has had his password by now.
            world.mail(email, CONFIRM)
            world.mail(person.email, "Votre adresse électronique a changé")
            person.email, person.proven, person.alone = email, False, True

    @act(
        by=WHICH,
        whom=WHICH,
        what=["suspend", "take back", "make declarant", "make administrator", "remove", "leave"],
        staff=BOTH,
    )
    def change_colleague(self, by: int, whom: int, what: str, staff: bool) -> None:
        world, boss = self.world, one_of(self._administrators(), by)
        user = self.user(boss)
        mine = world.colleagues(boss)
        assert set(colleagues(user).values_list("pk", flat=True)) == {one.pk for one in mine}
        person = boss if what == "leave" else one_of(mine, whom)
        actor = self.cast.staff if staff and what != "leave" else user
        last = world.rulers(person.place.enterprise) == [person]
        settled = person.state in (ACTIVE, SUSPENDED)
        acts: dict[str, tuple[bool, bool, Any]] = {
            # What: whether the last administrator is spared, whether something changes, how.
            "suspend": (last, person.state == ACTIVE, people.suspend_user),
            "take back": (False, person.state == SUSPENDED, people.reactivate_user),
            "make declarant": (last, settled and person.role != DECLARANT, people.change_role),
            "make administrator": (False, settled and person.role != ADMINISTRATOR, people.change_role),
            "remove": (last, True, people.remove_user),
            "leave": (last, True, people.remove_user),
        }
        spared, changes, act = acts[what]
        more = {"role": what.removeprefix("make ")} if what.startswith("make") else {}
        expected = "no: last administrator" if spared else "yes" if changes else "nothing"
        if what == "suspend" and person is boss and actor is user:
            expected = "nothing: oneself"
        self.play(what, expected, lambda: act(user=self.user(person), by=actor, on=self.now, **more))
        if expected != "yes":
            return
        if what in ("remove", "leave"):
            world.forget(person)
            world.mail(person.email, "Votre compte est supprimé")
        elif what in ("suspend", "take back"):
            person.state = SUSPENDED if what == "suspend" else ACTIVE
        else:
            person.role = what.removeprefix("make ")

    @act(by=WHICH, whom=WHICH)
    def somebody_is_suspended_twice_and_taken_back(self, by: int, whom: int) -> None:
        for what in ("suspend", "suspend", "take back"):
            self.change_colleague(by, whom, what, staff=True)

    @act(where=[1, 2, 4, 0], days=range(4))
    def close_place(self, where: int, days: int) -> None:
        self._close(self.world.places[where], days)

    @when(lambda self: any(one.state in (UNVERIFIED, PENDING) for one in self.world.people.values()))
    @act(which=WHICH)
    def close_where_somebody_waits(self, which: int) -> None:
        self._close(
            one_of([one for one in self.world.people.values() if one.state in (UNVERIFIED, PENDING)], which).place, 0
        )

    def _close(self, place: Place, days: int) -> None:
        """The register says so; or it was wrong, and the place is open after all."""
        closed = None if place.closed else self.world.today + DAY * days
        Establishment.objects.filter(pk=place.pk).update(closed_on=closed)
        place.closed = closed
        self.cast.places[repr(place)].closed_on = closed
        self.moved = True
        Ground.counts[f"register of enterprises, yes: {'closes' if closed else 'reopens'}"] += 1
