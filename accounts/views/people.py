"""« Gérer les inscrits »: an administrator's colleagues (G3.5)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import administration, colleagues, managed_places, person
from accounts.actions import people
from accounts.forms import AddressForm, ColleagueForm, PeopleFilters
from accounts.models import User
from portal import clock
from portal.kit.paging import page


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    listed = reverse("accounts:person_list") if more else ""
    return [("Menu personnalisé", reverse("portal:dashboard")), ("Gérer les inscrits", listed), *more]


def _administrator(request: HttpRequest) -> User:
    """Return who asks; the page does not exist for anybody but administrators."""
    user = person(request)
    if not administration(user).allowed:
        raise Http404
    return user


def _colleague(request: HttpRequest, pk: int) -> User:
    mine: QuerySet[User] = colleagues(_administrator(request)).select_related("establishment__enterprise")
    return get_object_or_404(mine, pk=pk)


@require_GET
def person_list(request: HttpRequest) -> HttpResponse:
    """List the people within an administrator's reach; candidates have a page of their own (G4.4)."""
    user = _administrator(request)
    filters = PeopleFilters(request.GET)
    found = filters.keep(colleagues(user)).select_related("establishment")
    return render(
        request,
        "accounts/person_list.html",
        {
            "crumbs": _crumbs(),
            "form": filters,
            "page": page(found, order=("last_name", "first_name", "id"), size=50, params=request.GET),
        },
    )


@require_http_methods(["GET", "POST"])
def person_add(request: HttpRequest) -> HttpResponse:
    """Register a déclarant, who then chooses his password by mail (G3.5)."""
    user = _administrator(request)
    form = ColleagueForm(request.POST or None, places=managed_places(user, clock.today()))
    if request.method == "POST" and form.is_valid():
        try:
            added = people.invite_declarant(**form.cleaned_data, by=user, on=clock.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{added.full_name} est inscrit : un lien lui est envoyé à {added.email}.")
            return redirect("accounts:person_detail", pk=added.pk)
    crumbs = _crumbs(("Inscrire un déclarant", ""))
    return render(request, "accounts/person_add.html", {"crumbs": crumbs, "form": form})


@require_GET
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person, and what an administrator may do."""
    colleague = _colleague(request, pk)
    offered = [(slug, act.label) for slug, act in ACTS.items() if act.fits(colleague) and request.user != colleague]
    context = {"crumbs": _crumbs((colleague.full_name, "")), "colleague": colleague, "acts": offered}
    return render(request, "accounts/person_detail.html", context)


@require_http_methods(["GET", "POST"])
def person_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a colleague's address: he has to validate the new one (G3.15). One's own changes elsewhere."""
    by, colleague = _administrator(request), _colleague(request, pk)
    if colleague == by:
        return redirect("accounts:account_detail")
    form = AddressForm(request.POST or None, initial={"email": colleague.email})
    if request.method == "POST" and form.is_valid():
        changed = people.correct_address(user=colleague, email=form.cleaned_data["email"], by=by, on=clock.now())
        told = "L'adresse est corrigée : un lien y est envoyé." if changed else "C'est déjà son adresse."
        messages.success(request, told)
        return redirect("accounts:person_detail", pk=pk)
    back = reverse("accounts:person_detail", args=[pk])
    crumbs = _crumbs((colleague.full_name, back), ("Adresse électronique", ""))
    return render(request, "accounts/person_address.html", {"crumbs": crumbs, "form": form, "colleague": colleague})


@require_http_methods(["GET", "POST"])
def person_act(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Say what an act will do, then do it."""
    by, colleague = _administrator(request), _colleague(request, pk)
    act = ACTS.get(slug)
    if act is None or colleague == by or not act.fits(colleague):
        raise Http404
    back = reverse("accounts:person_detail", args=[pk])
    if request.method == "POST":
        try:
            act.do(colleague, by)
        except ValidationError as error:
            messages.error(request, error.message)
            return redirect(back)
        messages.success(request, act.done.format(name=colleague.full_name))
        return redirect("accounts:person_list" if act.removes else back)
    crumbs = _crumbs((colleague.full_name, back), (act.label, ""))
    return render(request, "accounts/person_act.html", {"crumbs": crumbs, "colleague": colleague, "act": act})


@dataclass(frozen=True)
class Act:
    """What an administrator does to a colleague. fits: whether it is offered. consequences, done: sentences."""

    label: str
    consequences: str
    done: str
    fits: Callable[[User], bool]
    do: Callable[[User, User], bool]
    removes: bool = False


def _state(*states: str) -> Callable[[User], bool]:
    return lambda user: user.state in states


_A, _S, _U = User.State.ACTIVE, User.State.SUSPENDED, User.State.UNVERIFIED
ACTS = {
    "administrateur": Act(
        "Nommer administrateur",
        "Cette personne aura tous les droits sur les déclarations de son périmètre, comme vous.",
        "{name} est administrateur.",
        lambda user: user.state == _A and not user.is_administrator,
        lambda user, by: people.change_role(user=user, role=User.Role.ADMINISTRATOR, by=by, on=clock.now()),
    ),
    "declarant": Act(
        "Rendre déclarant",
        "Cette personne ne pourra plus choisir les déclarations, donner des droits ni gérer les inscrits. Elle "
        "n'utilisera que ce qui lui est accordé par habilitation.",
        "{name} est déclarant.",
        lambda user: user.is_administrator,
        lambda user, by: people.change_role(user=user, role=User.Role.DECLARANT, by=by, on=clock.now()),
    ),
    "renvoyer": Act(
        "Renvoyer le lien",
        "Un nouveau lien pour choisir son mot de passe lui est envoyé.",
        "Un lien est renvoyé à {name}.",
        lambda user: user.state == _U and not user.has_usable_password(),
        lambda user, by: people.invite_again(user=user, by=by, on=clock.now()),
    ),
    "suspendre": Act(
        "Suspendre",
        "Ses sessions sont fermées et il ne peut plus se connecter. Ses droits restent, pour le jour où il revient.",
        "{name} est suspendu.",
        _state(_A),
        lambda user, by: people.suspend_user(user=user, by=by, on=clock.now()),
    ),
    "retablir": Act(
        "Rétablir",
        "Il peut de nouveau se connecter, avec les droits qu'il avait.",
        "{name} est rétabli.",
        _state(_S),
        lambda user, by: people.reactivate_user(user=user, by=by, on=clock.now()),
    ),
    "retirer": Act(
        "Retirer des inscrits",
        "Son compte est supprimé, avec ses droits, ses liens et ses sessions. Ce qu'il a fait reste au journal.",
        "{name} est retiré des inscrits.",
        _state(_A, _S, _U),
        lambda user, by: people.remove_user(user=user, by=by, on=clock.now()),
        removes=True,
    ),
}
