"""Every kind of answer has its headers; besides, tests/conftest.py holds each answer of the whole suite to them."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from portal import views
from tests.headers import faults, policy_of
from tests.house.test_repository import ROOT
from tests.people import logged_in
from tests.workbooks import content_of

# Asked by whom → where → the status.
ANSWERS = [
    ("visitor", "/", 200),
    ("visitor", "/connexion/", 200),
    ("visitor", "password", 200),
    ("visitor", "/menu/", 302),
    ("visitor", "/nulle-part/", 404),
    ("visitor", "/gestion/nulle-part/", 302),
    ("visitor", "/healthz", 200),
    ("visitor", "/readyz", 503),
    ("visitor", "/static/portal/atelier.css", 200),
    ("visitor", "/static/admin/js/theme.js", 200),
    ("visitor", "/static/nulle-part.css", 404),
    ("administrator", "/menu/", 200),
    ("administrator", "/gestion/", 403),
    ("administrator", "/deconnexion/?x", 200),
    ("administrator", "own data", 200),
    ("administrator", "terms", 200),
    ("staff", "/gestion/", 200),
    ("staff", "/gestion/accounts/user/", 200),
    ("staff", "/gestion/accounts/establishment/add/", 200),
    ("staff", "/gestion/jsi18n/", 200),
]
NAMES = {"own data": "portal:own_data", "terms": "accounts:terms_document", "password": "accounts:password_lost"}


@pytest.mark.parametrize(("who", "where", "status"), ANSWERS)
def test_an_answer_of_each_kind_has_every_header(
    request: pytest.FixtureRequest, db: None, who: str, where: str, status: int
) -> None:
    client = Client() if who == "visitor" else logged_in(request.getfixturevalue(who))
    path = reverse(NAMES[where]) if where in NAMES else where
    method = client.post if where == "own data" else client.get
    answer = method(path)
    if answer.streaming:
        content_of(answer)
    assert (answer.status_code, faults(path, answer)) == (status, [])


def test_an_error_of_each_kind_has_every_header(
    client: Client, db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> HttpResponse:
        raise RuntimeError

    client.raise_request_exception = False
    refused = client.put("/")
    forged = Client(enforce_csrf_checks=True).post("/connexion/")
    monkeypatch.setattr(views, "render", broken)
    failed = client.get("/")
    settings.ALLOWED_HOSTS = ["portail.example"]
    misled = client.get("/", HTTP_HOST="ailleurs.example")
    answers = [refused, forged, failed, misled]
    assert [answer.status_code for answer in answers] == [405, 403, 500, 400]
    assert [faults("/", answer) for answer in answers] == [[], [], [], []]


def test_a_nonce_serves_once(client: Client, db: None) -> None:
    nonces = {policy_of(client.get("/"))["script-src"] for _time in range(3)}
    assert len(nonces) == 3


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("X-Content-Type-Options", "", "X-Content-Type-Options: "),
        ("Content-Security-Policy", "default-src 'unsafe-inline'", "unsafe"),
        ("X-Frame-Options", "SAMEORIGIN", "X-Frame-Options: SAMEORIGIN"),
        ("Cache-Control", "max-age=60", "Cache-Control: max-age=60"),
    ],
)
def test_what_is_wrong_is_seen(client: Client, db: None, name: str, value: str, told: str) -> None:
    answer = client.get("/")
    answer.headers[name] = value
    assert told in faults("/", answer)


@pytest.mark.parametrize(
    "html", ["<script>x</script>", "<p style='x'>", '<p onclick="x">', "<style>", '<script src="/x.js"></script>']
)
def test_what_a_page_may_not_hold_is_seen(client: Client, db: None, html: str) -> None:
    answer = client.get("/")
    answer.content = answer.content.replace(b"</body>", html.encode() + b"</body>")
    assert faults("/", answer) != []


def test_a_cookie_that_scripts_read_is_seen(client: Client, db: None) -> None:
    answer = client.get("/connexion/")
    answer.set_cookie("x", "y", samesite="Lax")
    assert faults("/connexion/", answer) == ["cookie x"]


def test_every_static_file_of_the_portal_is_one_that_a_browser_takes_as_what_it_is(client: Client, db: None) -> None:
    """« nosniff » refuses a style that says it is a text."""
    kinds = []
    for name in ("atelier.css", "atelier.js", "logo.svg"):
        answer = client.get(f"/static/portal/{name}")
        content_of(answer)
        kinds.append(answer.headers["Content-Type"].partition(";")[0])
    assert kinds == ["text/css", "text/javascript", "image/svg+xml"]


PRODUCTION = {
    "ATELIER_ENV": "production", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "portail.example", "SANDBOX": "0",
    "DATABASE_URL": "sqlite:///:memory:", "REDIS_URL": "redis://localhost:1/0", "SEAL_KEY": "x",
    "SEAL_CERTIFICATE": "x",
}  # fmt: skip
# The real settings of production; only the manifest of static files, which a build makes, is left out.
SCRIPT = """
import json, django
from django.conf import settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()
from django.test import Client
client = Client(headers={"host": "portail.example"})
page, plain = client.get("/connexion/", secure=True), client.get("/connexion/")
told = {"status": page.status_code, "headers": dict(page.headers), "plain": [plain.status_code, dict(plain.headers)]}
told["cookies"] = {name: {k: v for k, v in morsel.items() if v} for name, morsel in page.cookies.items()}
names = ["SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
         "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH"]
told["session"] = [getattr(settings, name) for name in names]
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def production() -> Any:
    """Return what the portal answers in production, to a visitor of the log-in page."""
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env=os.environ | PRODUCTION,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(found.stdout)


def test_in_production_a_browser_comes_back_over_https_for_a_year(production: Any) -> None:
    hsts = "max-age=31536000; includeSubDomains; preload"
    assert (production["status"], production["headers"]["Strict-Transport-Security"]) == (200, hsts)
    status, headers = production["plain"]
    assert (status, headers["Location"]) == (301, "https://portail.example/connexion/")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_in_production_cookies_are_this_hosts_alone(production: Any) -> None:
    [(name, token)] = production["cookies"].items()
    kept = {key: token.get(key) for key in ("secure", "httponly", "samesite", "path", "domain")}
    wanted = {"secure": True, "httponly": True, "samesite": "Lax", "path": "/", "domain": None}
    assert (name, kept) == ("__Host-csrftoken", wanted)
    assert production["session"] == ["__Host-sessionid", True, True, "Lax", None, "/"]


def test_a_message_waits_in_the_session_not_in_a_cookie(administrator: User, company: object) -> None:
    client = logged_in(administrator)
    client.post(reverse("account_logout"))
    assert "messages" not in client.cookies
