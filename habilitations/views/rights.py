"""« Gérer les déclarations » and « Gérer les habilitations » of an enterprise's establishments (G1)."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import managed_places, person
from accounts.models import Establishment, User
from habilitations.access import declarants_of
from habilitations.actions.rights import set_declarations, set_habilitations
from habilitations.forms import PlaceFilters, RightFilters
from habilitations.models import Declaration, EstablishmentDeclaration, Habilitation
from portal import clock
from portal.kit import french
from portal.kit.duallist import Item, dual_list
from portal.kit.paging import page

PEOPLE_PER_PAGE = 25


def _administrator(request: HttpRequest) -> User:
    """Return who asks; these pages exist for administrators only (G1.3)."""
    user = person(request)
    if not user.is_administrator:
        raise Http404
    return user


def _places(request: HttpRequest) -> QuerySet[Establishment]:
    return managed_places(_administrator(request), clock.today()).select_related("enterprise")


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Menu personnalisé", reverse("portal:dashboard")), *more]


@require_GET
def declaration_list(request: HttpRequest) -> HttpResponse:
    """Choose the establishment first, when there are several (« Choix des déclarations »; domain.md, section 1)."""
    return _choose_place(
        request,
        title="Gérer les déclarations",
        action="Choix des déclarations",
        target="habilitations:declaration_choice",
    )


@require_GET
def habilitation_list(request: HttpRequest) -> HttpResponse:
    """Choose the establishment whose rights are to be seen, when there are several."""
    return _choose_place(request, "Gérer les habilitations", "Habilitations", "habilitations:habilitation_matrix")


def _choose_place(request: HttpRequest, title: str, action: str, target: str) -> HttpResponse:
    places = _places(request)
    first_two = list(places[:2])
    if len(first_two) == 1:
        return redirect(target, pk=first_two[0].pk)
    filters = PlaceFilters(request.GET)
    shown = page(filters.keep(places), order=("-is_head_office", "siret", "id"), size=50, params=request.GET)
    context = {"crumbs": _crumbs((title, "")), "title": title, "action": action, "target": target}
    return render(request, "habilitations/place_list.html", context | {"form": filters, "page": shown})


@require_http_methods(["GET", "POST"])
def declaration_choice(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the declarations of an establishment: two lists, « Valider » (G1.2)."""
    place = get_object_or_404(_places(request), pk=pk)
    rows = {row.declaration.code: row for row in place.declarations.select_related("declaration")}
    offered = {one.code: one for one in Declaration.objects.in_use(clock.today())}
    offered |= {code: row.declaration for code, row in rows.items()}
    items = [_item(offered[code], rows.get(code)) for code in sorted(offered, key=lambda code: offered[code].label)]
    lists = dual_list(items, set(rows), request.POST if request.method == "POST" else None)
    removed = [row for code, row in rows.items() if code not in lists.values]
    context = {
        "crumbs": _crumbs(
            ("Gérer les déclarations", reverse("habilitations:declaration_list")), (french.siret(place.siret), "")
        ),
        "place": place,
        "lists": lists,
        "inherited": _inherited(place),
    }
    if lists.saving and removed and "confirme" not in request.POST:
        context["losses"] = [(row.declaration, _rights_on(row)) for row in removed]
        return render(request, "habilitations/declaration_confirm.html", context)
    if lists.saving:
        chosen = {offered[code] for code in lists.values}
        try:
            given, taken = set_declarations(
                establishment=place, declarations=chosen, by=person(request), on=clock.now()
            )
        except ValidationError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _told(given, taken, "déclaration ajoutée", "déclarations ajoutées", "retirée"))
            return redirect("habilitations:declaration_choice", pk=pk)
    return render(request, "habilitations/declaration_choice.html", context)


def _item(declaration: Declaration, row: EstablishmentDeclaration | None) -> Item:
    """Say when it is usable (G2.8), or how long that will take."""
    if row is None:
        hours = declaration.access_delay_hours
        delay = f"délai d'accès de {hours} h" if hours else "utilisable tout de suite"
        return Item(declaration.code, declaration.label, f"{declaration.body}, {delay}")
    open_now = row.opens_at <= clock.now()
    when = "utilisable" if open_now else f"utilisable à partir du {french.moment(row.opens_at)}"
    return Item(declaration.code, declaration.label, f"{declaration.body}, {when}")


