"""« Gérer vos portefeuilles »: portfolios, their declarations, their clients, and who works on each (G2)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import person
from accounts.models import Enterprise, User
from habilitations.forms import RightFilters
from habilitations.models import Declaration
from portal import clock
from portal.kit import french
from portal.kit.duallist import Item, dual_list
from portal.kit.paging import page, sort_links, with_params
from portfolios.access import may_manage_portfolios
from portfolios.actions import portfolio as actions
from portfolios.forms import CLIENT_SORTS, AddClientsForm, ClientFilters, PortfolioForm, client_sort
from portfolios.models import Client, ClientDeclaration, ClientHabilitation, Portfolio


def manager(request: HttpRequest) -> tuple[User, Enterprise]:
    """Return who asks and his firm; these pages exist for administrators at a head office only (G2.3)."""
    user = person(request)
    if not may_manage_portfolios(user) or user.establishment is None:
        raise Http404
    return user, user.establishment.enterprise


def portfolio_or_404(request: HttpRequest, pk: int) -> Portfolio:
    return get_object_or_404(Portfolio.objects.select_related("enterprise"), enterprise=manager(request)[1], pk=pk)


def _client(request: HttpRequest, pk: int) -> Client:
    clients = Client.objects.select_related("portfolio__enterprise", "establishment__enterprise")
    return get_object_or_404(clients, portfolio__enterprise=manager(request)[1], pk=pk)


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    listed = reverse("portfolios:portfolio_list") if more else ""
    return [("Menu personnalisé", reverse("portal:dashboard")), ("Gérer vos portefeuilles", listed), *more]


def _portfolio_crumbs(portfolio: Portfolio, here: str) -> list[tuple[str, str]]:
    """Lead back to the portfolio's row, its menu open."""
    listed = reverse("portfolios:portfolio_list")
    return crumbs((portfolio.name, f"{listed}?ouvrir={portfolio.pk}#ligne-{portfolio.pk}"), (here, ""))


def _client_crumbs(client: Client, here: str) -> list[tuple[str, str]]:
    """Lead back to the client's row, its menu open."""
    listed, siret = reverse("portfolios:client_list", args=[client.portfolio_id]), client.establishment.siret
    opened = f"{listed}?word={siret}&ouvrir={client.pk}#ligne-{client.pk}"
    return crumbs((client.portfolio.name, listed), (french.siret(siret), opened), (here, ""))


@require_GET
def portfolio_list(request: HttpRequest) -> HttpResponse:
    """List a firm's portfolios; a row opens its menu (G2.1, G2.2)."""
    _user, firm = manager(request)
    rows = firm.portfolios.annotate(
        client_count=Count("clients", distinct=True), member_count=Count("members", distinct=True)
    )
    shown = page(rows, order=("name", "id"), size=50, params=request.GET)
    context = {"crumbs": crumbs(), "page": shown, "opened": request.GET.get("ouvrir", "")}
    return render(request, "portfolios/portfolio_list.html", context)


@require_http_methods(["GET", "POST"])
def portfolio_add(request: HttpRequest) -> HttpResponse:
    """« Ajouter un portefeuille »."""
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
def portfolio_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, comment, choose who works on it."""
    return _edit(request, portfolio_or_404(request, pk))


def _edit(request: HttpRequest, portfolio: Portfolio | None) -> HttpResponse:
    user, firm = manager(request)
    people = User.objects.filter(establishment__enterprise=firm, state=User.State.ACTIVE)
    everybody = {str(one.pk): one for one in people.order_by("last_name", "first_name")}
    stored = {str(pk) for pk in portfolio.members.values_list("pk", flat=True)} if portfolio else set()
    posted = request.POST if request.method == "POST" else None
    items = [Item(key, f"{one.last_name} {one.first_name}", one.get_role_display()) for key, one in everybody.items()]
    lists = dual_list(items, stored, posted)
    first = {"name": portfolio.name, "comment": portfolio.comment} if portfolio else {}
    form = PortfolioForm(posted) if lists.saving else PortfolioForm(initial=posted.dict() if posted else first)
    title = "Modifier le portefeuille" if portfolio else "Ajouter un portefeuille"
    context = {"crumbs": crumbs((title, "")), "title": title, "form": form, "lists": lists, "portfolio": portfolio}
    if lists.saving and form.is_valid():
        removed = [one for key, one in everybody.items() if key in stored - lists.values]
        if portfolio and removed and "confirme" not in request.POST:
            rights = dict(_rights_in(portfolio).values_list("user").annotate(Count("pk")))
            context["losses"] = [(one, rights.get(one.pk, 0)) for one in removed]
            return render(request, "portfolios/portfolio_edit_confirm.html", context)
        members = [everybody[value] for value in sorted(lists.values)]
        values = {**form.cleaned_data, "members": members, "by": user, "on": clock.now()}
        try:
            if portfolio:
                actions.change_portfolio(portfolio=portfolio, **values)
            else:
                actions.create_portfolio(enterprise=firm, **values)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"Portefeuille « {form.cleaned_data['name']} » enregistré.")
            return redirect("portfolios:portfolio_list")
    return render(request, "portfolios/portfolio_edit.html", context)


def _rights_in(portfolio: Portfolio) -> QuerySet[ClientHabilitation]:
    return ClientHabilitation.objects.filter(given__client__portfolio=portfolio).order_by()


@require_http_methods(["GET", "POST"])
def portfolio_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what goes with a portfolio, then delete it."""
    portfolio = portfolio_or_404(request, pk)
    if request.method == "POST":
        actions.delete_portfolio(portfolio=portfolio, by=person(request), on=clock.now())
        messages.success(request, f"Portefeuille « {portfolio.name} » supprimé.")
        return redirect("portfolios:portfolio_list")
    rights = _rights_in(portfolio).count()
    context = {"crumbs": crumbs((portfolio.name, "")), "portfolio": portfolio, "rights": rights}
    context |= {"clients": portfolio.clients.count(), "imports": portfolio.bulk_requests.count()}
    return render(request, "portfolios/portfolio_delete.html", context)


