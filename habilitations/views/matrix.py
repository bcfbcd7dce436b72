"""« Gérer les habilitations »: the rights on an establishment, or of a person (G1.4, G1.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import person
from accounts.models import Establishment, User
from habilitations.access import declarants_of
from habilitations.actions.rights import set_habilitations
from habilitations.forms import PeopleFilters, RightFilters
from habilitations.models import Declaration, EstablishmentDeclaration, Habilitation
from habilitations.views.rights import administrator, choose_place, crumbs, places, told
from portal import clock
from portal.kit import french
from portal.kit.paging import page

_LINES_PER_PAGE = 25
_MOST_CELLS = 2000
Pair = tuple[User, Establishment]


@dataclass(frozen=True)
class Cell:
    """A right, given or not, on a line of the matrix. key: what its checkbox posts, « line-declaration ».

    opens_at: end of the access delay of its declaration there, when it has not run yet (G2.8).
    """

    key: str
    user: User
    place: Establishment
    declaration: Declaration
    granted: bool
    opens_at: dt.datetime | None


@dataclass(frozen=True)
class Matrix:
    """What is seen at once: one establishment and its people, or one person and the establishments.

    rows: every line that may be shown. pair: whose right, and where, a line is. order: its order. mine: rights of a
    line, by its OuterRef.
    """

    title: str
    lead: str
    head: str
    search: str
    back: str
    rows: QuerySet[Any]
    pair: Callable[[Any], Pair]
    order: tuple[str, ...]
    declarations: QuerySet[Declaration]
    mine: QuerySet[Habilitation]

    def label(self, row: Any) -> str:
        """Return what a line is called."""
        if isinstance(row, User):
            return f"{row.last_name} {row.first_name}"
        return f"{french.siret(row.siret)} {row.city}".strip()


@require_GET
def habilitation_list(request: HttpRequest) -> HttpResponse:
    """Choose the establishment, or the person, whose rights are to be seen."""
    form = PeopleFilters(request.GET)
    own = administrator(request).establishment
    if form.is_valid() and form.cleaned_data["nom"] and own:
        found = declarants_of(own).filter(last_name__istartswith=form.cleaned_data["nom"])
        shown = page(found, order=("last_name", "first_name", "id"), size=50, params=request.GET)
        title = "Gérer les habilitations"
        listed = (title, reverse("habilitations:habilitation_list"))
        context = {"crumbs": crumbs(listed, ("Personnes", "")), "title": title, "form": form, "page": shown}
        return render(request, "habilitations/habilitation_people.html", context)
    target = "habilitations:habilitation_matrix"
    return choose_place(request, "Gérer les habilitations", "Habilitations", target, people_form=PeopleFilters())


@require_http_methods(["GET", "POST"])
def habilitation_matrix(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change who may use what for an establishment."""
    place = get_object_or_404(places(request), pk=pk)
    covering = EstablishmentDeclaration.objects.covering(place)
    matrix = Matrix(
        title=french.siret(place.siret),
        lead=f"{place.enterprise.name}, SIRET {french.siret(place.siret)}.",
        head="Déclarant",
        search="Nom",
        back=reverse("habilitations:habilitation_matrix", args=[pk]),
        rows=declarants_of(place),
        pair=lambda user: (user, place),
        order=("last_name", "first_name", "id"),
        declarations=Declaration.objects.filter(pk__in=covering.values("declaration")),
        mine=Habilitation.objects.filter(user=OuterRef("pk"), establishment=place),
    )
    return _answer(request, matrix)


