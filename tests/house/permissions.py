"""Every address, asked in every manner by every kind of person; docs/permissions.md says what each is to get.

`python -m pytest tests/house/test_permissions.py --write-permissions` adds what came to the page, which may be emptied
first: read its difference.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import models, transaction
from django.http import FileResponse, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import JournalEntry, User
from portfolios.models import BulkRequest, ClientHabilitation
from portfolios.models import Client as FirmClient
from tests.accounts.test_admin import COSTS
from tests.conftest import NOW
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.habilitations import EstablishmentDeclarationFactory
from tests.factories.notifications import NotificationFactory
from tests.factories.tiers import client_of, dsn_for
from tests.house.journaled import CASES, Cast, Sent
from tests.people import logged_in
from tests.workbooks import content_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
# Column → who that is.
KINDS = {
    "V": "visitor",
    "U": "registered, address not validated",
    "S": "suspended administrator",
    "C": "candidate",
    "d": "déclarant without a right",
    "D": "déclarant with a right on the head office",
    "a": "administrator of the secondary establishment",
    "A": "administrator of the head office",
    "X": "administrator of another enterprise",
    "f": "déclarant of the firm, recent DSN for the client",
    "F": "administrator of the firm, recent DSN for the client",
    "g": "déclarant of another firm of the same client, no recent DSN",
    "G": "administrator of that other firm",
    "T": "trainer",
    "s": "staff who may see people, and nothing else",
    "e": "staff with every single right",
    "E": "superuser",
}
NOTHING = 999_999_999
UNKNOWN = {"int": NOTHING, "str": "zzzzzz", "slug": "zzzzzz", "path": str(NOTHING)}
Args = tuple[Any, ...]
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
    "sandbox:clock_advance": {"jump": "jour"},
    "sandbox:copy_add": {"scenario": "mono-sans-compte", "count": "1"},
    "sandbox:mission_follow": {"mission": "notification"},
}


class World:
    """One person of each kind, beside those of tests/people.py, and something of each enterprise's."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        firm = cast.tiers_declarant.establishment
        self.client = self.client_of(cast, firm, recent=True)
        other = EstablishmentFactory(head_office=True, enterprise__name="Cabinet Goéland")
        EstablishmentDeclarationFactory(establishment=other)
        self.stale = self.client_of(cast, other, recent=False)
        company = cast.company
        self.people: dict[str, User | None] = {
            "V": None,
            "U": UserFactory(
                establishment=company.head_office, administrator=True, state=User.State.UNVERIFIED, last_name="Ulliac"
            ),
            "S": cast.suspended,
            "C": cast.candidate,
            "d": cast.declarant_without_right,
            "D": cast.declarant,
            "a": cast.secondary_administrator,
            "A": cast.administrator,
            "X": cast.stranger,
            "f": collaborator(self.client),
            "F": cast.tiers_declarant,
            "g": collaborator(self.stale),
            "G": UserFactory(establishment=other, administrator=True, last_name="Goéland"),
            "T": staff_with("formatrice", Permission.objects.filter(codename="change_copy")),
            "s": staff_with("accueil", Permission.objects.filter(codename="view_user")),
            "e": staff_with("gestion", Permission.objects.all()),
            "E": cast.staff,
        }

    @staticmethod
    def client_of(cast: Cast, firm: Any, *, recent: bool) -> FirmClient:
        client = client_of(firm.enterprise, cast.company.secondary, name="Littoral")
        dsn_for(client, *([] if recent else [NOW.date().replace(year=2026, month=9)]))
        return client

    @cached_property
    def clients(self) -> dict[str, Client]:
        return {kind: logged_in(user) if user else Client() for kind, user in self.people.items()}


def collaborator(client: FirmClient) -> User:
    """Return a déclarant of the firm who has the right on this client."""
    firm = client.portfolio.enterprise.establishments.get()
    user: User = UserFactory(establishment=firm)
    client.portfolio.members.add(user)
    ClientHabilitation.objects.create(user=user, given=client.declarations.get(), granted_at=NOW)
    return user


def staff_with(name: str, rights: models.QuerySet[Permission]) -> User:
    user: User = UserFactory(staff=True, is_superuser=False, last_name=name)
    user.user_permissions.set(rights)
    return user


# Asking -----------------------------------------------------------------


def answer(client: Client, method: str, path: str, data: dict[str, Any] | None = None) -> str:
    """Ask, undo whatever it did, and return what came: a word of the table."""
    for value in (data or {}).values():
        if hasattr(value, "seek"):
            value.seek(0)
    cache.clear()
    client.raise_request_exception = False
    cookies = client.cookies.output(header="", sep=";")
    with transaction.atomic():
        before = JournalEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        came: Any = getattr(client, method.lower())(path, data or {})
        if isinstance(came, FileResponse):
            content_of(came)
        word = word_for(came, JournalEntry.objects.filter(pk__gt=before).exists())
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


