"""The eleven steps of a registration, in the guide's order: labels, forms, and the way from one to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.urls import reverse

from accounts.actions.registration import secrets_kept
from accounts.forms import IdentityForm, PasswordAndQuestionForm, TermsForm
from accounts.models import Establishment, User
from accounts.rules import terms
from habilitations.forms import ProfileForm, ServicesForm
from habilitations.models import Declaration
from portal import clock
from portal.kit import french

STRENGTHS = {"weak": "faible", "medium": "moyen", "strong": "fort"}


@dataclass(frozen=True)
class Step:
    """One page of the wizard. forgets: answer → the later steps that have to be done again when it changes."""

    key: str
    slug: str
    title: str
    button: str
    forgets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """Its place, from 1."""
        return STEPS.index(self) + 1

    @property
    def template(self) -> str:
        """The part of the page that is its own."""
        return f"habilitations/_registration_{self.key}.html"

    @property
    def url(self) -> str:
        """Its address."""
        return reverse("habilitations:registration_step", args=[self.slug])


STEPS = (
    Step(
        "identity", "identite", "Votre inscription", "Je m'inscris",
        {
            "siret": ("establishment", "password", "enterprise"),
            "last_name": ("password",),
            "first_name": ("password",),
        },
    ),
    Step("terms", "conditions", "Conditions générales", "Étape suivante"),
    Step("establishment", "etablissement", "Votre établissement", "Étape suivante"),
    Step("password", "mot-de-passe", "Mot de passe et question secrète", "Valider"),
    Step(
        "authentication", "authentification", "Vos données d'authentification",
        "S'inscrire aux services Atelier AT/MP",
    ),
    Step("enterprise", "entreprise", "Votre entreprise", "Étape suivante"),
    Step("profile", "profil", "Vous êtes", "Étape suivante", {"profile": ("declarations",)}),
    Step(
        "services", "services", "Vous souhaitez utiliser les services liés à…", "Étape suivante",
        {"bodies": ("declarations",)},
    ),
    Step("declarations", "declarations", "Déclarations proposées", "Valider"),
    Step("summary", "recapitulatif", "Votre inscription en tant qu'entreprise déclarante", "Étape suivante"),
    Step("submission", "validation", "Valider l'inscription", "Valider l'inscription"),
)  # fmt: skip
FIRST, LAST = STEPS[0], STEPS[-1]
BY_SLUG = {step.slug: step for step in STEPS}
# The pages that sum up, and lead back to what they show by « Modifier ».
RECAPS = {step.slug: step for step in STEPS if step.key in ("authentication", "summary")}


def first_missing(answers: Mapping[str, Any]) -> Step:
    """Return the first step that is still to do; the last one is never done before the end."""
    return next((step for step in STEPS if step.key not in answers), LAST)


def following(step: Step, answers: Mapping[str, Any], back_to: Step | None) -> Step:
    """Return where to go once a step is done: the next one; or the recap one came from, or what it still lacks."""
    if back_to is None:
        return STEPS[step.number]
    return min(back_to, first_missing(answers), key=lambda one: one.number)


def step_form(step: Step, answers: Mapping[str, Any], data: Any = None) -> forms.Form:
    """Return the form of a step, filled with what was answered before."""
    own = answers.get(step.key, {})
    match step.key:
        case "identity":
            return IdentityForm(data, initial=own, day=clock.today())
        case "terms":
            return TermsForm(data, initial={"accepted": bool(own)})
        case "password":
            identity = answers["identity"]
            known = (identity["siret"], identity["last_name"], identity["first_name"])
            return PasswordAndQuestionForm(data, initial={"question": own.get("question", "")}, known=known)
        case "profile":
            return ProfileForm(data, initial=own)
        case "services":
            return ServicesForm(data, initial=own)
        case _:
            return forms.Form(data)


def answers_of(step: Step, form: forms.Form, offered: list[Declaration]) -> dict[str, Any]:
    """Return what the draft keeps of a valid form; of a password and its answer, hashes."""
    if isinstance(form, PasswordAndQuestionForm):
        given = {"question": "", "answer": ""} | form.cleaned_data
        return secrets_kept(
            password=given["password"], question=given["question"], answer=given["answer"], strength=form.strength()
        )
    if step.key == "terms":
        return {"version": terms.VERSION, "accepted_at": clock.now().isoformat()}
    if step.key == "declarations":
        return {"codes": [declaration.code for declaration in offered]}
    return form.cleaned_data


def declarations_offered(answers: Mapping[str, Any]) -> list[Declaration]:
    """Return the declarations that follow from the bodies that were chosen (G3.10)."""
    bodies = answers.get("services", {}).get("bodies", [])
    return list(Declaration.objects.in_use(clock.today()).filter(body__in=bodies)) if bodies else []


@dataclass(frozen=True)
class Section:
    """A part of a recap: its title, the step that changes it (or none), labels and values."""

    title: str
    step: Step | None
    rows: list[tuple[str, str]]


def authentication_recap(answers: Mapping[str, Any]) -> list[Section]:
    """Return « Vos données d'authentification » (G3.8); the password itself is nowhere."""
    identity, kept = answers["identity"], answers["password"]
    names = [
        ("SIRET", french.siret(identity["siret"])),
        ("Nom", identity["last_name"]),
        ("Prénom", identity["first_name"]),
        ("Distinction d'homonyme", identity["homonym"]),
        ("Adresse électronique", identity["email"]),
        ("Téléphone", identity["phone"]),
    ]
    secret = [("Mot de passe", f"Choisi, non affiché ; solidité : {STRENGTHS[kept['strength']]}")]
    if kept["question"]:
        secret.append(("Question secrète", User.Question(kept["question"]).label))
    return [
        Section("Votre identité", BY_SLUG["identite"], [row for row in names if row[1]]),
        Section("Vos secrets", BY_SLUG["mot-de-passe"], secret),
    ]


def whole_recap(answers: Mapping[str, Any], place: Establishment) -> list[Section]:
    """Return everything that will be registered (G3.12)."""
    profiles = dict(ProfileForm.base_fields["profile"].choices)  # type: ignore[attr-defined]
    labels = Declaration.objects.filter(code__in=answers["declarations"]["codes"]).values_list("label", flat=True)
    return [
        *authentication_recap(answers),
        Section(
            "Votre établissement",
            None,
            [("Entreprise", place.enterprise.name), ("Adresse", ", ".join(place.address_lines))],
        ),
        Section("Vous êtes", BY_SLUG["profil"], [("Profil", str(profiles[answers["profile"]["profile"]]))]),
        Section("Vos services", BY_SLUG["services"], [("Organismes", ", ".join(answers["services"]["bodies"]))]),
        Section("Vos déclarations", BY_SLUG["declarations"], [("Demandées", ", ".join(labels))]),
        Section("Conditions générales", None, [("Acceptées", f"Version {answers['terms']['version']}")]),
    ]
