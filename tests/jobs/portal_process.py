"""Starts the portal's real processes on a database of their own, and looks into it from outside."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Wait for a condition and return its value; fail with what was waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


class Portal:
    """One installation: a folder, a database, perhaps a broker; commands and processes on it."""

    def __init__(self, var: Path, **environment: str) -> None:
        kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "SANDBOX")}
        self.var = var
        self.environment = kept | {"ATELIER_VAR": str(var), "PYTHONUNBUFFERED": "1"} | environment
        self.processes: list[subprocess.Popen[str]] = []

    def command(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    def python(self, code: str) -> None:
        """Run some lines inside the installation."""
        done = self.command("shell", "--verbosity=0", "-c", code)
        assert done.returncode == 0, done.stderr

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Start a process in a group of its own, its output in a file of the folder."""
        with (self.var / f"log-{len(self.processes)}").open("w") as log:
            process = subprocess.Popen(
                args, cwd=ROOT, env=self.environment, stdout=log, stderr=log, text=True, start_new_session=True
            )
        self.processes.append(process)
        return process

    def serve(self, port: int) -> subprocess.Popen[str]:
        """Start `manage.py run` and wait until it answers."""
        process = self.start(sys.executable, "manage.py", "run", f"--port={port}")
        until(lambda: status(port, "/healthz") == 200, seconds=60, what="/healthz answers")
        return process

    def log(self, number: int = -1) -> str:
        """Return what a process printed; the last one's by default."""
        return (self.var / f"log-{number % len(self.processes)}").read_text()

    def value(self, sql: str) -> Any:
        """Return the only value of a query, on a connection apart."""
        if url := self.environment.get("DATABASE_URL"):
            connection: Any = psycopg2.connect(url)
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                found = cursor.fetchone()[0]
        else:
            connection = sqlite3.connect(self.var / "atelier.sqlite3", timeout=30)
            found = connection.execute(sql).fetchone()[0]
        connection.close()
        return found

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Kill a process and all its children with -9."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def status(port: int, path: str) -> int:
    """Return the status of a page, 0 while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@contextmanager
def portal(var: Path, **environment: str) -> Iterator[Portal]:
    """An installation whose processes are gone afterwards."""
    installation = Portal(var, **environment)
    try:
        yield installation
    finally:
        for process in installation.processes:
            if process.poll() is None:
                installation.kill(process)
