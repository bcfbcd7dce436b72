"""The door of the tools, and its page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.kit.paging import with_params
from sandbox.access import Door, door, keep_door_open
from sandbox.documents import card_token
from sandbox.forms import CodeForm
from sandbox.scope import keep_in_copy, scope_of

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def tool(view: View) -> View:
    """Open a page to whoever may use the tools, logged in or not; ask others for the class code, or say 404."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        match door(request):
            case Door.OPEN:
                return view(request, *args, **kwargs)
            case Door.ASKS_CODE:
                back = request.get_full_path() if request.method == "GET" else reverse("sandbox:tool_index")
                return redirect(reverse("sandbox:class_code") + with_params(request.GET.__class__(), {"next": back}))
        raise Http404

    return guarded  # type: ignore[return-value]


def local_url(request: HttpRequest, target: str, default: str) -> str:
    """Return an address of this portal, or the default one when it leads elsewhere."""
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else default


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def class_code(request: HttpRequest) -> HttpResponse:
    """Ask for the class code, then lead where one wanted to go."""
    if door(request) is Door.CLOSED:
        raise Http404
    # Hundreds of tries would find a short code: allauth counts them by address.
    if not ratelimit.consume(request, action="class_code"):
        return render(request, "429.html", status=429)
    target = local_url(request, request.GET.get("next", ""), reverse("sandbox:tool_index"))
    if door(request) is Door.OPEN:
        return redirect(target)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = redirect(target)
        keep_door_open(response)
        return response
    return render(request, "sandbox/class_code.html", {"form": form})


# Slug, label, page and what it is for.
_TOOLS = (
    ("clock", "Horloge", "sandbox:clock_detail",
     "Avancer d'un jour, de quinze, au 1er janvier, et lire ce qui s'est passé en chemin."),
    ("mails", "Courriels", "sandbox:mailbox_list",
     "La boîte de chacun : ouvrir un courriel, suivre son lien."),
    ("letters", "Lettres", "sandbox:letter_list",
     "Les enveloppes postées par le portail : clés d'activation et notifications sur papier."),
    ("missions", "Missions", "sandbox:mission_list",
     "Les démarches du guide, une par une : quoi faire, pourquoi, par où, et trois indices."),
    ("personas", "Personnages", "sandbox:persona_list",
     "Entrer dans la peau de quelqu'un sans ressaisir son mot de passe."),
    ("board", "Tableau", "sandbox:board_detail",
     "Où en est chaque stagiaire, qui est bloqué et depuis quand ; envoyer un taux, un candidat."),
    ("copies", "Copies", "sandbox:copy_list",
     "Charger un scénario pour chaque stagiaire, imprimer les cartes, remettre une copie à zéro."),
)  # fmt: skip


def tool_page(request: HttpRequest, template: str, tool: str, context: dict[str, Any]) -> HttpResponse:
    """Render a page of a tool, with the row of tools that this request may use; a copy is remembered."""
    scope = scope_of(request)
    plays = settings.DEMO or scope.copy is not None
    closed = {"personas": not plays, "missions": not plays, "copies": not scope.trainer, "board": not scope.trainer}
    cards = [(slug, label, reverse(page), text) for slug, label, page, text in _TOOLS if not closed.get(slug)]
    if scope.copy:
        mine = reverse("sandbox:card_detail", args=[card_token(scope.copy)])
        cards.append(("card", "Ma copie", mine, f"{scope.copy} : ses personnes, et ce qu'il y a à faire à quel SIRET."))
    menu = [("index", "Outils", reverse("sandbox:tool_index")), *((slug, label, url) for slug, label, url, _ in cards)]
    response = render(request, template, context | {"tool": tool, "tools_menu": menu, "tools_cards": cards})
    if scope.copy:
        keep_in_copy(response, scope.copy)
    return response
