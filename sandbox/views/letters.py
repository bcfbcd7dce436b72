"""The letterbox: every letter that the portal posted, in its envelope until it arrives."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from habilitations.documents import activation_letters_pdf
from notifications.documents import rate_decision_pdf
from portal import clock
from portal.kit.paging import page
from sandbox.actions.post import read_copy
from sandbox.forms import LetterFilters
from sandbox.models import Letter
from sandbox.models.letter import LetterQuerySet
from sandbox.scope import scope_of
from sandbox.views.door import tool, tool_page


@tool
@require_GET
def letter_list(request: HttpRequest) -> HttpResponse:
    """List the letters posted, the last one first; those on their way too."""
    filters = LetterFilters(request.GET)
    shown = page(filters.keep(_letters(request)), order=("-posted_at", "-id"), size=50, params=request.GET)
    today = clock.today()
    rows = [(letter, letter.is_there(today)) for letter in shown.items]
    return tool_page(request, "sandbox/letter_list.html", "letters", {"form": filters, "page": shown, "rows": rows})


@tool
@require_GET
def letter_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an envelope: to whom, posted and arriving when; open, once it is there."""
    letter = get_object_or_404(_letters(request).select_related("key", "decision"), pk=pk)
    crumbs = [("Lettres", reverse("sandbox:letter_list")), (f"{letter.title} n° {letter.pk}", "")]
    context = {"crumbs": crumbs, "letter": letter, "is_there": letter.is_there(clock.today())}
    return tool_page(request, "sandbox/letter_detail.html", "letters", context)


@tool
@require_GET
def letter_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the envelope: the letter as a PDF. Nothing is read through the paper of one that is on its way."""
    letter = get_object_or_404(_letters(request).select_related("decision__establishment"), pk=pk)
    if not letter.is_there(clock.today()):
        messages.info(request, "Cette lettre est en route : une enveloppe ne se lit pas avant d'arriver.")
        return redirect("sandbox:letter_detail", pk)
    decision = letter.decision
    pdf = rate_decision_pdf(decision) if decision else activation_letters_pdf([read_copy(letter)])
    headers = {"Content-Disposition": f'inline; filename="lettre-{letter.pk}.pdf"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _letters(request: HttpRequest) -> LetterQuerySet:
    """Return the letters that this request may see."""
    return scope_of(request).keep(Letter.objects.posted().with_siren(), "siren")
