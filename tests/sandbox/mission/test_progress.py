"""How far a world is: each check holds once its thing is done, in that world alone, and not before."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Establishment, User
from habilitations.actions.cooptation import expire_next
from habilitations.actions.rights import register_declaration
from habilitations.models import ATMP, Declaration
from portfolios.actions.window import check_next_firm
from portfolios.models import Client
from sandbox.actions.trainer import send_candidate
from sandbox.demo import HEAD, RESTAURANT
from sandbox.mission.file import missions_of
from sandbox.mission.progress import progress_of, world_of
from sandbox.models import Copy
from tests.conftest import NOW
from tests.sandbox.copies import load
from tests.sandbox.mission.playing import Player, done

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def test_a_day_in_a_company_is_followed_step_by_step(db: None) -> None:
    mine, other = load("decouverte", 2)
    player, at = Player(mine), NOW + HOUR
    assert (done(mine, at), done(other, at)) == (set(), set())
    for play, now, new in [
        (lambda: player.decide(at, granted=True), at, {"candidate_accepted"}),
        (lambda: player.invite(at), at, {"colleague_registered"}),
        (lambda: player.grant(at), at, {"right_granted"}),
        (lambda: player.read(at, "Abgrall"), at, {"right_used", "notification_opened"}),
        (lambda: player.download(at), at, {"document_taken"}),
        (lambda: player.archive(at), at, {"notification_archived"}),
        (lambda: player.register(at), at, {"declaration_chosen"}),
        (lambda: None, at + DAY, {"declaration_usable"}),
    ]:
        before = done(mine, at)
        play()
        assert done(mine, now) - before == new
    assert done(other, at + DAY) == set()


def test_a_firms_work_is_followed_step_by_step(db: None) -> None:
    [copy] = load("decouverte")
    player, at = Player(copy), NOW + HOUR
    seen: list[set[str]] = []

    def told(now: dt.datetime) -> set[str]:
        new = done(copy, now).difference(*seen)
        seen.append(new)
        return new

    portfolio = player.portfolio(at)
    assert told(at) == {"portfolio_made"}
    player.hold(portfolio, at)
    assert told(at) == {"portfolio_holds"}
    client = player.compose(portfolio, at)
    assert told(at) == {"client_added"}
    player.give(client, at)
    assert told(at) == {"client_given"}
    player.entrust(client, at)
    assert told(at) == {"client_right_granted"}
    player.follow(client, at)
    assert told(at) == {"client_followed"}
    # For a client without the declaration: deposited, not open. Then for one that had closed.
    for key, new in (("dentelliere", {"dsn_deposited"}), ("belharra", {"client_open"})):
        player.deposit(Client.objects.get(establishment=player.place(key)), at)
        assert told(at) == new
    while check_next_firm(on=at):
        pass
    assert told(at) == set()
    for day, new in ((77, {"closing_told"}), (95, {"client_closed"})):
        while check_next_firm(on=at + day * DAY):
            pass
        assert told(at + day * DAY) == new


def test_a_candidate_refused_or_expired_counts_and_another_copys_does_not(db: None) -> None:
    mine, other = load("decouverte", 2)
    Player(mine).decide(NOW + HOUR, granted=False)
    while expire_next(on=NOW + 20 * DAY):
        pass
    assert done(mine, NOW + 20 * DAY) == {"candidate_refused"}
    assert done(other, NOW + 20 * DAY) == {"candidate_expired"}


def test_a_candidate_that_the_trainer_sent_is_not_a_registration(db: None, staff: User) -> None:
    [copy] = load("decouverte")
    send_candidate(copy=copy, by=staff, on=NOW + HOUR)
    assert done(copy, NOW + 2 * HOUR) == set()


def test_the_demo_is_a_world_apart_from_the_copies(demo: None) -> None:
    [copy] = load("decouverte")
    Player(copy).grant(NOW + HOUR)
    assert done(None, NOW + HOUR) == set()
    place = Establishment.objects.get(siret=HEAD[RESTAURANT])
    register_declaration(establishment=place, declaration=Declaration.objects.get(code=ATMP), by=None, on=NOW + HOUR)
    assert done(None, NOW + HOUR) == {"declaration_chosen"}
    assert done(copy, NOW + HOUR) == {"right_granted"}


@pytest.mark.parametrize("count", [1, 20, 200])
def test_the_worlds_are_asked_about_in_two_queries_however_many(db: None, count: int) -> None:
    Copy.objects.bulk_create(
        Copy(scenario="decouverte", number=number, created_at=NOW, loaded_at=NOW, state="ready")
        for number in range(count)
    )
    worlds = [world_of(copy) for copy in Copy.objects.all()]
    with CaptureQueriesContext(connection) as queries:
        found = progress_of(worlds, missions_of("decouverte"), NOW)
    assert (len(found), len(queries)) == (count, 2)
