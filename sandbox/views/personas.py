"""Personas: become somebody of the demo with one POST. The ordinary log-in stays, as an exercise."""

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts import rules
from accounts.models import User
from sandbox.personas import PASSWORD, Persona, personas
from sandbox.views.door import local_url, tool, tool_page

# The two names of one's own machine: a browser keeps their cookies apart.
_TWINS = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


@tool
@require_GET
def persona_list(request: HttpRequest) -> HttpResponse:
    """List the people of the demo, with a button for each who can still log in."""
    _demo_only()
    known = {persona.key: _login_key(persona) for persona in personas()}
    users = {user.login_key: user for user in User.objects.filter(login_key__in=known.values())}
    people = [(persona, users.get(known[persona.key])) for persona in personas()]
    context = {"people": people, "second_window": _second_window(request), "nobody": not users, "password": PASSWORD}
    return tool_page(request, "sandbox/persona_list.html", "personas", context)


@tool
@require_POST
def persona_switch(request: HttpRequest, key: str) -> HttpResponse:
    """Become this person; whoever was logged in here is logged out."""
    _demo_only()
    persona = next((one for one in personas() if one.key == key), None)
    if persona is None:
        raise Http404
    user = User.objects.filter(login_key=_login_key(persona)).first()
    if user is None or not user.is_active:
        messages.error(request, "Ce compte est suspendu, ou n'existe plus : choisissez quelqu'un d'autre.")
        return redirect("sandbox:persona_list")
    home = reverse("admin:index") if user.is_staff else reverse("portal:dashboard")
    target = local_url(request, request.POST.get("next", ""), home)
    response: HttpResponse = perform_login(request, user, email_verification="none", redirect_url=target)
    return response


def _demo_only() -> None:
    if not settings.DEMO:
        raise Http404


def _login_key(persona: Persona) -> str:
    if persona.siret:
        return rules.login_key(persona.siret, persona.nom, persona.prenom)
    return rules.normalise_name(persona.nom)


def _second_window(request: HttpRequest) -> str:
    """Return this page's address under the machine's other name, empty on a server that has but one."""
    name, colon, port = request.get_host().partition(":")
    twin = _TWINS.get(name)
    return f"{request.scheme}://{twin}{colon}{port}{request.path}" if twin else ""
