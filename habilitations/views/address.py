"""The link that validates an address (G3.15). A GET changes nothing: mail scanners follow links."""

from typing import Any

from allauth.account import app_settings
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from habilitations.actions.activation import validate_address
from portal import clock

SENT_TO = "verification_address"


@login_not_required
@require_GET
def account_email_verification_sent(request: HttpRequest) -> HttpResponse:
    """Say to whoever logs in without a validated address that its link was sent again, and where to."""
    return render(
        request, "habilitations/account_email_verification_sent.html", {"address": request.session.get(SENT_TO, "")}
    )


@login_not_required
@require_http_methods(["GET", "POST"])
def account_confirm_email(request: HttpRequest, key: str) -> HttpResponse:
    """Ask, then validate. A link used, too old or unknown says so; a second click is harmless."""
    link = _Link(key)
    context: dict[str, Any] = {"state": link.state, "address": link.address, "user": None, "reason": ""}
    if request.method == "POST" and link.state == "open" and link.address:
        try:
            context |= {"user": validate_address(address=link.address, on=clock.now()), "state": "done"}
        except ValidationError as error:
            context |= {"state": "refused", "reason": error.message}
    return render(request, "habilitations/account_confirm_email.html", context)


class _Link:
    """What a mailed key is worth: « open », « used », « expired » or « unknown ». Read by allauth, with its dates."""

    def __init__(self, key: str) -> None:
        confirmation = EmailConfirmationHMAC.from_key(key)
        self.address: EmailAddress | None = confirmation.email_address if confirmation else None
        self.state = "open" if confirmation else "unknown"
        if confirmation:
            return
        try:
            pk = signing.loads(key, salt=app_settings.SALT)
        except signing.BadSignature:
            return
        known = EmailAddress.objects.filter(pk=pk).first()
        if known:
            self.state = "used" if known.verified else "expired"
