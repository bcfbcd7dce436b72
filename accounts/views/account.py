"""« Mes informations »: one's own password, question, address, telephone, and the way out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import person
from accounts.actions import passwords, people
from accounts.forms import OwnAddressForm, OwnPasswordForm, OwnQuestionForm, PhoneForm
from accounts.models import User
from portal import clock

HERE = "accounts:account_detail"


def _own(request: HttpRequest) -> User:
    """Return who asks. A candidate sees his state and nothing else; staff have their own tool."""
    user = person(request)
    if user.establishment is None or user.state != User.State.ACTIVE:
        raise Http404
    return user


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        ("Menu personnalisé", reverse("portal:dashboard")),
        ("Mes informations", reverse(HERE) if more else ""),
        *more,
    ]


@require_GET
def account_detail(request: HttpRequest) -> HttpResponse:
    """Show what is known of oneself."""
    user = _own(request)
    changes = [(slug, change.label) for slug, change in CHANGES.items() if change.offered()]
    context = {"crumbs": _crumbs(), "person": user, "changes": changes}
    return render(request, "accounts/account_detail.html", context)


@sensitive_post_parameters("current", "password", "again", "answer")
@require_http_methods(["GET", "POST"])
def account_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Change one thing about oneself."""
    user, change = _own(request), CHANGES.get(slug)
    if change is None or not change.offered():
        raise Http404
    form = change.form(user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        messages.success(request, change.do(request, user, form.cleaned_data))
        return redirect(HERE)
    context = {"crumbs": _crumbs((change.label, "")), "form": form, "title": change.label}
    return render(request, "accounts/account_change.html", context)


@require_http_methods(["GET", "POST"])
def account_leave(request: HttpRequest) -> HttpResponse:
    """Leave the enterprise: the account is deleted, unless it is the last administrator's."""
    user = _own(request)
    if request.method == "POST":
        try:
            people.remove_user(user=user, by=user, on=clock.now())
        except ValidationError as error:
            messages.error(request, error.message)
            return redirect(HERE)
        logout(request)
        messages.success(request, "Votre compte est supprimé.")
        return redirect("portal:home")
    return render(request, "accounts/account_leave.html", {"crumbs": _crumbs(("Quitter l'entreprise", ""))})


@dataclass(frozen=True)
class Change:
    """One thing that a person changes about himself. do: returns the sentence that says it is done."""

    label: str
    form: Callable[[User, Any], forms.Form]
    do: Callable[[HttpRequest, User, dict[str, Any]], str]
    offered: Callable[[], bool] = lambda: True


def change_own_password(request: HttpRequest, user: User, password: str) -> None:
    """Replace the password of who asks; this session goes on, under a new key, and the others end."""
    kept = request.session.session_key or ""
    people.replace_password(user=user, password=password, by=user, on=clock.now(), keep_session=kept)
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)


def _password(request: HttpRequest, user: User, values: dict[str, Any]) -> str:
    change_own_password(request, user, values["password"])
    return "Votre mot de passe est changé. Vos autres sessions sont fermées."


def _question(_request: HttpRequest, user: User, values: dict[str, Any]) -> str:
    people.replace_question(user=user, question=values["question"], answer=values["answer"], by=user, on=clock.now())
    return "Votre question secrète est changée."


def _address(_request: HttpRequest, user: User, values: dict[str, Any]) -> str:
    if passwords.propose_address(user=user, email=values["email"], on=clock.now()):
        return f"Un lien est envoyé à {values['email']} : votre adresse changera quand vous l'aurez ouvert."
    return "C'est déjà votre adresse."


def _phone(_request: HttpRequest, user: User, values: dict[str, Any]) -> str:
    people.correct_phone(user=user, phone=values["phone"], by=user, on=clock.now())
    return "Votre téléphone est enregistré."


CHANGES = {
    "mot-de-passe": Change(
        "Changer de mot de passe",
        lambda user, data: OwnPasswordForm(data, user=user, known=user.own_words),
        _password,
    ),
    "question": Change(
        "Changer de question secrète",
        lambda user, data: OwnQuestionForm(data, user=user, initial={"question": user.question}),
        _question,
        lambda: not settings.PASSWORD_REINFORCED,
    ),
    "adresse": Change("Changer d'adresse électronique", lambda user, data: OwnAddressForm(data, user=user), _address),
    "telephone": Change(
        "Changer de téléphone", lambda user, data: PhoneForm(data, initial={"phone": user.phone}), _phone
    ),
}
