"""« Journal d'activité »: what was done for the enterprise, to its administrators."""

import datetime as dt

import pytest
from django.test import Client

from accounts.actions.journal import record
from accounts.models import User
from tests.people import Company, logged_in

URL = "/entreprise/journal/"
ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


def write(company: Company, times: int = 1) -> None:
    for number in range(times):
        record(by=None, on=ON, verb="essai", summary=f"Essai {number}", enterprise=company.enterprise)


@pytest.mark.parametrize("who", ["administrator", "secondary_administrator"])
def test_an_administrator_reads_what_was_done(request: pytest.FixtureRequest, company: Company, who: str) -> None:
    write(company)
    page = logged_in(request.getfixturevalue(who)).get(URL).content.decode()
    assert ("Essai 0" in page, "20 janvier 2027" in page) == (True, True)


def test_another_enterprise_reads_nothing_of_it(company: Company, stranger: User) -> None:
    write(company)
    assert "Essai 0" not in logged_in(stranger).get(URL).content.decode()


@pytest.mark.parametrize("who", ["declarant", "candidate", "staff"])
def test_others_find_no_such_page(request: pytest.FixtureRequest, company: Company, who: str) -> None:
    assert logged_in(request.getfixturevalue(who)).get(URL).status_code == 404


def test_visitors_are_asked_who_they_are(client: Client, db: None) -> None:
    assert client.get(URL)["Location"] == f"/connexion/?next={URL}"


@pytest.mark.parametrize("entries", [1, 3, 300])
def test_the_page_costs_the_same_for_any_number_of_entries(
    administrator: User, company: Company, entries: int, django_assert_num_queries: object
) -> None:
    write(company, entries)
    client = logged_in(administrator)
    with django_assert_num_queries(4):  # type: ignore[operator]
        client.get(URL)