@require_http_methods(["GET", "POST"])
def habilitation_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change what a person may use, establishment by establishment."""
    managed = places(request)
    own = person(request).establishment
    assert own is not None  # noqa: S101 - administrators have one
    user = get_object_or_404(declarants_of(own), pk=pk)
    registered = EstablishmentDeclaration.objects.filter(establishment__enterprise=own.enterprise_id)
    matrix = Matrix(
        title=user.full_name,
        lead=f"Droits de {user.full_name}, établissement par établissement.",
        head="Établissement",
        search="SIRET ou commune",
        back=reverse("habilitations:habilitation_person", args=[pk]),
        rows=managed,
        pair=lambda place: (user, place),
        order=("-is_head_office", "siret", "id"),
        declarations=Declaration.objects.filter(pk__in=registered.values("declaration")),
        mine=Habilitation.objects.filter(user=user, establishment=OuterRef("pk")),
    )
    return _answer(request, matrix)


def _answer(request: HttpRequest, matrix: Matrix) -> HttpResponse:
    """Show a matrix, then the difference, then change: only the cells that were shown can change."""
    filters = RightFilters(request.GET, declarations=matrix.declarations, line=matrix.search)
    columns = filters.columns()
    listed = ("Gérer les habilitations", reverse("habilitations:habilitation_list"))
    context: dict[str, Any] = {"crumbs": crumbs(listed, (matrix.title, "")), "matrix": matrix, "form": filters}
    if request.method == "GET":
        found = filters.keep(matrix.rows, matrix.mine)
        shown = page(found, order=matrix.order, size=_LINES_PER_PAGE, params=request.GET)
        context |= {"columns": columns, "lines": _lines(matrix, shown.items, columns), "page": shown}
        return render(request, "habilitations/habilitation_matrix.html", context)
    changes = _changes(matrix, request.POST)
    if "confirme" not in request.POST:
        return render(request, "habilitations/habilitation_confirm.html", context | {"changes": changes})
    try:
        given, taken = set_habilitations(
            changes=[(cell.user, cell.place, cell.declaration, cell.granted) for cell in changes],
            by=person(request),
            on=clock.now(),
        )
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, told(given, taken, "habilitation accordée", "habilitations accordées", "retirée"))
    return redirect(request.get_full_path())


def _lines(matrix: Matrix, rows: Iterable[Any], columns: list[Declaration]) -> list[tuple[str, list[Cell | None]]]:
    """Return the lines with their cells; None where the declaration is not the establishment's (G0.6)."""
    pairs = [(row.pk, matrix.label(row), *matrix.pair(row)) for row in rows]
    offered = _offered([place for _pk, _label, _user, place in pairs])
    rights = _rights([(user, place) for _pk, _label, user, place in pairs])
    return [
        (
            label,
            [
                Cell(
                    f"{pk}-{one.pk}",
                    user,
                    place,
                    one,
                    granted=(user.pk, place.pk, one.pk) in rights,
                    opens_at=offered[place.pk][one.pk],
                )
                if one.pk in offered[place.pk]
                else None
                for one in columns
            ],
        )
        for pk, label, user, place in pairs
    ]


def _changes(matrix: Matrix, posted: QueryDict) -> list[Cell]:
    """Return the cells that differ from what is stored, among those that were shown and may be given here."""
    ticked = set(posted.getlist("accorde"))
    keys = [key.split("-") for key in posted.getlist("montre")[:_MOST_CELLS]]
    asked = dict.fromkeys((int(key[0]), int(key[1])) for key in keys if len(key) == 2 and all(map(_is_number, key)))
    pairs = {pk: matrix.pair(row) for pk, row in matrix.rows.in_bulk({row for row, _declaration in asked}).items()}
    declarations = matrix.declarations.in_bulk({declaration for _row, declaration in asked})
    offered, rights = _offered([place for _user, place in pairs.values()]), _rights(pairs.values())
    cells = [
        Cell(
            f"{row}-{one}",
            *pairs[row],
            declarations[one],
            granted=f"{row}-{one}" in ticked,
            opens_at=offered[pairs[row][1].pk][one],
        )
        for row, one in asked
        if row in pairs and one in declarations and one in offered[pairs[row][1].pk]
    ]
    return [cell for cell in cells if cell.granted != ((cell.user.pk, cell.place.pk, cell.declaration.pk) in rights)]


def _offered(where: list[Establishment]) -> dict[int, dict[int, dt.datetime | None]]:
    """Return what may be given for establishments of one enterprise: their own and their head office's (G0.6).

    Each with the instant from which it is usable (G2.8), None when it is.
    """
    if not where:
        return {}
    rows = EstablishmentDeclaration.objects.filter(
        Q(establishment__in=where)
        | Q(establishment__enterprise=where[0].enterprise_id, establishment__is_head_office=True)
    ).values_list("establishment", "declaration", "establishment__is_head_office", "opens_at")
    now, offered = clock.now(), {}
    for place in where:
        opening: dict[int, dt.datetime] = {}
        for registered, declaration, by_head_office, opens_at in rows:
            if by_head_office or registered == place.pk:
                opening[declaration] = min(opens_at, opening.get(declaration, opens_at))
        offered[place.pk] = {declaration: at if at > now else None for declaration, at in opening.items()}
    return offered


def _rights(pairs: Iterable[Pair]) -> set[tuple[int, int, int]]:
    users, where = {user.pk for user, _place in pairs}, {place.pk for _user, place in pairs}
    rights = Habilitation.objects.filter(user__in=users, establishment__in=where)
    return set(rights.values_list("user", "establishment", "declaration"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
