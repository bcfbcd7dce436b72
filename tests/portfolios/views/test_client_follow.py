"""« Suivre les notifications »: the clients chosen, page by page or all at once (G0.6)."""

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import JournalEntry, User
from portfolios.models import Client
from tests.factories.tiers import client_of
from tests.people import logged_in


@pytest.fixture
def clients(tiers_declarant: User) -> list[Client]:
    assert tiers_declarant.establishment is not None
    return [client_of(tiers_declarant.establishment.enterprise) for _ in range(3)]


def url(client: Client, page: str = "client_follow") -> str:
    return reverse(f"portfolios:{page}", args=[client.portfolio_id])


def followed() -> set[int]:
    return set(Client.objects.exclude(followed_since=None).values_list("pk", flat=True))


@pytest.mark.parametrize("person", ["declarant", "candidate", "secondary_administrator", "staff", "administrator"])
def test_only_the_firms_administrators_choose(
    person: str, clients: list[Client], request: pytest.FixtureRequest
) -> None:
    browser = logged_in(request.getfixturevalue(person))
    for page in ("client_follow", "client_follow_all"):
        assert browser.get(url(clients[0], page)).status_code == 404
        posted = browser.post(url(clients[0], page), {"montre": clients[0].pk, "suivi": clients[0].pk, "suivre": "1"})
        assert posted.status_code == 404
    assert followed() == set()


def test_ticked_is_followed_and_what_was_not_shown_is_left_alone(tiers_declarant: User, clients: list[Client]) -> None:
    one, two, three = (client.pk for client in clients)
    browser = logged_in(tiers_declarant)
    browser.post(url(clients[0]), {"montre": [one, two], "suivi": [one, two]})
    page = browser.post(url(clients[0]), {"montre": [two, three], "suivi": [three, "x", "9" * 30]}, follow=True)
    assertContains(page, "Suivi enregistré\N{NO-BREAK SPACE}: +1 / −1.")
    assert followed() == {one, three}
    last = JournalEntry.objects.latest("pk")
    assert last.summary == "Suivi des notifications du portefeuille « Ouest » : +1 / −1."


def test_a_client_of_another_portfolio_is_not_reached(tiers_declarant: User, clients: list[Client]) -> None:
    other = client_of(clients[0].portfolio.enterprise, name="Est")
    logged_in(tiers_declarant).post(url(clients[0]), {"montre": [other.pk], "suivi": [other.pk]})
    assert followed() == set()


def test_all_or_none_is_a_second_step(tiers_declarant: User, clients: list[Client]) -> None:
    browser, everything = logged_in(tiers_declarant), url(clients[0], "client_follow_all")
    assertContains(browser.get(everything), "3\N{NO-BREAK SPACE}clients")
    assertRedirects(browser.post(everything, {"suivre": "1"}), url(clients[0]))
    assert len(followed()) == 3
    browser.post(everything, {"arreter": "1"})
    assert followed() == set()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries(
    count: int, tiers_declarant: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert tiers_declarant.establishment is not None
    made = [client_of(tiers_declarant.establishment.enterprise) for _ in range(count)]
    browser = logged_in(tiers_declarant)
    with django_assert_num_queries(8):
        page = browser.get(url(made[0]))
    assert len(page.context["page"].items) == count
