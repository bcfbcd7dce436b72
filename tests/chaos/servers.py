"""A PostgreSQL cluster and a Redis of the test's own: hurt, they harm nobody."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from glob import glob
from pathlib import Path

import redis

from tests.jobs.portal_process import free_port, until

_FOLDERS = [*sorted(glob("/usr/lib/postgresql/*/bin"), reverse=True), *os.environ["PATH"].split(os.pathsep)]
BIN = next((Path(folder) for folder in _FOLDERS if (Path(folder) / "initdb").exists()), None)
REDIS = shutil.which("redis-server")
PRESENT = BIN is not None and REDIS is not None


def _owner() -> str | None:
    """PostgreSQL refuses to run as root: somebody else owns the cluster then."""
    if os.geteuid():
        return None
    return "postgres" if "postgres" in [one.pw_name for one in pwd.getpwall()] else "nobody"


class Postgres:
    """A cluster in a folder, on a port of its own, with PostgreSQL's own settings."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "postgres", free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.folder.mkdir()
        if owner := _owner():
            shutil.chown(self.folder, owner)
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c timezone=UTC"
        self._run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}", f"--options={options}")

    def restart(self, mode: str) -> None:
        """Stop it (fast: every connection is cut; immediate: killed, and what was written is recovered) and start."""
        self.stop(mode)
        self.start()

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def _run(self, command: str, *options: str) -> None:
        assert BIN is not None
        subprocess.run(
            [BIN / command, f"--pgdata={self.folder}", *options],
            check=True,
            user=_owner(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


class Redis:
    """A broker with the settings of docker-compose.yml."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis(port=self.port)
        self.start()

    def start(self) -> None:
        assert REDIS is not None
        options = [f"--port {self.port}", f"--dir {self.folder}", "--appendonly yes", "--maxmemory-policy noeviction"]
        command = [REDIS, *" ".join(options).split(), "--bind", "127.0.0.1", "--logfile", str(self.folder / "redis")]
        self.process = subprocess.Popen(command, start_new_session=True)
        until(self._answers, seconds=20, what="Redis answers")

    def stop(self) -> None:
        self.thaw()
        self.process.terminate()
        self.process.wait(20)

    def freeze(self) -> None:
        """From now on it accepts connections and never answers."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False
