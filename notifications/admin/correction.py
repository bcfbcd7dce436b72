"""« Rectifier, changer ou annuler » a decision: asked, shown before and after, then published (decision 0018)."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.admin.base import posted
from notifications import rules
from notifications.actions.correction import Correction
from notifications.models import RateDecision
from notifications.models.decision import REASON_LENGTH
from portal.kit import french

RECTIFY, CHANGE, CANCEL = "rectify", "change", "cancel"
_WHAT = {
    RECTIFY: "Rectifier : un autre taux à la même date d'effet",
    CHANGE: "Changer en cours d'année : un autre taux à partir d'une date plus tardive",
    CANCEL: "Annuler : le taux d'avant s'applique de nouveau",
}


class CorrectionForm(forms.Form):
    """What comes after a decision, and why."""

    what = forms.ChoiceField(
        label="Que faire ?", choices=list(_WHAT.items()), widget=forms.RadioSelect, initial=RECTIFY
    )
    rate = forms.CharField(
        label="Nouveau taux net",
        max_length=12,
        required=False,
        help_text="En pour cent : 2,84. Rien pour une annulation.",
    )
    mode = forms.ChoiceField(
        label="Mode de tarification",
        choices=RateDecision.Mode.choices,
        required=False,
        help_text="Sans effet pour une annulation.",
    )
    effective_on = forms.DateField(
        label="Nouvelle date d'effet",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Seulement pour un changement en cours d'année.",
    )
    reason = forms.CharField(
        label="Motif",
        max_length=REASON_LENGTH,
        help_text="L'entreprise le lit sur sa notification, son document et dans son journal.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, decision: RateDecision, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.decision = decision

    def clean_rate(self) -> object:
        """Read the rate, when there is one."""
        text = self.cleaned_data["rate"].strip()
        try:
            return rules.parse_rate(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        """Ask for what the choice needs, at the field that lacks it."""
        values = super().clean() or self.cleaned_data
        what = values.get("what")
        if what in (RECTIFY, CHANGE) and values.get("rate") is None and "rate" not in self.errors:
            self.add_error("rate", "Écrivez le nouveau taux.")
        if what == CHANGE and "effective_on" not in self.errors:
            day = values.get("effective_on")
            if day is None or day <= self.decision.effective_on:
                self.add_error("effective_on", f"Choisissez un jour après le {french.day(self.decision.effective_on)}.")
        return values

    def correction(self) -> Correction:
        """Return what a valid form orders."""
        values = self.cleaned_data
        cancels = values["what"] == CANCEL
        return Correction(
            nature=RateDecision.Nature.CANCELLATION if cancels else RateDecision.Nature.RATE,
            effective_on=values["effective_on"] if values["what"] == CHANGE else self.decision.effective_on,
            rate=None if cancels else values["rate"],
            mode=None if cancels else values["mode"],
            reason=" ".join(values["reason"].split()),
        )


def sentences(decision: RateDecision, correction: Correction) -> list[str]:
    """Say before and after, and who will be told."""
    before = (
        f"{french.rate(decision.rate)} ({decision.get_mode_display().lower()}) au {french.day(decision.effective_on)}"
    )
    if correction.rate is None:
        after = f"le taux en vigueur avant le {french.day(decision.effective_on)} s'applique de nouveau"
        earlier = RateDecision.objects.history_of(decision).filter(effective_on__lt=decision.effective_on).last()
        after += f", soit {french.rate(earlier.rate)}" if earlier else ""
    else:
        mode = RateDecision.Mode(str(correction.mode)).label.lower()
        after = f"{french.rate(correction.rate)} ({mode}) au {french.day(correction.effective_on)}"
    return [
        f"Établissement {french.siret(decision.establishment.siret)}, code risque {decision.code_risque}.",
        f"Avant, décision {decision.number} : {before}.",
        f"Après : {after}.",
        f"Motif que l'entreprise lira : « {correction.reason} »",
        "L'entreprise reçoit une nouvelle notification, qui a ses propres dates légales ; l'ancienne reste lisible et "
        "dit ce qui l'a remplacée.",
        "Une décision publiée ne se modifie plus.",
    ]


def confirmed(request: HttpRequest) -> bool:
    """Whether this POST comes from the page that shows before and after."""
    return request.method == "POST" and "confirmed" in request.POST


def ask(request: HttpRequest, form: CorrectionForm, crumbs: list[tuple[str, str]]) -> HttpResponse:
    """Show before and after; the form's values wait there, hidden."""
    decision = form.decision
    kept = [(name, form[name].value()) for name in form.fields]
    context = {
        "title": "Publier cette décision ?",
        "sentences": sentences(decision, form.correction()),
        "submit": "Publier",
        "kept": [(name, "" if value is None else value) for name, value in kept] + [("confirmed", "1")],
        "back_url": reverse("admin:notifications_ratedecision_change", args=[decision.pk]),
        "crumbs": crumbs,
    }
    return render(request, "admin/tools/confirm.html", context)


def form_of(request: HttpRequest, decision: RateDecision) -> CorrectionForm:
    """Return the form, filled with what was posted or with the decision's own values."""
    initial = {"rate": str(decision.rate.normalize()).replace(".", ","), "mode": decision.mode}
    return CorrectionForm(decision, **posted(request), initial=initial)
