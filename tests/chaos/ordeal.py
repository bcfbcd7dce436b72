"""Each fault in turn, upon one installation that works: PostgreSQL, Redis, gunicorn, beat, two workers.

A round orders a campaign, a file of clients, a file of rights and mails, hurts something while they are under way, and
waits until all is done. `python -m tests.chaos.ordeal` is the long form (`make chaos`).
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg2

from tests.chaos.servers import PRESENT, Postgres, Redis
from tests.chaos.visitor import Visitor
from tests.jobs.portal_process import Portal, free_port, portal, status, until

CELERY = [sys.executable, "-m", "celery", "--app=portal"]
WORKERS = ("a", "b")
FULL = 1 << 20
ATMP = "compte-atmp"
NO_ROOM = "Le portail n'a plus de place"


@dataclass(frozen=True)
class Size:
    """How much there is to do in a round, how often workers are killed, how long a server is away (seconds).

    rates: nine in ten are notified online. lines: a multiple of four.
    """

    rates: int
    lines: int
    mails: int
    kills: int
    outage: float

    @property
    def expected(self) -> int:
        return self.rates + self.lines + self.mails


LONG = Size(rates=111_112, lines=10_000, mails=4_000, kills=24, outage=60)
SHORT = Size(rates=2_000, lines=1_000, mails=400, kills=4, outage=6)


@dataclass
class Row:
    """What a fault did.

    cuts: how often a worker was cut off in the midst of a transaction. orphans: files that no row names. seconds: from
    the recovery to all work done.
    """

    fault: str
    expected: int
    cuts: int = 0
    lost: int = 0
    doubled: int = 0
    orphans: int = 0
    seconds: float = 0
    slowest: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def cells(self) -> list[str]:
        pages, log_in = (f"{self.slowest.get(what, 0):.2f}" for what in ("pages", "log-in"))
        counts = (self.expected, self.lost, self.doubled, self.cuts, self.orphans)
        return [self.fault, *(f"{count:,}" for count in counts), f"{self.seconds:.0f}", pages, log_in]


HEADS = (
    "fault", "expected", "lost", "doubled", "kills", "orphan files", "s to all done", "slowest page, s",
    "slowest log-in, s",
)  # fmt: skip


def table(rows: list[Row]) -> str:
    """Return the rows as Markdown."""
    lines = [list(HEADS), ["---"] * len(HEADS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


class Ordeal:
    """The installation, its servers and its processes; one method for each fault."""

    def __init__(self, installation: Portal, postgres: Postgres, broker: Redis, size: Size) -> None:
        self.portal, self.postgres, self.broker, self.size = installation, postgres, broker, size
        self.mails, self.uploads, self.tmp = (installation.var / name for name in ("mails", "uploads", "tmp"))
        self.number = -1
        self.faults: list[tuple[str, Callable[[Row, Visitor], float]]] = [
            ("none", self.nothing),
            ("workers killed with -9", self.kill_workers),
            ("two beats, two workers", self.double_beat),
            ("Redis stopped", self.stop_redis),
            ("Redis frozen", self.freeze_redis),
            ("Redis flushed", self.flush_redis),
            ("PostgreSQL restarted", self.restart_postgres),
        ]
        if may_mount(installation.var):
            self.faults.append(("disk full on upload", self.fill_disk))

    # The installation ------------------------------------------------------

    def begin(self) -> None:
        """Prepare every round, and start the processes as docker-compose.yml does."""
        for folder in (self.uploads, self.tmp):
            folder.mkdir()
        done = self.portal.command("migrate", "--verbosity=0")
        assert done.returncode == 0, done.stderr
        size = self.size
        self.portal.python(
            "from tests.chaos.work import prepare; "
            f"prepare(rounds={len(self.faults)}, rates={size.rates}, lines={size.lines})"
        )
        self.sirets = self.column(
            f"SELECT siret FROM accounts_establishment WHERE siren < '989' ORDER BY id LIMIT {size.lines // 4}"
        )
        self.firm = self.portal.value(
            "SELECT e.siret FROM accounts_user u JOIN accounts_establishment e ON e.id = u.establishment_id "
            "WHERE u.last_name = 'Cormoran'"
        )
        self.start_beat()
        self.workers = {name: self.start_worker(name) for name in WORKERS}
        self.port = free_port()
        self.portal.start(
            sys.executable, "-m", "gunicorn", "portal.wsgi", f"--bind=127.0.0.1:{self.port}", "--workers=1",
            "--worker-class=gthread", "--threads=4", "--no-control-socket",
        )  # fmt: skip
        until(lambda: status(self.port, "/healthz") == 200, seconds=60, what="/healthz answers")
        until(lambda: self.portal.value("SELECT COUNT(*) FROM accounts_sweep") > 3, seconds=60, what="sweeps run")

    def start_worker(self, name: str) -> subprocess.Popen[str]:
        """Start one whose connections to PostgreSQL bear its name."""
        command = (*CELERY, "worker", "--concurrency=1", f"--hostname={name}@%h")
        return self.portal.start("env", f"PGAPPNAME=worker-{name}", *command)

    def start_beat(self) -> subprocess.Popen[str]:
        return self.portal.start(*CELERY, "beat", f"--schedule={self.portal.var / f'beat-{time.monotonic_ns()}'}")

    def column(self, sql: str) -> list[str]:
        connection = psycopg2.connect(self.portal.environment["DATABASE_URL"])
        with connection.cursor() as cursor:
            cursor.execute(sql)
            found = [row[0] for row in cursor.fetchall()]
        connection.close()
        return found

    # A round ----------------------------------------------------------------

    def play(self) -> Iterator[Row]:
        """Go through the faults, one round each; afterwards everything is ready, and the journal whole."""
        for number, (name, fault) in enumerate(self.faults):
            self.number = number
            row, visitor = Row(name, self.size.expected), Visitor(self.port)
            closed = self.portal.value(CLOSED)
            recovered = fault(row, visitor)
            until(self.done, seconds=600, what=f"all work is done after « {name} », {self.progress():.0%} so far")
            row.seconds = time.monotonic() - recovered
            self.compare(row, self.portal.value(CLOSED) - closed)
            row.slowest, row.failed = dict(visitor.slowest), row.failed + visitor.failed
            yield row
        until(lambda: status(self.port, "/readyz") == 200, seconds=120, what="/readyz says yes again")
        verified = self.portal.command("verify_journal")
        assert verified.returncode == 0, verified.stdout + verified.stderr

    def order(self) -> None:
        self.portal.python(
            "from tests.chaos.work import order; "
            f"order({self.number}, lines={self.size.lines}, mails={self.size.mails})"
        )

    def visit(self, visitor: Visitor, *, seconds: float = 0) -> None:
        """Log in and look around again and again for so long; deposit the round's file of rights on the way."""
        end = time.monotonic() + seconds
        visitor.look_around(self.firm)
        visitor.deposit(f"Droits {self.number}", "habilitations", self.rights())
        while time.monotonic() < end:
            time.sleep(min(1, max(0, end - time.monotonic())))
            visitor.look_around(self.firm)

    def rights(self) -> str:
        """A declaration for each client, and the collaborator's right on it."""
        lines = [f"{siret};{who};1" for siret in self.sirets for who in (";", "Tanguy;Erwan")]
        return "\n".join([f"SIRET;nom;prénom;{ATMP}", *lines])

    def progress(self) -> float:
        """Return how much of the round's work is done, from 0 to 1: a third for each kind."""
        return float(self.portal.value(PROGRESS.format(number=self.number, **vars(self.size))))

    def reach(self, share: float) -> None:
        until(lambda: self.progress() >= share, seconds=300, what=f"{share:.0%} of the work is done")

    def done(self) -> bool:
        return bool(self.portal.value(DONE.format(number=self.number, **vars(self.size))))

    def compare(self, row: Row, closed: int) -> None:
        """Compare what there is with what was ordered."""
        size, number = self.size, self.number
        told, rows, counted = (self.portal.value(sql.format(number=number)) for sql in (TOLD, TOLD_ROWS, COUNTED))
        effects, again = (self.portal.value(sql.format(number=number)) for sql in (EFFECTS, AGAIN))
        sent = Counter(
            int(found[1])
            for path in self.mails.iterdir()
            for found in re.finditer(rf"^Subject: Numero {number}-(\d+)\.", path.read_text(), re.M)
        )
        row.lost = size.rates - told + size.lines - effects + size.mails - len(sent)
        row.doubled = rows - told + abs(counted - told) + again + sent.total() - len(sent) + abs(closed - 1)
        named = self.column("SELECT upload FROM accounts_importfile UNION SELECT upload FROM portfolios_bulkrequest")
        files = {path.relative_to(self.uploads).as_posix() for path in self.uploads.rglob("*") if path.is_file()}
        row.orphans = len(files - set(named))

    # Faults: each orders the work, hurts, and returns the instant of the recovery ---

    def nothing(self, _row: Row, visitor: Visitor) -> float:
        self.order()
        start = time.monotonic()
        self.visit(visitor)
        return start

    def kill_workers(self, row: Row, visitor: Visitor) -> float:
        """Kill both while one at least is in the midst of a transaction; again and again, over half of the work.

        Every third time only their children, whose work the parent gives back.
        """
        self.order()
        self.visit(visitor)
        for strike in count():
            if row.cuts >= self.size.kills:
                break
            self.reach(row.cuts / self.size.kills / 2)
            row.cuts += until(lambda: self.portal.value(IN_THE_MIDST), seconds=60, what="a worker is at work")
            for name, worker in self.workers.items():
                if strike % 3 == 2:
                    for child in children(worker.pid):
                        os.kill(child, signal.SIGKILL)
                else:
                    self.portal.kill(worker)
                    self.workers[name] = self.start_worker(name)
        assert not self.done(), "the work ended before the last kill"
        return time.monotonic()

    def double_beat(self, _row: Row, visitor: Visitor) -> float:
        second = self.start_beat()
        self.order()
        start = time.monotonic()
        self.visit(visitor)
        until(self.done, seconds=600, what="all work is done with two beats")
        self.portal.kill(second)
        return start

    def stop_redis(self, row: Row, visitor: Visitor) -> float:
        self.order()
        self.reach(0.1)
        self.broker.stop()
        self.visit(visitor, seconds=self.size.outage)
        self.unready(row)
        self.broker.start()
        return time.monotonic()

    def freeze_redis(self, row: Row, visitor: Visitor) -> float:
        self.order()
        self.reach(0.1)
        self.broker.freeze()
        self.visit(visitor, seconds=self.size.outage)
        self.unready(row)
        self.broker.thaw()
        return time.monotonic()

    def unready(self, row: Row) -> None:
        if (answer := status(self.port, "/readyz")) != 503:
            row.failed.append(f"/readyz says {answer} without a broker")

    def flush_redis(self, _row: Row, visitor: Visitor) -> float:
        self.order()
        self.visit(visitor)
        for share in (0.2, 0.4, 0.6):
            self.reach(share)
            self.broker.client.flushall()
        return time.monotonic()

    def restart_postgres(self, row: Row, visitor: Visitor) -> float:
        """Twice: cut off, then killed. Each time both workers may lose what they were at."""
        self.order()
        for share, mode in ((0.1, "fast"), (0.4, "immediate")):
            self.reach(share)
            self.postgres.restart(mode)
            row.cuts += len(WORKERS)
            if mode == "fast":
                self.visit(visitor)
        visitor.look_around(self.firm)
        return time.monotonic()

    def fill_disk(self, row: Row, visitor: Visitor) -> float:
        """A file too many for the folder of uploads, then for that of temporary files; then room again."""
        self.order()
        visitor.look_around(self.firm)
        deposited = self.uploads / "bulk"
        until(lambda: not list(deposited.iterdir()), seconds=60, what="the first file is read")
        rights = self.rights()
        heavy = rights + "\n" * (FULL + 1000)
        for folder, what in ((deposited, "uploads"), (self.tmp, "temporary files")):
            with full(folder):
                before = self.portal.value(REQUESTS)
                page = visitor.deposit(f"Droits {self.number}", "habilitations", heavy, lands=None)
                left = [path for path in folder.rglob("*") if path.is_file()]
                seen = (NO_ROOM in page.replace("&#x27;", "'"), self.portal.value(REQUESTS) - before, left)
                if seen != (True, 0, []):
                    row.failed.append(f"{what} full: {seen}")
        recovered = time.monotonic()
        visitor.deposit(f"Droits {self.number}", "habilitations", rights)
        return recovered


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Lay a small file system over a folder, so that the write of a file fails in its midst."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={FULL}", "tmpfs", folder], check=True, capture_output=True)
    try:
        yield
    finally:
        # Lazy: what a server still holds open there keeps nobody waiting.
        subprocess.run(["umount", "--lazy", folder], check=True)


