"""« Sécurité de mon compte »: second factors, recovery codes, sessions (decision 0022)."""

import datetime as dt
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import factors, must_have_factor, person
from accounts.actions import factors as actions
from accounts.actions.sessions import close_sessions, open_sessions
from accounts.forms.security import ApplicationForm, PasskeyAddForm, PasswordForm
from accounts.models import User
from accounts.rules.codes import in_groups
from accounts.rules.devices import device
from portal import clock

HERE = "accounts:security_detail"
# Recovery codes can be read for so long after they were made, or until one says to have kept them.
CODES_SHOWN = dt.timedelta(minutes=15)
_SHOWN_UNTIL = "recovery_codes_until"
Type = Authenticator.Type


def _own(request: HttpRequest) -> User:
    """Return who asks: anybody who is in, staff too. A candidate sees his state and nothing else."""
    user = person(request)
    if user.state != User.State.ACTIVE:
        raise Http404
    return user


def _page(request: HttpRequest, template: str, title: str = "", **context: Any) -> HttpResponse:
    user = _own(request)
    home = ("Gestion", reverse("admin:index")) if user.is_staff else ("Menu personnalisé", reverse("portal:dashboard"))
    crumbs = [home, ("Sécurité de mon compte", reverse(HERE) if title else "")]
    if title:
        crumbs.append((title, ""))
    return render(request, template, {"crumbs": crumbs, "title": title, **context})


@require_GET
def security_detail(request: HttpRequest) -> HttpResponse:
    """Show one's second factors, how many recovery codes are left, and one's open sessions."""
    user = _own(request)
    held = factors(user)
    sessions = [
        (session, device(session.user_agent), session.session_key == request.session.session_key)
        for session in open_sessions(user=user, at=clock.real_now())[:50]
    ]
    return _page(
        request,
        "accounts/security_detail.html",
        application=next((one for one in held if one.type == Type.TOTP), None),
        passkeys=[one for one in held if one.type == Type.WEBAUTHN],
        codes_left=len(actions.unused_codes(user=user)),
        compulsory=must_have_factor(user),
        sessions=sessions,
    )


@sensitive_post_parameters("current", "code", "secret")
@require_http_methods(["GET", "POST"])
def security_application(request: HttpRequest) -> HttpResponse:
    """Add an authenticator application: its secret as a picture and as text, then its first code."""
    user, at = _own(request), clock.real_now()
    held = factors(user)
    if any(one.type == Type.TOTP for one in held):
        messages.info(request, "Vous avez déjà une application : retirez-la d'abord pour en changer.")
        return redirect(HERE)
    form = ApplicationForm(request.POST if request.method == "POST" else None, user=user, at=at)
    if form.is_valid():
        keep = request.session.session_key or ""
        actions.add_application(user=user, secret=form.plain, step=form.step, keep=keep, on=clock.now(), at=at)
        messages.success(request, "Votre application est ajoutée.")
        return redirect(HERE) if held else _codes_made(request)
    adapter = get_adapter()
    address = adapter.build_totp_url(user, form.plain)
    # Numbers and attributes, nothing that anybody typed.
    picture = mark_safe(adapter.build_totp_svg(address).partition("?>")[2])  # noqa: S308 - qrcode's own drawing
    return _page(
        request, "accounts/security_application.html", "Ajouter une application",
        form=form, picture=picture, secret=in_groups(form.plain), address=address,
    )  # fmt: skip


@sensitive_post_parameters("current", "credential")
@require_http_methods(["GET", "POST"])
def security_passkey(request: HttpRequest) -> HttpResponse:
    """Add a passkey: the browser makes it, by the page's script."""
    user = _own(request)
    held = factors(user)
    initial = {"name": device(request.headers.get("User-Agent", ""))[:40]}
    form = PasskeyAddForm(request.POST if request.method == "POST" else None, user=user, initial=initial)
    if form.is_valid():
        values, keep = form.cleaned_data, request.session.session_key or ""
        actions.add_passkey(
            user=user, name=values["name"], credential=values["credential"], keep=keep, on=clock.now(),
            at=clock.real_now(),
        )  # fmt: skip
        messages.success(request, "Votre clé d'accès est ajoutée.")
        return redirect(HERE) if held else _codes_made(request)
    return _page(request, "accounts/security_passkey.html", "Ajouter une clé d'accès", form=form)


