"""Who may do what: every address, in every manner, by every kind of person, as docs/permissions.md says."""

import logging
from collections.abc import Iterator

import pytest
from django.conf import settings

from portal.kit.decision import ALLOWED, Decision
from tests.house.journaled import CASES, Cast
from tests.house.permissions import (
    ADDRESSES,
    KINDS,
    PAGE,
    Answers,
    Line,
    World,
    exercised,
    objects_of,
    plain,
    read_page,
    write_page,
)

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


def surprises(found: dict[Line, Answers]) -> list[str]:
    """Return where what came is not what the page says."""
    expected = read_page()
    told = []
    for line, answers in found.items():
        wanted = expected.get(line, {})
        wrong = [f"{KINDS[kind]}: {came}, not {wanted.get(kind)}" for kind, came in answers.items()]
        wrong = [text for text, kind in zip(wrong, answers, strict=True) if answers[kind] != wanted.get(kind)]
        if wrong:
            told.append(f"{' '.join(line)}: {'; '.join(wrong)}")
    return told


def judge(request: pytest.FixtureRequest, found: dict[Line, Answers]) -> None:
    if request.config.getoption("--write-permissions"):
        write_page(read_page() | found)
    assert surprises(found) == []


@pytest.mark.parametrize("name", CASES)
def test_a_page_that_is_posted_to_answers_each_as_written(request: pytest.FixtureRequest, db: None, name: str) -> None:
    judge(request, dict(exercised(name, Cast(request))))


@pytest.mark.parametrize("part", range(PARTS))
def test_any_other_page_answers_each_as_written(request: pytest.FixtureRequest, db: None, part: int) -> None:
    found = dict(asked(part, request))
    judge(request, found)
    names = PLAIN[part::PARTS]
    assert [line for line in read_page() if line[0] in names and line not in found] == [], "lines that nobody asks for"


def test_the_page_names_every_address_and_no_other() -> None:
    named = {name for name, _whose, _method in read_page() if settings.SANDBOX or not name.startswith("sandbox:")}
    assert (set(ADDRESSES) - named, named - set(ADDRESSES)) == (set(), set())


def test_it_says_how_many_answers_it_holds() -> None:
    assert f"\n{len(read_page()) * len(KINDS):,} answers.\n" in PAGE.read_text()


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
