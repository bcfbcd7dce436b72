"""DSN deposited by staff, and what staff see of firms."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import JournalEntry, User
from portfolios.models import BulkRequest, Client, DsnDeposit, DsnFiling
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory
from tests.factories.tiers import client_of, dsn_for
from tests.people import Company, logged_in
from tests.portfolios.dsn import CLIENT, declaration, encoded, rubriques

LIST, ADD = (reverse(f"admin:portfolios_dsndeposit_{page}") for page in ("changelist", "add"))
GOOD = encoded(rubriques([declaration(month="01122026")]))


@pytest.fixture
def payer(company: Company) -> None:
    EstablishmentFactory(enterprise=EnterpriseFactory(siren=CLIENT[:9]), siret=CLIENT)


def deposit(user: User, *contents: bytes, depositor: str = "") -> Any:
    files = [SimpleUploadedFile(f"{number}.dsn", content) for number, content in enumerate(contents)]
    return logged_in(user).post(ADD, {"depositor": depositor, "dsn": files}, follow=True)


def test_files_are_deposited_in_the_name_of_their_sender(staff: User, company: Company, payer: None) -> None:
    page = deposit(staff, GOOD, b"rien", encoded(rubriques([declaration(month="01112026")])))
    assertRedirects(page, LIST)
    assertContains(page, "0.dsn : OK, 1\N{NO-BREAK SPACE}déclaration acceptée")
    assertContains(page, "1.dsn : Émetteur du fichier : SIREN absent.")
    assert set(DsnFiling.objects.values_list("depositor", flat=True)) == {company.enterprise.pk}
    assert DsnDeposit.objects.filter(deposited_by=staff).count() == 2
    assert JournalEntry.objects.filter(verb__startswith="dsn", actor=staff).count() == 2


def test_a_depositor_may_be_named(staff: User, payer: None) -> None:
    other = EstablishmentFactory(head_office=True)
    deposit(staff, GOOD, depositor=other.siret)
    assert DsnFiling.objects.get().depositor == other.enterprise
    assertContains(deposit(staff, GOOD, depositor=other.siret), "déjà déposé")


def test_a_refused_file_says_why(staff: User, company: Company) -> None:
    page = deposit(staff, b"rien", depositor=company.head_office.siret)
    assertContains(page, "0.dsn : KO, ")


@pytest.mark.parametrize(("depositor", "field"), [("123", "depositor"), ("73282932000074", "depositor"), ("", "dsn")])
def test_a_wrong_form_says_so_at_its_field(staff: User, depositor: str, field: str) -> None:
    page = deposit(staff, *([GOOD] if depositor else []), depositor=depositor)
    assert list(page.context["form"].errors) == [field]
    assert not DsnDeposit.objects.exists()


def test_staff_without_the_right_deposit_nothing(company: Company) -> None:
    from tests.factories.accounts import UserFactory

    clerk = UserFactory(staff=True, is_superuser=False, last_name="stagiaire")
    assert deposit(clerk, GOOD).status_code == 403
    assert logged_in(clerk).get(ADD).status_code == 403


@pytest.fixture
def client(tiers_declarant: User) -> Client:
    assert tiers_declarant.establishment is not None
    made = client_of(tiers_declarant.establishment.enterprise)
    dsn_for(made)
    BulkRequest.objects.create(
        portfolio=made.portfolio, kind="etablissements", name="clients.csv", size=1, status="done",
        created_at=dt.datetime(2027, 1, 5, tzinfo=dt.UTC),
    )  # fmt: skip
    return made


@pytest.mark.parametrize("model", ["dsndeposit", "dsnfiling", "portfolio", "client", "bulkrequest"])
def test_staff_look_and_change_nothing(staff: User, client: Client, model: str) -> None:
    browser = logged_in(staff)
    listed = reverse(f"admin:portfolios_{model}_changelist")
    page = browser.get(listed, {"q": client.portfolio.enterprise_id})
    [row] = page.context["cl"].result_list
    address = reverse(f"admin:portfolios_{model}_change", args=[row.pk])
    assert browser.get(address).status_code == 200
    assert browser.post(address, {"name": "x"}).status_code == 403
    assert browser.get(listed, {"q": "111111111"}).context["cl"].result_count == 0