@require_POST
def security_passkey_options(request: HttpRequest) -> HttpResponse:
    """Hand the browser a challenge for a new passkey, and remember it in the session."""
    return JsonResponse(auth.begin_registration(_own(request), passwordless=False))


def _codes_made(request: HttpRequest) -> HttpResponse:
    """Lead to the codes that came with the first factor, or replaced others: they are read now or never."""
    request.session[_SHOWN_UNTIL] = (clock.real_now() + CODES_SHOWN).isoformat()
    return redirect("accounts:security_codes")


def _readable_codes(request: HttpRequest, user: User) -> list[str]:
    """Return the codes while they may be read, in the session that made them."""
    until = request.session.get(_SHOWN_UNTIL)
    if not until or dt.datetime.fromisoformat(until) < clock.real_now():
        return []
    return [in_groups(code) for code in actions.unused_codes(user=user)]


@sensitive_post_parameters("current")
@require_http_methods(["GET", "POST"])
def security_codes(request: HttpRequest) -> HttpResponse:
    """Show recovery codes that were just made; otherwise offer to replace them."""
    user = _own(request)
    codes = _readable_codes(request, user)
    form = PasswordForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        if actions.replace_codes(user=user, on=clock.now()):
            return _codes_made(request)
        messages.error(request, "Ajoutez d'abord une application ou une clé d'accès.")
        return redirect(HERE)
    left = len(actions.unused_codes(user=user))
    return _page(request, "accounts/security_codes.html", "Codes de secours", form=form, codes=codes, left=left)


@require_GET
def security_codes_file(request: HttpRequest) -> HttpResponse:
    """Give the same codes as a text file, as long as the page shows them."""
    codes = _readable_codes(request, _own(request))
    if not codes:
        raise Http404
    text = "Codes de secours de l'Atelier AT/MP. Chacun sert une fois.\n\n" + "\n".join(codes) + "\n"
    headers = {"Content-Disposition": 'attachment; filename="codes-de-secours.txt"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@require_POST
def security_codes_kept(request: HttpRequest) -> HttpResponse:
    """Hide the codes for good: their owner has kept them."""
    _own(request)
    request.session.pop(_SHOWN_UNTIL, None)
    messages.success(request, "Vos codes de secours ne seront plus affichés.")
    return redirect(HERE)


@sensitive_post_parameters("current")
@require_http_methods(["GET", "POST"])
def security_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one's application or one of one's passkeys."""
    user = _own(request)
    factor = next((one for one in factors(user) if one.pk == pk and one.type != Type.RECOVERY_CODES), None)
    if factor is None:
        raise Http404
    form: forms.Form = PasswordForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        try:
            actions.remove_factor(user=user, pk=pk, on=clock.now())
            messages.success(request, "Ce second facteur est retiré.")
        except ValidationError as error:
            messages.error(request, error.message)
        return redirect(HERE)
    return _page(
        request, "accounts/security_remove.html", "Retirer un second facteur", form=form, name=actions.name_of(factor)
    )


@require_POST
def security_sessions(request: HttpRequest) -> HttpResponse:
    """Close one of one's other sessions, or all of them."""
    asked = request.POST.get("session", "")
    only = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
    if asked and only is None:
        raise Http404
    key = request.session.session_key or ""
    count = close_sessions(user=_own(request), keep=key, only=only, on=clock.now())
    told = "Session fermée." if count == 1 else f"{count} sessions fermées." if count else "Aucune autre session."
    messages.success(request, told)
    return redirect(HERE)
