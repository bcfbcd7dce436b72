"""Tells a firm's administrators what opened, what closed and what will close, once each (G0.5)."""

import datetime as dt

from django.db import transaction
from django.db.models import Max

from accounts.actions.journal import record
from accounts.models import Enterprise, Establishment, User
from portal import clock
from portal.kit import french
from portal.kit.bulk import skip_locked
from portfolios import emails
from portfolios.emails import News
from portfolios.models import Client, DsnCheck, DsnDeposit, DsnFiling, DsnWindow
from portfolios.rules.window import WARNING_DAYS, last_day


@transaction.atomic
def check_next_firm(*, on: dt.datetime) -> bool:
    """Look at the clients of one firm that is due, and tell its administrators. Return False when none is due."""
    day = clock.day(on)
    unknown = Client.objects.exclude(portfolio__enterprise__in=DsnCheck.objects.values("pk"))
    firms = unknown.values_list("portfolio__enterprise", flat=True).distinct()
    DsnCheck.objects.bulk_create([DsnCheck(enterprise_id=siren) for siren in firms], ignore_conflicts=True)
    check = skip_locked(DsnCheck.objects.due(day)).first()
    if check is None:
        return False
    last = DsnDeposit.objects.filter(depositor=check.pk).aggregate(last=Max("pk"))["last"]
    DsnCheck.objects.filter(pk=check.pk).update(checked_on=day, last_deposit=last or 0)
    firm = Enterprise.objects.get(pk=check.pk)
    if news := _look(firm, day):
        for administrator in User.objects.administrators_of(firm):
            emails.tell_windows(administrator, news)
        opened = french.plural(len(news.opened), "client ouvert", "clients ouverts")
        closing = french.plural(len(news.closing), "bientôt fermé", "bientôt fermés")
        told = f"Accès par DSN : {opened}, {french.plural(len(news.closed), 'fermé')}, {closing}."
        record(by=None, on=on, verb="dsn.window", summary=told, enterprise=firm)
    return True


def _look(firm: Enterprise, day: dt.date) -> News:
    """Compare each client's last DSN with what was told, and write down what is told now."""
    news = News()
    clients = Client.objects.filter(portfolio__enterprise=firm).values("establishment")
    places = Establishment.objects.filter(pk__in=clients).select_related("enterprise").in_bulk()
    filings = DsnFiling.objects.filter(depositor=firm, establishment__in=places, counts=True)
    filed = dict(filings.values_list("establishment").annotate(last=Max("filed_on")))
    windows = {window.establishment_id: window for window in DsnWindow.objects.filter(depositor=firm)}
    changed, made = [], []
    for pk, place in places.items():
        until = last_day(filed[pk]) if pk in filed else None
        window = windows.get(pk)
        if window is None and until and until >= day:
            window = DsnWindow(depositor=firm, establishment=place, until=until)
            made.append(window)
            news.opened.append((place, until))
        if window is not None and _follow(window, place, until, day, news):
            changed.append(window)
    DsnWindow.objects.bulk_create(made, batch_size=1000)
    fields = ["until", "warned_on", "closed_on"]
    DsnWindow.objects.bulk_update([one for one in changed if one not in made], fields, batch_size=500)
    return news


def _follow(window: DsnWindow, place: Establishment, until: dt.date | None, day: dt.date, news: News) -> bool:
    """Bring what was told up to date; return whether it changed. until: None when nothing counts any more."""
    before = (window.until, window.warned_on, window.closed_on)
    if until and until != window.until:
        if window.closed_on and until >= day:
            news.opened.append((place, until))
            window.closed_on = None
        window.until, window.warned_on = until, None
    if window.closed_on is None and (until is None or until < day):
        window.closed_on = day
        news.closed.append((place, window.until))
    elif window.closed_on is None and not window.warned_on and (window.until - day).days <= WARNING_DAYS:
        window.warned_on = day
        news.closing.append((place, window.until))
    return before != (window.until, window.warned_on, window.closed_on)
