"""« Importer des habilitations (avec dépôt de fichier) »: requests, their report, models and exports (domain.md, 1)."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from habilitations.models import Declaration
from portal import clock
from portal.kit.export import table_response
from portal.kit.paging import chunks, page
from portfolios.actions.bulk import FIRST_NAME, LAST_NAME, SIRET, receive_request
from portfolios.actions.bulk_lines import CLIENT
from portfolios.forms import BulkForm
from portfolios.models import BulkLine, BulkRequest, Client, ClientDeclaration, ClientHabilitation
from portfolios.views.portfolio import manager, portfolio_or_404

TITLE = "Importer des habilitations (avec dépôt de fichier)"
_EXAMPLE = "73282932000074"


def _requests(request: HttpRequest) -> QuerySet[BulkRequest]:
    firm = manager(request)[1]
    return BulkRequest.objects.filter(portfolio__enterprise=firm).select_related("portfolio", "created_by")


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    listed = reverse("portfolios:bulk_list") if more else ""
    return [("Menu personnalisé", reverse("portal:dashboard")), (TITLE, listed), *more]


@require_GET
def bulk_list(request: HttpRequest) -> HttpResponse:
    """List the requests of a firm, the newest first."""
    shown = page(_requests(request), order=("-id",), size=50, params=request.GET)
    return render(request, "portfolios/bulk_list.html", {"crumbs": _crumbs(), "title": TITLE, "page": shown})


@require_http_methods(["GET", "POST"])
def bulk_add(request: HttpRequest) -> HttpResponse:
    """« Nouvelle demande »: deposit a file; models and exports are offered beside."""
    user, firm = manager(request)
    portfolios = firm.portfolios.all()
    asked = request.GET.get("portefeuille", "")
    chosen = portfolios.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 10 else None
    form = BulkForm(request.POST or None, request.FILES or None, portfolios=portfolios, initial={"portfolio": chosen})
    if request.method == "POST" and form.is_valid():
        try:
            made = receive_request(**form.cleaned_data, by=user, on=clock.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("portfolios:bulk_detail", pk=made.pk)
    context = {
        "crumbs": _crumbs(("Nouvelle demande", "")),
        "form": form,
        "codes": Declaration.objects.in_use(clock.today()),
        "portfolios": [chosen] if chosen else portfolios.order_by("name")[:20],
    }
    return render(request, "portfolios/bulk_add.html", context)


@require_GET
def bulk_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a request is, then its « compte rendu », wrong lines only or all of them."""
    bulk = get_object_or_404(_requests(request), pk=pk)
    everything = request.GET.get("lignes") == "toutes"
    rows = bulk.rows.exclude(result="") if everything else bulk.rows.filter(result=BulkLine.Result.KO)
    context = {
        "crumbs": _crumbs((bulk.name, "")),
        "bulk": bulk,
        "everything": everything,
        "page": page(rows, order=("line", "id"), size=50, params=request.GET),
    }
    return render(request, "portfolios/bulk_detail.html", context)


@require_GET
def bulk_report(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """Send the whole « compte rendu », line by line."""
    bulk = get_object_or_404(_requests(request), pk=pk)
    rows = bulk.rows.order_by("line").iterator(chunk_size=2000)
    header = ("Ligne", "SIRET", "Collaborateur", "Résultat", "Motif")
    lines = ([row.line, row.siret, row.person, row.get_result_display(), row.message] for row in rows)
    return table_response(f"compte-rendu-{pk}", form, header, lines)


@require_GET
def bulk_model(request: HttpRequest, kind: str, form: str) -> HttpResponseBase:
    """Send a file to fill in: the columns and one line."""
    manager(request)
    codes = list(Declaration.objects.in_use(clock.today()).order_by("code").values_list("code", flat=True))
    header = _header(kind, codes)
    example = [_EXAMPLE, 1] if kind == BulkRequest.Kind.ESTABLISHMENTS else [_EXAMPLE, "", "", *(1 for _code in codes)]
    return table_response(f"modele-{kind}", form, header, [example])


@require_GET
def bulk_export(request: HttpRequest, pk: int, kind: str, form: str) -> HttpResponseBase:
    """Send what a portfolio holds now, in the form that can be edited and imported again."""
    portfolio = portfolio_or_404(request, pk)
    held = portfolio.declarations.order_by("declaration__code")
    codes = list(held.values_list("declaration__code", flat=True))
    header = _header(kind, codes)
    clients = portfolio.clients.order_by("siret")
    if kind == BulkRequest.Kind.ESTABLISHMENTS:
        rows: Iterator[list[object]] = ([client.siret, 1] for client in clients.iterator(chunk_size=2000))
    else:
        rows = (row for some in chunks(clients, 500) for row in _rights(some, codes))
    return table_response(f"{kind}-portefeuille-{pk}", form, header, rows)


def _header(kind: str, codes: list[str]) -> list[str]:
    """Return the titles of a kind of file. Raises Http404."""
    if kind == BulkRequest.Kind.ESTABLISHMENTS:
        return [SIRET, CLIENT]
    if kind == BulkRequest.Kind.HABILITATIONS:
        return [SIRET, LAST_NAME, FIRST_NAME, *codes]
    raise Http404


def _rights(clients: list[Client], codes: list[str]) -> Iterator[list[object]]:
    """Yield a client's declarations, then the rights of each collaborator who has one: two queries for them all."""
    given: dict[int, dict[str, int]] = {}
    for row in ClientDeclaration.objects.filter(client__in=clients).select_related("held__declaration"):
        given.setdefault(row.client_id, {})[row.held.declaration.code] = row.pk
    people: dict[int, dict[tuple[str, str, int], set[int]]] = {}
    rights = ClientHabilitation.objects.filter(given__client__in=clients).select_related("user", "given")
    for right in rights.order_by("user__last_name", "user__first_name", "user"):
        who = (right.user.last_name, right.user.first_name, right.user_id)
        people.setdefault(right.given.client_id, {}).setdefault(who, set()).add(right.given_id)
    for client in clients:
        mine, siret = given.get(client.pk, {}), client.siret
        yield [siret, "", "", *(int(code in mine) for code in codes)]
        for (last_name, first_name, _pk), granted in people.get(client.pk, {}).items():
            cells = [int(mine[code] in granted) if code in mine else "" for code in codes]
            yield [siret, last_name, first_name, *cells]
