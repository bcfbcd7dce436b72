"""The gallery of components: for staff, and nobody else knows it exists."""

import pytest
from django.test import Client

from accounts.models import User
from tests.people import logged_in


def test_staff_see_every_component(staff: User) -> None:
    response = logged_in(staff).get("/composants/")
    assert (response.status_code, b"components/chip.html" in response.content) == (200, True)


@pytest.mark.parametrize("who", ["administrator", "candidate", "tiers_declarant"])
def test_others_find_no_such_page(request: pytest.FixtureRequest, who: str) -> None:
    assert logged_in(request.getfixturevalue(who)).get("/composants/").status_code == 404


def test_visitors_are_asked_who_they_are(client: Client, db: None) -> None:
    assert client.get("/composants/")["Location"] == "/connexion/?next=/composants/"