@require_http_methods(["GET", "POST"])
def portfolio_declarations(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose what a portfolio holds; its clients may have nothing else (G2.3, G2.4)."""
    portfolio = portfolio_or_404(request, pk)
    held = {row.declaration.code: row.declaration for row in portfolio.declarations.select_related("declaration")}
    offered = {one.code: one for one in Declaration.objects.in_use(clock.today())} | held
    items = [Item(code, one.label, one.body) for code, one in sorted(offered.items(), key=lambda pair: pair[1].label)]
    lists = dual_list(items, set(held), request.POST if request.method == "POST" else None)
    removed = [one for code, one in held.items() if code not in lists.values]
    context = {
        "crumbs": _portfolio_crumbs(portfolio, "Déclarations"),
        "portfolio": portfolio,
        "title": "Gérer les déclarations du portefeuille",
        "lists": lists,
    }
    if lists.saving and removed and "confirme" not in request.POST:
        given = ClientDeclaration.objects.filter(client__portfolio=portfolio)
        context["losses"] = [(one, given.filter(held__declaration=one).count()) for one in removed]
        return render(request, "portfolios/portfolio_declarations_confirm.html", context)
    if lists.saving:
        chosen = [offered[code] for code in lists.values]
        actions.set_portfolio_declarations(portfolio=portfolio, declarations=chosen, by=person(request), on=clock.now())
        messages.success(request, "Les déclarations du portefeuille sont enregistrées.")
        return redirect("portfolios:portfolio_declarations", pk=pk)
    return render(request, "portfolios/portfolio_declarations.html", context)


@require_http_methods(["GET", "POST"])
def client_list(request: HttpRequest, pk: int) -> HttpResponse:
    """« Composer le portefeuille »: add, search, open a client's menu (G2.5, G2.6)."""
    portfolio = portfolio_or_404(request, pk)
    form = AddClientsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            added = actions.add_clients(
                portfolio=portfolio, establishments=form.cleaned_data["sirets"], by=person(request), on=clock.now()
            )
        except ValidationError as error:
            form.add_error("sirets", error.message)
        else:
            messages.success(request, f"{french.plural(added, 'client ajouté', 'clients ajoutés')}.")
            return redirect("portfolios:client_list", pk=pk)
    filters, sort, params = ClientFilters(request.GET), client_sort(request.GET), request.GET.copy()
    opened = params.pop("ouvrir", [""])[-1]
    found = filters.keep(portfolio.clients.with_atmp().with_last_dsn())
    found = found.select_related("establishment__enterprise", "portfolio")
    return render(
        request,
        "portfolios/client_list.html",
        {
            "crumbs": _portfolio_crumbs(portfolio, "Composer le portefeuille"),
            "portfolio": portfolio,
            "form": form,
            "filters": filters,
            "page": page(found, order=CLIENT_SORTS[sort], size=50, params=params),
            "heads": sort_links({"siret": "SIRET", "entreprise": "Entreprise"}, current=sort, params=params),
            "sort": sort,
            "opened": opened,
            "now": clock.now(),
            "here": with_params(params, {}),
            "row_url": with_params(params, {"ouvrir": ""}),
        },
    )


@require_http_methods(["GET", "POST"])
def client_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what goes with a client, then take it out of the portfolio."""
    client = _client(request, pk)
    if request.method == "POST":
        actions.remove_client(client=client, by=person(request), on=clock.now())
        messages.success(request, "Client retiré du portefeuille.")
        return redirect("portfolios:client_list", pk=client.portfolio_id)
    context = {"crumbs": _client_crumbs(client, "Retirer"), "client": client}
    rights = ClientHabilitation.objects.filter(given__client=client).count()
    return render(request, "portfolios/client_remove.html", context | {"rights": rights})


@require_http_methods(["GET", "POST"])
def client_declarations(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a client's declarations among those of its portfolio (G2.6, G2.7); the others say why not (G2.3)."""
    client = _client(request, pk)
    held = {
        row.declaration.code: row.declaration for row in client.portfolio.declarations.select_related("declaration")
    }
    given = {row.held.declaration.code: row for row in client.declarations.select_related("held__declaration")}
    in_use = set(Declaration.objects.in_use(clock.today()).values_list("code", flat=True))
    offered = [one for code, one in held.items() if code in in_use or code in given]
    items = [_given(one, given.get(one.code)) for one in sorted(offered, key=str)]
    lists = dual_list(items, set(given), request.POST if request.method == "POST" else None)
    context = {"crumbs": _client_crumbs(client, "Déclarations"), "client": client, "lists": lists}
    removed = [row for code, row in given.items() if code not in lists.values]
    if lists.saving and removed and "confirme" not in request.POST:
        context["losses"] = [(row.held.declaration, row.habilitations.count()) for row in removed]
        return render(request, "portfolios/client_declarations_confirm.html", context)
    if lists.saving:
        try:
            actions.set_client_declarations(
                client=client,
                declarations=[held[code] for code in lists.values],
                by=person(request),
                on=clock.now(),
            )
        except ValidationError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "Les déclarations du client sont enregistrées.")
            return redirect("portfolios:client_declarations", pk=pk)
    context["missing"] = list(Declaration.objects.in_use(clock.today()).exclude(code__in=held))
    return render(request, "portfolios/client_declarations.html", context)


