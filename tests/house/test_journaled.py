"""Every page that answers a POST leaves exactly one entry in the journal, or says why it leaves none."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.http import FileResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.views.generic import RedirectView

from accounts.actions.journal import breaks
from accounts.models import JournalEntry, User
from accounts.views.account import CHANGES
from accounts.views.people import ACTS
from tests.accounts.test_admin import COSTS
from tests.conftest import NOW
from tests.house.journaled import CASES, Cast
from tests.people import logged_in
from tests.workbooks import content_of

LOGIN = "log-ins are sessions and counted failures, which have lists of their own; nothing of an enterprise changes"
READS = "shows something, whatever the method"
# Pages that answer a POST and leave no entry, and why.
EXCUSED = {
    "account_login": LOGIN,
    "accounts:staff_login": LOGIN,
    "mfa_passkey_options": LOGIN,
    "mfa_cancel": LOGIN,
    "account_logout": LOGIN,
    "admin:login": LOGIN,
    "admin:logout": LOGIN,
    "document_verify": READS,
    "accounts:password_gauge": READS,
    "habilitations:cooptation_confirm": READS,
    "accounts:security_passkey_options": "a challenge that waits in the session",
    "accounts:security_codes_kept": "the session stops showing codes",
    "habilitations:registration_step": "a draft, forgotten after a day; the last step leaves the entry",
}
# Pages that leave more than one, the verbs of the others, and why.
SEVERAL = {
    "account_confirm_email": (["user.address"], "an address is validated, and what that begins"),
    "admin:notifications_ratedecision_correct": (
        ["import.receive", "import.read", "import.confirm", "import.apply"],
        "a correction goes through a campaign of one line, whose steps tell what they always do",
    ),
}
# Pages of the staff's site that show something, whatever the method. A list does what its actions do.
SHOWN = re.compile(
    r"admin:(index|app_list|autocomplete|jsi18n|view_on_site|password_change_done|.*_(history|problems|model|export)"
    r"|notifications_campaign_(change|dashboard)|accounts_importfile_change)"
)
LISTS = {f"admin:{model._meta.app_label}_{model._meta.model_name}": model for model in admin.site._registry}


def patterns(
    found: list[URLPattern | URLResolver], namespace: str = "", kinds: tuple[str, ...] = ()
) -> Iterator[tuple[str, URLPattern, tuple[str, ...]]]:
    """Yield (name, pattern, kinds of arguments) of every address, the staff's included; not the simulator's tools."""
    for one in found:
        here = (*kinds, *(type(converter).__name__ for converter in one.pattern.converters.values()))
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, one.namespace or namespace, here)
        elif namespace != "sandbox":
            yield (f"{namespace}:{one.name}" if namespace else str(one.name)), one, here


def answers(name: str, kinds: tuple[str, ...], clients: list[Client]) -> bool:
    """Whether a page takes a POST from one of these people. A list of the staff has a row, whose number is in it."""
    model = LISTS.get(name.rpartition("_")[0])
    row = model._default_manager.first() if model else None
    args = [row.pk if row else 1 if kind == "IntConverter" else "x" for kind in kinds]
    statuses = {client.post(reverse(name, args=args)).status_code for client in clients}
    return statuses - ({403, 405} if name.startswith("admin:") else {405}) != set()


@pytest.fixture
def answering(staff: User, administrator: User) -> set[str]:
    """The names of the pages that take a POST; of a list of the staff, each of its actions."""
    for add, _cost in COSTS.values():
        add(1)
    asked = RequestFactory().get("/")
    asked.user = staff
    found = set()
    for name, pattern, kinds in patterns(get_resolver().url_patterns):
        if pattern.name is None:
            assert getattr(pattern.callback, "view_class", None) is RedirectView or "catch_all" in str(pattern.callback)
        elif name.endswith("_changelist"):
            actions = admin.site._registry[LISTS[name.removesuffix("_changelist")]].get_actions(asked)
            found |= {f"{name}|{action}" for action in actions}
        elif not SHOWN.fullmatch(name) and answers(name, kinds, [logged_in(staff), logged_in(administrator)]):
            found.add(name)
    return found


def test_every_page_that_takes_a_post_is_exercised_or_excused(answering: set[str]) -> None:
    exercised = {name if "changelist" in name else name.partition("|")[0] for name in CASES}
    assert (answering - exercised - set(EXCUSED), exercised & set(EXCUSED)) == (set(), set())
    assert {*exercised, *EXCUSED, *SEVERAL} - answering == set()


def test_so_is_everything_that_an_address_may_say() -> None:
    said = {tuple(name.split("|")) for name in CASES if "|" in name and "changelist" not in name}
    known = {("accounts:person_act", slug) for slug in ACTS} | {("accounts:account_change", slug) for slug in CHANGES}
    assert {one for one in said if one[0] != "habilitations:cooptation_route"} == known


@pytest.mark.parametrize("name", CASES)
def test_a_post_leaves_one_entry(request: pytest.FixtureRequest, db: None, name: str) -> None:
    sent = CASES[name](Cast(request))
    before = JournalEntry.objects.order_by("pk").last()
    client = sent.client or (logged_in(sent.by) if sent.by else Client())
    page, _bar, slug = name.partition("|")
    args = sent.args or ((slug,) if page == "accounts:account_change" else ())
    answer = client.post(reverse(page, args=args) + sent.query, sent.data)
    if isinstance(answer, FileResponse):
        content_of(answer)
    assert answer.status_code in (200, 302)
    added = JournalEntry.objects.filter(pk__gt=before.pk if before else 0)
    place = (sent.by or sent.who) and (sent.by or sent.who).establishment  # type: ignore[union-attr]
    siren = sent.siren if sent.siren is not None else (place.enterprise_id if place else "")
    gone = sent.by and not User.objects.filter(pk=sent.by.pk).exists()
    who = None if gone else (sent.by or sent.who)
    if sent.newcomer:
        who = User.objects.latest("pk")
    alone = (sent.verb, who, siren, NOW, "127.0.0.1")
    found = [(one.verb, one.actor, one.enterprise_id or "", one.at, one.source) for one in added]
    assert [one for one in found if one[0] not in SEVERAL.get(page, ([], ""))[0]] == [alone]
    assert list(breaks()) == []
