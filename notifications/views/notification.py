"""« Vos notifications »: the list, one notification, its document, and what a person does with it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import person
from accounts.emails import portal_link
from accounts.models import Establishment, User
from notifications.access import document_access, notification_access, notification_scope
from notifications.actions import receipts
from notifications.documents import legal_events, sealed_decision_pdf
from notifications.forms import DEFAULT_SORT, SORTS, NotificationFilters
from notifications.models import CollectiveRate, Notification, RateDecision
from notifications.models.tariff import naming
from notifications.models.timeline import timeline
from notifications.rules import legal_state, step_chart
from notifications.rules.explanation import compared
from portal import clock
from portal.kit import french
from portal.kit.decision import refused
from portal.kit.ics import ics_response
from portal.kit.paging import page, sort_links, with_params
from portfolios.access import visible_clients

OPEN_ROW = "ouvrir"
# Consultations shown on a page, the latest ones.
MOST_CONSULTATIONS = 20
COLUMNS = {"publication": "Mise à disposition", "siret": "Établissement", "taux": "Taux", "effet": "Date d'effet"}


@require_GET
def notification_list(request: HttpRequest) -> HttpResponse:
    """Show the table of notifications, one row of it opened on its actions (G5.4, G5.5)."""
    user = person(request)
    scope = notification_scope(user, clock.now())
    if not scope.decision.allowed:
        return refused(request, scope.decision)
    form = NotificationFilters(request.GET)
    sort = request.GET.get("tri", DEFAULT_SORT)
    sort = sort if sort in SORTS else DEFAULT_SORT
    params = request.GET.copy()
    opened = params.pop(OPEN_ROW, [""])[-1]
    found = form.keep(scope.notifications(), user).seen_by(user).with_consultation().with_replaced()
    shown = page(found.select_related("decision", "establishment"), order=SORTS[sort], params=params)
    today = clock.today()
    for row in shown.items:
        row.legal = row.legal_on(today, settings.NOTIFICATION_POLICY)
    return render(
        request,
        "notifications/notification_list.html",
        {
            "crumbs": _crumbs(),
            "form": form,
            "filtered": any(request.GET.get(name) for name in form.fields),
            "page": shown,
            "heads": sort_links(COLUMNS, current=sort, params=params),
            "sort": sort,
            "opened": next((row.pk for row in shown.items if str(row.pk) == opened), None),
            "here": f"{request.path}{with_params(params, {})}".rstrip("?"),
            "row_url": with_params(params, {OPEN_ROW: ""}),
        },
    )


@require_GET
def notification_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a notification once opened; before that its cover: reading is an act, and a GET is none (G5.5)."""
    user = person(request)
    notification = _notification(user, pk)
    access = notification_access(user, notification, clock.now())
    if not access.allowed:
        return refused(request, access)
    context: dict[str, Any] = {
        "crumbs": _crumbs((f"Notification du {french.day(clock.day(notification.published_at))}", "")),
        "notification": notification,
        "decision": notification.decision,
        **_legal(notification),
    }
    if notification.read_at:
        context |= _rate(notification.decision, notification.establishment)
    return render(request, "notifications/notification_detail.html", context)


@require_http_methods(["GET", "POST"])
def notification_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over the official document (G0.2), and log who took it: a POST, for a GET leads to the page.

    A notification never opened shows its cover first.
    """
    user = person(request)
    notification = _notification(user, pk)
    access = document_access(user, notification, clock.now())
    if not access.allowed:
        return refused(request, access)
    if not notification.read_at:
        messages.info(request, "Ouvrez la notification : vous pourrez ensuite télécharger son document.")
        return redirect("notifications:notification_detail", pk)
    if request.method == "GET":
        return redirect("notifications:notification_detail", pk)
    receipts.take_document(notification=notification, by=user, on=clock.now())
    return HttpResponse(
        sealed_decision_pdf(notification.decision),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="notification-{notification.decision.number}.pdf"',
            "Cache-Control": "no-store",
        },
    )


@require_GET
def notification_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over the legal dates as a calendar file; opened or not, for it tells no rate."""
    notification = _notification(person(request), pk)
    access = notification_access(person(request), notification, clock.now())
    if not access.allowed:
        return refused(request, access)
    legal = notification.legal_on(clock.today(), settings.NOTIFICATION_POLICY)
    events = legal_events(notification, legal, portal_link("notifications:notification_detail", str(pk)))
    return ics_response(f"dates-notification-{pk}.ics", events, made_at=clock.now())


