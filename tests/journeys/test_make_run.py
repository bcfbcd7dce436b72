"""`manage.py run`, what `make run` calls: one process that starts, says who to log in as, and stops at once."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.portal_process import ROOT, Portal, free_port, portal, status, until

pytestmark = pytest.mark.sqlite


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Portal]:
    with portal(tmp_path) as made:
        yield made


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_runs_its_jobs_and_stops_within_two_seconds(installation: Portal, stop: int) -> None:
    port = free_port()
    process = installation.serve(port)
    until(lambda: status(port, "/readyz") == 200, seconds=30, what="every job ran")
    began = time.monotonic()
    os.kill(process.pid, stop)
    assert (process.wait(10), time.monotonic() - began < 2) == (0, True)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_it_says_who_to_log_in_as(installation: Portal) -> None:
    port = free_port()
    installation.serve(port)
    people = json.loads(installation.command("personas", "--json").stdout)
    printed = installation.log().replace("\xa0", " ")
    assert f"http://localhost:{port}/" in printed
    assert [person["nom"] for person in people if person["nom"] not in printed] == []


def test_started_again_it_keeps_its_data(installation: Portal) -> None:
    for _time in range(2):
        process = installation.serve(free_port())
        process.send_signal(signal.SIGINT)
        process.wait(10)
    assert installation.value("SELECT COUNT(*) FROM accounts_user") == 12
    assert "chargé" not in installation.log()


def test_a_taken_port_is_one_sentence(installation: Portal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = installation.command("run", f"--port={port}")
    sentence = f"Le port {port} est déjà pris : choisissez-en un autre, comme make run PORT={port + 1}.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    with portal(tmp_path, DATABASE_URL=f"postgres://x@127.0.0.1:{free_port()}/x") as unreachable:
        done = unreachable.command("run", f"--port={free_port()}")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("La base de DATABASE_URL ne répond pas")


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with portal(tmp_path / "file" / "var") as unwritable:
        done = unwritable.command("run")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("Impossible d'écrire dans")


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "SEAL_KEY", "SEAL_CERTIFICATE"]
)
def test_in_production_a_missing_setting_is_one_sentence(tmp_path: Path, name: str) -> None:
    given = {
        "ATELIER_ENV": "production",
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "portail.example",
        "DATABASE_URL": "sqlite:///:memory:",
        "REDIS_URL": "redis://127.0.0.1:1",
        "SEAL_KEY": "x",
        "SEAL_CERTIFICATE": "x",
    }
    del given[name]
    with portal(tmp_path, **given) as incomplete:
        done = incomplete.command("check")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"La variable d'environnement {name} manque : ")


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        ("exit 1", "Il faut Python 3.11 ou plus récent"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "Ce Python ne sait pas créer d'environnement virtuel"),
    ],
)
def test_a_python_that_will_not_do_is_one_sentence(tmp_path: Path, python: str, sentence: str) -> None:
    for name in ("python3", "python3.13", "python3.12", "python3.11"):
        (tmp_path / name).write_text(f"#!/bin/sh\n{python}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "make-venv", tmp_path / "venv"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n"), done.stderr.startswith(sentence)) == (1, 1, True)
