"""Portfolios, their clients, and the DSN that open them."""

from collections import Counter
from collections.abc import Iterator

from django.core.files.base import ContentFile

from portfolios import tasks
from portfolios.access import portfolio_management
from portfolios.actions import portfolio as acts
from portfolios.actions.dsn import deposit_dsn
from portfolios.models import Client as ClientRow
from portfolios.models import ClientDeclaration
from portfolios.models import Portfolio as PortfolioRow
from tests.model.base import WHICH, act, one_of, when
from tests.model.days import DAY, counts_until
from tests.model.rights import CODES, Rights
from tests.model.world import ACTIVE, ATMP, FIRM, Client, Filing, Person, Place, Portfolio, Window
from tests.portfolios.dsn import declaration, encoded, rubriques

MONTHS = ("01122026", "01012027")
UNKNOWN = "73282932000074"


class Tiers(Rights):
    """Rules about the firm's work. Portfolios are managed by an administrator at its head office."""

    files: list[bytes]

    def _manager(self, by: int) -> Person | None:
        bosses = [one for one in self.world.rulers(FIRM) if one.place.head]
        for one in self.world.of(FIRM):
            assert portfolio_management(self.user(one)).allowed == (one in bosses)
        return one_of(bosses, by) if bosses else None

    @act(by=WHICH, name=["Nord", "Sud"], member=WHICH)
    def create_portfolio(self, by: int, name: str, member: int) -> None:
        self._choose_members(by, name, one_of(list(self.world.people.values()), member), create=True)

    @when(lambda self: self.world.portfolios)
    @act(by=WHICH, which=WHICH, member=WHICH)
    def change_members(self, by: int, which: int, member: int) -> None:
        name = one_of(self.world.portfolios, which).name
        firm = self.world.of(FIRM) if member % 3 else list(self.world.people.values())
        self._choose_members(by, name, one_of(firm, member), create=False)

    def _choose_members(self, by: int, name: str, person: Person, *, create: bool) -> None:
        world, boss = self.world, self._manager(by)
        if boss is None:
            return
        own = person.place.enterprise == FIRM and person.state == ACTIVE
        held = next((one for one in world.portfolios if one.name == name), None)
        expected = "no: name taken" if create and held else "yes" if own else "no: not of the firm"
        common = {"name": name, "comment": "", "members": [self.user(person)], "by": self.user(boss), "on": self.now}
        if create:
            firm = self.place(world.head(FIRM)).enterprise
            made = self.play("create portfolio", expected, lambda: acts.create_portfolio(enterprise=firm, **common))
            if expected == "yes":
                world.portfolios.append(Portfolio(name, made.pk, members={person}))
        else:
            row = PortfolioRow.objects.select_related("enterprise").get(pk=held.pk)
            self.play("change portfolio", expected, lambda: acts.change_portfolio(portfolio=row, **common))
            if expected == "yes":
                held.members = {person}
                for client in held.clients:
                    client.rights = {right for right in client.rights if right[0] is person}

    @when(lambda self: self.world.portfolios)
    @act(by=WHICH, which=WHICH, sure=range(3))
    def delete_portfolio(self, by: int, which: int, sure: int) -> None:
        boss = self._manager(by)
        if boss is None or sure:
            return
        mine = one_of(self.world.portfolios, which)
        row = PortfolioRow.objects.get(pk=mine.pk)
        act = lambda: acts.delete_portfolio(portfolio=row, by=self.user(boss), on=self.now)  # noqa: E731
        self.play("delete portfolio", "yes", act)
        self.world.portfolios.remove(mine)
        row.pk = mine.pk
        self.play("delete portfolio", "nothing: twice", act)

    @when(lambda self: self.world.portfolios)
    @act(by=WHICH, which=WHICH, codes=CODES)
    def hold_declarations(self, by: int, which: int, codes: set[str]) -> None:
        if boss := self._manager(by):
            self._hold(boss, one_of(self.world.portfolios, which), codes)

    def _hold(self, boss: Person, mine: Portfolio, codes: set[str]) -> None:
        row = PortfolioRow.objects.get(pk=mine.pk)
        chosen = [self.cast.declarations[code] for code in sorted(codes)]
        self.play(
            "hold declarations",
            "nothing" if codes == mine.held else "yes",
            lambda: acts.set_portfolio_declarations(
                portfolio=row, declarations=chosen, by=self.user(boss), on=self.now
            ),
        )
        for client in mine.clients:
            client.opens = {code: opens for code, opens in client.opens.items() if code in codes}
            client.rights = {right for right in client.rights if right[1] in codes}
        mine.held = set(codes)

    @when(lambda self: self.world.portfolios)
    @act(by=WHICH, which=WHICH, where=WHICH)
    def add_client(self, by: int, which: int, where: int) -> None:
        if boss := self._manager(by):
            self._add(boss, one_of(self.world.portfolios, which), one_of(self.world.places, where))

    def _add(self, boss: Person, mine: Portfolio, place: Place) -> None:
        known = any(client.place is place for client in mine.clients)
        expected = "no: closed" if self.world.closed(place) else "nothing: there already" if known else "yes"
        row = PortfolioRow.objects.get(pk=mine.pk)
        self.play(
            "add client",
            expected,
            lambda: acts.add_clients(
                portfolio=row, establishments=[self.place(place)], by=self.user(boss), on=self.now
            ),
        )
        if expected == "yes":
            pk = ClientRow.objects.values_list("pk", flat=True).get(portfolio=mine.pk, establishment=place.pk)
            mine.clients.append(Client(place, pk))

    @act(by=WHICH, where=range(3), month=MONTHS)
    def a_client_is_taken_on(self, by: int, where: int, month: str) -> None:
        """From the portfolio to the first DSN."""
        boss = self._manager(by)
        if boss is None:
            return
        if not self.world.portfolios:
            self._choose_members(by, "Nord", boss, create=True)
        self._hold(boss, self.world.portfolios[0], {ATMP})
        self._add(boss, self.world.portfolios[0], self.world.places[where])
        for client in self.world.portfolios[0].clients:
            self._give(boss, self.world.portfolios[0], client, {ATMP})
        self._deposit("real", where, month)

    def _clients(self) -> list[tuple[Portfolio, Client]]:
        return [(mine, client) for mine in self.world.portfolios for client in mine.clients]

    def row_of(self, client: Client) -> ClientRow:
        return ClientRow.objects.select_related("portfolio", "establishment").get(pk=client.pk)

    @when(lambda self: self._clients())
    @act(by=WHICH, which=WHICH, sure=range(3))
    def remove_client(self, by: int, which: int, sure: int) -> None:
        boss = self._manager(by)
        if boss is None or sure:
            return
        mine, client = one_of(self._clients(), which)
        row = self.row_of(client)
        act = lambda: acts.remove_client(client=row, by=self.user(boss), on=self.now)  # noqa: E731
        self.play("remove client", "yes", act)
        mine.clients.remove(client)
        self.play("remove client", "nothing: twice", act)

    @when(lambda self: self._clients())
    @act(by=WHICH, which=WHICH, codes=CODES)
    def give_declarations(self, by: int, which: int, codes: set[str]) -> None:
        if boss := self._manager(by):
            self._give(boss, *one_of(self._clients(), which), codes)

    def _give(self, boss: Person, mine: Portfolio, client: Client, codes: set[str]) -> None:
        """The container comes before the content (G2.3)."""
        added, removed = codes - set(client.opens), set(client.opens) - codes
        if codes - mine.held:
            expected = "no: the portfolio does not hold it"
        elif added and self.world.closed(client.place):
            expected = "no: closed"
        else:
            expected = "yes" if added or removed else "nothing"
        chosen = [self.cast.declarations[code] for code in sorted(codes)]
        self.play(
            "give declarations",
            expected,
            lambda: acts.set_client_declarations(
                client=self.row_of(client), declarations=chosen, by=self.user(boss), on=self.now
            ),
        )
        if expected == "yes":
            client.opens = {code: opens for code, opens in client.opens.items() if code in codes}
            client.opens |= {code: self.now + DAY * (code == ATMP) for code in added}
            client.rights = {right for right in client.rights if right[1] in codes}

    @when(lambda self: any(ATMP in client.opens for _mine, client in self._clients()))
    @act(by=WHICH, which=WHICH, whom=WHICH, given=[True, True, False])
    def tick_client_right(self, by: int, which: int, whom: int, given: bool) -> None:
        boss = self._manager(by)
        if boss is None:
            return
        mine, client = one_of([pair for pair in self._clients() if ATMP in pair[1].opens], which)
        person = one_of(self.world.of(FIRM), whom)
        has = (person, ATMP) in client.rights
        if given and person not in mine.members:
            expected = "no: not a member"
        else:
            expected = "nothing" if has == given else "yes: given" if given else "yes: taken back"
        row = ClientDeclaration.objects.get(client=client.pk, held__declaration__code=ATMP)
        self.play(
            "tick client right",
            expected,
            lambda: any(
                acts.set_client_habilitations(
                    client=self.row_of(client),
                    shown=[(self.user(person), row)],
                    granted={(person.pk, row.pk)} if given else set(),
                    by=self.user(boss),
                    on=self.now,
                )
            ),
        )
        if expected == "yes: given":
            client.rights.add((person, ATMP))
        elif expected == "yes: taken back":
            client.rights.discard((person, ATMP))

    @act(
        kind=["real", "real", "event", "substituted", "replace", "cancel", "test", "same file", "unknown", "garbled"],
        where=range(3),
        month=MONTHS,
    )
    def deposit(self, kind: str, where: int, month: str) -> None:
        self._deposit(kind, where, month)

    def _deposit(self, kind: str, where: int, month: str) -> None:
        """The firm deposits for one of three places."""
        world, place = self.world, self.world.places[where]
        world.deposits += kind != "same file"
        siret = UNKNOWN if kind == "unknown" else place.siret
        nature = {"event": "04", "substituted": "09"}.get(kind, "01")
        block = declaration(
            siret,
            nature=nature,
            kind={"replace": "03", "cancel": "04"}.get(kind, "01"),
            month="" if kind == "event" else month,
            # No two files alike, unless they are meant to be.
            rates=[("200", "452BE", f"{world.deposits}.39")],
        )
        content = encoded(rubriques([block], test="01" if kind == "test" else "02"))
        content = f"Bonjour {world.deposits}".encode() if kind == "garbled" else content
        files = world.__dict__.setdefault("files", [])
        if kind == "same file":
            if not files:
                return
            content = one_of(files, where)
        same = [one for one in world.filings if one.place is place and one.month == month and one.counts]
        twice = kind == "real" and bool(same)
        expected = "nothing: same file" if kind == "same file" else f"yes: {'month twice' if twice else kind}"
        firm = self.place(world.head(FIRM)).enterprise
        made = []

        def act() -> bool:
            deposit, new = deposit_dsn(file=ContentFile(content, "dsn.txt"), depositor=firm, by=None, on=self.now)
            made.append(deposit.outcome)
            return new

        self.play("deposit", expected, act)
        if kind == "same file":
            return
        files.append(content)
        refused = twice or kind in ("test", "unknown", "garbled")
        assert made == ["KO" if refused else "OK"]
        if refused:
            return
        if kind in ("replace", "cancel"):
            for one in same:
                one.counts = False
        monthly = "" if kind in ("event", "substituted") else month
        world.filings.append(Filing(place, monthly, world.today, counts=kind not in ("substituted", "cancel")))

    @act()
    def look_at_windows(self) -> None:
        """The sweep of accesses: what opened, closed or will close is told once to every administrator."""
        world, today = self.world, self.world.today
        due = bool(self._clients()) or world.looked is not None
        due = due and (world.looked is None or world.looked[0] < today or world.looked[1] < world.deposits)
        news: Counter[str] = Counter()
        for place in {client.place: None for _mine, client in self._clients()} if due else {}:
            news.update(self._follow(place))
        said = "yes: told" if news else "yes: looked" if due else "nothing"
        self.play(
            "look at windows",
            said,
            lambda: tasks.check_dsn_access.run() > 0,
            journal=said == "yes: told",
        )
        for what, count in news.items():
            self.counts[f"window, {what}"] += count
        if due:
            world.looked = (today, world.deposits)
        if said == "yes: told":
            for boss in world.rulers(FIRM):
                world.mail(boss.email, "Accès aux comptes AT/MP de vos clients")

    def _follow(self, place: Place) -> Iterator[str]:
        """Bring what is known of a client's window up to date; yield what is new: told once, and again once renewed."""
        today, last = self.world.today, self.world.last_filed(place)
        until = counts_until(last) if last else None
        window = self.world.windows.get(place)
        if window is None:
            if until is None or until < today:
                return
            window = self.world.windows[place] = Window(until)
            yield "opens"
        elif until and until != window.until:
            if window.closed and until >= today:
                yield "opens"
                window.closed = False
            window.until, window.warned = until, False
        if not window.closed and (until is None or until < today):
            window.closed = True
            yield "closes"
        elif not window.closed and not window.warned and window.until - today <= DAY * 15:
            window.warned = True
            yield "will close"
