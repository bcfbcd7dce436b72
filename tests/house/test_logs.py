"""Whatever is posted, and wherever it breaks: no line of log and no error report tells what was typed, or who did."""

import io
import json
import logging
import re
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError, transaction
from django.http import FileResponse, HttpRequest
from django.test import Client
from django.urls import reverse
from django.views.debug import get_exception_reporter_class

from accounts.models import JournalEntry, User
from accounts.tasks import send_mails
from portal import celery, views
from portal.kit import logs
from portal.kit.logs import JsonFormatter, LineFormatter
from tests.factories.accounts import PASSWORD
from tests.house.journaled import CASES, Cast
from tests.people import Company, logged_in
from tests.workbooks import content_of

# What a value says when it is one of a list, or a number of ours: nothing.
PLAIN = re.compile(r"[a-z_. -]*|[0-9, -]{0,6}|true|1|[0-9]+-[0-9]+")
SECRET = "Zq-Trombone-47"
TOKEN = "MQ:1tyq2k:abcDEF0123456789-_abcDEF"


class Heard:
    """What came out: lines of both formatters, and the reports Django would send."""

    def __init__(self) -> None:
        self.out, self.reports = io.StringIO(), ""

    def __str__(self) -> str:
        return self.out.getvalue() + self.reports

    @property
    def entries(self) -> list[dict[str, Any]]:
        read = [json.loads(line) for line in self.out.getvalue().splitlines() if line.startswith("{")]
        return [one for one in read if one["logger"] != "django.template"]

    def forget(self) -> None:
        """Leave out what making the case logged."""
        self.out.seek(self.out.truncate(0))

    def report(self, request: HttpRequest | None = None, **_signal: Any) -> None:
        reporter = get_exception_reporter_class(request)(request, *sys.exc_info())
        self.reports += reporter.get_traceback_text() + reporter.get_traceback_html()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """Everything that anybody logs, down to what only a developer turns on."""
    found = Heard()
    handlers = [logging.StreamHandler(found.out) for _formatter in range(2)]
    for handler, formatter in zip(handlers, (JsonFormatter(), LineFormatter()), strict=True):
        handler.setFormatter(formatter)
        logging.root.addHandler(handler)
    for name in ("", "django", "django.request", "django.security", "portal.told", "celery"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
        logging.getLogger(name).manager._clear_cache()  # type: ignore[attr-defined]
    got_request_exception.connect(found.report)
    yield found
    got_request_exception.disconnect(found.report)
    for handler in handlers:
        logging.root.removeHandler(handler)


def values(data: Any) -> Iterator[str]:
    """Yield the texts of what is posted, files' lines included."""
    if isinstance(data, dict):
        data = data.values()
    if isinstance(data, str):
        yield data
    elif hasattr(data, "seek"):
        data.seek(0)
        yield from (line.decode(errors="ignore").strip() for line in data.readlines()[1:])
        data.seek(0)
    elif not isinstance(data, (int, float, bytes, type(None))) and hasattr(data, "__iter__"):
        for one in data:
            yield from values(one)


def private(*told: Any) -> set[str]:
    return {text for text in values(told) if len(text) >= 4 and not PLAIN.fullmatch(text)}


def of(user: User | None) -> list[str]:
    return [user.login_key, user.email, user.last_name, user.first_name, user.phone, user.password] if user else []


def told(text: str, secrets: set[str]) -> list[str]:
    spellings = {secret: (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]) for secret in secrets}
    return [secret for secret, forms in spellings.items() if any(form in text for form in forms)]


