"""The door of the simulator's tools, for one request."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.crypto import salted_hmac
from pytest_django import Settings

from sandbox.access import COOKIE, Door, bar_link, door, is_class_code, keep_door_open


@pytest.fixture(autouse=True)
def class_code(settings: Settings) -> None:
    settings.CLASS_CODE, settings.DEMO = "Brest-2027", True


def given() -> HttpResponse:
    """Return an answer to somebody who gave the code."""
    response = HttpResponse()
    keep_door_open(response)
    return response


def asking(cookie: str = "") -> HttpRequest:
    request = RequestFactory().get("/")
    if cookie:
        request.COOKIES[COOKIE] = cookie
    return request


@pytest.mark.parametrize(("demo", "found"), [(True, Door.OPEN), (False, Door.CLOSED)])
def test_without_a_code_a_demo_alone_is_open(settings: Settings, demo: bool, found: Door) -> None:
    settings.CLASS_CODE, settings.DEMO = "", demo
    assert (door(asking()), bar_link(asking())) == (found, "/simulateur/" if demo else "")


@pytest.mark.parametrize("demo", [True, False])
def test_a_code_is_asked_for_wherever_one_is_set(settings: Settings, demo: bool) -> None:
    settings.DEMO = demo
    kept = given().cookies[COOKIE].value
    doors = [door(asking(cookie)) for cookie in ("", "faux", kept[:-1], kept)]
    assert doors == [Door.ASKS_CODE] * 3 + [Door.OPEN]
    assert bar_link(asking()) == "/simulateur/"


def test_what_was_given_for_one_code_is_nothing_for_another(settings: Settings) -> None:
    kept = given().cookies[COOKIE].value
    settings.CLASS_CODE = "Quimper-2028"
    assert door(asking(kept)) == Door.ASKS_CODE


def test_the_cookie_holds_a_proof_that_the_version_before_knows() -> None:
    """Under another salt or another hash, an upgrade would shut out the whole class."""
    proof = salted_hmac("sandbox.class_code", "Brest-2027", algorithm="sha256").hexdigest()
    assert given().cookies[COOKIE].value.split(":")[0] == proof


def test_a_value_signed_for_something_else_opens_nothing() -> None:
    """Signed with the same key, under the salt that Django takes by itself."""
    response = HttpResponse()
    kept = given().cookies[COOKIE].value
    response.set_signed_cookie(COOKIE, kept.split(":")[0])
    assert door(asking(response.cookies[COOKIE].value)) == Door.ASKS_CODE


def test_the_door_closes_with_the_session(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SESSION_COOKIE_AGE = 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: 1_800_000_000)
    kept = given().cookies[COOKIE].value
    found = []
    for seconds in (60, 62):
        monkeypatch.setattr("django.core.signing.time.time", lambda now=1_800_000_000 + seconds: now)
        found.append(door(asking(kept)))
    assert found == [Door.OPEN, Door.ASKS_CODE]


@pytest.mark.parametrize("https", [True, False])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(settings: Settings, https: bool) -> None:
    settings.HTTPS, settings.SESSION_COOKIE_AGE = https, 600
    cookie = given().cookies[COOKIE]
    held = [cookie[name] for name in ("max-age", "secure", "httponly", "samesite")]
    assert held == [600, True if https else "", True, "Lax"]


@pytest.mark.parametrize(
    ("code", "typed", "right"),
    [
        ("Brest-2027", "Brest-2027", True),
        ("Brest-2027", " BREST-2027\n", True),
        (" Brest-2027 ", "brest-2027", True),
        ("Brest-2027", "Brest-2028", False),
        ("Brest-2027", "", False),
        ("", "", False),
        (" ", " ", False),
    ],
)
def test_spaces_and_capitals_of_the_code_do_not_matter(settings: Settings, code: str, typed: str, right: bool) -> None:
    settings.CLASS_CODE = code
    assert is_class_code(typed) is right
