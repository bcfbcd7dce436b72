"""The second step of a log-in: a code, or a passkey (decision 0022). allauth says who is waiting there."""

from collections.abc import Callable

from allauth.account.internal.decorators import login_stage_required
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import factors
from accounts.actions.factors import use_code, use_passkey
from accounts.forms.security import CodeForm, PasskeyUseForm
from portal import clock

View = Callable[[HttpRequest], HttpResponse]


def _waiting(view: View) -> View:
    """Let in whoever gave the right password less than a quarter of an hour ago; lead others to the log-in."""
    stage_required = login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")
    return stage_required(view)  # type: ignore[no-any-return]


@_waiting
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "POST"])
def mfa_authenticate(request: HttpRequest) -> HttpResponse:
    """Ask whoever gave the right password for his second factor, then let him in."""
    stage = request._login_stage  # type: ignore[attr-defined]
    user = stage.login.user
    by_key = "credential" in request.POST
    code_form = CodeForm(request.POST if request.method == "POST" and not by_key else None)
    key_form = PasskeyUseForm(request.POST if by_key else None, user=user)
    if key_form.is_valid():
        use_passkey(factor=key_form.cleaned_data["credential"], at=clock.real_now())
        return stage.exit()  # type: ignore[no-any-return]
    if code_form.is_valid():
        try:
            use_code(user=user, code=code_form.cleaned_data["code"], on=clock.now(), at=clock.real_now())
            return stage.exit()  # type: ignore[no-any-return]
        except ValidationError as error:
            code_form.add_error("code", error.message)
    has_passkey = any(one.type == Authenticator.Type.WEBAUTHN for one in factors(user))
    context = {"form": key_form if by_key else code_form, "code_form": code_form, "key_form": key_form}
    return render(request, "accounts/second_factor.html", context | {"has_passkey": has_passkey})


@_waiting
@require_POST
def mfa_passkey_options(request: HttpRequest) -> HttpResponse:
    """Hand the browser a challenge for the passkeys of who is waiting, and remember it in the session."""
    return JsonResponse(auth.begin_authentication(request._login_stage.login.user))  # type: ignore[attr-defined]


@_waiting
@require_POST
def mfa_cancel(request: HttpRequest) -> HttpResponse:
    """Forget the password that was given, and start again."""
    response: HttpResponse = request._login_stage.abort()  # type: ignore[attr-defined]
    return response
