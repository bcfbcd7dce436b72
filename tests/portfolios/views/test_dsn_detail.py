"""The receipt of a deposit, with its reasons."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from portfolios.actions.dsn import deposit_dsn
from portfolios.models import DsnDeposit
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory
from tests.people import logged_in
from tests.portfolios.dsn import CLIENT, declaration, encoded, rubriques

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


@pytest.fixture
def made(administrator: User) -> DsnDeposit:
    EstablishmentFactory(enterprise=EnterpriseFactory(siren=CLIENT[:9], name="Client Un"), siret=CLIENT)
    content = encoded(rubriques([declaration(), declaration("20003452800014"), declaration(nature="21")]))
    assert administrator.establishment is not None
    enterprise = administrator.establishment.enterprise
    return deposit_dsn(file=ContentFile(content, "paie.dsn"), depositor=enterprise, by=administrator, on=ON)[0]


def url(made: DsnDeposit) -> str:
    return reverse("portfolios:dsn_detail", args=[made.pk])


def test_the_receipt_says_what_was_accepted_and_why_the_rest_was_not(administrator: User, made: DsnDeposit) -> None:
    page = logged_in(administrator).get(url(made))
    for words in (
        "paie.dsn", "OK partiel", "Client Un", "DSN mensuelle", "décembre 2026", made.sha256,
        "n&#x27;est pas au répertoire du simulateur", "Une déclaration PASRAU n&#x27;est pas une DSN.",
    ):  # fmt: skip
        assertContains(page, words)
    assertNotContains(page, "ORVAL")


def test_a_refused_file_says_why(administrator: User) -> None:
    assert administrator.establishment is not None
    enterprise = administrator.establishment.enterprise
    made, _new = deposit_dsn(file=ContentFile(b"x", "x"), depositor=enterprise, by=None, on=ON)
    assertContains(logged_in(administrator).get(url(made)), "Fichier refusé")


@pytest.mark.parametrize("person", ["stranger", "declarant", "candidate", "staff"])
def test_the_receipt_of_somebody_else_does_not_exist(
    person: str, made: DsnDeposit, request: pytest.FixtureRequest
) -> None:
    assert logged_in(request.getfixturevalue(person)).get(url(made)).status_code == 404
