"""Who may do what: every address, in every manner, by every kind of person, as docs/permissions.md says."""

import logging
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from pytest_django import Settings

from accounts.models import User
from habilitations.models import Cooptation
from notifications.models import Notification
from portal.kit.decision import ALLOWED, Decision
from portfolios.models import Client, DsnDeposit
from tests.house.journaled import CASES, Cast
from tests.house.permission_doors import DOORS, behind_doors
from tests.house.permission_lists import LISTED, LISTS
from tests.house.permissions import (
    ADDRESSES,
    PAGE,
    Answers,
    Line,
    exercised,
    listed,
    objects_of,
    plain,
    read_page,
    write_page,
)
from tests.house.world import KINDS, World

EXERCISED = {name.partition("|")[0] for name in CASES}
PLAIN = sorted(set(ADDRESSES) - EXERCISED)
# Alike in size: xdist shares them out.
PARTS = 8


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A refusal is what is asked for here: thousands of them fill no log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def asked(part: int, request: pytest.FixtureRequest) -> Iterator[tuple[Line, Answers]]:
    cast = Cast(request)
    world = World(cast)
    objects = objects_of(world)
    for name in PLAIN[part::PARTS]:
        yield from plain(name, world, objects)


def surprises(found: dict[Line, Answers], kinds: dict[str, str] = KINDS) -> list[str]:
    """Return where what came is not what the page says."""
    expected = read_page(kinds)
    told = []
    for line, answers in found.items():
        wanted = expected.get(line, {})
        wrong = [f"{kinds[kind]}: {came}, not {wanted.get(kind)}" for kind, came in answers.items()]
        wrong = [text for text, kind in zip(wrong, answers, strict=True) if answers[kind] != wanted.get(kind)]
        if wrong:
            told.append(f"{' '.join(line)}: {'; '.join(wrong)}")
    return told


def judge(request: pytest.FixtureRequest, found: dict[Line, Answers], kinds: dict[str, str] = KINDS) -> None:
    if request.config.getoption("--write-permissions"):
        tables = {tuple(columns): read_page(columns) for columns in (KINDS, DOORS)}
        tables[tuple(kinds)] |= found
        write_page(tables[tuple(KINDS)], tables[tuple(DOORS)])
    assert surprises(found, kinds) == []


def stale(found: dict[Line, Answers], pages: list[str], said: str = "") -> list[Line]:
    """Return the lines about these pages that nobody asked for. said: only those that begin so, or what they are of."""
    about = [line for line in read_page() if line[0] in pages and line[1] != LISTED and line not in found]
    return [line for line in about if not said or re.fullmatch(rf"{re.escape(said)}(, \w+)?", line[1])]


@pytest.mark.parametrize("name", CASES)
def test_a_page_that_is_posted_to_answers_each_as_written(request: pytest.FixtureRequest, db: None, name: str) -> None:
    found = dict(exercised(name, Cast(request)))
    judge(request, found)
    page, _bar, said = name.partition("|")
    assert stale(found, [page], said) == []


def test_a_page_that_is_posted_to_is_asked_for_all_that_is_written_of_it() -> None:
    """What an address says, « |suspend », is one of its cases: none is left that went."""
    said = {(page, what) for page, _bar, what in (name.partition("|") for name in CASES)}
    lines = {(page, re.sub(r"(^|, )(own|none)$", "", whose)) for page, whose, _method in read_page() if whose != LISTED}
    assert {line for line in lines if line[0] in EXERCISED} - said == set()


@pytest.mark.parametrize("part", range(PARTS))
def test_any_other_page_answers_each_as_written(request: pytest.FixtureRequest, db: None, part: int) -> None:
    found = dict(asked(part, request))
    judge(request, found)
    assert stale(found, PLAIN[part::PARTS]) == []


def test_a_list_shows_to_each_what_is_written(request: pytest.FixtureRequest, db: None) -> None:
    found = dict(listed(World(Cast(request))))
    judge(request, found)
    assert {line[0] for line in read_page() if line[1] == LISTED} == set(LISTS)


