"""Every address, asked in every manner by every kind of person; docs/permissions.md says what each is to get.

`python -m pytest tests/house/test_permissions.py --write-permissions` adds what came to the page, which may be emptied
first: read its difference.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import JournalEntry
from portfolios.models import BulkRequest
from tests.accounts.test_admin import COSTS
from tests.conftest import NOW
from tests.factories.notifications import CollectiveRateFactory, NotificationFactory
from tests.house.journaled import CASES, Cast, Sent
from tests.house.permission_lists import LISTED, LISTS, Marks, plant, query_of
from tests.house.world import KINDS, World
from tests.workbooks import content_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
NOTHING = 999_999_999
UNKNOWN = {"int": NOTHING, "str": "zzzzzz", "slug": "zzzzzz", "path": str(NOTHING)}
Args = tuple[Any, ...]
# What an address is asked with: its arguments, or the address whole.
Asked = Args | str
Answers = dict[str, str]
# (page, whose object, method)
Line = tuple[str, str, str]


def patterns(found: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, URLPattern, list[str]]]:
    """Yield (name, pattern, kinds of arguments) of every address that has a name."""
    for one in found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, one.namespace or namespace)
        elif one.name:
            kinds = [
                type(converter).__name__.removesuffix("Converter").replace("String", "Str").lower()
                for converter in one.pattern.converters.values()
            ]
            yield (f"{namespace}:{one.name}" if namespace else one.name), one, kinds


ADDRESSES = {name: kinds for name, _pattern, kinds in patterns(get_resolver().url_patterns)}
# What stands in a path in place of a pk, one that exists.
WORDS: dict[str, Args] = {"habilitations:registration_step": ("entreprise",), "admin:app_list": ("accounts",)}
# What is posted to pages that leave no entry in the journal.
POSTED = {
    "sandbox:class_code": {"code": "Brest-2027"},
    "sandbox:clock_advance": {"jump": "jour"},
    "sandbox:copy_add": {"scenario": "mono-sans-compte", "count": "1"},
    "sandbox:mission_follow": {"mission": "notification"},
}


# Asking -----------------------------------------------------------------


def answer(
    client: Client, method: str, path: str, data: dict[str, Any] | None = None, marks: Marks | None = None
) -> str:
    """Ask, undo whatever it did, and return what came: a word of the table, and the marks that a page shows."""
    for value in (data or {}).values():
        if hasattr(value, "seek"):
            value.seek(0)
    cache.clear()
    client.raise_request_exception = False
    cookies = client.cookies.output(header="", sep=";")
    with transaction.atomic():
        before = JournalEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        came: Any = getattr(client, method.lower())(path, data or {})
        word = word_for(came, JournalEntry.objects.filter(pk__gt=before).exists())
        if marks and word == "ok":
            word += f" {marks.seen(came)}"
        elif isinstance(came, FileResponse):
            content_of(came)
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.load(cookies)
    return word


def word_for(came: HttpResponse, written: bool) -> str:
    """`✓` did something, `ok` shows something, `in` leads to the log-in, `→` elsewhere; otherwise the status."""
    place = came.headers.get("Location", "")
    if came.status_code == 302 and re.match(r"/(gestion/)?connexion/\?next=", place):
        return "in"
    if written and came.status_code < 400:
        return "✓"
    if came.status_code in (301, 302):
        return "→"
    return "ok" if came.status_code == 200 else str(came.status_code)


def asked_by_all(world: World, sent: Sent, own: Client | None, method: str, path: str) -> Answers:
    """Ask as everybody. own: the client in which its sender has begun something."""
    sender = next((kind for kind, user in world.people.items() if user == sent.by), "")
    answers = {}
    for kind, client in world.clients.items():
        asking = own if own is not None and kind == sender else client
        answers[kind] = answer(asking, method, path, sent.data if method == "POST" else None)
    return answers


# What is asked ----------------------------------------------------------


def exercised(name: str, cast: Cast) -> Iterator[tuple[Line, Answers]]:
    """Ask for a page that answers a POST, with its real payload: by its own object, then by one that is not there."""
    page, _bar, what = name.partition("|")
    world = World(cast)
    # Logging in spends a mailed link: before there is one.
    assert world.clients
    sent = CASES[name](cast)
    args = sent.args or ((what,) if page == "accounts:account_change" else ())
    whose = f"{what}, own" if what and args else what or ("own" if args else "")
    for method in ("GET", "POST"):
        yield (
            (page, whose, method),
            asked_by_all(world, sent, sent.client, method, reverse(page, args=args) + sent.query),
        )
        if args and "int" in ADDRESSES[page]:
            absent = tuple(NOTHING if kind == "int" else one for kind, one in zip(ADDRESSES[page], args, strict=True))
            line = page, f"{what}, none".removeprefix(", "), method
            yield line, asked_by_all(world, sent, None, method, reverse(page, args=absent) + sent.query)


def plain(name: str, world: World, objects: dict[str, dict[str, Asked]]) -> Iterator[tuple[Line, Answers]]:
    """Ask for any other page: for what is one's own and others', then for what is not there; POST empty-handed."""
    kinds = ADDRESSES[name]
    if name in WORDS or not kinds:
        asked = objects.get(name, {"": WORDS.get(name, ())})
    else:
        asked = objects.get(name, {}) | {"none": tuple(UNKNOWN[kind] for kind in kinds)}
    sent = Sent("", None, data=POSTED.get(name, {}))
    for whose, args in asked.items():
        for method in ("GET", "POST"):
            yield (name, whose, method), asked_by_all(world, sent, None, method, path_of(name, args))


def path_of(name: str, asked: Asked) -> str:
    return asked if isinstance(asked, str) else reverse(name, args=asked)


def listed(world: World) -> Iterator[tuple[Line, Answers]]:
    """Ask for every list: whose things it shows to whom."""
    marks = plant(world)
    for name, args in LISTS.items():
        path = reverse(name, args=args) + query_of(name)
        answers = {kind: answer(client, "GET", path, marks=marks) for kind, client in world.clients.items()}
        yield (name, LISTED, "GET"), answers


def objects_of(world: World) -> dict[str, dict[str, Asked]]:
    """Return page → whose → arguments, of the pages that show one thing."""
    cast = world.cast
    company, told = cast.company, {}
    for where, place in (("Belharra's head office", company.head_office), ("its secondary", company.secondary)):
        told[where] = (NotificationFactory(decision__establishment=place).pk,)
    both = {"the firm's": world.client, "the other firm's": world.stale}
    portfolios = {whose: (one.portfolio_id,) for whose, one in both.items()}
    bulk = {
        whose: BulkRequest.objects.create(
            portfolio=one.portfolio, kind="etablissements", name="x.csv", size=1, status="done", created_at=NOW
        ).pk
        for whose, one in both.items()
    }
    deposits = {whose: (one.portfolio.enterprise.dsn_deposits.get().pk,) for whose, one in both.items()}
    people = {"Belharra's": (cast.declarant.pk,), "another's": (cast.stranger.pk,)}
    # Before the staff's rows, of which there are too many kinds for a copy to be loaded among them.
    tools = tool_objects(world)
    found: dict[str, dict[str, Asked]] = {
        "accounts:person_detail": people,
        "portfolios:bulk_detail": {whose: (pk,) for whose, pk in bulk.items()},
        "portfolios:bulk_report": {whose: (pk, "csv") for whose, pk in bulk.items()},
        "portfolios:bulk_model": {"": ("etablissements", "csv")},
        "portfolios:bulk_export": {whose: (*pk, "etablissements", "csv") for whose, pk in portfolios.items()},
        "portfolios:dsn_detail": deposits,
        "notifications:client_rate_detail": {whose: (one.pk,) for whose, one in both.items()},
        "notifications:notification_detail": told,
        "notifications:notification_calendar": told,
        "habilitations:habilitation_person": people,
    }
    for name, kinds in ADDRESSES.items():
        if kinds == ["str"] and name.endswith("_export") and not name.startswith("admin:"):
            found[name] = {"": ("csv",)}
    return found | staff_objects() | tools


def staff_objects() -> dict[str, dict[str, Asked]]:
    """Return the same for the staff's site: one row of each list."""
    found: dict[str, dict[str, Asked]] = {}
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        COSTS[label][0](71)
        row = model._default_manager.order_by("-pk").first()
        assert row is not None
        for name, kinds in ADDRESSES.items():
            if name.startswith(f"admin:{label}_") and kinds:
                found[name] = {"one": (row.pk, "notifications", "csv")[: len(kinds)]}
    return found


