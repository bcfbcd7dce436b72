"""What a candidate for administrator sees: his state, the days left, the two ways, and the key's cells (G4)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import administration, person
from accounts.models import User
from habilitations import rules
from habilitations.access import letter_access
from habilitations.actions.cooptation import ask_letter, choose_route
from habilitations.actions.keys import use_key
from habilitations.actions.rights import closed_refusal
from habilitations.forms import ActivationKeyForm, RouteForm
from habilitations.models import Cooptation, EstablishmentDeclaration
from portal import clock


def _own(request: HttpRequest) -> Cooptation:
    """Return the request of the candidate who asks; 404 for anybody else."""
    requests = Cooptation.objects.select_related("establishment", "enterprise", "user")
    return get_object_or_404(requests, user=person(request), status=Cooptation.Status.PENDING)


@require_GET
def cooptation_status(request: HttpRequest) -> HttpResponse:
    """Show a candidate where his request is, who was asked, and until when it holds."""
    cooptation, now = _own(request), clock.now()
    administrators = list(User.objects.reachable_administrators_of(cooptation.enterprise)[:11])
    return render(
        request,
        "habilitations/cooptation_status.html",
        {
            "cooptation": cooptation,
            "expired": cooptation.deadline <= now,
            "days": rules.days_left(cooptation.deadline, now),
            "administrators": administrators,
            "letters": list(cooptation.keys.all()),
            "letter": letter_access(cooptation),
            "form": RouteForm(reachable=bool(administrators), initial={"route": cooptation.route}),
        },
    )


@require_POST
def cooptation_route(request: HttpRequest) -> HttpResponse:
    """Take the way that was chosen; the mind may be changed while the request is pending."""
    cooptation = _own(request)
    form = RouteForm(request.POST, reachable=True)
    if not form.is_valid():
        messages.error(request, "Choisissez la cooptation ou la clé d'activation.")
        return redirect("habilitations:cooptation_status")
    try:
        choose_route(cooptation=cooptation, route=form.cleaned_data["route"], on=clock.now())
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Votre choix est enregistré.")
    return redirect("habilitations:cooptation_status")


@require_POST
def activation_letter(request: HttpRequest) -> HttpResponse:
    """Ask for another letter; the key of the one before dies."""
    try:
        ask_letter(cooptation=_own(request), on=clock.now())
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Une nouvelle lettre va être postée. La clé de la précédente ne vaut plus rien.")
    return redirect("habilitations:cooptation_status")


@require_http_methods(["GET", "POST"])
def activation_key(request: HttpRequest) -> HttpResponse:
    """Take the key of the letter (G4.8)."""
    cooptation = _own(request)
    form = ActivationKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            day = clock.day(clock.real_now())
            if use_key(cooptation=cooptation, key=form.cleaned_data["key"], on=clock.now(), day=day):
                return redirect("habilitations:activation_done")
            form.add_error("key", "Cette clé n'est pas la bonne : vérifiez chaque caractère de la dernière lettre.")
        except ValidationError as error:
            form.add_error("key", error.message)
    return render(request, "habilitations/activation_key.html", {"form": form, "cooptation": cooptation})


@require_GET
def activation_done(request: HttpRequest) -> HttpResponse:
    """Go on with the registration: which declarations are open, and from when (G4.8)."""
    user = person(request)
    if not administration(user).allowed or user.establishment is None:
        raise Http404
    opened = EstablishmentDeclaration.objects.covering(user.establishment).select_related("declaration")
    return render(
        request,
        "habilitations/activation_done.html",
        {
            "declarations": list(opened.order_by("declaration__label")),
            "refusal": closed_refusal(user.establishment, clock.now()),
            "next_url": reverse("portal:dashboard"),
        },
    )
