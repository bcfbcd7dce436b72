"""« Copies »: the trainer loads them, resets one, prints the cards; a card leads a trainee to the page of his own."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from portal import clock
from portal.kit import french
from portal.kit.french import plural
from portal.kit.paging import page, with_params
from sandbox.actions.copies import order_copies, order_reset
from sandbox.documents import card_token, cards_pdf, copy_id
from sandbox.forms import CopiesForm
from sandbox.models import Copy
from sandbox.personas import personas_of, users_of
from sandbox.scenario.file import WrongScenario
from sandbox.scope import Scope, scope_of
from sandbox.views.door import local_url, tool, tool_page

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def trainer_tool(view: View) -> View:
    """Open a page to staff who have the right; lead others to the staff's log-in."""

    @tool
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if scope_of(request).trainer:
            return view(request, *args, **kwargs)
        if request.user.is_authenticated and request.user.is_staff:
            raise PermissionDenied
        back = request.path if request.method == "GET" else reverse("sandbox:copy_list")
        return redirect(reverse("accounts:staff_login") + with_params(request.GET.__class__(), {"next": back}))

    return guarded  # type: ignore[return-value]


@trainer_tool
@require_GET
def copy_list(request: HttpRequest) -> HttpResponse:
    """List the copies and how they stand, with the form that loads more."""
    return _list_page(request, CopiesForm())


@trainer_tool
@require_POST
def copy_add(request: HttpRequest) -> HttpResponse:
    """Order copies: a job loads them."""
    form = CopiesForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            copies = order_copies(
                name=asked["scenario"], count=asked["count"], trainees=asked["trainees"], by=me(request),
                on=clock.now(),
            )  # fmt: skip
        except WrongScenario as error:
            for problem in error.problems:
                form.add_error("scenario", f"{error.name}, {str(problem).lower()}")
        except ValidationError as error:
            form.add_error("count", error.message)
        else:
            ordered = plural(len(copies), "copie demandée", "copies demandées")
            messages.success(request, f"{ordered} : le chargement se fait en arrière-plan.")
            return redirect("sandbox:copy_list")
    return _list_page(request, form)


@trainer_tool
@require_POST
def copy_reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Order a copy to be as on its first day: a job does it."""
    copy = get_object_or_404(Copy, pk=pk)
    if order_reset(copy=copy, by=me(request), on=clock.now()):
        messages.success(request, f"{copy} : la remise à zéro se fait en arrière-plan. Sa carte reste bonne.")
    else:
        messages.info(request, f"{copy} attend déjà son chargement.")
    return redirect(local_url(request, request.POST.get("next", ""), reverse("sandbox:copy_list")))


@trainer_tool
@require_GET
def copy_cards(request: HttpRequest) -> HttpResponse:
    """Print the cards of a scenario's copies, or of one copy, as a PDF."""
    ready = Copy.objects.filter(state=Copy.State.READY)
    one = request.GET.get("copie", "")
    copies = list(ready.filter(pk=int(one)) if one.isdecimal() else ready.filter(scenario=request.GET.get("scenario")))
    if not copies:
        raise Http404
    headers = {"Content-Disposition": 'inline; filename="cartes.pdf"'}
    return HttpResponse(cards_pdf(copies, clock.today()), content_type="application/pdf", headers=headers)


@tool
@require_GET
def card_detail(request: HttpRequest, token: str) -> HttpResponse:
    """Show a copy to whoever has its card: its people, and what there is to do at which SIRET."""
    try:
        copy = get_object_or_404(Copy, pk=copy_id(token))
    except BadSignature:
        raise Http404 from None
    if not scope_of(request).trainer:
        # From here on this browser is in that copy.
        request.copy_scope = Scope(copy)  # type: ignore[attr-defined]
    people = personas_of(copy)
    users = users_of(people)
    context = {
        "copy": copy,
        "token": token,
        "people": [(persona, users.get(persona.login_key)) for persona in people],
        "places": copy.card.get("places", []),
    }
    return tool_page(request, "sandbox/card_detail.html", "card", context)


def me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - a trainer is logged in
    return request.user


def _list_page(request: HttpRequest, form: CopiesForm) -> HttpResponse:
    copies = Copy.objects.all()
    total, waiting = copies.count(), copies.waiting().count()
    shown = page(copies, order=("scenario", "number", "id"), size=50, params=request.GET)
    ready = [copy for copy in shown.items if copy.state == Copy.State.READY]
    titles = {copy.scenario: french.typeset(f"« {copy.card['title']} »") for copy in ready}
    return tool_page(
        request,
        "sandbox/copy_list.html",
        "copies",
        {
            "form": form,
            "page": shown,
            "rows": [(copy, card_token(copy)) for copy in shown.items],
            "titles": list(titles.items()),
            "waiting": waiting,
            "ready": total - waiting,
            "total": total,
        },
    )
