"""/metrics: for whoever holds its token; the same from every process of the portal."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts import tasks
from accounts.models import Mail, Sweep, User
from habilitations.models import Habilitation
from tests.conftest import NOW
from tests.factories.accounts import PASSWORD
from tests.house.test_repository import ROOT
from tests.people import logged_in

TOKEN = "un-jeton-d-essai"
Samples = dict[tuple[str, str], float]


@pytest.fixture(autouse=True)
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def read() -> Samples:
    """Return the values by name and label, as Prometheus reads them."""
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/plain")
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def since(before: Samples) -> Samples:
    return {key: value - before.get(key, 0) for key, value in read().items() if value != before.get(key, 0)}


def mail(**state: object) -> None:
    Mail.objects.create(recipient="a@b.example", subject="x", text="x", created_at=NOW, **state)


def ago(seconds: float) -> dt.datetime:
    return NOW - dt.timedelta(seconds=seconds)


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer autre", f"bearer {TOKEN}", f"Bearer {TOKEN}x", TOKEN])
def test_without_the_token_nothing_is_told(client: Client, db: None, given: str) -> None:
    answer = client.get("/metrics", headers={"Authorization": given})
    assert (answer.status_code, answer.content, answer["WWW-Authenticate"]) == (401, b"", "Bearer")


def test_an_instance_without_a_token_has_no_such_page(client: Client, db: None, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    for given in ("", "Bearer ", "Bearer"):
        assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_each_job_says_when_it_ended_how_long_it_took_and_what_it_did(db: None) -> None:
    Sweep.objects.create(name="send", ended_at=ago(12.5), seconds=0.25, processed=41)
    assert {key: value for key, value in read().items() if key[1] == "send"} == {
        ("atelier_sweep_age_seconds", "send"): 12.5,
        ("atelier_sweep_duration_seconds", "send"): 0.25,
        ("atelier_sweep_processed_total", "send"): 41,
    }


def test_a_job_adds_what_it_did_to_what_was_done(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    instants = iter([10, 11, 12, 13, 14.5, 20, 21, 22, 23, 30, 30.5, 31])
    monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: next(instants)))
    found = []
    for steps in ([True, True, False], [True, False], [False]):
        assert tasks.sweep("send", iter(steps).__next__) == steps.count(True)
        found += Sweep.objects.values_list("seconds", "processed", "ended_at")
    assert found == [(4.5, 2, NOW), (3, 3, NOW), (1, 3, NOW)]


def test_the_outbox_says_how_many_wait_and_since_when(db: None) -> None:
    empty = read()
    assert (empty["atelier_outbox_waiting", ""], empty["atelier_outbox_oldest_seconds", ""]) == (0, 0)
    mail(next_try_at=ago(30))
    mail(next_try_at=ago(90))
    mail(next_try_at=ago(-60))
    mail(next_try_at=ago(600), sent_at=NOW)
    mail(next_try_at=None, problem="no such box", attempts=8)
    found = read()
    assert {name: value for (name, _label), value in found.items() if "outbox" in name} == {
        "atelier_outbox_waiting": 3, "atelier_outbox_oldest_seconds": 90, "atelier_outbox_given_up": 1,
    }  # fmt: skip


def test_a_mail_that_is_due_later_is_not_late(db: None) -> None:
    mail(next_try_at=ago(-60))
    assert read()["atelier_outbox_oldest_seconds", ""] == 0


def test_log_ins_are_counted_by_their_end(staff: User) -> None:
    before, url = read(), "/gestion/connexion/"
    staff.set_password(PASSWORD)
    staff.save()
    Client().post(url, {"identifier": staff.login_key, "password": PASSWORD})
    assert since(before) == {("atelier_logins_total", "ok"): 1}
    for _time in range(6):
        Client().post(url, {"identifier": staff.login_key, "password": "Faux-12345"})
    assert since(before) == {
        ("atelier_logins_total", "ok"): 1,
        ("atelier_logins_total", "wrong password"): 5,
        ("atelier_logins_total", "paused"): 1,
    }


def test_refusals_are_counted_by_their_rule(declarant: User, administrator: User) -> None:
    before = read()
    assert logged_in(administrator).get("/notifications/taux/").status_code == 200
    assert [key for key in since(before) if key[0] == "atelier_refusals_total"] == []
    Habilitation.objects.all().delete()
    refused = logged_in(declarant).get("/notifications/taux/")
    assert (refused.status_code, refused.context["decision"].rule) == (403, "G1.4")
    assert since(before)["atelier_refusals_total", "G1.4"] == 1
    logged_in(administrator).get("/gestion/")
    assert since(before)["atelier_refusals_total", ""] == 1


COUNT = "from portal.kit.metrics import logins; [logins.labels('ok').inc() for _time in range({})]"
READ = """
from prometheus_client.exposition import generate_latest
from portal.kit.metrics import counted
print(generate_latest(counted()).decode())
"""


def test_the_processes_of_a_machine_count_together(tmp_path: Path) -> None:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "new" / "folder")}

    def process(script: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout

    for times in (3, 4):
        process(COUNT.format(times))
    assert 'atelier_logins_total{outcome="ok"} 7.0' in process(READ)
