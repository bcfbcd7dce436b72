"""« Rapport d'inscription » (G3.14): numbered, dated, printable, for whoever submitted it and nobody else."""

import datetime as dt
import re

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import RegistrationDraft, User
from habilitations.models import Registration
from portal import clock
from tests.people import Company
from tests.registering import PASSWORD, REPORT, fill, register, submit, url

pytestmark = pytest.mark.django_db


def test_it_says_who_where_what_when_and_what_comes_next(company: Company) -> None:
    page = register(company.head_office).get(REPORT)
    number = Registration.objects.get().number
    assert re.fullmatch(r"2027-[0-9]{7}", number)
    siret = "982 820 011 00012".replace(" ", "\N{NO-BREAK SPACE}")
    moments = ["20 janvier 2027 à 10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}00", "23 janvier 2027 à 10"]
    for shown in [
        number,
        siret,
        *moments,
        "Maël Tanguy",
        "Belharra Logistique",
        "Compte AT/MP",
        "mael@exemple.example",
    ]:
        assertContains(page, shown)
    assertContains(page, "Un compte de ce nom existe peut-être déjà")
    assertContains(page, "distinction d'homonyme")
    assertNotContains(page, PASSWORD)


def test_it_is_for_the_browser_that_submitted_it(company: Company) -> None:
    register(company.head_office)
    assert Client().get(REPORT).status_code == 404


def test_there_is_none_before_the_end(client: Client, company: Company) -> None:
    fill(client, company.head_office)
    assert client.get(REPORT).status_code == 404


def test_nothing_but_the_report_is_left_of_the_draft(company: Company) -> None:
    register(company.head_office)
    assert list(RegistrationDraft.objects.get().data) == ["report"]


@pytest.mark.parametrize(("minutes", "status"), [(-1, 200), (0, 404)])
def test_it_is_kept_for_a_day(
    company: Company, monkeypatch: pytest.MonkeyPatch, fixed_day: dt.datetime, minutes: int, status: int
) -> None:
    client = register(company.head_office)
    monkeypatch.setattr(clock, "real_now", lambda: fixed_day + dt.timedelta(hours=24, minutes=minutes))
    assert client.get(REPORT).status_code == status


def test_the_steps_lead_to_it_once_it_is_there(company: Company) -> None:
    client = register(company.head_office)
    assertRedirects(client.get(url("profil")), REPORT)


def test_somebody_else_may_register_next_at_the_same_screen(company: Company) -> None:
    """He finds an empty form."""
    client = register(company.head_office)
    page = client.get(url("identite"))
    assertNotContains(page, "Tanguy")
    fill(client, company.head_office, last_name="Autre")
    submit(client)
    assert sorted(user.last_name for user in User.objects.all()) == ["Autre", "Tanguy"]
    assertContains(client.get(REPORT), "Autre")
