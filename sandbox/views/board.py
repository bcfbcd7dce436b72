"""The trainer's board: trainees × missions, who is stuck first; a rate or a candidate sent into a copy."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal import clock
from portal.kit import french
from portal.kit.export import table_response
from portal.kit.paging import with_params
from sandbox.actions.trainer import publish_rate, send_candidate
from sandbox.mission.board import Row, board
from sandbox.mission.file import missions_of
from sandbox.models import Copy
from sandbox.views.copies import me, trainer_tool
from sandbox.views.door import local_url, tool_page


@trainer_tool
@require_GET
def board_detail(request: HttpRequest) -> HttpResponse:
    """Show one scenario's copies; « projection » shows them without a name and without a button."""
    scenarios = _scenarios()
    chosen = _chosen(request, scenarios)
    rows = board(chosen, clock.now()) if chosen else []
    context = {
        "scenarios": scenarios,
        "chosen": chosen,
        "missions": missions_of(chosen),
        "rows": [(row, _waited(row)) for row in rows],
        "projected": "projection" in request.GET,
        "here": request.get_full_path(),
        "query": with_params(request.GET.__class__(), {"scenario": chosen}),
    }
    return tool_page(request, "sandbox/board_detail.html", "board", context)


@trainer_tool
@require_GET
def board_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Send the board as a CSV or an XLSX: for each mission, how many of its steps are done."""
    chosen = _chosen(request, _scenarios())
    missions = missions_of(chosen)
    header = ["Copie", "Stagiaire", "Missions accomplies", "Sans progrès depuis (minutes)", "Depuis le"]
    header += ["En cours", "Étape"]
    header += [mission.title for mission in missions]
    lines = (_line(row) for row in (board(chosen, clock.now()) if chosen else []))
    return table_response(f"tableau-{chosen or 'vide'}-{clock.today():%Y%m%d}", form, header, lines)


@trainer_tool
@require_POST
def board_rate(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a rate in a copy."""

    def send(copy: Copy) -> str:
        decision = publish_rate(copy=copy, by=me(request), on=clock.now())
        place = decision.establishment
        told = f"{decision.addressee}, SIRET {french.siret(place.siret)}, au {french.day(decision.effective_on)}"
        return f"{copy} : un taux de {french.rate(decision.rate)} est notifié à {told}."

    return _send(request, pk, send)


@trainer_tool
@require_POST
def board_candidate(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a candidate into a copy."""

    def send(copy: Copy) -> str:
        cooptation = send_candidate(copy=copy, by=me(request), on=clock.now())
        return f"{copy} : {cooptation.user} demande à devenir administrateur de {cooptation.enterprise}."

    return _send(request, pk, send)


def _send(request: HttpRequest, pk: int, send: Callable[[Copy], str]) -> HttpResponse:
    try:
        messages.success(request, send(get_object_or_404(Copy, pk=pk)))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(local_url(request, request.POST.get("next", ""), reverse("sandbox:board_detail")))


def _scenarios() -> list[tuple[str, str]]:
    """Return the name and title of each scenario that has copies."""
    rows = Copy.objects.filter(state=Copy.State.READY).order_by("scenario").values_list("scenario", "card__title")
    return [(name, str(title or name)) for name, title in rows.distinct()]


def _chosen(request: HttpRequest, scenarios: list[tuple[str, str]]) -> str:
    asked = request.GET.get("scenario", "")
    names = [name for name, _title in scenarios]
    return asked if asked in names else next(iter(names), "")


def _waited(row: Row) -> str:
    """Say how long nothing was achieved: minutes, then hours, then days."""
    if row.stuck is None:
        return ""
    minutes = int(row.stuck.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d}" if minutes < 24 * 60 else french.plural(minutes // 1440, "jour")


def _line(row: Row) -> list[object]:
    on, minutes = row.on, "" if row.stuck is None else int(row.stuck.total_seconds()) // 60
    step = on.current.title if on and on.current else ""
    done = [f"{cell.count}/{len(cell.steps)}" for cell in row.cells]
    stuck = [minutes, "" if row.stuck is None else french.moment(row.since)]
    return [str(row.copy), row.copy.trainee, row.accomplished, *stuck, on.mission.title if on else "", step, *done]
