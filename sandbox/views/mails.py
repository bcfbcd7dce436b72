"""The mailboxes: every mail of the portal, by recipient, shown without running or fetching anything."""

from base64 import b64encode
from email.utils import format_datetime
from functools import cache
from hashlib import sha256

from csp.decorators import csp_update
from django.core.mail import EmailMultiAlternatives
from django.db.models import Count, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from accounts.models import Mail
from accounts.models.mail import MailQuerySet
from portal import clock
from portal.kit.paging import page
from sandbox.forms import BoxFilters
from sandbox.scope import scope_of
from sandbox.views.door import tool, tool_page

FORMS = {"html": "HTML", "texte": "Texte", "source": "Source"}
# A mail is written by others: no script, no remote content, no form, no style but the portal's own; only its links
# work, out of the frame.
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"


@cache
def _body_policy() -> str:
    """Return the policy of a mail in its frame; the style sheet of layouts/email.html is let in by its hash."""
    style = b64encode(sha256(render_to_string("layouts/email.css").encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{style}'; form-action 'none'; base-uri 'none'; "
        f"frame-ancestors 'self'; sandbox {_SANDBOX}"
    )


@tool
@require_GET
def mailbox_list(request: HttpRequest) -> HttpResponse:
    """List the mailboxes, the last written to first."""
    filters, mine = BoxFilters(request.GET), _mails(request)
    last = mine.order_by().values("recipient").annotate(last=Max("id")).values("last")
    same = mine.order_by().filter(recipient=OuterRef("recipient")).values("recipient")
    boxes = filters.keep(Mail.objects.filter(pk__in=last)).defer("text", "html")
    boxes = boxes.annotate(mails=Coalesce(Subquery(same.annotate(count=Count("pk")).values("count")), 1))
    shown = page(boxes, order=("-id",), size=50, params=request.GET)
    return tool_page(request, "sandbox/mailbox_list.html", "mails", {"form": filters, "page": shown})


@tool
@require_GET
def mailbox_detail(request: HttpRequest) -> HttpResponse:
    """List the mails of one address, the newest first."""
    address = request.GET.get("adresse", "")
    mails = _mails(request).filter(recipient=address).defer("text", "html")
    shown = page(mails, order=("-id",), size=50, params=request.GET)
    if not shown.items:
        raise Http404
    crumbs = [("Courriels", reverse("sandbox:mailbox_list")), (address, "")]
    context = {"crumbs": crumbs, "address": address, "page": shown}
    return tool_page(request, "sandbox/mailbox_detail.html", "mails", context)


@tool
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]
@require_GET
def mail_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one mail: as HTML in a frame that may do nothing, as text, or as it would travel."""
    mail = get_object_or_404(_mails(request), pk=pk)
    offered = {slug: label for slug, label in FORMS.items() if slug != "html" or mail.html}
    form = request.GET.get("forme", "")
    form = form if form in offered else next(iter(offered))
    box = f"{reverse('sandbox:mailbox_detail')}?adresse={mail.recipient}"
    context = {
        "crumbs": [("Courriels", reverse("sandbox:mailbox_list")), (mail.recipient, box), (mail.subject, "")],
        "mail": mail,
        "shown_as": form,
        "frame_may": _SANDBOX,
        "offered": list(offered.items()),
        "source": _source(mail) if form == "source" else "",
    }
    return tool_page(request, "sandbox/mail_detail.html", "mails", context)


@tool
@xframe_options_sameorigin
@require_GET
def mail_body(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the HTML of a mail to its frame, under a policy of its own; its links leave the frame."""
    html = get_object_or_404(_mails(request).exclude(html=""), pk=pk).html
    base = '<base target="_top">'
    body = html.replace("<head>", f"<head>{base}", 1) if "<head>" in html else base + html
    # The portal's own policy is left out whole: merged into it, this one would be looser.
    return HttpResponse(body, headers={"Content-Security-Policy": _body_policy()})


def _mails(request: HttpRequest) -> MailQuerySet:
    """Return the mails that this request may see."""
    return scope_of(request).keep(Mail.objects.all(), "siren")


def _source(mail: Mail) -> str:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        mail.sender,
        [mail.recipient],
        headers={
            "Date": format_datetime(mail.created_at.astimezone(clock.PARIS)),
            "Message-ID": f"<{mail.pk}@atelier.example>",
        },
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return str(message.message().as_string())
