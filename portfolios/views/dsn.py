"""« Déposer une DSN »: deposits, and the receipt of each with its reasons (dsn.md)."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import person
from portal import clock
from portal.kit.paging import page
from portfolios.access import may_deposit, visible_deposits
from portfolios.actions.dsn import deposit_dsn
from portfolios.forms import DepositForm


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Menu personnalisé", reverse("portal:dashboard")), *more]


@require_http_methods(["GET", "POST"])
def dsn_deposit(request: HttpRequest) -> HttpResponse:
    """Take files, and list what was deposited before, the newest first."""
    user = person(request)
    if not may_deposit(user) or user.establishment is None:
        raise Http404
    form = DepositForm(request.POST, request.FILES) if request.method == "POST" else DepositForm()
    if form.is_valid():
        enterprise, made = user.establishment.enterprise, []
        for file in form.cleaned_data["dsn"]:
            try:
                made.append(deposit_dsn(file=file, depositor=enterprise, by=user, on=clock.now())[0])
            except ValidationError as error:
                form.add_error("dsn", f"{file.name} : {error.message}")
        if not form.errors and len(made) == 1:
            return redirect("portfolios:dsn_detail", pk=made[0].pk)
        if not form.errors:
            return redirect("portfolios:dsn_deposit")
    shown = page(visible_deposits(user), order=("-id",), size=50, params=request.GET)
    context = {"crumbs": _crumbs(("Déposer une DSN", "")), "form": form, "page": shown}
    return render(request, "portfolios/dsn_deposit.html", context)


@require_GET
def dsn_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the receipt of a deposit: what was accepted, what was refused, and why."""
    deposit = get_object_or_404(visible_deposits(person(request)), pk=pk)
    filings = deposit.filings.select_related("establishment__enterprise")
    return render(
        request,
        "portfolios/dsn_detail.html",
        {
            "crumbs": _crumbs(("Déposer une DSN", reverse("portfolios:dsn_deposit")), (deposit.name, "")),
            "deposit": deposit,
            "remarks": list(deposit.remarks.all()),
            "page": page(filings, order=("line", "id"), size=50, params=request.GET),
        },
    )
