"""« Gérer les déclarations » of an enterprise's establishments (G1.1, G1.2)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import administration, managed_places, person
from accounts.models import Establishment, User
from habilitations.actions.rights import set_declarations
from habilitations.forms import PlaceFilters
from habilitations.models import Declaration, EstablishmentDeclaration, Habilitation
from portal import clock
from portal.kit import french
from portal.kit.duallist import Item, dual_list
from portal.kit.paging import page


def administrator(request: HttpRequest) -> User:
    """Return who asks; these pages exist for administrators only (G1.3)."""
    user = person(request)
    if not administration(user).allowed:
        raise Http404
    return user


def places(request: HttpRequest) -> QuerySet[Establishment]:
    return managed_places(administrator(request), clock.today()).select_related("enterprise")


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Menu personnalisé", reverse("portal:dashboard")), *more]


@require_GET
def declaration_list(request: HttpRequest) -> HttpResponse:
    """Choose the establishment first, when there are several (« Choix des déclarations »; domain.md, section 1)."""
    return choose_place(
        request,
        title="Gérer les déclarations",
        action="Choix des déclarations",
        target="habilitations:declaration_choice",
    )


def choose_place(request: HttpRequest, title: str, action: str, target: str, **more: object) -> HttpResponse:
    """List the establishments to choose from; the only one is chosen at once."""
    managed = places(request)
    first_two = list(managed[:2])
    if len(first_two) == 1:
        return redirect(target, pk=first_two[0].pk)
    filters = PlaceFilters(request.GET)
    shown = page(filters.keep(managed), order=("-is_head_office", "siret", "id"), size=50, params=request.GET)
    context = {"crumbs": crumbs((title, "")), "title": title, "action": action, "target": target, "people_form": None}
    return render(request, "habilitations/place_list.html", context | {"form": filters, "page": shown} | more)


@require_http_methods(["GET", "POST"])
def declaration_choice(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the declarations of an establishment: two lists, « Valider » (G1.2)."""
    place = get_object_or_404(places(request), pk=pk)
    rows = {row.declaration.code: row for row in place.declarations.select_related("declaration")}
    offered = {one.code: one for one in Declaration.objects.in_use(clock.today())}
    offered |= {code: row.declaration for code, row in rows.items()}
    items = [_item(offered[code], rows.get(code)) for code in sorted(offered, key=lambda code: offered[code].label)]
    lists = dual_list(items, set(rows), request.POST if request.method == "POST" else None)
    removed = [row for code, row in rows.items() if code not in lists.values]
    context = {
        "crumbs": crumbs(
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
            messages.success(request, told(given, taken, "déclaration ajoutée", "déclarations ajoutées", "retirée"))
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


def told(given: int, taken: int, one: str, many: str, gone: str) -> str:
    if not given and not taken:
        return "Rien n'a changé."
    return f"{french.plural(given, one, many)}, {french.plural(taken, gone)}."
