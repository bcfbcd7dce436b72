"""« Ce qui s'est passé » while the clock moved: read from the portal's own tables, nothing is kept apart."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.urls import reverse

from accounts.models import JournalEntry, Mail
from habilitations.models import Cooptation, EstablishmentDeclaration
from notifications.models import Consultation, Notification
from notifications.rules import legal_state
from notifications.rules.legal import FREE_DAYS
from portal import clock
from portal.kit import french
from portfolios.models import ClientDeclaration, DsnWindow
from sandbox.models import Advance, Letter
from sandbox.scope import EVERYBODY, Scope

# A jump over years in a large register: the page names the first ones and counts the rest.
MOST_NAMED = 50
# Journal entries that a group of their own tells already.
_TOLD = ("cooptation.expire", "registration.expire", "dsn.window", "key.printed", "key.posted")

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Event:
    """One thing that happened: when, as it is shown, in words, and the page that shows its effect.

    siren: of the enterprise whose people see that page; empty when anybody here does.
    """

    when: str
    text: str
    url: str
    siren: str = ""


@dataclass(frozen=True)
class Group:
    """Things of one kind, oldest first; count: all of them, of which events names the first."""

    title: str
    icon: str
    count: int
    events: list[Event]


def what_happened(advance: Advance, scope: Scope = EVERYBODY) -> list[Group]:
    """Return what fell due between the start of a move and its arrival, in the order of the page; empty groups out.

    scope: whose.
    """
    since, until = advance.from_at, advance.landed_at or advance.reached_at
    span, days = (since, until), (clock.day(since) + dt.timedelta(days=1), clock.day(until))
    groups = [
        _expired(span, scope),
        _forgotten(span, scope),
        _opened(span, scope),
        _opened_for_clients(span, scope),
        _deemed(until, days, scope),
        _windows("Accès par DSN fermés", "closed_on", days, _closed_text, scope),
        _windows("Fermetures par DSN annoncées", "warned_on", days, _warned_text, scope),
        _letters(since, until, days, scope),
        _mails(span, scope),
        _others(span, scope),
    ]
    return [group for group in groups if group.count]


Span = tuple[dt.datetime, dt.datetime]
Days = tuple[dt.date, dt.date]


def _group(title: str, icon: str, rows: QuerySet[M], told: Callable[[M], Event]) -> Group:
    named = list(rows[: MOST_NAMED + 1])
    count = len(named) if len(named) <= MOST_NAMED else rows.count()
    return Group(title, icon, count, [told(row) for row in named[:MOST_NAMED]])


def _within(name: str, span: Span) -> dict[str, Any]:
    """After the start, where everything due had been done, to the arrival included."""
    return {f"{name}__gt": span[0], f"{name}__lte": span[1]}


def _expired(span: Span, scope: Scope) -> Group:
    rows = Cooptation.objects.filter(status=Cooptation.Status.EXPIRED, **_within("decided_at", span))
    rows = scope.keep(rows, "enterprise").select_related("establishment__enterprise").order_by("decided_at", "id")
    return _group("Candidats expirés", "user", rows, _expired_event)


def _expired_event(row: Cooptation) -> Event:
    assert row.decided_at is not None  # noqa: S101 - an expired one has its instant
    text = f"Le candidat {row.pseudonym[:8]} est effacé : {_place(row.establishment)}"
    return Event(french.moment(row.decided_at), text, reverse("accounts:journal_list"), row.enterprise_id)


def _forgotten(span: Span, scope: Scope) -> Group:
    rows = JournalEntry.objects.filter(verb="registration.expire", **_within("at", span)).order_by("id")
    rows = scope.keep(rows, "enterprise")
    return _group("Inscriptions jamais validées, effacées", "trash", rows, _entry_event)


def _opened(span: Span, scope: Scope) -> Group:
    rows = EstablishmentDeclaration.objects.filter(**_within("opens_at", span)).order_by("opens_at", "id")
    rows = scope.keep(rows, "establishment__enterprise")
    return _group(
        "Accès ouverts",
        "key",
        rows.select_related("declaration", "establishment__enterprise"),
        lambda row: Event(
            french.moment(row.opens_at),
            f"« {row.declaration} » est utilisable : {_place(row.establishment)}",
            reverse("portal:dashboard"),
            row.establishment.enterprise_id,
        ),
    )


def _opened_for_clients(span: Span, scope: Scope) -> Group:
    rows = ClientDeclaration.objects.filter(**_within("opens_at", span)).order_by("opens_at", "id")
    rows = scope.keep(rows, "client__portfolio__enterprise")
    return _group(
        "Accès ouverts aux tiers déclarants",
        "key",
        rows.select_related("held__declaration", "client__establishment__enterprise", "client__portfolio__enterprise"),
        lambda row: Event(
            french.moment(row.opens_at),
            f"{row.client.portfolio.enterprise} peut utiliser « {row.held.declaration} » "
            f"pour {_place(row.client.establishment)}",
            reverse("notifications:client_rate_list"),
            row.client.portfolio.enterprise_id,
        ),
    )


def _deemed(until: dt.datetime, days: Days, scope: Scope) -> Group:
    """Tell what nobody entitled consulted in time (domain.md, section 3): deemed on the day after its last free one."""
    first, last = (day - dt.timedelta(days=FREE_DAYS + 1) for day in days)
    consulted = Consultation.objects.filter(notification=OuterRef("pk"), entitled=True, at__lte=until)
    rows = Notification.objects.published_from(first, last).exclude(Exists(consulted)).order_by("published_at", "id")

    def event(row: Notification) -> Event:
        available = clock.day(row.published_at)
        # As it stood on arrival: who consulted it since has no part in it.
        state = legal_state(available, None, clock.day(until), settings.NOTIFICATION_POLICY)
        page = reverse("notifications:notification_detail", args=[row.pk])
        when = f"dernier jour pour la consulter : {french.day(state.last_free_day)}"
        return Event(when, f"{_place(row.establishment)}. {state.sentence}", page, row.enterprise_id)

    rows = scope.keep(rows, "enterprise").select_related("establishment__enterprise")
    return _group("Notifications réputées notifiées", "bell", rows, event)


def _windows(
    title: str, name: str, days: Days, told: Callable[[DsnWindow], tuple[dt.date | None, str]], scope: Scope
) -> Group:
    rows = scope.keep(DsnWindow.objects.filter(**{f"{name}__range": days}).order_by(name, "id"), "depositor")

    def event(row: DsnWindow) -> Event:
        day, text = told(row)
        assert day is not None  # noqa: S101 - the filter asked for it
        return Event(french.day(day), text, reverse("notifications:client_rate_list"), row.depositor_id)

    return _group(title, "clock", rows.select_related("depositor", "establishment__enterprise"), event)


def _closed_text(row: DsnWindow) -> tuple[dt.date | None, str]:
    return row.closed_on, f"{row.depositor} ne voit plus {_place(row.establishment)}, faute de DSN depuis trois mois"


def _warned_text(row: DsnWindow) -> tuple[dt.date | None, str]:
    return row.warned_on, f"{row.depositor} voit {_place(row.establishment)} jusqu'au {french.day(row.until)}"


def _letters(since: dt.datetime, until: dt.datetime, days: Days, scope: Scope) -> Group:
    letters = scope.keep(Letter.objects.with_siren(), "siren")
    left = letters.filter(posted_at__gt=since, posted_at__lte=until)
    came = letters.filter(arrives_on__range=days)
    return _group(
        "Lettres postées ou arrivées",
        "mail",
        (left | came).order_by("posted_at", "id"),
        lambda row: Event(
            f"postée le {french.day(clock.day(row.posted_at))}" if row.posted_at else "",
            f"{row.title} pour {row.addressee} : "
            + ("dans la boîte aux lettres" if row.is_there(clock.day(until)) else "en route"),
            reverse("sandbox:letter_detail", args=[row.pk]),
        ),
    )


def _mails(span: Span, scope: Scope) -> Group:
    rows = scope.keep(Mail.objects.filter(**_within("created_at", span)), "siren").order_by("created_at", "id")
    return _group(
        "Courriels envoyés",
        "mail",
        rows.defer("text", "html"),
        lambda row: Event(
            french.moment(row.created_at),
            f"{row.subject} – {row.recipient}",
            reverse("sandbox:mail_detail", args=[row.pk]),
        ),
    )


def _others(span: Span, scope: Scope) -> Group:
    rows = JournalEntry.objects.filter(actor=None, actor_name="Portail", **_within("at", span))
    rows = scope.keep(rows, "enterprise")
    return _group("Autres travaux du portail", "list", rows.exclude(verb__in=_TOLD).order_by("id"), _entry_event)


def _entry_event(row: JournalEntry) -> Event:
    return Event(french.moment(row.at), row.summary, reverse("accounts:journal_list"), row.enterprise_id or "")


def _place(establishment: Any) -> str:
    return f"{establishment.enterprise.name} (SIRET {french.siret(establishment.siret)})"
