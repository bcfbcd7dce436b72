"""Every goal as a ratio within one run, on PostgreSQL: `make bench`, `make bench SIZE=1000000`.

Needs DATABASE_URL (a server where databases may be made; REDIS_URL too for the workers). Writes
benchmarks/results.json and docs/benchmarks.md. Each measure is a process of its own, on a database of its own.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.world import ROOT, database, environment, inside

SIZE = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
WORKERS = (1, 2, 4)
# Lines of a batch while workers are compared: a hundred batches, so that the first and the last ones weigh little.
BATCH = str(max(SIZE // 200, 50))


def measure(what: str, size: int, folder: Path, env: dict[str, str]) -> dict[str, Any]:
    """Run one measure in a process of its own."""
    return said([sys.executable, "-m", "benchmarks.measures", what, str(size), str(folder)], env)


def said(command: list[str], env: dict[str, str]) -> dict[str, Any]:
    """Return what a command prints, and stop when it fails."""
    print("  ", *command[2:], flush=True)
    done = subprocess.run(  # noqa: S603 - our own commands
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def campaign_of(size: int, server: str, folder: Path) -> dict[str, Any]:
    """Return the figures of a whole campaign of that size, on a database that is gone afterwards."""
    with database(server, f"bench_{size}") as url:
        folder.mkdir()
        return measure("whole", size, folder, environment(url, folder))


def published_by(count: int, url: str, folder: Path, broker: str) -> dict[str, Any]:
    """Return how many batches Celery workers publish of the campaign that waits, and in how many seconds.

    Each worker is up, and holds its order, before it counts: from when all publish at once until there is no batch
    left for each of them.
    """
    env = environment(url, folder, REDIS_URL=broker)
    log = (folder / "workers.log").open("a")
    names = [f"bench{number}" for number in range(count)]
    processes = [
        subprocess.Popen(  # noqa: S603 - our own commands
            [
                *(sys.executable, "-m", "celery", "--app=portal", "worker", "--concurrency=1", "--without-mingle"),
                *("--without-gossip", "--loglevel=ERROR", f"--hostname={name}@%h", f"--queues={name}"),
            ],
            cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True,
        )
        for name in names
    ]  # fmt: skip
    # A sweep ends after SWEEP_SECONDS: each worker has the next ones waiting.
    inside(
        env,
        f"""from notifications.tasks import process_campaigns
from portal.celery import app
while len(app.control.ping(timeout=2)) < {count}: pass
for name in {names!r} * 30: process_campaigns.apply_async(queue=name)""",
    )
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:

        def value(sql: str) -> int:
            cursor.execute(sql)
            row = cursor.fetchone()
            return int(row[0]) if row else 0

        left = "SELECT COUNT(*) FROM accounts_importbatch WHERE done_at IS NULL"
        busy = (
            "SELECT COUNT(DISTINCT pid) FROM pg_locks WHERE relation = 'notifications_ratedecision'::regclass "
            "AND mode = 'RowExclusiveLock'"
        )
        while value(busy) < count and value(left):
            time.sleep(0.01)
        start, before = time.perf_counter(), value(left)
        while value(left) > count:
            time.sleep(0.01)
        took, done = time.perf_counter() - start, before - value(left)
        while value(left):
            time.sleep(0.05)
    connection.close()
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(60)
    # The orders that were not needed would set the next workers going before all are up.
    purge = [sys.executable, "-m", "celery", "--app=portal", "purge", "--force", f"--queues={','.join(names)}"]
    subprocess.run(purge, cwd=ROOT, env=env, stdout=log, stderr=log, check=True)  # noqa: S603 - our own command
    return {"batches": done, "seconds": took}


def with_pages(url: str, folder: Path, broker: str) -> dict[str, Any]:
    """Return the times of the menu alone, then while a worker publishes."""
    env = environment(url, folder)
    figures = {}
    for when in ("idle", "busy"):
        for name in ("ready", "stop"):
            (folder / name).unlink(missing_ok=True)
        command = [sys.executable, "-m", "benchmarks.measures", "watch", "0", str(folder)]
        watcher = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        )
        while not (folder / "ready").exists():
            time.sleep(0.05)
        if when == "idle":
            time.sleep(8)
        else:
            figures["publish"] = published_by(1, url, folder, broker)
        (folder / "stop").touch()
        out, _errors = watcher.communicate()
        figures[when] = json.loads(out.splitlines()[-1])
    return figures


def everything(server: str, broker: str, folder: Path) -> dict[str, Any]:
    """Return every figure."""
    sizes = sorted({max(SIZE // 100, 1_000), max(SIZE // 10, 1_000)})
    figures: dict[str, Any] = {"size": SIZE, "campaigns": {}}
    for size in sizes:
        figures["campaigns"][size] = campaign_of(size, server, folder / str(size))
    with database(server, "bench_small") as url:
        small = folder / "small"
        small.mkdir()
        measure("whole", SIZE // 10, small, environment(url, small))
        figures["pages_tenth"] = measure("pages", SIZE // 10, small, environment(url, small))
    with database(server, "bench_whole") as url:
        here = folder / "whole"
        here.mkdir()
        env = environment(url, here)
        figures["campaigns"][SIZE] = measure("whole", SIZE, here, env)
        for what in ("pages", "one_by_one", "firm"):
            figures[what] = measure(what, SIZE, here, env)
        figures["archives"] = [measure("archive", count, here, env) for count in (100, 1_000)]
        figures["dsn"] = said([sys.executable, "-m", "benchmarks.dsn"], env)
        figures["workers"] = {}
        for month, count in zip((4, 7, 10), WORKERS, strict=True):
            waiting = environment(url, here, BENCH_MONTH=str(month), IMPORT_BATCH_LINES=BATCH)
            measure("second", SIZE, here, waiting)
            figures["workers"][count] = published_by(count, url, here, broker)
        measure("second", SIZE, here, environment(url, here, BENCH_MONTH="11", IMPORT_BATCH_LINES=BATCH))
        figures["meanwhile"] = with_pages(url, here, broker)
    return figures


def machine() -> dict[str, str]:
    """Say where it ran."""
    cpu = next((line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if "model name" in line), "?")
    memory = next((line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), "0")
    return {
        "processor": f"{cpu}, {os.cpu_count()} cores",
        "memory": f"{int(memory) / 1e6:.0f} GB",
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def main() -> None:
    """Measure, print, write."""
    from benchmarks.report import goals, page, table

    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        sys.exit("Il faut un serveur PostgreSQL : DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres make bench")
    broker = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/11")
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        figures = everything(server, broker, Path(folder))
    figures["machine"] = machine()
    (ROOT / "benchmarks" / "results.json").write_text(json.dumps(figures, indent=1) + "\n")
    (ROOT / "docs" / "benchmarks.md").write_text(page(figures))
    print(table(goals(figures)))


if __name__ == "__main__":
    main()
