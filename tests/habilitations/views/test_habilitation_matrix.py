"""« Gérer les habilitations »: criteria, matrix, difference, « Valider » (G1.4, G1.5)."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Establishment, User
from habilitations.models import ATMP, Declaration, EstablishmentDeclaration, Habilitation
from tests.conftest import NOW
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.habilitations import EstablishmentDeclarationFactory
from tests.people import Company, logged_in

LIST = reverse("habilitations:habilitation_list")
BOTH = ["Compte AT/MP", "Déclaration sociale nominative"]


def url(place: Establishment) -> str:
    return reverse("habilitations:habilitation_matrix", args=[place.pk])


def key(user: User, code: str = ATMP) -> str:
    return f"{user.pk}-{Declaration.objects.get(code=code).pk}"


def post(by: User, place: Establishment, shown: list[str], ticked: list[str], **more: str) -> Any:
    return logged_in(by).post(url(place), {"montre": shown, "accorde": ticked, **more}, follow=True)


def rights() -> set[tuple[str, str]]:
    return set(Habilitation.objects.values_list("user__last_name", "declaration__code"))


@pytest.mark.parametrize("person", ["declarant", "candidate", "staff", "stranger"])
def test_only_its_administrators_give_rights(
    person: str, declarant_without_right: User, company: Company, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(person)
    cell = key(declarant_without_right)
    assert logged_in(user).get(url(company.head_office)).status_code == 404
    assert post(user, company.head_office, [cell], [cell], confirme="1").status_code == 404
    assert ("Abgrall", ATMP) not in rights()


def test_the_establishment_comes_first_when_there_are_several(
    administrator: User, secondary_administrator: User, company: Company
) -> None:
    assertContains(logged_in(administrator).get(LIST), url(company.secondary))
    assertRedirects(logged_in(secondary_administrator).get(LIST), url(company.secondary))


def test_the_matrix_shows_declarants_and_what_they_have(
    administrator: User, declarant: User, declarant_without_right: User, suspended: User, company: Company
) -> None:
    """Administrators have the declarations of their scope; nobody who is not active receives a right."""
    lines = logged_in(administrator).get(url(company.head_office)).context["lines"]
    shown = [(label.split()[0], [cell.granted for cell in cells]) for label, cells in lines]
    assert shown == [("Abgrall", [False]), ("Kervella", [True])]


def test_the_difference_is_shown_before_anything_changes(
    administrator: User, declarant: User, declarant_without_right: User, company: Company
) -> None:
    shown = [key(declarant), key(declarant_without_right)]
    page = post(administrator, company.head_office, shown, [key(declarant_without_right)])
    assertContains(page, "Confirmez les habilitations")
    for words in ("Noé Abgrall", "accordée", "Zoé Kervella", "retirée"):
        assertContains(page, words)
    assert rights() == {("Kervella", ATMP)}


def test_the_end_of_an_access_delay_is_said_where_it_is_awaited(
    administrator: User, declarant: User, company: Company
) -> None:
    """G2.8: on the matrix, before it is confirmed, and per establishment; the head office's opens the others (G0.6)."""
    EstablishmentDeclaration.objects.update(opens_at=NOW + dt.timedelta(hours=24))
    EstablishmentDeclarationFactory(establishment=company.secondary)
    told = "utilisable à partir du 21 janvier 2027 à 10"
    assertContains(logged_in(administrator).get(url(company.head_office)), told, count=1)
    assertNotContains(logged_in(administrator).get(url(company.secondary)), told)
    assertContains(logged_in(administrator).get(of_person(declarant)), told, count=1)
    Habilitation.objects.all().delete()
    assertContains(post(administrator, company.head_office, [key(declarant)], [key(declarant)]), f"accordée, {told}")


def test_ticked_is_granted_and_unticked_is_removed(
    administrator: User, declarant: User, declarant_without_right: User, company: Company
) -> None:
    """G1.5; effective on the next request."""
    shown = [key(declarant), key(declarant_without_right)]
    theirs = logged_in(declarant)
    assertContains(theirs.get("/menu/"), "Consulter ses notifications")
    page = post(administrator, company.head_office, shown, [key(declarant_without_right)], confirme="1")
    assertContains(page, "1\N{NO-BREAK SPACE}habilitation accordée, 1\N{NO-BREAK SPACE}retirée.")
    assert rights() == {("Abgrall", ATMP)}
    assertNotContains(theirs.get("/menu/"), "Consulter ses notifications")


