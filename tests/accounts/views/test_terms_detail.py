"""The general terms can be read by anybody (G3.3), and tell the truth about what is kept."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.asserts import assertContains

from accounts.actions.registration import UNVERIFIED_DAYS
from accounts.rules import terms
from habilitations.rules import COOPTATION_DAYS
from portal.kit.french import typeset

pytestmark = pytest.mark.django_db


def test_every_clause_is_there_numbered(client: Client) -> None:
    page = unescape(client.get("/conditions-generales/").content.decode())
    assert re.findall(r"<h2>(\d+)\. (.*?)</h2>", page) == [
        (str(number), clause.title) for number, clause in enumerate(terms.CLAUSES, 1)
    ]
    texts = [text for clause in terms.CLAUSES for text in clause.paragraphs]
    assert [text for text in texts if typeset(text) not in page] == []


def test_the_page_says_its_version_and_offers_the_file(client: Client) -> None:
    page = client.get("/conditions-generales/")
    assertContains(page, f"Version {terms.VERSION}, en vigueur depuis le 23 novembre 2026.")
    assertContains(page, 'href="/conditions-generales/pdf/"')


def test_every_page_leads_to_it(client: Client) -> None:
    assertContains(client.get("/"), 'href="/conditions-generales/">Conditions générales')


def test_the_delays_it_promises_are_those_that_run() -> None:
    words = " ".join(text for clause in terms.CLAUSES for text in clause.paragraphs)
    assert (settings.REGISTRATION_DRAFT_HOURS, UNVERIFIED_DAYS, COOPTATION_DAYS) == (24, 15, 15)
    assert [words.count(delay) for delay in ("24 heures", "quinze jours")] == [1, 2]


def test_the_version_fits_where_it_is_kept() -> None:
    assert 0 < len(terms.VERSION) <= 10