def _given(declaration: Declaration, row: ClientDeclaration | None) -> Item:
    """Say when it is usable (G2.8), or how long that will take."""
    if row is None:
        hours = declaration.access_delay_hours
        return Item(declaration.code, declaration.label, f"délai d'accès de {hours} h" if hours else "")
    usable = row.opens_at <= clock.now()
    when = "utilisable" if usable else f"utilisable à partir du {french.moment(row.opens_at)}"
    return Item(declaration.code, declaration.label, when)


@require_http_methods(["GET", "POST"])
def client_habilitations(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change who may use what for a client: members × declarations, by criteria (G2.9)."""
    client = _client(request, pk)
    given = {row.held.declaration_id: row for row in client.declarations.select_related("held__declaration")}
    filters = RightFilters(request.GET, declarations=Declaration.objects.filter(pk__in=given), line="Nom")
    # Administrators at the head office need no right; those elsewhere do, as collaborators.
    people = client.portfolio.members.filter(state=User.State.ACTIVE).exclude(
        role=User.Role.ADMINISTRATOR, establishment__is_head_office=True
    )
    stored = ClientHabilitation.objects.filter(given__client=client)
    rights = set(stored.values_list("user", "given"))
    pairs = {f"{user.pk}-{row.pk}": (user, row) for user in people for row in given.values()}
    context = {"crumbs": _client_crumbs(client, "Habilitations"), "client": client}
    if request.method == "POST":
        shown = {key: pairs[key] for key in request.POST.getlist("montre") if key in pairs}
        ticked = {key for key in request.POST.getlist("accorde") if key in shown}
        changes = [
            (key, user, row, key in ticked)
            for key, (user, row) in shown.items()
            if (key in ticked) != ((user.pk, row.pk) in rights)
        ]
        if "confirme" not in request.POST:
            return render(request, "portfolios/client_habilitations_confirm.html", context | {"changes": changes})
        granted = {(pairs[key][0].pk, pairs[key][1].pk) for key in ticked}
        added, taken = actions.set_client_habilitations(
            client=client, shown=shown.values(), granted=granted, by=person(request), on=clock.now()
        )
        messages.success(request, f"Habilitations enregistrées : +{added} / −{taken}.")
        return redirect(request.get_full_path())
    columns = [given[one.pk] for one in filters.columns() if one.pk in given]
    kept = filters.keep(people, stored.filter(user=OuterRef("pk")), on="given__held__declaration")
    found = page(kept, order=("last_name", "first_name", "id"), size=25, params=request.GET)
    context |= {"form": filters, "columns": columns, "page": found, "now": clock.now()}
    context["lines"] = [
        (user, [(f"{user.pk}-{row.pk}", row, (user.pk, row.pk) in rights) for row in columns]) for user in found.items
    ]
    return render(request, "portfolios/client_habilitations.html", context)