@pytest.mark.parametrize("name", CASES)
def test_nothing_posted_is_told_whether_it_works_or_breaks(
    request: pytest.FixtureRequest, db: None, heard: Heard, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    sent = CASES[name](Cast(request))
    client = sent.client or (logged_in(sent.by) if sent.by else Client())
    client.raise_request_exception = False
    page, _bar, slug = name.partition("|")
    args = sent.args or ((slug,) if page == "accounts:account_change" else ())
    url = reverse(page, args=args) + sent.query
    secrets = private(sent.data, [str(arg) for arg in args], of(sent.by), of(sent.who))
    secrets |= {morsel.value for morsel in client.cookies.values() if morsel.value}
    heard.forget()
    files = [one for one in sent.data.values() if hasattr(one, "seek")]
    # A row of the journal is written amid the work, with all of it in the frames above.
    broken = DataError(f"DETAIL: Failing row contains ({sent.data}, {of(sent.by)}).")
    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(JournalEntry, "save", raising(ValueError(str(sent.data)), broken))
        status = client.post(url, sent.data).status_code
        transaction.set_rollback(True)
    for file in files:
        file.seek(0)
    answer = client.post(url, sent.data)
    if isinstance(answer, FileResponse):
        content_of(answer)
    assert (status, answer.status_code in (200, 302)) == (500, True)
    assert "DataError" in str(heard)
    assert told(str(heard), secrets) == []


POSTS = {
    "account_login": {"siret": "98282001100012", "last_name": "Le Goff", "first_name": "Anaïs", "password": SECRET},
    "accounts:staff_login": {"identifier": "gestionnaire-Zq", "password": SECRET},
    "accounts:password_gauge": {"password": SECRET, "known": ["Le Goff"]},
    "accounts:password_lost": {"siret": "98282001100012", "last_name": "Le Goff", "first_name": "Anaïs"},
    "mfa_authenticate": {"code": "ABCD-2345-EFGH"},
    "document_verify": {"number": "AT-2027-000123456"},
}
GETS = {
    "account_confirm_email": (TOKEN,),
    "accounts:password_new": ("Mjk", "csq3wn-0123456789abcdef0123456789abcdef"),
}


@pytest.mark.parametrize("breaks", [False, True])
@pytest.mark.parametrize("name", [*POSTS, *GETS])
def test_nor_are_the_secrets_of_whoever_is_not_logged_in_yet(
    administrator: User, heard: Heard, monkeypatch: pytest.MonkeyPatch, name: str, *, breaks: bool
) -> None:
    data, args = POSTS.get(name, {}), GETS.get(name, ())
    url = f"{reverse(name, args=args)}?next=/anais.legoff@exemple.example/"
    if breaks:
        error = RuntimeError(f"{data} {args}")
        monkeypatch.setattr(LoginRequiredMiddleware, "process_view", raising(ValueError(str(data)), error))
    client = Client(raise_request_exception=False)
    answer = client.post(url, data) if data else client.get(url)
    assert (answer.status_code >= 500) == breaks
    assert told(str(heard), private(data, args) | {"anais.legoff"}) == []
    assert [entry["place"] for entry in heard.entries if entry["message"] == "request"] != []


def test_a_path_that_leads_nowhere_may_be_a_link_cut_in_two(client: Client, db: None, heard: Heard) -> None:
    client.get(f"/inscription/adresse/x/{TOKEN}")
    assert [entry["message"] for entry in heard.entries if entry["logger"] == "django.request"] == [
        "Not Found: /inscription/adresse/x/…"
    ]


def test_what_is_wrong_is_still_found(client: Client, db: None, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kinds of both exceptions, the file and the line; in the report too."""
    client.raise_request_exception = False
    monkeypatch.setattr(views, "render", raising(KeyError("x"), ValueError("y")))
    client.get("/")
    [entry] = [one for one in heard.entries if "exception" in one]
    kinds = [line for line in entry["exception"] if ":" not in line]
    assert (entry["message"], kinds) == ("Internal Server Error: /", ["builtins.KeyError", "builtins.ValueError"])
    assert any(re.search(r"portal/views\.py:\d+ home$", line) for line in entry["exception"])
    assert "portal/views.py" in heard.reports


@pytest.mark.postgres
def test_a_broken_constraint_is_named_not_its_row(administrator: User, heard: Heard) -> None:
    try:
        with transaction.atomic():
            User.objects.create(login_key=administrator.login_key, is_staff=True)
    except IntegrityError:
        logging.getLogger("portal").exception("refused")
    [entry] = heard.entries
    assert entry["exception"][-1] == "django.db.utils.IntegrityError"
    assert any("login_key" in line and "UniqueViolation" in line for line in entry["exception"])
    assert told(str(heard), set(of(administrator)[:2])) == []


def test_a_careless_message_is_caught_by_the_net(heard: Heard) -> None:
    said = "mail to anais@exemple.example of 982 820 011 00012, key JBSWY3DPEHPK3PXPJBSWY3DP\nforged line"
    logging.getLogger("portal").warning("%s", said)
    assert heard.entries[0]["message"] == "mail to … of …, key …\\nforged line"


def test_each_line_of_a_request_has_its_number(client: Client, db: None, heard: Heard) -> None:
    answer = client.get("/nulle-part/", headers={"X-Request-ID": "essai-0123456789"})
    assert answer["X-Request-ID"] == "essai-0123456789"
    lines = [(one["logger"], one["number"]) for one in heard.entries]
    assert lines == [("portal.told", "essai-0123456789"), ("django.request", "essai-0123456789")]
    assert logs.number.get() == ""


@pytest.mark.parametrize("given", ["", "court", "a" * 65, "deux mots ici", "saut\nde-ligne", "é" * 10, "<script>--"])
def test_a_number_that_is_none_is_replaced(client: Client, db: None, given: str) -> None:
    answered = client.get("/", headers={"X-Request-ID": given})["X-Request-ID"]
    assert uuid.UUID(answered).hex == answered


def test_a_request_is_told_in_one_line(administrator: User, company: Company, heard: Heard) -> None:
    logged_in(administrator).get("/menu/")
    [entry] = [one for one in heard.entries if one["message"] == "request"]
    assert {key: entry[key] for key in ("level", "method", "place", "status", "person")} == {
        "level": "INFO", "method": "GET", "place": "/menu/", "status": 200, "person": administrator.pk,
    }  # fmt: skip
    assert entry["at"].endswith("+00:00")
    assert isinstance(entry["ms"], int)


def test_a_refusal_is_told_with_its_rule(declarant_without_right: User, heard: Heard) -> None:
    logged_in(declarant_without_right).get("/notifications/taux/")
    [entry] = [one for one in heard.entries if one["message"] == "request"]
    assert (entry["status"], entry["rule"], entry["person"]) == (403, "G1.4", declarant_without_right.pk)


def test_a_log_in_is_told_by_its_end(staff: User, heard: Heard) -> None:
    staff.set_password(PASSWORD)
    staff.save()
    for password in ("Faux-12345", PASSWORD):
        Client().post(reverse("accounts:staff_login"), {"identifier": staff.login_key, "password": password})
    told = [one for one in heard.entries if one["logger"] == "portal.told"]
    ends = [one["outcome"] for one in told if one["message"] == "log-in"]
    assert ends == ["wrong password", "ok"]
    numbers = [one["number"] for one in told]
    assert (numbers[0], numbers[2]) == (numbers[1], numbers[3])
    assert told[3]["person"] == staff.pk


@pytest.mark.parametrize("path", ["/healthz", "/static/portal/atelier.css"])
def test_what_is_asked_all_the_time_is_not_told(client: Client, db: None, heard: Heard, path: str) -> None:
    answer = client.get(path)
    if answer.streaming:
        content_of(answer)
    assert [one["level"] for one in heard.entries if one["logger"] == "portal.told"] == ["DEBUG"]


def test_a_job_has_a_number_of_its_own(db: None, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("accounts.tasks.send_next_mail", lambda **_at: seen.append(logs.number.get()))
    send_mails.apply(task_id="job-1")
    assert (seen, logs.number.get()) == (["job-1"], "")


def test_a_job_that_fails_tells_its_kind(db: None, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.tasks.send_next_mail", raising(KeyError(PASSWORD), ValueError(PASSWORD)))
    send_mails.apply(task_id="job-2")
    [entry] = [one for one in heard.entries if one["logger"] == "celery.app.trace" and one["level"] == "ERROR"]
    assert (entry["number"], "ValueError" in entry["message"], PASSWORD in str(heard)) == ("job-2", True, False)


def test_celery_leaves_logging_to_the_settings() -> None:
    before = list(logging.root.handlers)
    celery.app.log.setup_logging_subsystem(loglevel="DEBUG")
    assert list(logging.root.handlers) == before


def raising(cause: Exception, error: Exception) -> Any:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise error from cause

    return broken