def tool_objects(world: World) -> dict[str, dict[str, Asked]]:
    """Return the same for the simulator's tools."""
    if not settings.SANDBOX:
        return {}
    from accounts.models import Mail
    from sandbox.documents import card_token
    from sandbox.models import Advance, Letter
    from tests.sandbox.copies import load

    [copy] = load("candidat-jour-14")
    assert copy.state == copy.State.READY, copy.problem
    CollectiveRateFactory()
    NotificationFactory(decision__establishment=copy.enterprises.get().enterprise.establishments.get())
    siret = world.cast.company.head_office.siret
    decision = NotificationFactory().decision
    letter = Letter.objects.create(
        decision=decision, addressee="X", siret=siret, posted_at=NOW, arrives_on=NOW.date(), facts={}
    )
    advance = Advance.objects.create(label="x", from_at=NOW, to_at=NOW.replace(day=25), reached_at=NOW)
    mail = Mail.objects.create(
        recipient="a@exemple.example", sender="x", subject="x", text="x", html="<p>x</p>", created_at=NOW
    )
    rows = {"advance": advance, "mail": mail, "letter": letter, "board": copy, "copy": copy}
    found: dict[str, dict[str, Asked]] = {
        name: {"one": (rows[name.partition(":")[2].partition("_")[0]].pk,)}
        for name, kinds in ADDRESSES.items()
        if name.startswith("sandbox:") and kinds == ["int"]
    }
    return found | {
        "sandbox:card_detail": {"one": (card_token(copy),)},
        "sandbox:mission_detail": {"one": ("notification",)},
        "sandbox:mission_result": {"one": ("notification",)},
        "sandbox:persona_switch": {"one": (f"{copy.pk}-brune",)},
        "sandbox:board_export": {"": ("csv",)},
        "sandbox:copy_cards": {"": f"{reverse('sandbox:copy_cards')}?copie={copy.pk}"},
        "sandbox:mailbox_detail": {"": f"{reverse('sandbox:mailbox_detail')}?adresse={mail.recipient}"},
    }


