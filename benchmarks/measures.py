"""What is measured in one database, run as a process of its own: `python -m benchmarks.measures WHAT SIZE FOLDER`.

Prints one JSON object. Times are the best of some runs where a run changes nothing; the others run once.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files import File  # noqa: E402
from django.core.signals import request_finished, request_started  # noqa: E402
from django.db import close_old_connections, connection, transaction  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.actions.imports import read_next_file, work_once  # noqa: E402
from accounts.models import Enterprise, Establishment, User  # noqa: E402
from benchmarks.world import FIRM, best, person_of, prepare, seconds  # noqa: E402
from notifications.access import notification_scope  # noqa: E402
from notifications.actions import campaign as campaigns  # noqa: E402
from notifications.models import Campaign, Notification, RateDecision, Receipt  # noqa: E402
from portal import clock  # noqa: E402
from portal.wsgi import application  # noqa: E402

Figures = dict[str, Any]
# A request would close the connection of what is measured in a transaction.
for signal in (request_started, request_finished):
    signal.disconnect(close_old_connections)


def copied(path: Path) -> float:
    """Return how long PostgreSQL takes to copy a file of rates into a bare table: the limit."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute("CREATE TABLE bare (siret text, code text, rate text, effective_on text, mode text)")

        def copy() -> None:
            cursor.execute("TRUNCATE bare")
            with path.open() as file:
                cursor.copy_expert("COPY bare FROM STDIN (FORMAT csv, HEADER, DELIMITER ';')", file)

        took = best(copy, 3)
        cursor.execute("DROP TABLE bare")
    return took


def read_campaign(path: Path, name: str = "Mesure") -> Campaign:
    """Receive, read and check a file of rates."""
    on = clock.now()
    with path.open("rb") as content:
        campaign = campaigns.create_campaign(name=name, content=File(content, name="taux.csv"), by=None, on=on)
    read_next_file(importer=campaigns.RATES, on=on, only=campaign.import_file)
    campaign.refresh_from_db()
    return campaign


def published(campaign: Campaign) -> None:
    """Publish a campaign, batch after batch."""
    campaigns.publish_campaign(campaign=campaign, by=None, on=clock.now())
    while work_once(importer=campaigns.RATES, on=clock.now(), only=campaign.import_file):
        pass
    campaign.refresh_from_db()


def whole(size: int, folder: Path) -> Figures:
    """A campaign from the file to the paper list, against COPY; then the same file again."""
    prepare(size, folder)
    path = folder / "taux.csv"
    limit = copied(path)
    kept: list[Campaign] = []
    reading = seconds(lambda: kept.append(read_campaign(path)))
    publishing = seconds(lambda: published(kept[0]))
    campaign = kept[0]
    listed = seconds(lambda: list(RateDecision.objects.filter(campaign=campaign, channel="paper").values_list("pk")))
    again = seconds(lambda: kept.append(read_campaign(path, "Encore")))
    return {
        "lines": campaign.import_file.lines,
        "copy": limit,
        "read": reading,
        "publish": publishing,
        "paper": listed,
        "again": again,
        "again_written": kept[1].import_file.good - kept[1].import_file.unchanged,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


def one_by_one(size: int, _folder: Path) -> Figures:
    """Decisions validated each, then written by `bulk_create`: what the same work costs through the ORM. Undone."""
    lines = min(size, 5_000)
    places = list(Establishment.objects.select_related("enterprise")[:lines])
    campaign = Campaign.objects.latest("id")

    def write() -> None:
        rows = [
            RateDecision(
                campaign=campaign,
                line=10_000_000 + number,
                establishment=place,
                enterprise=place.enterprise,
                code_risque="45.2BE",
                mode="collective",
                rate="2.34",
                effective_on=dt.date(2030, 1, 1),
                version=1,
                channel="electronic",
                decided_on=clock.today(),
                addressee=place.enterprise.name,
            )
            for number, place in enumerate(places)
        ]  # fmt: skip
        for row in rows:
            row.full_clean()
        RateDecision.objects.bulk_create(rows, batch_size=5_000)
        notifications = [
            Notification(
                decision=row, establishment=row.establishment, enterprise=row.enterprise, campaign=campaign,
                published_at=clock.now(),
            )
            for row in rows
        ]  # fmt: skip
        for one in notifications:
            one.full_clean()
        Notification.objects.bulk_create(notifications, batch_size=5_000)

    with transaction.atomic():
        took = seconds(write)
        transaction.set_rollback(True)
    return {"lines": lines, "seconds": took}


def big_and_small() -> tuple[User, User]:
    """Return the administrator of the enterprise with most establishments, and of one with a single one."""
    counted = Enterprise.objects.annotate(places=Count("establishments"))
    big = counted.order_by("-places").first()
    small = Enterprise.objects.filter(
        pk__in=Notification.objects.order_by("id").values("enterprise")[:500]
    ).annotate(places=Count("establishments")).filter(places=1).first()  # fmt: skip
    assert big is not None  # noqa: S101 - the world has both
    assert small is not None  # noqa: S101 - the same
    return person_of(big.pk), person_of(small.pk)


class Visitor:
    """Somebody logged in, whose requests go straight to the WSGI application."""

    def __init__(self, user: User) -> None:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        self.cookie = f"sessionid={client.cookies['sessionid'].value}"

    def get(self, path: str) -> bytes:
        """Return the body of a page. Raises RuntimeError unless it is found."""
        address, _mark, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": query, "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000", "HTTP_HOST": "localhost", "HTTP_COOKIE": self.cookie, "REMOTE_ADDR": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
        }  # fmt: skip
        told: list[str] = []
        answer = application(environ, lambda status, *_more: told.append(status))  # type: ignore[arg-type,misc]
        body = b"".join(answer)
        answer.close()  # type: ignore[attr-defined]
        if not told[0].startswith("200"):
            raise RuntimeError(f"{path}: {told[0]}")
        return body


