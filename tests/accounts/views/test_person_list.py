"""« Gérer les inscrits »: list, registration, correction and acts (G3.5)."""

from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from accounts.views.people import ACTS
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.people import Company, logged_in

LIST, ADD = reverse("accounts:person_list"), reverse("accounts:person_add")
NEW = {"last_name": "Quéré", "first_name": "Maï", "homonym": "", "email": "mai@exemple.example", "phone": ""}


def url(name: str, user: User, *more: str) -> str:
    return reverse(f"accounts:{name}", args=[user.pk, *more])


@pytest.mark.parametrize("person", ["declarant", "candidate", "staff"])
def test_only_administrators_have_these_pages(person: str, declarant: User, request: pytest.FixtureRequest) -> None:
    client = logged_in(request.getfixturevalue(person))
    pages = [LIST, ADD, url("person_detail", declarant), url("person_address", declarant)]
    pages += [url("person_act", declarant, slug) for slug in ACTS]
    assert {client.get(page).status_code for page in pages} == {404}
    assert {client.post(page, NEW).status_code for page in pages[1:]} == {404, 405}
    declarant.refresh_from_db()
    assert declarant.state == User.State.ACTIVE


@pytest.mark.parametrize("person", ["stranger", "candidate"])
def test_somebody_elses_people_and_candidates_do_not_exist_here(
    person: str, administrator: User, request: pytest.FixtureRequest
) -> None:
    """G4.4: candidates have a page of their own."""
    other, client = request.getfixturevalue(person), logged_in(administrator)
    assertNotContains(client.get(LIST), other.last_name)
    pages = [url("person_detail", other), url("person_address", other), url("person_act", other, "retirer")]
    assert {client.get(page).status_code for page in pages} == {404}
    assert client.post(url("person_act", other, "retirer")).status_code == 404
    assert User.objects.filter(pk=other.pk).exists()


def test_an_administrator_of_a_secondary_establishment_manages_that_one(
    secondary_administrator: User, declarant: User, company: Company
) -> None:
    own = UserFactory(establishment=company.secondary, last_name="Voisin")
    page = logged_in(secondary_administrator).get(LIST)
    assertContains(page, own.last_name)
    assertNotContains(page, declarant.last_name)
    assert logged_in(secondary_administrator).get(url("person_detail", declarant)).status_code == 404


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", {"Le Goff", "Kervella", "Prigent"}), ("?word=ker", {"Kervella"}), ("?role=declarant", {"Kervella"}),
     ("?state=suspended", {"Prigent"}), ("?word=zzz", set()), ("?role=abc", {"Le Goff", "Kervella", "Prigent"})],
)  # fmt: skip
def test_the_list_is_searched(
    administrator: User, declarant: User, suspended: User, query: str, shown: set[str]
) -> None:
    page = logged_in(administrator).get(LIST + query)
    assert {user.last_name for user in page.context["page"].items} == shown


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_list_takes_the_same_queries(
    count: int, administrator: User, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    UserFactory.create_batch(count, establishment=company.head_office)
    client = logged_in(administrator)
    with django_assert_num_queries(4):
        client.get(LIST)


def test_a_declarant_is_registered_and_gets_a_link(administrator: User, company: Company) -> None:
    page = logged_in(administrator).post(ADD, NEW | {"establishment": company.secondary.siret}, follow=True)
    added = User.objects.get(last_name="Quéré")
    assertRedirects(page, url("person_detail", added))
    assertContains(page, "Adresse à valider")
    assert (added.establishment, added.role, mail.outbox[0].to) == (company.secondary, "declarant", [added.email])


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"last_name": ""}, "last_name", "Ce champ est obligatoire."),
        ({"last_name": "---"}, "last_name", "Écrivez au moins une lettre."),
        ({"last_name": "x" * 10_000}, "last_name", "80 caractères"),
        ({"first_name": "a\0b"}, "first_name", "Le caractère nul n’est pas autorisé."),
        ({"email": "a@exemple.example\nBcc: b@exemple.example"}, "email", "Saisissez une adresse de courriel valide."),
        ({"email": "pas une adresse"}, "email", "Saisissez une adresse de courriel valide."),
        ({"phone": "abc"}, "phone", "Écrivez un numéro de téléphone en chiffres"),
        ({"last_name": "LE GOFF", "first_name": "Anais"}, "last_name", "Une personne de ce nom est déjà inscrite"),
        ({"establishment": "98282001199999"}, "establishment", "Sélectionnez un choix valide."),
    ],
)
def test_bad_input_gets_an_error_at_its_field(
    administrator: User, company: Company, changes: dict[str, str], field: str, message: str
) -> None:
    values = NEW | {"establishment": company.head_office.siret} | changes
    response = logged_in(administrator).post(ADD, values)
    [error] = response.context["form"].errors[field]
    assert message in error
    assert mail.outbox == []


