"""docs/asvs.md: every item of the first two levels of ASVS 5.0 has its verdict, and every test it names exists.

Then what the sheet needed and no other test showed.
"""

import ast
import re

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from portal import settings as portal_settings
from tests.factories.accounts import PASSWORD
from tests.house.test_repository import ROOT, tracked

VERDICTS = {"met", "deviates", "unmet", "installation", "not applicable"}
# Items of levels 1 and 2 in each chapter of version 5.0.0.
ITEMS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16,
    17: 7,
}  # fmt: skip
PAGE = (ROOT / "docs" / "asvs.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| \d+\.", line)
]
# Chapters that are left out whole, with how many items.
LEFT_OUT = {
    int(chapter): int(items) for chapter, items in re.findall(r"^\| (\d+) \(all (\d+)\) \|", PAGE, re.MULTILINE)
}


def test_every_item_has_one_verdict() -> None:
    numbers = [row[0] for row in ROWS]
    found = {chapter: sum(number.split(".")[0] == str(chapter) for number in numbers) for chapter in ITEMS}
    assert {chapter: found[chapter] or LEFT_OUT.get(chapter) for chapter in ITEMS} == ITEMS
    assert len(set(numbers)) == len(numbers)
    assert {row[3] for row in ROWS} <= VERDICTS
    assert {row[1] for row in ROWS} == {"1", "2"}


def test_the_sum_at_the_head_is_right() -> None:
    said = {verdict: int(count) for count, verdict in re.findall(r"^\| (\d+) \| ([a-z ]+) \|", PAGE, re.MULTILINE)}
    counted = {verdict: sum(row[3] == verdict for row in ROWS) for verdict in VERDICTS}
    counted["not applicable"] += sum(LEFT_OUT.values())
    assert said == counted


def test_every_test_and_file_named_exists() -> None:
    code = [path for path in tracked() if path.suffix == ".py"]
    tests = {
        node.name
        for path in code
        if path.is_relative_to(ROOT / "tests")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    named = {name for row in ROWS for name in re.findall(r"`([\w./-]+)`", row[4])}
    assert {name for name in named if name not in tests and not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("row", [row for row in ROWS if row[3] == "met"], ids=lambda row: row[0])
def test_what_is_met_names_what_shows_it(row: list[str]) -> None:
    assert "`" in row[4] or "](" in row[4]


@pytest.mark.parametrize("row", [row for row in ROWS if row[3] != "met"], ids=lambda row: row[0])
def test_what_is_not_says_why(row: list[str]) -> None:
    assert re.search("[a-z]{4}", row[4])


def test_a_session_gets_a_new_key_at_log_in_and_is_dead_after_log_out(staff: User) -> None:
    staff.set_password(PASSWORD)
    staff.save()
    client, thief = Client(), Client()
    client.get("/inscription/")
    client.session["x"] = 1
    before = client.session.session_key
    client.post(reverse("accounts:staff_login"), {"identifier": staff.login_key, "password": PASSWORD})
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    assert client.session.session_key != before
    assert thief.get("/gestion/").status_code == 200
    client.post(reverse("account_logout"))
    assert thief.get("/gestion/").status_code == 302


@pytest.mark.parametrize("path", ["/", "/connexion/", "/healthz"])
def test_trace_is_not_answered(client: Client, db: None, path: str) -> None:
    answer = client.trace(path)
    assert (answer.status_code in (405, 403), b"TRACE" in answer.content) == (True, False)


@pytest.mark.parametrize("path", ["/static/", "/static/portal/", "/.git/config", "/static/../manage.py", "/manage.py"])
def test_neither_a_folder_nor_a_source_is_served(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 404


def test_no_other_origin_may_read_an_answer(client: Client, db: None) -> None:
    answer = client.get("/", headers={"Origin": "https://ailleurs.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_passwords_are_kept_by_argon2id_as_strong_as_owasp_asks() -> None:
    """OWASP: 19 MiB and two passes, or 46 MiB and one. The suite itself has another hasher: tests/hashers.py."""
    with override_settings(PASSWORD_HASHERS=portal_settings.PASSWORD_HASHERS):
        hashed = make_password(PASSWORD)
    kind, _version, cost = hashed.removeprefix("argon2$").split("$")[:3]
    memory, passes, _lanes = (int(part.split("=")[1]) for part in cost.split(","))
    assert (kind, memory >= 19 * 1024, passes >= 2) == ("argon2id", True, True)
    assert portal_settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
