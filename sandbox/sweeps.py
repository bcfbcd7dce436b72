"""What falls due while the clock is moved: the portal's own periodic jobs, in a fixed order."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.module_loading import import_string

# Deposited files and ordered campaigns wait for no date: they are done with before the clock moves, each in its own
# transactions, however long they take.
FILES = (
    "accounts.tasks.process_register_files",
    "notifications.tasks.process_campaigns",
    "portfolios.tasks.process_bulk_requests",
    "notifications.tasks.make_archives",
)
# Who never validated his address goes first; then candidates expire before any reminder is written; then accesses
# close, and people are told what the law dates. A job of the schedule that is not named here runs after these, in the
# order of the schedule; the post leaves last, with the letters of the day.
ORDER = (
    "accounts.tasks.purge_registrations",
    "habilitations.tasks.expire_cooptations",
    "habilitations.tasks.remind_cooptations",
    "portfolios.tasks.check_dsn_access",
    "notifications.tasks.tell_legal_dates",
)
POST = "sandbox.tasks.collect_post"
# Mails leave in real time, and not in a transaction that may be undone; they and the traces of log-ins are deleted in
# real time too; the clock does not move itself; copies are loaded for the day that it is.
APART = {
    *FILES,
    "accounts.tasks.send_mails",
    "accounts.tasks.purge_personal_data",
    "sandbox.tasks.move_clock",
    "sandbox.tasks.load_copies",
}
# A job that never says it is done would hold the clock for ever.
MOST_ROUNDS = 1000


def due_jobs() -> list[str]:
    """Return the dotted paths of the jobs of settings.CELERY_BEAT_SCHEDULE that a simulated day runs, in order."""
    scheduled = [str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    known = {*ORDER, POST, *APART}
    middle = [name for name in scheduled if name not in known]
    return [name for name in (*ORDER, *middle, POST) if name in scheduled]


def run_jobs(names: Iterable[str]) -> None:
    """Run each job until it has nothing left to do, at the time that the portal's clock says."""
    for name in names:
        job = import_string(name).run
        for _round in range(MOST_ROUNDS):
            if not job():
                break
        else:
            raise RuntimeError(f"{name} never ends")