def plain(name: str, world: World, objects: dict[str, dict[str, Args]]) -> Iterator[tuple[Line, Answers]]:
    """Ask for any other page: for what is one's own and others', then for what is not there; POST empty-handed."""
    kinds = ADDRESSES[name]
    if name in WORDS or not kinds:
        asked = {"": WORDS.get(name, ())}
    else:
        asked = objects.get(name, {}) | {"none": tuple(UNKNOWN[kind] for kind in kinds)}
    sent = Sent("", None, data=POSTED.get(name, {}))
    for whose, args in asked.items():
        for method in ("GET", "POST"):
            yield (name, whose, method), asked_by_all(world, sent, None, method, reverse(name, args=args))


def objects_of(world: World) -> dict[str, dict[str, Args]]:
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
    found: dict[str, dict[str, Args]] = {
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
    return found | staff_objects() | tool_objects(world)


def staff_objects() -> dict[str, dict[str, Args]]:
    """Return the same for the staff's site: one row of each list."""
    found: dict[str, dict[str, Args]] = {}
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        COSTS[label][0](71)
        row = model._default_manager.order_by("-pk").first()
        assert row is not None
        for name, kinds in ADDRESSES.items():
            if name.startswith(f"admin:{label}_") and kinds:
                found[name] = {"one": (row.pk, "habilitees", "csv")[: len(kinds)]}
    return found


def tool_objects(world: World) -> dict[str, dict[str, Args]]:
    """Return the same for the simulator's tools."""
    if not settings.SANDBOX:
        return {}
    from accounts.models import Mail
    from sandbox.documents import card_token
    from sandbox.models import Advance, Letter
    from tests.sandbox.copies import load

    [copy] = load("mono-sans-compte")
    siret = world.cast.company.head_office.siret
    decision = NotificationFactory().decision
    letter = Letter.objects.create(
        decision=decision, addressee="X", siret=siret, posted_at=NOW, arrives_on=NOW.date(), facts={}
    )
    advance = Advance.objects.create(label="x", from_at=NOW, to_at=NOW.replace(day=25), reached_at=NOW)
    mail = Mail.objects.create(recipient="a@exemple.example", sender="x", subject="x", text="x", created_at=NOW)
    rows = {"advance": advance, "mail": mail, "letter": letter, "board": copy, "copy": copy}
    found = {
        name: {"one": (rows[name.partition(":")[2].partition("_")[0]].pk,)}
        for name, kinds in ADDRESSES.items()
        if name.startswith("sandbox:") and kinds == ["int"]
    }
    return found | {
        "sandbox:card_detail": {"one": (card_token(copy),)},
        "sandbox:mission_detail": {"one": ("notification",)},
        "sandbox:mission_result": {"one": ("notification",)},
        "sandbox:persona_switch": {"one": (f"{copy.pk}-gwenn",)},
        "sandbox:board_export": {"": ("csv",)},
    }


# The page ---------------------------------------------------------------


def read_page() -> dict[Line, Answers]:
    """Return what the page says."""
    found: dict[Line, Answers] = {}
    for row in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if not row.startswith("| `") or len(cells) != 2 + len(KINDS):
            continue
        for label in cells[0].split("<br>"):
            name, whose = re.fullmatch(r"`([^`]+)`(?: \((.+)\))?", label.strip()).groups()  # type: ignore[union-attr]
            for method in cells[1].split(", "):
                found[name, whose or "", method] = dict(zip(KINDS, cells[2:], strict=True))
    return found


def write_page(found: dict[Line, Answers]) -> None:
    """Write the table, pages that answer everybody alike together."""
    head, _mark, _table = PAGE.read_text().partition("<!-- table -->")
    sections: dict[str, dict[tuple[str, Args], list[str]]] = defaultdict(lambda: defaultdict(list))
    for (name, whose, method), answers in sorted(found.items()):
        section = name.partition(":")[0] if ":" in name else "portal"
        label = f"`{name}`" + (f" ({whose})" if whose else "")
        sections[section][method, tuple(answers.values())].append(label)
    text = [f"{head}<!-- table -->", "", f"{len(found) * len(KINDS):,} answers."]
    for section, rows in sorted(sections.items()):
        text += ["", f"## {section}", "", f"| page | | {' | '.join(KINDS)} |", f"|{'---|' * (2 + len(KINDS))}"]
        ordered = sorted(rows.items(), key=lambda row: (row[1][0], row[0][0]))
        text += [f"| {'<br>'.join(labels)} | {method} | {' | '.join(cells)} |" for (method, cells), labels in ordered]
    PAGE.write_text("\n".join(text) + "\n")
