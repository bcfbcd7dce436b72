"""Candidates for administrator: their route, their letters and keys, the decision, and the sweeps, late or never."""

from accounts.tasks import purge_registrations
from habilitations import tasks
from habilitations.actions.cooptation import ask_letter, choose_route, decide_cooptation
from habilitations.actions.keys import post_letters, print_letters, reprint_letters, return_letters, use_key
from habilitations.models import ActivationKey, Cooptation
from tests.model.base import BOTH, WHICH, act, one_of, when
from tests.model.days import DAY, begins, day_of
from tests.model.people import People
from tests.model.world import ADMINISTRATOR, LETTERS_MAX, PENDING, TRIES_MAX, UNVERIFIED, Letter, Request

MOVES = {"print": ("to_print", "printed"), "post": ("printed", "posted"), "return": ("posted", "returned")}
MOVES["reprint"] = ("", "replaced")


class Candidates(People):
    """Rules about candidates. A request that nobody swept is over all the same once its days are."""

    def _waiting(self) -> list[Request]:
        return [one for one in self.world.requests if one.status == PENDING]

    def row(self, request: Request) -> Cooptation:
        return Cooptation.objects.select_related("user", "establishment", "enterprise").get(pk=request.pk)

    def _reachable(self, request: Request) -> list[str]:
        return [one.email for one in self.world.rulers(request.person.place.enterprise) if one.proven]

    @when(lambda self: self._waiting())
    @act(which=WHICH, route=["cooptation", "key"])
    def choose_route(self, which: int, route: str) -> None:
        self._choose_route(one_of(self._waiting(), which), route)

    @when(lambda self: self._waiting())
    @act(
        which=WHICH,
        staff=[
            ["print"],
            ["print", "post"],
            ["print", "post", "return"],
            ["print", "reprint"],
            ["print", "post", "reprint"],
        ],
    )
    def a_letter_is_sent(self, which: int, staff: list[str]) -> None:
        self._choose_route(one_of(self._waiting(), which), "key")
        for what in staff:
            self._handle_letters(what)

    @when(lambda self: self._waiting())
    @act(which=WHICH)
    def letters_are_lost(self, which: int) -> None:
        """One after the other, until there is none left to ask for; then the other route, and back."""
        request = one_of(self._waiting(), which)
        self._choose_route(request, "key")
        for _letter in range(LETTERS_MAX):
            for what in ("print", "post", "return"):
                self._handle_letters(what)
            self._ask_letter(request)
        for route in ("cooptation", "key"):
            self._choose_route(request, route)

    @when(lambda self: self._waiting())
    @act(which=WHICH)
    def try_keys(self, which: int) -> None:
        """Once more than a day allows."""
        request = one_of(self._waiting(), which)
        for _try in range(TRIES_MAX + 1):
            self._use_key(request, "dead")

    def _choose_route(self, request: Request, route: str) -> None:
        open_letter = request.on_its_way
        if not request.alive(self.now):
            expected = "no: over"
        elif route == request.route:
            expected = "nothing: the same"
        elif route == "key" and open_letter is None and len(request.letters) >= LETTERS_MAX:
            expected = "no: enough letters"
        elif route == "cooptation" and not self._reachable(request):
            expected = "no: nobody to ask"
        else:
            expected = f"yes: {route}"
        self.play(
            "choose route", expected, lambda: choose_route(cooptation=self.row(request), route=route, on=self.now)
        )
        if not expected.startswith("yes"):
            return
        request.route = route
        if route == "key" and open_letter is None:
            request.letters.append(Letter())
        elif route == "cooptation":
            if open_letter and open_letter.state == "to_print":
                open_letter.state = "replaced"
            for email in self._reachable(request):
                self.world.mail(email, "Un administrateur attend votre décision")

    @when(lambda self: self._waiting())
    @act(which=WHICH)
    def ask_letter(self, which: int) -> None:
        self._ask_letter(one_of(self._waiting(), which))

    def _ask_letter(self, request: Request) -> None:
        letter = request.on_its_way
        if not request.alive(self.now):
            expected = "no: over"
        elif letter and letter.state == "to_print":
            expected = "no: one waits already"
        elif len(request.letters) >= LETTERS_MAX:
            expected = "no: enough letters"
        else:
            expected = "yes"
        self.play("ask letter", expected, lambda: ask_letter(cooptation=self.row(request), on=self.now))
        if expected == "yes":
            if letter:
                letter.state = "replaced"
            request.letters.append(Letter())

    @when(lambda self: any(one.letters for one in self.world.requests))
    @act(what=["print", "print", "post", "return", "reprint"])
    def handle_letters(self, what: str) -> None:
        self._handle_letters(what)

    def _handle_letters(self, what: str) -> None:
        """The staff's post: every letter that is in the right state."""
        world, staff, keys = self.world, self.cast.staff, ActivationKey.objects.all()
        old, new = MOVES[what]
        moved = [
            (request, letter)
            for request in world.requests
            for letter in request.letters
            if (letter.state == old if old else letter.state in ("printed", "posted"))
            and (what in ("post", "return") or request.alive(self.now))
        ]
        acts = {
            "print": lambda: print_letters(keys=keys, by=staff, on=self.now, day=world.today),
            "post": lambda: post_letters(keys=keys, by=staff, on=self.now),
            "return": lambda: return_letters(keys=keys, by=staff, on=self.now),
            "reprint": lambda: reprint_letters(keys=keys, by=staff, on=self.now),
        }
        done = []
        self.play(f"{what} letters", "yes" if moved else "nothing", lambda: done.append(acts[what]()) or bool(moved))
        assert (len(done[0]) if what == "print" else done[0]) == len(moved)
        for request, letter in moved:
            letter.state = new
            if what == "reprint":
                request.letters.append(Letter())
            elif what != "print" and request.person.login in world.people:
                told = "Votre clé d'activation est postée" if what == "post" else "Votre lettre est revenue"
                world.mail(request.person.email, told)
        if what == "print":
            printed = {one.siret + one.candidate: [] for one in done[0]}
            for one in done[0]:
                printed[one.siret + one.candidate].append(one.key)
            for request, letter in moved:
                letter.key = printed[request.person.place.siret + f"Camille {request.person.name}"].pop()

    @when(lambda self: self._waiting())
    @act(which=WHICH, kind=["right", "right", "wrong", "dead"])
    def use_key(self, which: int, kind: str) -> None:
        self._use_key(one_of(self._waiting(), which), kind)

    @when(lambda self: any(one.letters and one.letters[-1].key for one in self._waiting()))
    @act(which=WHICH)
    def use_the_key_received(self, which: int) -> None:
        self._use_key(one_of([one for one in self._waiting() if one.letters and one.letters[-1].key], which), "right")

    def _use_key(self, request: Request, kind: str) -> None:
        world = self.world
        letters = [one for one in request.letters if one.key]
        good = [one for one in letters if one.state in ("printed", "posted")]
        dead = [one for one in letters if one not in good]
        used = (good if kind == "right" else dead if kind == "dead" else [])[-1:]
        key = used[0].key if used else "0" * 12
        counted = request.tries if request.tried == world.today else 0
        if not request.alive(self.now):
            expected = "no: too late"
        elif counted >= TRIES_MAX:
            expected = "no: too many tries"
        elif not used or kind == "dead":
            expected = "nothing: a dead key" if used else "nothing: a wrong key"
        else:
            expected = "yes"
        self.play(
            "use key", expected, lambda: use_key(cooptation=self.row(request), key=key, on=self.now, day=world.today)
        )
        if not expected.startswith("no:"):
            request.tries, request.tried = counted + 1, world.today
        if expected == "yes":
            used[0].state = "used"
            self._grant(request)

    def _grant(self, request: Request) -> None:
        request.status = "granted"
        self._drop_letters(request)
        self.world.activate(request.person)
        self.world.mail(request.person.email, "Vous êtes administrateur")

    def _drop_letters(self, request: Request) -> None:
        for letter in request.letters:
            if letter.state in ("to_print", "printed", "posted"):
                letter.state = "replaced"

    @when(lambda self: self.world.requests)
    @act(which=WHICH, by=WHICH, grant=BOTH)
    def decide_any(self, which: int, by: int, grant: bool) -> None:
        self._decide(one_of(self.world.requests, which), by, grant=grant)

    @when(lambda self: self._waiting())
    @act(which=WHICH, by=WHICH, grant=BOTH)
    def decide(self, which: int, by: int, grant: bool) -> None:
        self._decide(one_of(self._waiting(), which), by, grant=grant)

    def _decide(self, request: Request, by: int, *, grant: bool) -> None:
        world, person = self.world, request.person
        boss = one_of(world.rulers(person.place.enterprise), by)
        word = "accord" if grant else "refusal"
        if request.status != PENDING:
            expected = "nothing: decided before"
        elif not request.alive(self.now):
            expected = f"nothing: {word} comes late"
        elif grant and world.closed(person.place):
            expected = "yes: accord at a closed place"
        else:
            expected = f"yes: {word}"
        self.play(
            "decide",
            expected,
            lambda: decide_cooptation(
                cooptation=self.row(request), granted=grant, reason="", by=self.user(boss), on=self.now
            ),
        )
        if not expected.startswith("yes"):
            return
        if grant:
            self._grant(request)
        else:
            request.status = "refused"
            self._end(request, "Votre demande est refusée")
            world.refused[person.login] = self.now

    def _end(self, request: Request, told: str) -> None:
        self._drop_letters(request)
        self.world.forget(request.person)
        self.world.mail(request.person.email, told)

    @act(what=["expire", "remind", "purge"])
    def sweep(self, what: str) -> None:
        getattr(self, f"_{what}")()

    def _expire(self) -> None:
        late = [one for one in self._waiting() if not one.alive(self.now)]
        self.play("expire candidates", "yes" if late else "nothing", lambda: tasks.expire_cooptations.run() > 0)
        for request in late:
            request.status = "expired"
            self._end(request, "Votre demande a expiré")

    def _remind(self) -> None:
        due = [
            one
            for one in self._waiting()
            if one.alive(self.now) and not one.reminded and self.now >= begins(day_of(one.asked) + 10 * DAY)
        ]
        self.play(
            "remind candidates",
            "yes" if due else "nothing",
            lambda: tasks.remind_cooptations.run() > 0,
            journal=False,
        )
        for enterprise in {one.person.place.enterprise for one in due}:
            for boss in self.world.rulers(enterprise):
                if boss.proven:
                    self.world.mail(boss.email, "Des candidats attendent votre décision")
        for request in due:
            request.reminded = True
            self.world.mail(request.person.email, "Votre demande attend toujours")

    def _purge(self) -> None:
        world = self.world
        late = [
            one
            for one in world.people.values()
            if one.alone and one.state == UNVERIFIED and day_of(one.created) + 15 * DAY < world.today
        ]
        assert all(one.role == ADMINISTRATOR for one in late)
        done = []
        self.play(
            "purge registrations",
            "yes" if late else "nothing",
            lambda: done.append(purge_registrations.run()) or bool(late),
        )
        for person in late:
            world.forget(person)
        # Drafts go with their report, a day after they began.
        self.drafts = [draft for draft in self.drafts if draft.expires_at > self.now]