def _inherited(place: Establishment) -> list[EstablishmentDeclaration]:
    """Return what the head office opens for this establishment too (G0.6)."""
    if place.is_head_office:
        return []
    rows = EstablishmentDeclaration.objects.filter(
        establishment__enterprise=place.enterprise_id, establishment__is_head_office=True
    )
    return list(rows.select_related("declaration").order_by("declaration__label"))


def _rights_on(row: EstablishmentDeclaration) -> int:
    """Count the rights that stop with a declaration: the head office's carries every establishment (G0.6)."""
    rights = Habilitation.objects.filter(declaration=row.declaration)
    if row.establishment.is_head_office:
        return rights.filter(establishment__enterprise=row.establishment.enterprise_id).count()
    return rights.filter(establishment=row.establishment).count()


def _told(given: int, taken: int, one: str, many: str, gone: str) -> str:
    if not given and not taken:
        return "Rien n'a changé."
    return f"{french.plural(given, one, many)}, {french.plural(taken, gone)}."


@dataclass(frozen=True)
class Cell:
    """A right, given or not, on a line of the matrix. key: what its checkbox posts."""

    key: str
    user: User
    declaration: Declaration
    granted: bool


@require_http_methods(["GET", "POST"])
def habilitation_matrix(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change who may use what for an establishment (G1.4, G1.5).

    Only the cells that were shown can change; the difference is shown before anything does.
    """
    place = get_object_or_404(_places(request), pk=pk)
    filters = RightFilters(request.GET, declarations=_declarations(place))
    columns = filters.columns()
    shown = page(
        filters.people(place, declarants_of(place)),
        order=("last_name", "first_name", "id"),
        size=PEOPLE_PER_PAGE,
        params=request.GET,
    )
    lines = _lines(place, shown.items, columns)
    context = {
        "crumbs": _crumbs(
            ("Gérer les habilitations", reverse("habilitations:habilitation_list")), (french.siret(place.siret), "")
        ),
        "place": place,
        "form": filters,
        "columns": columns,
        "lines": lines,
        "page": shown,
    }
    if request.method == "GET":
        return render(request, "habilitations/habilitation_matrix.html", context)
    changes = _changes(place, request.POST)
    if "confirme" not in request.POST:
        context["changes"] = changes
        return render(request, "habilitations/habilitation_confirm.html", context)
    try:
        given, taken = set_habilitations(
            establishment=place,
            changes=[(cell.user, cell.declaration, cell.granted) for cell in changes],
            by=person(request),
            on=clock.now(),
        )
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        told = _told(given, taken, "habilitation accordée", "habilitations accordées", "retirée")
        messages.success(request, told)
    return redirect(request.get_full_path())


def _declarations(place: Establishment) -> QuerySet[Declaration]:
    """Return what may be given for an establishment: its own declarations and its head office's (G0.6)."""
    covering = EstablishmentDeclaration.objects.covering(place)
    return Declaration.objects.filter(pk__in=covering.values("declaration"))


def _lines(place: Establishment, people: tuple[User, ...], columns: list[Declaration]) -> list[tuple[User, list[Cell]]]:
    rights = set(Habilitation.objects.filter(establishment=place, user__in=people).values_list("user", "declaration"))
    return [
        (user, [_cell(user, column, granted=(user.pk, column.pk) in rights) for column in columns]) for user in people
    ]


def _cell(user: User, declaration: Declaration, *, granted: bool) -> Cell:
    return Cell(f"{user.pk}-{declaration.pk}", user, declaration, granted)


def _changes(place: Establishment, posted: QueryDict) -> list[Cell]:
    """Return the cells that differ from what is stored, among those that were shown and may be given here."""
    ticked = set(posted.getlist("accorde"))
    keys = [key.split("-") for key in posted.getlist("montre")[:2000]]
    pairs = [(int(key[0]), int(key[1])) for key in keys if len(key) == 2 and all(_is_number(part) for part in key)]
    people = declarants_of(place).in_bulk({user for user, _declaration in pairs})
    declarations = _declarations(place).in_bulk({declaration for _user, declaration in pairs})
    rights = set(Habilitation.objects.filter(establishment=place, user__in=people).values_list("user", "declaration"))
    cells = [
        _cell(people[user], declarations[declaration], granted=f"{user}-{declaration}" in ticked)
        for user, declaration in dict.fromkeys(pairs)
        if user in people and declaration in declarations
    ]
    return [cell for cell in cells if cell.granted != ((cell.user.pk, cell.declaration.pk) in rights)]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