def test_an_establishment_of_somebody_else_is_no_choice(administrator: User, stranger: User) -> None:
    assert stranger.establishment is not None
    response = logged_in(administrator).post(ADD, NEW | {"establishment": stranger.establishment.siret})
    assert list(response.context["form"].errors) == ["establishment"]


def test_with_many_establishments_the_siret_is_typed(administrator: User, company: Company) -> None:
    EstablishmentFactory.create_batch(60, enterprise=company.enterprise)
    client = logged_in(administrator)
    assertContains(client.get(ADD), "SIRET de l&#x27;établissement")
    client.post(ADD, NEW | {"establishment": company.secondary.siret})
    assert User.objects.get(last_name="Quéré").establishment == company.secondary


def act(by: User, user: User, slug: str) -> Any:
    client = logged_in(by)
    page = client.get(url("person_act", user, slug))
    if page.status_code == 200:
        assertContains(page, ACTS[slug].label)
    return client.post(url("person_act", user, slug), follow=True)


def test_each_act_is_confirmed_then_done(administrator: User, declarant: User) -> None:
    """A GET says what will happen, a POST does it."""
    done = []
    for slug in ("suspendre", "retablir", "administrateur", "declarant", "retirer"):
        logged_in(administrator).get(url("person_act", declarant, slug))
        assertContains(act(administrator, declarant, slug), ACTS[slug].done.format(name="Zoé Kervella"))
        found = User.objects.filter(pk=declarant.pk).values_list("state", "role").first()
        done.append(found)
    assert done == [
        ("suspended", "declarant"), ("active", "declarant"), ("active", "administrator"), ("active", "declarant"), None,
    ]  # fmt: skip


@pytest.mark.parametrize("slug", ["retablir", "declarant", "renvoyer", "inconnu"])
def test_what_does_not_fit_does_not_exist(administrator: User, declarant: User, slug: str) -> None:
    assert act(administrator, declarant, slug).status_code == 404


@pytest.mark.parametrize("slug", ACTS)
def test_nobody_acts_on_himself(administrator: User, secondary_administrator: User, slug: str) -> None:
    assert act(administrator, administrator, slug).status_code == 404
    assertContains(logged_in(administrator).get(url("person_detail", administrator)), "C'est vous")


def test_an_invitation_is_sent_again(administrator: User, company: Company) -> None:
    logged_in(administrator).post(ADD, NEW | {"establishment": company.head_office.siret})
    assertContains(act(administrator, User.objects.get(last_name="Quéré"), "renvoyer"), "Un lien est renvoyé")
    assert len(mail.outbox) == 2


def test_an_address_is_corrected(administrator: User, declarant: User) -> None:
    page = logged_in(administrator).post(
        url("person_address", declarant), {"email": "juste@exemple.example"}, follow=True
    )
    assertContains(page, "juste@exemple.example")
    assertContains(page, "un lien y est envoyé")


def test_ones_own_address_is_changed_elsewhere(administrator: User) -> None:
    page = logged_in(administrator).post(url("person_address", administrator), {"email": "x@exemple.example"})
    assertRedirects(page, reverse("accounts:account_detail"))
    assert mail.outbox == []
