"""The eleven steps of a registration (G3.1 to G3.12): their order, their draft, their errors."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import check_password
from django.contrib.messages import get_messages
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Establishment, RegistrationDraft, User
from habilitations.models import Declaration
from habilitations.views.registration import CHOOSE_AGAIN, EXPIRED, NONE_YET
from habilitations.views.steps import STEPS
from portal import clock
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory, UserFactory
from tests.factories.habilitations import DeclarationFactory
from tests.headers import without_chance
from tests.people import Company
from tests.registering import ANSWERS, PASSWORD, fill, post, url

pytestmark = pytest.mark.django_db
FIRST = url("identite")
BUTTONS = [
    "Je m&#x27;inscris", "Étape suivante", "Étape suivante", "Valider", "S&#x27;inscrire aux services Atelier AT/MP",
    "Étape suivante", "Étape suivante", "Étape suivante", "Valider", "Étape suivante", "Valider l&#x27;inscription",
]  # fmt: skip


def identity(place: Establishment, **changes: str) -> dict[str, Any]:
    return ANSWERS["identite"] | {"siret": place.siret} | changes


def draft_of(client: Client) -> RegistrationDraft:
    return RegistrationDraft.objects.get(pk=client.session["registration_draft"])


def told(client: Client, address: str) -> list[str]:
    response: Any = client.get(address, follow=True)
    return [str(message) for message in get_messages(response.wsgi_request)]


# The way ---------------------------------------------------------------------
def test_each_step_has_the_guides_number_title_and_button(client: Client, company: Company) -> None:
    for step, button in zip(STEPS, BUTTONS, strict=True):
        page = client.get(step.url).content.decode()
        heading = re.sub(
            r"\s+", " ", re.sub("<[^>]+>|&nbsp;", " ", re.findall("<h1>(.*?)</h1>", page, re.S)[0])
        ).strip()
        assert heading == f"Étape {step.number} sur 11 : {step.title}".replace("'", "&#x27;")
        assert re.search(rf'<button type="submit" class="button">{button}</button>', page)
        if step is not STEPS[-1]:
            answers = identity(company.head_office) if step.number == 1 else ANSWERS[step.slug]
            assertRedirects(post(client, step.slug, answers), STEPS[step.number].url)


def test_every_step_has_its_part_and_no_part_is_left_over() -> None:
    folder = Path(django_settings.ROOT) / "templates/habilitations"
    assert {path.name for path in folder.glob("_registration_*")} == {Path(step.template).name for step in STEPS}


def test_the_address_of_the_whole_leads_to_its_first_step(client: Client) -> None:
    assertRedirects(client.get("/inscription/"), FIRST)


def test_a_step_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get(url("autre")).status_code == 404


def test_looking_writes_nothing(client: Client) -> None:
    client.get(FIRST)
    assert (RegistrationDraft.objects.count(), "sessionid" in client.cookies) == (0, False)


@pytest.mark.parametrize("slug", [step.slug for step in STEPS[1:]])
def test_a_step_skipped_leads_back_to_the_first_one_to_do(client: Client, company: Company, slug: str) -> None:
    fill(client, company.head_office, until="conditions")
    where = url("conditions")
    response = client.get(url(slug))
    assert (response.status_code, response.headers.get("Location")) == (
        (200, None) if url(slug) == where else (302, where)
    )
    if slug not in ("conditions", "validation"):
        assertRedirects(post(client, slug, ANSWERS[slug]), where)


@pytest.mark.parametrize("slug", ["conditions", "validation"])
def test_without_a_draft_one_begins_and_is_told_so(client: Client, slug: str) -> None:
    assertRedirects(client.get(url(slug)), FIRST)
    assert told(client, url(slug)) == [NONE_YET]


@pytest.mark.parametrize(("minutes", "expired"), [(-1, False), (0, True)])
def test_a_draft_is_kept_for_a_day_of_real_time(
    client: Client,
    company: Company,
    monkeypatch: pytest.MonkeyPatch,
    fixed_day: dt.datetime,
    minutes: int,
    expired: bool,
) -> None:
    fill(client, company.head_office, until="profil")
    monkeypatch.setattr(clock, "real_now", lambda: fixed_day + dt.timedelta(hours=24, minutes=minutes))
    assert (EXPIRED in told(client, url("profil"))) is expired
    response = post(client, "profil", ANSWERS["profil"])
    assert response["Location"] == (FIRST if expired else url("services"))


def test_a_step_of_somebody_elses_draft_is_not_found(client: Client, company: Company) -> None:
    fill(client, company.head_office, until="profil")
    other = Client()
    fill(other, company.secondary, until="profil")
    theirs = str(draft_of(other).pk)
    assert post(client, "profil", ANSWERS["profil"], draft=theirs).status_code == 404
    assert post(client, "identite", identity(company.head_office), draft=theirs).status_code == 404
    assert ["profile" in draft_of(one).data for one in (client, other)] == [False, False]


def test_the_page_of_a_first_step_sent_twice_keeps_one_draft(client: Client, company: Company) -> None:
    post(client, "identite", identity(company.head_office))
    post(client, "identite", identity(company.head_office, phone=""), draft="")
    assert (RegistrationDraft.objects.count(), draft_of(client).data["identity"]["phone"]) == (1, "")


# Back and forth ----------------------------------------------------------------
def test_going_back_loses_nothing(client: Client, company: Company) -> None:
    fill(client, company.head_office)
    for slug, name, kept in [
        ("identite", "last_name", "Tanguy"),
        ("identite", "siret", company.head_office.siret),
        ("conditions", "accepted", True),
        ("mot-de-passe", "question", "school"),
        ("profil", "profile", "enterprise"),
        ("services", "bodies", ["L'assurance maladie"]),
    ]:
        page: Any = client.get(url(slug))
        assert page.context["form"][name].value() == kept
    assertContains(client.get(url("conditions")), f'href="{FIRST}">Précédent')


@pytest.mark.parametrize("recap", ["authentification", "recapitulatif"])
def test_a_change_from_a_recap_leads_back_to_it(client: Client, company: Company, recap: str) -> None:
    """G3.8, G3.12."""
    fill(client, company.head_office)
    assertContains(client.get(url(recap)), f'href="{FIRST}?retour={recap}">Modifier')
    page = client.get(f"{FIRST}?retour={recap}")
    assertContains(page, f'name="retour" value="{recap}"')
    assertContains(page, "Revenir au récapitulatif")
    answers = identity(company.head_office, email="autre@exemple.example")
    assertRedirects(post(client, "identite", answers, retour=recap), url(recap))
    assertContains(client.get(url(recap)), "autre@exemple.example")


def test_a_wrong_answer_from_a_recap_still_knows_the_way_back(client: Client, company: Company) -> None:
    fill(client, company.head_office)
    response = post(client, "identite", identity(company.head_office, email=""), retour="recapitulatif")
    assertContains(response, 'name="retour" value="recapitulatif"')


@pytest.mark.parametrize("field", ["last_name", "first_name"])
def test_another_name_asks_for_the_password_again_and_says_why(client: Client, company: Company, field: str) -> None:
    """A password may hold none of them (G3.6)."""
    fill(client, company.head_office)
    answers = identity(company.head_office) | {field: "Zebulon"}
    response = post(client, "identite", answers, retour="recapitulatif")
    assertRedirects(response, url("mot-de-passe") + "?retour=recapitulatif", fetch_redirect_response=False)
    assert told(client, response["Location"]) == [CHOOSE_AGAIN]
    wrong = post(client, "mot-de-passe", ANSWERS["mot-de-passe"], retour="recapitulatif")
    assertContains(wrong, "ni votre nom, ni votre prénom, ni votre SIRET")
    right = ANSWERS["mot-de-passe"] | dict.fromkeys(("password", "again"), "Kidnapper74")
    assertRedirects(post(client, "mot-de-passe", right, retour="recapitulatif"), url("recapitulatif"))


def test_another_siret_shows_its_establishment_again(client: Client, company: Company) -> None:
    fill(client, company.head_office)
    response = post(client, "identite", identity(company.secondary), retour="recapitulatif")
    for slug in ("etablissement", "mot-de-passe", "entreprise"):
        assertRedirects(response, url(slug) + "?retour=recapitulatif", fetch_redirect_response=False)
        response = post(client, slug, ANSWERS[slug], retour="recapitulatif")
    assertRedirects(response, url("recapitulatif"))


def test_another_service_shows_its_declarations_again(client: Client, company: Company) -> None:
    """The list follows from the choices (G3.10, G3.11)."""
    DeclarationFactory(code="autre", label="Autre déclaration", body="Un autre organisme")
    fill(client, company.head_office)
    chosen = {"bodies": ["Un autre organisme"]}
    response = post(client, "services", chosen, retour="recapitulatif")
    assertRedirects(response, url("declarations") + "?retour=recapitulatif")
    page = client.get(url("declarations"))
    assertContains(page, "Autre déclaration")
    assertNotContains(page, "Compte AT/MP</strong>")
    assertContains(page, "Utilisable 24\N{NO-BREAK SPACE}heures après l'ouverture")
    Declaration.objects.update(access_delay_hours=0)
    assertContains(client.get(url("declarations")), "Utilisable dès l'ouverture")
    assertRedirects(post(client, "declarations", {}, retour="recapitulatif"), url("recapitulatif"))
    assert draft_of(client).data["declarations"] == {"codes": ["autre"]}


def test_the_password_may_be_kept_when_one_comes_back(client: Client, company: Company) -> None:
    fill(client, company.head_office)
    assertContains(client.get(url("mot-de-passe")), f'href="{url("authentification")}">Garder ce mot de passe')
    assertContains(client.get(url("mot-de-passe") + "?retour=recapitulatif"), f'href="{url("recapitulatif")}">Garder')


# Step by step ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("siret", "20003452800041", "la clé de ce SIRET est fausse"),
        ("siret", "x" * 10_000, "40 caractères"),
        ("siret", "a\0b", "Le caractère nul n’est pas autorisé."),
        ("last_name", "x" * 10_000, "80 caractères"),
        ("last_name", "a\0b", "Le caractère nul n’est pas autorisé."),
        ("last_name", "--- '", "Écrivez au moins une lettre."),
        ("last_name", "", "Ce champ est obligatoire."),
        ("first_name", "x" * 10_000, "80 caractères"),
        ("first_name", "!", "Écrivez au moins une lettre."),
        ("homonym", "x" * 10_000, "40 caractères"),
        ("email", "personne", "Saisissez une adresse"),
        ("email", "a@exemple.example\nBcc: b@exemple.example", "Saisissez une adresse"),
        ("email", "x" * 10_000 + "@exemple.example", "254 caractères"),
        ("email", "", "Ce champ est obligatoire."),
        ("phone", "mon numéro", "Écrivez un numéro de téléphone en chiffres"),
        ("phone", "0" * 10_000, "20 caractères"),
    ],
)
def test_bad_input_gets_an_error_at_its_field(
    client: Client, company: Company, field: str, value: str, message: str
) -> None:
    response: Any = post(client, "identite", identity(company.head_office) | {field: value})
    assert response.status_code == 200
    assert any(message in error for error in response.context["form"].errors[field])
    assertContains(response, "<title>Erreur&nbsp;: Étape 1 sur 11")
    assert not RegistrationDraft.objects.exists()


def test_names_that_grow_too_long_for_the_login_are_refused(client: Client, company: Company) -> None:
    response: Any = post(
        client, "identite", identity(company.head_office, last_name="œ" * 80, first_name="œ" * 80, homonym="œ" * 40)
    )
    assert response.context["form"].errors["last_name"] == ["Nom, prénom et distinction sont trop longs ensemble."]


@pytest.mark.parametrize(
    ("last_name", "first_name"), [("D'Œuvre-Ly", "Anaïs"), ("Łukasz", "Zoé‑Lou"), ("de La Tour", "Jean-Noël")]
)
def test_accents_apostrophes_hyphens_and_ligatures_are_taken(
    client: Client, company: Company, last_name: str, first_name: str
) -> None:
    response = post(client, "identite", identity(company.head_office, last_name=last_name, first_name=first_name))
    assertRedirects(response, url("conditions"))
    kept = draft_of(client).data["identity"]
    assert (kept["last_name"], kept["first_name"]) == (last_name, first_name)


def test_a_siret_outside_the_register_is_refused_with_what_to_do(client: Client, company: Company) -> None:
    response = post(client, "identite", identity(company.head_office, siret="73282932000074"))
    assertContains(response, "n&#x27;est pas dans le répertoire de ce simulateur")
    assertContains(response, "demandez un SIRET à l&#x27;équipe de l&#x27;atelier")


@pytest.mark.parametrize(("closed_on", "refused"), [("2027-01-20", True), ("2027-01-21", False)])
def test_a_closed_establishment_is_refused_with_its_date(
    client: Client, company: Company, closed_on: str, refused: bool
) -> None:
    Establishment.objects.filter(pk=company.head_office.pk).update(closed_on=closed_on)
    response = post(client, "identite", identity(company.head_office))
    assert response.status_code == (200 if refused else 302)
    assert ("fermé depuis le 20 janvier 2027" in response.content.decode()) is refused


def test_no_step_tells_who_is_registered_already(client: Client, company: Company, administrator: User) -> None:
    """trust.md, Identity: neither that an account exists nor who administrates."""
    names = {"last_name": administrator.last_name, "first_name": administrator.first_name}
    fill(client, company.head_office, **names)
    other = Client()
    fill(other, company.head_office, last_name="Inconnu", first_name="Jean")
    for step in STEPS:
        pages = []
        for browser, (last_name, first_name) in ((client, names.values()), (other, ("Inconnu", "Jean"))):
            _headers, text = without_chance(browser.get(step.url))
            text = re.sub('draft" value="[^"]+"', "", text)
            pages.append(text.replace(last_name, "NOM").replace(first_name, "PRENOM"))
        assert pages[0] == pages[1]
        assert administrator.email not in pages[0]


def test_the_terms_must_be_accepted_and_what_was_accepted_is_kept(client: Client, company: Company) -> None:
    """G3.3."""
    fill(client, company.head_office, until="conditions")
    assertContains(post(client, "conditions", {}), "Acceptez les conditions générales pour continuer.")
    assertContains(client.get(url("conditions")), 'href="/conditions-generales/pdf/"')
    post(client, "conditions", ANSWERS["conditions"])
    assert draft_of(client).data["terms"] == {"version": "1.0", "accepted_at": "2027-01-20T09:00:00+00:00"}


def test_the_establishment_shows_the_registers_correction_by_itself(client: Client, company: Company) -> None:
    """G3.4."""
    fill(client, company.head_office, until="etablissement")
    assertContains(client.get(url("etablissement")), "29200 BREST")
    Establishment.objects.filter(pk=company.head_office.pk).update(city="QUIMPER")
    page = client.get(url("etablissement"))
    assertContains(page, "29200 QUIMPER")
    assertContains(page, "centre de formalités des entreprises (CFE)")


def test_the_draft_holds_hashes_of_the_password_and_the_answer(client: Client, company: Company) -> None:
    """G3.6."""
    fill(client, company.head_office)
    draft = draft_of(client)
    kept = draft.data["password"]
    assert (check_password(PASSWORD, kept["password"]), check_password("les tilleuls", kept["answer"])) == (True, True)
    assert [word for word in (PASSWORD, "Tilleuls", "tilleuls") if word in str(draft.data)] == []


def test_a_password_refused_shows_which_rules_it_breaks(client: Client, company: Company) -> None:
    """G3.7, without JavaScript: the verdict comes with the page."""
    fill(client, company.head_office, until="mot-de-passe")
    response = post(client, "mot-de-passe", ANSWERS["mot-de-passe"] | {"password": "court1", "again": "court1"})
    text = re.sub(r"\s+|&nbsp;", " ", re.sub("<[^>]+>", " ", response.content.decode()))
    assert "Solidité du mot de passe : faible" in text
    assert "au moins 2 chiffres : manquante" in re.sub(r" +", " ", text)
    assertNotContains(response, "court1")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"again": "Autre1234x"}, "again"),
        ({"question": ""}, "question"),
        ({"question": "autre"}, "question"),
        ({"answer": "é!"}, "answer"),
        ({"answer": "x" * 10_000}, "answer"),
        ({"password": "x" * 10_000}, "password"),
        ({"password": "Zebulon4\0002"}, "password"),
    ],
)
def test_bad_secrets_get_an_error_at_their_field(
    client: Client, company: Company, changes: dict[str, str], field: str
) -> None:
    fill(client, company.head_office, until="mot-de-passe")
    response: Any = post(client, "mot-de-passe", ANSWERS["mot-de-passe"] | changes)
    assert field in response.context["form"].errors
    assert "password" not in draft_of(client).data


def test_the_reinforced_mode_asks_no_question(client: Client, company: Company, settings: Settings) -> None:
    settings.PASSWORD_REINFORCED = True
    fill(client, company.head_office, until="mot-de-passe")
    assertNotContains(client.get(url("mot-de-passe")), "Question secrète")
    long = "une phrase longue et rare"
    assertRedirects(post(client, "mot-de-passe", {"password": long, "again": long}), url("authentification"))
    assert draft_of(client).data["password"]["answer"] == ""


def test_the_first_recap_shows_everything_but_the_password(client: Client, company: Company) -> None:
    """G3.8."""
    fill(client, company.head_office, homonym="junior")
    page = client.get(url("authentification"))
    for shown in (
        "982\N{NO-BREAK SPACE}820\N{NO-BREAK SPACE}011",
        "Tanguy",
        "Maël",
        "junior",
        "solidité\N{NO-BREAK SPACE}: fort",
    ):
        assertContains(page, shown)
    assertNotContains(page, PASSWORD)


def test_mono_and_multi_are_told_from_the_register(client: Client, company: Company) -> None:
    """G3.9."""
    fill(client, company.head_office, until="entreprise")
    assertContains(client.get(url("entreprise")), "le répertoire en connaît 2 d'ouverts")
    Establishment.objects.filter(pk=company.secondary.pk).update(closed_on="2026-12-31")
    assertContains(client.get(url("entreprise")), "un seul établissement")


def test_one_profile_and_one_service_must_be_chosen(client: Client, company: Company) -> None:
    """G3.10."""
    fill(client, company.head_office, until="profil")
    assertContains(post(client, "profil", {"profile": "roi"}), "n’en fait pas partie")
    assertContains(post(client, "profil", {}), "Choisissez un profil.")
    post(client, "profil", ANSWERS["profil"])
    assertContains(post(client, "services", {}), "Choisissez au moins un organisme.")
    assertContains(client.get(url("services")), "L&#x27;assurance maladie\N{NO-BREAK SPACE}: Compte AT/MP")


def test_the_list_of_declarations_is_validated_as_a_whole(client: Client, company: Company) -> None:
    """G3.11: what is sent along chooses nothing."""
    fill(client, company.head_office, until="declarations")
    assertNotContains(client.get(url("declarations")), 'type="checkbox"')
    post(client, "declarations", {"codes": ["autre"]})
    assert draft_of(client).data["declarations"] == {"codes": ["compte-atmp"]}


def test_the_last_recap_shows_everything(client: Client, company: Company) -> None:
    """G3.12."""
    fill(client, company.head_office)
    page = client.get(url("recapitulatif"))
    shown = ["Tanguy", "Belharra Logistique", "1 RUE DES ESSAIS, 29200 BREST", "Une entreprise", "Compte AT/MP"]
    for text in [*shown, "Version 1.0", "L&#x27;assurance maladie", "mael@exemple.example"]:
        assertContains(page, text)
    assert page.content.decode().count(">Modifier<") == 5


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_a_page_costs_the_same_whatever_the_number_of_establishments(
    client: Client, company: Company, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        EstablishmentFactory(enterprise=company.enterprise, number=number + 10)
    fill(client, company.head_office, until="profil")
    # Session, draft, establishment with its enterprise, count.
    with django_assert_num_queries(4):
        client.get(url("entreprise"))


def test_a_step_is_kept_by_no_cache(client: Client, company: Company) -> None:
    assert "no-store" in client.get(FIRST)["Cache-Control"]


def test_a_homonym_elsewhere_changes_nothing(client: Client) -> None:
    """One person at two SIRETs is two users."""
    place = EstablishmentFactory(enterprise=EnterpriseFactory(), head_office=True)
    UserFactory(last_name="Tanguy", first_name="Maël")
    fill(client, place)
    assert draft_of(client).data["identity"]["siret"] == place.siret