def test_every_list_is_asked_what_it_shows() -> None:
    """A page of one portfolio's is asked as one thing of somebody's."""
    pages = {name for name, kinds in ADDRESSES.items() if "int" not in kinds and not name.startswith(("admin", "sand"))}
    assert {name for name in pages if re.search("_(list|export|spread)$", name)} - set(LISTS) == set()


@pytest.mark.sandbox
def test_the_tools_answer_each_as_written_where_there_is_no_demo(
    request: pytest.FixtureRequest, db: None, settings: Settings
) -> None:
    found = dict(behind_doors(World(Cast(request)), settings))
    judge(request, found, DOORS)
    assert set(read_page(DOORS)) - set(found) == set()


def test_the_page_names_every_address_and_no_other() -> None:
    named = {name for name, _whose, _method in read_page() if settings.SANDBOX or not name.startswith("sandbox:")}
    assert (set(ADDRESSES) - named, named - set(ADDRESSES)) == (set(), set())


def test_it_says_how_many_answers_it_holds() -> None:
    count = len(read_page()) * len(KINDS) + len(read_page(DOORS)) * len(DOORS)
    assert f"\n{count:,} answers.\n" in PAGE.read_text()


def all_right(*_asked: object, **_more: object) -> Decision:
    return ALLOWED


@pytest.mark.parametrize(
    ("check", "removed", "name"),
    [
        ("accounts.views.people.administration", all_right, "accounts:person_list"),
        ("habilitations.views.rights.administration", all_right, "habilitations:declaration_list"),
        ("portfolios.views.portfolio.may_manage_portfolios", all_right, "portfolios:portfolio_list"),
        ("notifications.views.client.client_access", all_right, "notifications:client_rate_detail"),
        ("notifications.views.notification.notification_access", all_right, "notifications:notification_calendar"),
        ("accounts.admin.journal.MailAdmin.has_view_permission", all_right, "admin:accounts_mail_changelist"),
    ],
)
def test_a_check_taken_away_is_a_surprise(
    request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch, check: str, removed: object, name: str
) -> None:
    world = World(Cast(request))
    objects = objects_of(world) if ADDRESSES[name] else {}
    assert surprises(dict(plain(name, world, objects))) == []
    monkeypatch.setattr(check, removed)
    assert surprises(dict(plain(name, world, objects))) != []


@pytest.mark.parametrize(
    ("scope", "everything", "name"),
    [
        ("accounts.views.people.colleagues", lambda _user: User.objects.all(), "accounts:person_list"),
        (
            "habilitations.views.cooptation.pending_cooptations",
            lambda _user, at: Cooptation.objects.pending(at),
            "habilitations:cooptation_list",
        ),
        ("portfolios.views.dsn.visible_deposits", lambda _user: DsnDeposit.objects.all(), "portfolios:dsn_deposit"),
        ("portfolios.views.tiers.clients_over", lambda _user: Client.objects.all(), "portfolios:tiers_list"),
        (
            "notifications.views.client.visible_clients",
            lambda _user: Client.objects.all(),
            "notifications:client_rate_list",
        ),
        (
            "notifications.access.NotificationScope.notifications",
            lambda _scope: Notification.objects.all(),
            "notifications:notification_list",
        ),
    ],
)
def test_a_scope_taken_from_a_list_is_a_surprise(
    request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch, scope: str, everything: object, name: str
) -> None:
    monkeypatch.setattr("tests.house.permissions.LISTS", {name: LISTS[name]})
    monkeypatch.setattr(scope, everything)
    [told] = surprises(dict(listed(World(Cast(request)))))
    assert told.startswith(f"{name} {LISTED} GET")


@pytest.mark.sandbox
def test_a_scope_taken_from_the_mailboxes_is_a_surprise(
    request: pytest.FixtureRequest, db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.scope.Scope.keep", lambda _scope, rows, _siren: rows)
    [told] = surprises(dict(behind_doors(World(Cast(request)), settings, "sandbox:mailbox_list")), DOORS)
    assert told.startswith("sandbox:mailbox_list  GET")