def test_what_was_not_shown_is_left_alone(
    administrator: User, declarant: User, declarant_without_right: User, company: Company
) -> None:
    post(administrator, company.head_office, [key(declarant_without_right)], [], confirme="1")
    assert rights() == {("Kervella", ATMP)}


def test_what_is_ticked_without_being_shown_is_not_given(
    administrator: User, declarant_without_right: User, company: Company
) -> None:
    post(administrator, company.head_office, [], [key(declarant_without_right)], confirme="1")
    assert rights() == set()


def test_nothing_changed_is_said(administrator: User, declarant: User, company: Company) -> None:
    assertContains(post(administrator, company.head_office, [key(declarant)], [key(declarant)]), "Rien ne change")


@pytest.mark.parametrize("person", ["stranger", "administrator", "candidate", "suspended"])
def test_nobody_else_is_given_a_right(
    person: str, administrator: User, company: Company, request: pytest.FixtureRequest
) -> None:
    cell = key(request.getfixturevalue(person))
    post(administrator, company.head_office, [cell], [cell], confirme="1")
    assert rights() == set()


def test_a_declaration_that_the_establishment_has_not_is_not_given(
    administrator: User, declarant_without_right: User, company: Company
) -> None:
    cell = key(declarant_without_right, "dsn")
    post(administrator, company.head_office, [cell], [cell], confirme="1")
    assert rights() == set()


def test_the_head_offices_declarations_are_given_for_a_secondary_establishment(
    secondary_administrator: User, declarant_without_right: User, company: Company
) -> None:
    """G0.6."""
    cell = key(declarant_without_right)
    post(secondary_administrator, company.secondary, [cell], [cell], confirme="1")
    assert Habilitation.objects.get().establishment == company.secondary


@pytest.mark.parametrize("cell", ["", "a-b", "1", "1-2-3", "9" * 40 + "-1", "١-١", "-", "1-"])
def test_nonsense_changes_nothing(administrator: User, declarant: User, company: Company, cell: str) -> None:
    page = post(administrator, company.head_office, [cell], [cell], confirme="1")
    assert (page.status_code, rights()) == (200, {("Kervella", ATMP)})


@pytest.mark.parametrize(
    ("query", "people", "columns"),
    [
        ("", ["Abgrall", "Kervella"], BOTH),
        ("?word=ker", ["Kervella"], BOTH),
        ("?declaration=dsn", ["Abgrall", "Kervella"], ["Déclaration sociale nominative"]),
        ("?body=L'assurance maladie", ["Abgrall", "Kervella"], ["Compte AT/MP"]),
        ("?granted=oui", ["Kervella"], BOTH),
        ("?granted=non", ["Abgrall"], BOTH),
        ("?granted=oui&declaration=dsn", [], ["Déclaration sociale nominative"]),
        ("?declaration=zzz&body=zzz&granted=zzz", ["Abgrall", "Kervella"], BOTH),
    ],
)  # fmt: skip
def test_the_criteria_keep_people_and_declarations(
    administrator: User, declarant: User, declarant_without_right: User, company: Company, query: str,
    people: list[str], columns: list[str],
) -> None:  # fmt: skip
    """G1.4."""
    EstablishmentDeclarationFactory(establishment=company.head_office, declaration=Declaration.objects.get(code="dsn"))
    page = logged_in(administrator).get(url(company.head_office) + query)
    assert [label.split()[0] for label, _cells in page.context["lines"]] == people
    assert [str(column) for column in page.context["columns"]] == columns


def test_without_declarations_there_is_nothing_to_give(administrator: User, declarant: User, company: Company) -> None:
    EstablishmentDeclaration.objects.all().delete()
    assertContains(logged_in(administrator).get(url(company.head_office)), "Aucune déclaration à accorder.")