def queries(visitor: Visitor, path: str) -> int:
    """Return the number of queries of a page."""
    with CaptureQueriesContext(connection) as captured:
        visitor.get(path)
    return len(captured)


def calls(work: Callable[[], Any]) -> int:
    """Return the number of Python functions that a run enters."""
    count = 0

    def profile(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    work()
    sys.setprofile(profile)
    work()
    sys.setprofile(None)
    return count


def hundredth(visitor: Visitor) -> str:
    """Return the address of the hundredth page of notifications, or of the last."""
    path = "/notifications/"
    for _page in range(99):
        text = visitor.get(path).decode()
        found = text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        if 'rel="next"' not in text:
            break
        path = "/notifications/" + found.replace("&amp;", "&")
    return path


def pages(_size: int, _folder: Path) -> Figures:
    """Badge, lists, menu: somebody with many establishments against somebody with one, and against a bare page."""
    settings.ROOT_URLCONF = "benchmarks.urls"
    with connection.cursor() as cursor:
        # What autovacuum does between a campaign and its readers, where it is on.
        cursor.execute("VACUUM ANALYZE")
    big, small = big_and_small()
    now = clock.now()
    many, one = Visitor(big), Visitor(small)
    far = hundredth(many)
    figures: Figures = {
        "places": Establishment.objects.filter(enterprise=big.establishment.enterprise_id).count(),  # type: ignore[union-attr]
        "badge_big": best(lambda: notification_scope(big, now).unread(), 20),
        "badge_small": best(lambda: notification_scope(small, now).unread(), 20),
        "list_big": best(lambda: many.get("/notifications/"), 10),
        "list_small": best(lambda: one.get("/notifications/"), 10),
        "list_far": best(lambda: many.get(far), 10),
        "bare": best(lambda: many.get("/nue/"), 50),
        "menu": best(lambda: many.get("/menu/"), 20),
        "menu_small": best(lambda: one.get("/menu/"), 20),
        "menu_calls": calls(lambda: many.get("/menu/")),
        "menu_queries": [queries(one, "/menu/"), queries(many, "/menu/")],
        "list_queries": [queries(one, "/notifications/"), queries(many, "/notifications/")],
        "rates_queries": [queries(one, "/notifications/taux/"), queries(many, "/notifications/taux/")],
    }
    return figures | archived(big, small, many)


def archived(big: User, small: User, many: Visitor) -> Figures:
    """The badge and the list of somebody who archived all but three. Undone."""
    now = clock.now()
    with transaction.atomic():
        mine = notification_scope(big, now).notifications().order_by("-id").values_list("pk", flat=True)[3:]
        Receipt.objects.bulk_create(
            (Receipt(user=big, notification_id=pk, archived_at=now) for pk in mine), batch_size=5_000
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE notifications_receipt")
        figures = {
            "archived_badge": best(lambda: notification_scope(big, now).unread(), 10),
            "archived_list": best(lambda: many.get("/notifications/"), 5),
            "archived_small": best(lambda: notification_scope(small, now).unread(), 10),
        }
        transaction.set_rollback(True)
    return figures


def firm(_size: int, _folder: Path) -> Figures:
    """A firm with FIRM clients: the access of all of them in one query, and their first page."""
    from habilitations.models import ATMP, Declaration
    from portfolios.access import visible_clients
    from portfolios.models import Client as FirmClient
    from portfolios.models import ClientDeclaration, DsnDeposit, DsnFiling, Portfolio, PortfolioDeclaration
    from portfolios.rules.window import first_day

    settings.ROOT_URLCONF = "benchmarks.urls"
    own, now = Enterprise.objects.order_by("-siren").first(), clock.now()
    assert own is not None  # noqa: S101 - the world has enterprises
    user = person_of(own.pk)
    portfolio = Portfolio.objects.create(enterprise=own, name=f"Mesure {now:%H%M%S}", created_at=now)
    long_ago = now - dt.timedelta(days=400)
    held = PortfolioDeclaration.objects.create(
        portfolio=portfolio, declaration=Declaration.objects.get(code=ATMP), added_at=long_ago
    )
    # Head offices: a firm has one client an enterprise, or nearly.
    places = Establishment.objects.filter(is_head_office=True).exclude(enterprise=own).order_by("-id")[:FIRM]
    clients = FirmClient.objects.bulk_create(
        FirmClient(portfolio=portfolio, establishment=place, added_at=long_ago) for place in places
    )
    ClientDeclaration.objects.bulk_create(
        ClientDeclaration(client=client, held=held, added_at=long_ago, opens_at=long_ago) for client in clients
    )
    deposit = DsnDeposit.objects.create(depositor=own, deposited_at=now, name="x", sha256="x", size=1, outcome="OK")
    DsnFiling.objects.bulk_create(
        DsnFiling(
            deposit=deposit, depositor=own, establishment_id=client.establishment_id, line=number, nature="01",
            type="01", fraction="11", month=clock.today().replace(day=1), filed_on=clock.today(),
        )
        for number, client in enumerate(clients)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    first = first_day(clock.today())
    visitor = Visitor(user)

    def opened() -> int:
        # Which they are: sorting them by portfolio and SIRET is the list's, and costs as much again.
        return len(list(visible_clients(user).seen_by(user).open(now, first).order_by().values_list("pk", flat=True)))

    with CaptureQueriesContext(connection) as captured:
        assert opened() == len(clients)  # noqa: S101 - a refusal would be quick
    return {
        "clients": len(clients),
        "access": best(opened, 5),
        "access_queries": len(captured),
        "one_row": best(lambda: FirmClient.objects.filter(pk=clients[0].pk).values_list("pk").first(), 20),
        "list": best(lambda: visitor.get("/notifications/clients/"), 10),
        "bare": best(lambda: visitor.get("/nue/"), 50),
        "list_queries": queries(visitor, "/notifications/clients/"),
    }


def watch(_size: int, folder: Path) -> Figures:
    """Ask for the menu again and again until a file « stop » appears, and return the times."""
    settings.ROOT_URLCONF = "benchmarks.urls"
    visitor = Visitor(big_and_small()[1])
    times = []
    (folder / "ready").touch()
    while not (folder / "stop").exists():
        start = time.perf_counter()
        visitor.get("/menu/")
        times.append(time.perf_counter() - start)
        time.sleep(0.01)
    times.sort()
    return {"requests": len(times), "p95": times[int(len(times) * 0.95)], "median": times[len(times) // 2]}


def second(size: int, folder: Path) -> Figures:
    """Read one more campaign of half of the establishments, ordered but left for workers to publish."""
    path, other = folder / "taux.csv", folder / "taux-2.csv"
    year, month = clock.today().year, os.environ["BENCH_MONTH"]
    with path.open() as lines, other.open("w") as kept:
        for line in islice(lines, max(size // 2, 1_000) + 1):
            kept.write(line.replace(f"01/01/{year}", f"01/{month:0>2}/{year}"))
    campaign = read_campaign(other, f"De plus, {month}")
    campaigns.publish_campaign(campaign=campaign, by=None, on=clock.now())
    return {"lines": campaign.import_file.lines}


def archive(size: int, _folder: Path) -> Figures:
    """The ZIP of that many documents, and the memory it takes."""
    from notifications.actions import archive as archives
    from notifications.models import DocumentArchive

    user = big_and_small()[0]
    ids = list(notification_scope(user, clock.now()).notifications().values_list("pk", flat=True)[:size])
    DocumentArchive.objects.create(
        enterprise=user.establishment.enterprise, user=user, year=2026, notifications=ids,  # type: ignore[union-attr]
        total=len(ids), created_at=clock.now(),
    )  # fmt: skip

    def make() -> None:
        while archives.make_next_batch(on=clock.now()):
            pass

    took = seconds(make)
    return {"documents": len(ids), "seconds": took, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


if __name__ == "__main__":
    name, size, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    print(json.dumps(globals()[name](size, folder)))