# The page ---------------------------------------------------------------


def read_page(kinds: dict[str, str] = KINDS) -> dict[Line, Answers]:
    """Return what the page says, in the table that has these columns."""
    found: dict[Line, Answers] = {}
    for row in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if not row.startswith("| `") or len(cells) != 2 + len(kinds):
            continue
        for label in cells[0].split("<br>"):
            name, whose = re.fullmatch(r"`([^`]+)`(?: \((.+)\))?", label.strip()).groups()  # type: ignore[union-attr]
            for method in cells[1].split(", "):
                found[name, whose or "", method] = dict(zip(kinds, cells[2:], strict=True))
    return found


def write_page(found: dict[Line, Answers], doors: dict[Line, Answers]) -> None:
    """Write both tables, pages that answer everybody alike together."""
    head, _mark, _table = PAGE.read_text().partition("<!-- table -->")
    sections: dict[str, dict[Line, Answers]] = defaultdict(dict)
    for line, answers in sorted(found.items()):
        sections[line[0].partition(":")[0] if ":" in line[0] else "portal"][line] = answers
    count = sum(len(answers) for answers in [*found.values(), *doors.values()])
    text = [f"{head}<!-- table -->", "", f"{count:,} answers."]
    for section, lines in sorted(sections.items()):
        text += ["", f"## {section}", "", *_rows(lines)]
    text += ["", "## The simulator's tools where there is no demo", "", *_rows(doors)]
    PAGE.write_text("\n".join(text) + "\n")


def _rows(lines: dict[Line, Answers]) -> Iterator[str]:
    """Yield a table."""
    alike: dict[tuple[str, Args], list[str]] = defaultdict(list)
    kinds: Iterable[str] = next(iter(lines.values()), {})
    for (name, whose, method), answers in sorted(lines.items()):
        alike[method, tuple(answers.values())].append(f"`{name}`" + (f" ({whose})" if whose else ""))
    yield f"| page | | {' | '.join(kinds)} |"
    yield f"|{'---|' * (2 + len(list(kinds)))}"
    for (method, cells), labels in sorted(alike.items(), key=lambda row: (row[1][0], row[0][0])):
        yield f"| {'<br>'.join(labels)} | {method} | {' | '.join(cells)} |"
