"""The whole portal in one process: web server threads, and the periodic jobs in one more thread."""

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

from celery.beat import Scheduler, Service
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from waitress.server import create_server

from portal.celery import app

THREADS = 8
# Pressing Ctrl-C ends everything within this time: a batch cut short is taken again at the next start.
STOP_SECONDS = 0.5


def serve(host: str, port: int, *, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM, then stop every thread.

    With a broker configured the jobs run in real workers, and none here. ready is called once the port is bound.
    Raises OSError when it cannot be.
    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(get_wsgi_application(), host=host, port=port, threads=THREADS, ident=None)
    jobs = None if settings.REDIS_URL else _Jobs()
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    if jobs:
        jobs.start()
    ready()
    server.run()
    server.close()
    if jobs:
        jobs.service.stop()
        jobs.join(STOP_SECONDS)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


class _Jobs(threading.Thread):
    """Celery's beat, which runs each job itself, since there is no broker."""

    def __init__(self) -> None:
        super().__init__(name="jobs", daemon=True)
        # The scheduler in memory: celery's default keeps a file. It must wake often to see that it has to stop.
        self.service = Service(app, scheduler_cls=Scheduler, max_interval=0.2)

    def run(self) -> None:
        """Run every job once, then on schedule."""
        # Without its task modules beat would send names to nobody.
        app.loader.import_default_modules()
        for entry in settings.CELERY_BEAT_SCHEDULE.values():
            app.tasks[entry["task"]].apply()
        self.service.start()
