"""Personas: become somebody of the demo with one POST. The ordinary log-in stays, as an exercise."""

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from sandbox.documents import card_token
from sandbox.models import Copy
from sandbox.personas import PASSWORD, Persona, personas, personas_of, users_of
from sandbox.scope import scope_of
from sandbox.views.door import local_url, tool, tool_page

# The two names of one's own machine: a browser keeps their cookies apart.
_TWINS = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


@tool
@require_GET
def persona_list(request: HttpRequest) -> HttpResponse:
    """List the people of one's copy, else of the demo and the copies; a button for each who can still log in."""
    scope = scope_of(request)
    mine = scope.copy
    if mine is None and not settings.DEMO:
        raise Http404
    known = personas_of(mine) if mine else personas()
    users = users_of(known)
    copies = Copy.objects.filter(state=Copy.State.READY) if scope.sees_all else Copy.objects.none()
    context = {
        "people": [(persona, users.get(persona.login_key)) for persona in known],
        "copies": [(copy, card_token(copy)) for copy in copies],
        "second_window": _second_window(request),
        "nobody": not users,
        "password": known[0].password if mine and known else PASSWORD,
    }
    return tool_page(request, "sandbox/persona_list.html", "personas", context)


@tool
@require_POST
def persona_switch(request: HttpRequest, key: str) -> HttpResponse:
    """Become this person; whoever was logged in here is logged out."""
    persona = next((one for one in _within_reach(request, key) if one.key == key), None)
    if persona is None:
        raise Http404
    user = users_of([persona]).get(persona.login_key)
    if user is None or not user.is_active:
        messages.error(request, "Ce compte est suspendu, ou n'existe plus : choisissez quelqu'un d'autre.")
        return redirect("sandbox:persona_list")
    home = reverse("admin:index") if user.is_staff else reverse("portal:dashboard")
    if user.is_staff and not user.is_superuser and user.has_perm("sandbox.change_copy"):
        home = reverse("sandbox:board_detail")
    target = local_url(request, request.POST.get("next", ""), home)
    response: HttpResponse = perform_login(request, user, email_verification="none", redirect_url=target)
    return response


def _within_reach(request: HttpRequest, key: str) -> list[Persona]:
    """Return the people whom this request may become: the demo's, or those of the copy in the key.

    A copy must be one's own: by the scope, or by the card whose page asks.
    """
    number, _dash, _name = key.partition("-")
    if not number.isdecimal():
        return personas() if settings.DEMO else []
    copy = Copy.objects.filter(pk=int(number)).first()
    if copy and (scope_of(request).holds(copy) or request.POST.get("carte") == card_token(copy)):
        return personas_of(copy)
    return []


def _second_window(request: HttpRequest) -> str:
    """Return this page's address under the machine's other name, empty on a server that has but one."""
    name, colon, port = request.get_host().partition(":")
    twin = _TWINS.get(name)
    return f"{request.scheme}://{twin}{colon}{port}{request.path}" if twin else ""