@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_matrix_takes_the_same_queries(
    count: int, administrator: User, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    UserFactory.create_batch(count, establishment=company.head_office)
    client = logged_in(administrator)
    with django_assert_num_queries(10):
        client.get(url(company.head_office))


def of_person(user: User) -> str:
    return reverse("habilitations:habilitation_person", args=[user.pk])


@pytest.mark.parametrize("person", ["declarant", "candidate", "staff", "stranger"])
def test_only_administrators_see_the_rights_of_a_person(
    person: str, declarant_without_right: User, company: Company, request: pytest.FixtureRequest
) -> None:
    browser = logged_in(request.getfixturevalue(person))
    address, cell = of_person(declarant_without_right), f"{company.head_office.pk}-1"
    assert browser.get(address).status_code == 404
    assert browser.post(address, {"montre": cell, "accorde": cell, "confirme": "1"}).status_code == 404
    assert ("Abgrall", ATMP) not in rights()


def test_a_person_is_found_by_his_name(
    administrator: User, declarant: User, declarant_without_right: User, stranger: User
) -> None:
    """G1.4: the criterion is a person, of one's own enterprise."""
    page = logged_in(administrator).get(LIST, {"nom": "ker"})
    assertContains(page, of_person(declarant))
    assertNotContains(page, "Abgrall")
    assertContains(logged_in(administrator).get(LIST, {"nom": "étr"}), "Aucun déclarant ne correspond.")


def test_a_person_has_a_line_for_each_establishment(administrator: User, declarant: User, company: Company) -> None:
    """What only another establishment is registered to cannot be given here."""
    dsn = Declaration.objects.get(code="dsn")
    EstablishmentDeclarationFactory(establishment=company.secondary, declaration=dsn)
    page = logged_in(administrator).get(of_person(declarant))
    shown = [(label, [cell and cell.granted for cell in cells]) for label, cells in page.context["lines"]]
    nbsp = "\N{NO-BREAK SPACE}"
    assert shown == [
        (f"982{nbsp}820{nbsp}011{nbsp}00012 BREST", [True, None]),
        (f"982{nbsp}820{nbsp}011{nbsp}00020 STRASBOURG", [False, False]),
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [("?word=stras", 1), ("?word=98282001100012", 1), ("?granted=oui", 1), ("?granted=non", 1), ("?word=zzz", 0)],
)
def test_the_establishments_of_a_person_are_searched(
    administrator: User, declarant: User, company: Company, query: str, count: int
) -> None:
    assert len(logged_in(administrator).get(of_person(declarant) + query).context["lines"]) == count


def test_rights_of_a_person_change_after_the_difference_was_shown(
    administrator: User, declarant: User, company: Company
) -> None:
    atmp = Declaration.objects.get(code=ATMP).pk
    cells = [f"{place.pk}-{atmp}" for place in (company.head_office, company.secondary)]
    asked = {"montre": cells, "accorde": cells[1:]}
    browser = logged_in(administrator)
    page = browser.post(of_person(declarant), asked)
    assert len(page.context["changes"]) == 2
    browser.post(of_person(declarant), asked | {"confirme": "1"})
    assert Habilitation.objects.get().establishment == company.secondary


def test_an_administrator_elsewhere_gives_rights_on_his_own_establishment_only(
    secondary_administrator: User, declarant: User, company: Company
) -> None:
    """G0.6."""
    atmp = Declaration.objects.get(code=ATMP).pk
    cells = [f"{place.pk}-{atmp}" for place in (company.head_office, company.secondary)]
    asked = {"montre": cells, "accorde": cells[1:], "confirme": "1"}
    logged_in(secondary_administrator).post(of_person(declarant), asked)
    assert set(Habilitation.objects.values_list("establishment", flat=True)) == {
        company.head_office.pk, company.secondary.pk,
    }  # fmt: skip


@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_establishments_of_a_person_take_the_same_queries(
    count: int, administrator: User, declarant: User, company: Company,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    for number in range(count):
        EstablishmentFactory(enterprise=company.enterprise, number=number + 3)
    client = logged_in(administrator)
    with django_assert_num_queries(10):
        client.get(of_person(declarant))