@require_POST
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as read and show (G5.5)."""
    detail = reverse("notifications:notification_detail", args=[pk])
    return _act(request, pk, receipts.open_notification, then=detail)


@require_POST
def notification_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Archive, to be read later (G5.6)."""
    return _act(request, pk, receipts.archive, "Notification archivée.", undo="notification_unarchive")


@require_POST
def notification_unarchive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take out of the archive."""
    return _act(request, pk, receipts.unarchive, "Notification désarchivée.", undo="notification_archive")


@require_POST
def notification_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete from this person's list (G5.6)."""
    return _act(request, pk, receipts.delete, "Notification supprimée.", undo="notification_restore")


@require_POST
def notification_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a deletion."""
    return _act(request, pk, receipts.restore, "Notification rétablie.")


def _act(
    request: HttpRequest, pk: int, action: receipts.Action, message: str = "", *, undo: str = "", then: str = ""
) -> HttpResponse:
    """Do one thing with a notification, say so with a button to undo it, and go back where the person was."""
    user, at = person(request), clock.now()
    notification = _notification(user, pk)
    access = notification_access(user, notification, at)
    if not access.allowed:
        return refused(request, access)
    action(notification=notification, by=user, on=at)
    if message:
        tags = f"undo:{reverse(f'notifications:{undo}', args=[pk])}" if undo else ""
        messages.success(request, message, extra_tags=tags)
    return redirect(then or _back(request))


def _notification(user: User, pk: int) -> Notification:
    """Return a notification of this person's enterprise, with what he did with it. Raises Http404.

    The staff see them all in their own tool: to them too, what a page refuses it refuses with its rule.
    """
    notifications = Notification.objects.seen_by(user).with_consultation()
    notifications = notifications.select_related("decision__calculation", "establishment__enterprise")
    if not user.is_staff:
        # A tiers déclarant is refused its clients' with the rule (G0.2); anybody else does not know they exist.
        clients = visible_clients(user).values("establishment")
        notifications = notifications.filter(
            Q(enterprise__establishments=user.establishment_id) | Q(establishment__in=clients)
        ).distinct()
    return get_object_or_404(notifications, pk=pk)


def _crumbs(*pages: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the way back: label and address; the last page needs no address."""
    return [
        ("Menu personnalisé", reverse("portal:dashboard")),
        ("Vos notifications", reverse("notifications:notification_list")),
        *pages,
    ]


def _back(request: HttpRequest) -> str:
    """Return the page named by `next`, when it is one of ours, or the list."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else reverse("notifications:notification_list")


def _legal(notification: Notification) -> dict[str, Any]:
    """Return what the page says of the legal dates, and who consulted once it is opened."""
    today, policy = clock.today(), settings.NOTIFICATION_POLICY
    legal = notification.legal_on(today, policy)
    if not notification.read_at:
        return {"legal": legal, "opened": legal_state(legal.available, today, today, policy)}
    latest = notification.consultations.order_by("-at", "-id")[:MOST_CONSULTATIONS]
    return {"legal": legal, "consultations": latest, "most": MOST_CONSULTATIONS}


def _rate(decision: RateDecision, place: Establishment) -> dict[str, Any]:
    """Return what the page says of a rate: the name of its code, the rates before it, the decision after it."""
    tariffs = CollectiveRate.objects.by_year(decision.code_risque)
    rates = {} if place.alsace_moselle else {year: one.rate for year, one in tariffs.items()}
    events = timeline(decision, clock.today(), rates)
    event = next(one for one in events if one.decision == decision)
    earlier = [
        one.decision for one in events if not one.replaced_by and one.decision.effective_on < decision.effective_on
    ]
    previous = earlier[0] if earlier else None
    later = [one for one in events if not one.replaced_by and one.decision.effective_on > decision.effective_on]
    following = event.replaced_by or (later[-1].decision if later else None)
    drawn = [*earlier[::-1], decision]
    collective = naming(tariffs, decision.effective_on.year)
    explanation = decision.explanation
    return {
        "collective": collective,
        "explanation": explanation,
        "comparison": explanation.comparison or _compared(decision, place, collective),
        "previous": previous,
        "difference": decision.rate - previous.rate if previous else None,
        "next_notification": getattr(following, "notification", None),
        "next_day": following.effective_on if following else None,
        "event": event,
        "events": events,
        "chart": step_chart([(one.effective_on, one.rate) for one in drawn], event.last_day or clock.today(), rates),
    }


def _compared(decision: RateDecision, place: Establishment, collective: CollectiveRate | None) -> str:
    """Compare with that year's tariff, which is not that of Alsace-Moselle (domain.md, section 5)."""
    if collective is None or collective.tariff_id != decision.effective_on.year or place.alsace_moselle:
        return ""
    return compared(decision.rate, collective.rate)