def may_mount(folder: Path) -> bool:
    """Say whether this machine lets us lay a file system over a folder."""
    try:
        with full(folder):
            return True
    except (OSError, subprocess.CalledProcessError):
        print("Disque plein : non joué, car monter un disque est réservé à root ; voyez tests/portal/test_uploads.py.")
        return False


def children(pid: int) -> list[int]:
    """Return the processes that this one started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


IN_THE_MIDST = """SELECT COUNT(*) FROM pg_stat_activity
    WHERE application_name LIKE 'worker-%' AND state IN ('active', 'idle in transaction')"""
CLOSED = "SELECT COUNT(*) FROM accounts_journalentry WHERE verb = 'import.apply'"
REQUESTS = "SELECT COUNT(*) FROM portfolios_bulkrequest"
_FILE = "SELECT c.import_file_id FROM notifications_campaign c WHERE c.name = 'Campagne {number}'"
_BULK = """portfolios_bulkrequest r JOIN portfolios_portfolio p ON p.id = r.portfolio_id
    AND p.name IN ('Clients {number}', 'Droits {number}')"""
_SENT = "SELECT COUNT(*) FROM accounts_mail WHERE subject LIKE 'Numero {number}-%' AND sent_at IS NOT NULL"
PROGRESS = f"""SELECT ((SELECT COUNT(done_at)::float / GREATEST(COUNT(*), 1) FROM accounts_importbatch
        WHERE import_file_id IN ({_FILE}))
    + (SELECT COALESCE(SUM(r.done), 0)::float / {{lines}} FROM {_BULK}) + ({_SENT})::float / {{mails}}) / 3"""
DONE = f"""SELECT (SELECT status FROM accounts_importfile WHERE id IN ({_FILE})) = 'applied'
    AND (SELECT COUNT(*) FROM {_BULK} WHERE r.status = 'done') = 2 AND ({_SENT}) = {{mails}}"""
_TOLD = """FROM notifications_ratedecision d LEFT JOIN notifications_notification n ON n.decision_id = d.id
    JOIN notifications_campaign c ON c.id = d.campaign_id AND c.name = 'Campagne {number}'
    WHERE d.channel = 'paper' OR n.id IS NOT NULL"""
TOLD, TOLD_ROWS = f"SELECT COUNT(DISTINCT d.establishment_id) {_TOLD}", f"SELECT COUNT(*) {_TOLD}"
COUNTED = "SELECT notified + on_paper FROM notifications_campaign WHERE name = 'Campagne {number}'"
EFFECTS = """SELECT (SELECT COUNT(*) FROM portfolios_client c JOIN portfolios_portfolio p ON p.id = c.portfolio_id
        AND p.name = 'Clients {number}')
    + (SELECT COUNT(*) FROM portfolios_clientdeclaration d JOIN portfolios_client c ON c.id = d.client_id
        JOIN portfolios_portfolio p ON p.id = c.portfolio_id AND p.name = 'Droits {number}')
    + (SELECT COUNT(*) FROM portfolios_clienthabilitation h JOIN portfolios_clientdeclaration d ON d.id = h.given_id
        JOIN portfolios_client c ON c.id = d.client_id
        JOIN portfolios_portfolio p ON p.id = c.portfolio_id AND p.name = 'Droits {number}')"""
AGAIN = f"""SELECT COUNT(*) FROM portfolios_bulkline l WHERE l.result = 'unchanged'
    AND l.request_id IN (SELECT r.id FROM {_BULK})"""


@contextmanager
def ordeal(size: Size) -> Iterator[Ordeal]:
    """An installation and servers that are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-chaos-"))
    # PostgreSQL runs as somebody else, who has to walk through.
    folder.chmod(0o711)
    postgres, broker = Postgres(folder), Redis(folder)
    environment = {
        "ATELIER_ENV": "local",
        "DATABASE_URL": postgres.url,
        "REDIS_URL": broker.url,
        "EMAIL_URL": f"filemail:///{folder / 'mails'}",
        "IMPORT_BATCH_LINES": str(size.rates // 100),
        "TMPDIR": str(folder / "tmp"),
    }
    try:
        with portal(folder, **environment) as installation:
            yield Ordeal(installation, postgres, broker, size)
    finally:
        broker.stop()
        postgres.stop()
        shutil.rmtree(folder)


def broken(row: Row) -> list[str]:
    """Return the promises that a fault broke (docs/trust.md)."""
    found = [f"{row.fault}: {told}" for told in row.failed]
    if row.lost:
        found.append(f"{row.fault}: {row.lost} lost")
    if row.doubled > row.cuts:
        found.append(f"{row.fault}: {row.doubled} doubled, {row.cuts} kills")
    if row.orphans > row.cuts:
        found.append(f"{row.fault}: {row.orphans} orphan files, {row.cuts} kills")
    if row.seconds > 120:
        found.append(f"{row.fault}: done {row.seconds:.0f} s after the recovery")
    return found


def main() -> None:
    """Go through the long form, print its table, and say by the status whether a promise was broken."""
    if not PRESENT:
        sys.exit("Il faut les programmes de PostgreSQL (initdb, pg_ctl) et redis-server sur cette machine.")
    rows = []
    with ordeal(LONG) as whole:
        whole.begin()
        for row in whole.play():
            print(" ".join(row.cells()), flush=True)
            rows.append(row)
    print(table(rows))
    sys.exit("\n".join(told for row in rows for told in broken(row)) or None)


if __name__ == "__main__":
    main()
