"""« Tous les documents d'une année » (G0.2): ordered, followed, taken."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import person
from notifications.access import archivable, notification_scope
from notifications.actions.archive import order_archive, take_archive
from notifications.forms import ArchiveForm
from notifications.models import DocumentArchive
from portal import clock
from portal.kit.decision import refused

# Archives shown on the page, the latest ones.
MOST = 10


@require_http_methods(["GET", "POST"])
def archive_list(request: HttpRequest) -> HttpResponse:
    """Order the documents of a year, and follow those ordered before."""
    user, now = person(request), clock.now()
    scope = notification_scope(user, now)
    if not scope.decision.allowed:
        return refused(request, scope.decision)
    years = archivable(scope, now).by_year()
    form = ArchiveForm(request.POST if request.method == "POST" else None, years)
    if request.method == "POST" and form.is_valid():
        try:
            order_archive(year=form.cleaned_data["year"], by=user, on=now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "Archive demandée : elle se prépare en arrière-plan.")
            return redirect("notifications:archive_list")
    archives = list(DocumentArchive.objects.filter(user=user)[:MOST])
    context = {
        "crumbs": [
            ("Menu personnalisé", reverse("portal:dashboard")),
            ("Vos notifications", reverse("notifications:notification_list")),
            ("Documents d'une année", ""),
        ],
        "form": form if years else None,
        "to_open": scope.notifications().waiting(clock.today()).count(),
        "rows": [(one, one.forgotten_on(settings.ARCHIVE_DAYS)) for one in archives],
        "waiting": any(one.status == DocumentArchive.Status.ORDERED for one in archives),
        "days": settings.ARCHIVE_DAYS,
    }
    return render(request, "notifications/archive_list.html", context)


@require_POST
def archive_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand over an archive to whoever ordered it, as long as he may still take every document of it."""
    user, now = person(request), clock.now()
    archive = get_object_or_404(DocumentArchive, pk=pk, user=user)
    scope = notification_scope(user, now)
    if not scope.decision.allowed:
        return refused(request, scope.decision)
    reachable = archivable(scope, now).filter(pk__in=archive.notifications).count()
    if archive.status != DocumentArchive.Status.DONE or reachable < archive.total:
        messages.warning(request, "Cette archive n'est plus à prendre : demandez-en une autre.")
        return redirect("notifications:archive_list")
    try:
        file = take_archive(archive=archive, by=user, on=now)
    except FileNotFoundError:
        messages.error(request, "Le fichier de cette archive n'est plus là : demandez-en une autre.")
        return redirect("notifications:archive_list")
    return FileResponse(
        file,
        as_attachment=True,
        filename=archive.name,
        content_type="application/zip",
        headers={"Cache-Control": "no-store"},
    )
