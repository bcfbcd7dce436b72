"""Declarations of an establishment, rights of people."""

from habilitations.actions.rights import set_declarations, set_habilitations
from tests.model.base import BOTH, WHICH, act, one_of
from tests.model.candidates import Candidates
from tests.model.world import ACTIVE, ATMP, DECLARANT, DPAE, Person, Place

CODES = [{ATMP}, {ATMP, DPAE}, {ATMP}, {DPAE}, set()]


class Rights(Candidates):
    """Rules about declarations and rights."""

    @act(by=WHICH, where=WHICH, codes=CODES)
    def choose_declarations(self, by: int, where: int, codes: set[str]) -> None:
        boss = one_of(self._administrators(), by)
        self._choose_declarations(boss, one_of(self.world.reach(boss), where), codes)

    def _choose_declarations(self, boss: Person, place: Place, codes: set[str]) -> None:
        world = self.world
        added, removed = codes - set(place.declared), set(place.declared) - codes
        expected = "no: closed" if added and world.closed(place) else "yes" if added or removed else "nothing"
        self.play(
            "choose declarations",
            expected,
            lambda: any(
                set_declarations(
                    establishment=self.place(place),
                    declarations={self.cast.declarations[code] for code in codes},
                    by=self.user(boss),
                    on=self.now,
                )
            ),
        )
        if expected == "yes":
            for code in removed:
                del place.declared[code]
            for code in added:
                world.register(place, code)

    @act(by=WHICH, whom=WHICH, where=WHICH, code=[ATMP, ATMP, DPAE], given=BOTH)
    def tick_right_of_anybody(self, by: int, whom: int, where: int, code: str, given: bool) -> None:
        self._tick(by, one_of(list(self.world.people.values()), whom), where, code, given=given)

    @act(by=WHICH, whom=WHICH, where=WHICH, given=[True, True, False])
    def tick_right(self, by: int, whom: int, where: int, given: bool) -> None:
        people = [one for one in self.world.people.values() if one.role == DECLARANT]
        if people:
            self._tick(by, one_of(people, whom), where, ATMP, given=given)

    def _tick(self, by: int, person: Person, where: int, code: str, *, given: bool) -> None:
        world, boss = self.world, one_of(self.world.rulers(person.place.enterprise) or self._administrators(), by)
        place = one_of(world.reach(boss), where)
        has = (place, code) in person.rights
        if has == given:
            expected = "nothing"
        elif has:
            expected = "yes: taken back"
        elif person.place.enterprise != place.enterprise:
            expected = "no: of another enterprise"
        elif person.state != ACTIVE:
            expected = "no: not active"
        elif world.closed(place):
            expected = "no: closed"
        elif world.covered(place, code) is None:
            expected = "no: not registered"
        else:
            expected = "yes: given"
        change = (self.user(person), self.place(place), self.cast.declarations[code], given)
        self.play(
            "tick right",
            expected,
            lambda: any(set_habilitations(changes=[change], by=self.user(boss), on=self.now)),
        )
        if expected == "yes: given":
            person.rights.add((place, code))
        elif has and not given:
            person.rights.discard((place, code))
