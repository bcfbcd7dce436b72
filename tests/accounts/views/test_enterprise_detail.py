"""« Votre entreprise »: what the register says (G3.4), and the administrators' names (G1.3)."""

import pytest
from django.test import Client

from accounts.models import Enterprise, User
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.people import Company, logged_in

URL = "/entreprise/"


def page(user: User, query: str = "") -> str:
    return logged_in(user).get(URL + query).content.decode()


def test_a_correction_in_the_register_shows_at_once(administrator: User, company: Company) -> None:
    """G3.4."""
    assert "Belharra Logistique" in page(administrator)
    Enterprise.objects.update(name="Belharra Transports")
    assert ("Belharra Logistique" in page(administrator), "Belharra Transports" in page(administrator)) == (False, True)


def test_the_administrators_are_named_to_a_declarant(administrator: User, candidate: User, declarant: User) -> None:
    """G1.3; a candidate is no administrator yet."""
    shown = page(declarant)
    assert (administrator.full_name in shown, candidate.full_name in shown) == (True, False)


@pytest.mark.parametrize(("administrators", "more"), [(50, 0), (51, 1)])
def test_fifty_administrators_are_named_at_the_most(
    declarant: User, company: Company, administrators: int, more: int
) -> None:
    """Twenty thousand establishments may have as many administrators."""
    for number in range(administrators):
        UserFactory(establishment=company.secondary, administrator=True, last_name=f"Admin{number:02d}")
    shown = page(declarant)
    assert (shown.count("Camille Admin"), shown.count("et d'autres encore")) == (50, more)


def test_the_head_offices_administrator_sees_every_establishment(administrator: User, company: Company) -> None:
    assert page(administrator).count("STRASBOURG") == 1


@pytest.mark.parametrize("who", ["declarant", "declarant_without_right"])
def test_others_see_their_own(request: pytest.FixtureRequest, company: Company, who: str) -> None:
    assert "STRASBOURG" not in page(request.getfixturevalue(who))


def test_another_enterprise_never_shows(stranger: User, company: Company) -> None:
    assert company.enterprise.name not in page(stranger)


@pytest.mark.parametrize("who", ["candidate", "staff"])
def test_who_has_no_enterprise_yet_finds_no_such_page(request: pytest.FixtureRequest, who: str) -> None:
    assert logged_in(request.getfixturevalue(who)).get(URL).status_code == 404


def test_visitors_are_asked_who_they_are(client: Client, db: None) -> None:
    assert client.get(URL)["Location"] == "/connexion/?next=/entreprise/"


@pytest.mark.parametrize("establishments", [1, 3, 300])
def test_the_page_costs_the_same_for_any_number_of_establishments(
    administrator: User, company: Company, establishments: int, django_assert_num_queries: object
) -> None:
    for number in range(10, 10 + establishments):
        EstablishmentFactory(enterprise=company.enterprise, number=number)
    client = logged_in(administrator)
    with django_assert_num_queries(7):  # type: ignore[operator]
        client.get(URL)


def test_a_damaged_cursor_is_no_page(administrator: User) -> None:
    assert logged_in(administrator).get(f"{URL}?apres=abîmé").status_code == 404
