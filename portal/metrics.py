"""What Prometheus reads: the periodic jobs and the outbox, from the database; log-ins and refusals, as counted."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from accounts.models import Mail, Sweep
from portal import clock
from portal.kit.metrics import counted


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer whoever shows settings.METRICS_TOKEN; without one there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(_Database())
    text = generate_latest(registry) + generate_latest(counted())
    return HttpResponse(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Database(Collector):
    """Read afresh each time, so that every process says the same."""

    def collect(self) -> Iterator[Metric]:
        """Yield the state of the jobs, then of the outbox."""
        yield from _sweeps()
        yield from _outbox()


def _sweeps() -> Iterator[Metric]:
    now = clock.real_now()
    age = GaugeMetricFamily("atelier_sweep_age_seconds", "Since a periodic job last ended.", labels=["job"])
    lasted = GaugeMetricFamily("atelier_sweep_duration_seconds", "How long that took.", labels=["job"])
    done = CounterMetricFamily("atelier_sweep_processed", "Steps in which it had something to do.", labels=["job"])
    for sweep in Sweep.objects.order_by("name"):
        age.add_metric([sweep.name], (now - sweep.ended_at).total_seconds())
        lasted.add_metric([sweep.name], sweep.seconds)
        done.add_metric([sweep.name], sweep.processed)
    yield from (age, lasted, done)


def _outbox() -> Iterator[Metric]:
    now = clock.real_now()
    waiting = Mail.objects.filter(sent_at=None, next_try_at__isnull=False).aggregate(
        count=Count("pk"), oldest=Min("next_try_at")
    )
    late = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0
    yield GaugeMetricFamily("atelier_outbox_waiting", "Mails that wait to be sent.", value=waiting["count"])
    yield GaugeMetricFamily(
        "atelier_outbox_oldest_seconds",
        "Since the mail that waits longest was due; 0 when none is.",
        value=max(late, 0),
    )
    given_up = Mail.objects.filter(sent_at=None, next_try_at=None).count()
    yield GaugeMetricFamily("atelier_outbox_given_up", "Mails that no server took.", value=given_up)
