"""Lost and first passwords, by a mailed link (trust.md, Identity)."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts import rules
from accounts.actions.passwords import ask_password_link, check_answer, person_of_link, set_password_by_link
from accounts.forms import AnswerForm, LostPasswordForm, NewPasswordForm, PasswordAndQuestionForm
from accounts.models import User
from portal import clock


@login_not_required
@require_http_methods(["GET", "POST"])
def password_lost(request: HttpRequest) -> HttpResponse:
    """Ask for the login, and answer the same whether somebody has it or not."""
    form = LostPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        source = rules.login_source(get_adapter(request).get_client_ip(request))
        try:
            ask_password_link(key=form.login_key(), source=source, on=clock.now(), at=clock.real_now())
            return redirect("accounts:password_sent")
        except ValidationError as error:
            form.add_error(None, error.message)
    return render(request, "accounts/password_lost.html", {"form": form})


@login_not_required
@require_GET
def password_sent(request: HttpRequest) -> HttpResponse:
    """Say what happens, if the account exists."""
    return render(request, "accounts/password_sent.html")


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again", "answer", "secret")
@require_http_methods(["GET", "POST"])
def password_new(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Choose a password by the link. A GET changes nothing; used or too old, the link says so."""
    user = person_of_link(uid, token)
    if user is None:
        return render(request, "accounts/password_expired.html")
    form = _form(user, request.POST if request.method == "POST" else None)
    if form.is_valid() and _answered(form, user):
        values = {"question": "", "answer": ""} | form.cleaned_data
        set_password_by_link(
            user=user,
            password=values["password"],
            question=values["question"],
            answer=values["answer"],
            on=clock.now(),
        )
        messages.success(request, "Votre mot de passe est enregistré : connectez-vous.")
        return redirect("account_login")
    invited = isinstance(form, PasswordAndQuestionForm)
    return render(request, "accounts/password_new.html", {"form": form, "person": user, "invited": invited})


def _form(user: User, data: Any) -> NewPasswordForm:
    """Return the form for whoever has a password already, or for a newcomer, who chooses his question too."""
    if user.has_usable_password():
        return AnswerForm(data, user=user, known=user.own_words)
    return PasswordAndQuestionForm(data, known=user.own_words)


def _answered(form: NewPasswordForm, user: User) -> bool:
    """Say whether the secret answer is right, or not asked for; a wrong one is said at its field."""
    if "secret" not in form.fields:
        return True
    try:
        if check_answer(user=user, answer=form.cleaned_data["secret"], day=clock.day(clock.real_now())):
            return True
        form.add_error("secret", f"Ce n'est pas la réponse. {settings.ANSWER_TRIES_PER_DAY} essais par jour.")
    except ValidationError as error:
        form.add_error("secret", error.message)
    return False
