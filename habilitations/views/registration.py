"""Registration from the home page: eleven steps, the draft in between, and the report (G3.1 to G3.14)."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions.registration import keep_answers
from accounts.models import Establishment, RegistrationDraft
from accounts.rules import terms
from habilitations.actions.registration import submit_registration
from habilitations.views import steps
from habilitations.views.steps import BY_SLUG, FIRST, LAST, RECAPS, STEPS, Step
from portal import clock

SESSION_KEY = "registration_draft"
NONE_YET = "Aucune inscription n'est commencée dans ce navigateur : c'est ici qu'elle commence."
EXPIRED = "Votre inscription commencée a expiré : elle n'est gardée que 24 heures. Recommencez ici."
CHOOSE_AGAIN = (
    "Votre SIRET ou votre nom a changé, et le mot de passe ne doit pas les contenir : choisissez-le de nouveau."
)


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again", "answer")
@require_http_methods(["GET", "POST"])
def registration_step(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a step, or keep its answers and go on."""
    step = BY_SLUG.get(slug)
    if step is None or (step is LAST and request.method == "POST"):
        raise Http404
    draft = _draft(request)
    if draft and draft.is_submitted and step is FIRST:
        draft = None  # somebody else registers, at the same screen
    if elsewhere := _elsewhere(request, step, draft):
        return elsewhere
    answers = draft.data if draft else {}
    form = steps.step_form(step, answers, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        kept = keep_answers(
            draft=draft,
            step=step.key,
            answers=steps.answers_of(step, form, steps.declarations_offered(answers)),
            forgets=step.forgets,
            at=clock.real_now(),
        )
        request.session[SESSION_KEY] = str(kept.draft.pk)
        if "password" in kept.forgotten:
            messages.warning(request, CHOOSE_AGAIN)
        back_to = RECAPS.get(request.POST.get("retour", ""))
        return redirect(_address(steps.following(step, kept.draft.data, back_to), back_to))
    return render(
        request, "habilitations/registration_step.html", _page(request, step, draft, answers) | {"form": form}
    )


@login_not_required
@never_cache
@require_POST
def registration_submit(request: HttpRequest) -> HttpResponse:
    """« Valider l'inscription » (G3.13): once, however often it is pressed."""
    draft = _draft(request)
    if draft is None or not draft.is_submitted:
        if elsewhere := _elsewhere(request, LAST, draft):
            return elsewhere
        assert draft is not None  # noqa: S101 - without one we would be elsewhere
        try:
            submit_registration(draft=draft, on=clock.now(), at=clock.real_now())
        except ValidationError as error:
            messages.error(request, error.message)
            return redirect(FIRST.url)
    return redirect("habilitations:registration_report")


@login_not_required
@never_cache
@require_GET
def registration_report(request: HttpRequest) -> HttpResponse:
    """« Rapport d'inscription » (G3.14), to whoever submitted it, as long as it is kept; the same for everybody."""
    draft = _draft(request)
    if draft is None or not draft.is_submitted:
        raise Http404
    return render(request, "habilitations/registration_report.html", {"report": draft.data[RegistrationDraft.REPORT]})


def _draft(request: HttpRequest) -> RegistrationDraft | None:
    """Return the session's draft, if it has not expired."""
    key = request.session.get(SESSION_KEY)
    return RegistrationDraft.objects.alive(clock.real_now()).filter(pk=uuid.UUID(key)).first() if key else None


def _elsewhere(request: HttpRequest, step: Step, draft: RegistrationDraft | None) -> HttpResponse | None:
    """Return where to go when this step cannot be shown; nothing when it can. 404 for another draft's page."""
    if draft is None:
        if step is FIRST:
            return None
        messages.info(request, EXPIRED if SESSION_KEY in request.session else NONE_YET)
        return redirect(FIRST.url)
    if draft.is_submitted:
        return redirect("habilitations:registration_report")
    # The page of a first step that began this draft had none to name.
    fresh = step is FIRST and request.POST.get("draft") == ""
    if request.method == "POST" and not fresh and request.POST.get("draft") != str(draft.pk):
        raise Http404
    missing = steps.first_missing(draft.data)
    return redirect(missing.url) if missing.number < step.number else None


def _address(step: Step, back_to: Step | None) -> str:
    return f"{step.url}?retour={back_to.slug}" if back_to and back_to is not step else step.url


def _page(request: HttpRequest, step: Step, draft: RegistrationDraft | None, answers: dict[str, Any]) -> dict[str, Any]:
    """Return what every step shows, and what this one needs of the register."""
    back_to = RECAPS.get(request.POST.get("retour", request.GET.get("retour", "")))
    page: dict[str, Any] = {
        "step": step,
        "total": len(STEPS),
        "draft_id": draft.pk if draft else "",
        "back_to": back_to,
        "previous": STEPS[step.number - 2] if step.number > 1 else None,
        "done": step.key in answers,
        "identity": answers.get("identity"),
    }
    if step.key == "terms":
        page |= {"clauses": terms.CLAUSES, "version": terms.VERSION}
    if step.key in ("establishment", "enterprise", "summary", "submission"):
        page["place"] = place = _place(answers)
    if step.key == "enterprise":
        page["open_establishments"] = place.enterprise.establishments.open_on(clock.today()).count()
    if step.key == "authentication":
        page["sections"] = steps.authentication_recap(answers)
    if step.key == "declarations":
        page["declarations"] = steps.declarations_offered(answers)
    if step.key == "summary":
        page["sections"] = steps.whole_recap(answers, place)
    return page


def _place(answers: dict[str, Any]) -> Establishment:
    places = Establishment.objects.select_related("enterprise")
    return get_object_or_404(places, siret=answers["identity"]["siret"])
