"""« Déposer une DSN »: several files at once, a receipt for each (dsn.md)."""

import pytest
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from portfolios.models import DsnDeposit, DsnFiling
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory
from tests.people import logged_in
from tests.portfolios.dsn import CLIENT, declaration, encoded, rubriques

URL = reverse("portfolios:dsn_deposit")


@pytest.fixture(autouse=True)
def client_company(db: None) -> None:
    EstablishmentFactory(enterprise=EnterpriseFactory(siren=CLIENT[:9], name="Client Un"), siret=CLIENT)


def file(month: int = 12, name: str = "paie.dsn") -> ContentFile:
    return ContentFile(encoded(rubriques([declaration(month=f"01{month:02d}2026")])), name)


def post(user: User, *files: ContentFile) -> HttpResponse:
    return logged_in(user).post(URL, {"dsn": list(files)})  # type: ignore[return-value]


@pytest.mark.parametrize("person", ["candidate", "staff"])
def test_whoever_is_active_in_no_enterprise_deposits_nothing(person: str, request: pytest.FixtureRequest) -> None:
    user = request.getfixturevalue(person)
    assert (logged_in(user).get(URL).status_code, post(user, file()).status_code) == (404, 404)
    assert not DsnDeposit.objects.exists()


def test_one_file_leads_to_its_receipt(tiers_declarant: User) -> None:
    response = post(tiers_declarant, file())
    made = DsnDeposit.objects.get()
    assertRedirects(response, reverse("portfolios:dsn_detail", args=[made.pk]))
    assert (made.depositor, made.deposited_by) == (tiers_declarant.establishment.enterprise, tiers_declarant)  # type: ignore[union-attr]


def test_several_files_are_listed(tiers_declarant: User) -> None:
    response = post(tiers_declarant, file(11, "novembre.dsn"), file(12, "decembre.dsn"), ContentFile(b"x", "notes.txt"))
    assertRedirects(response, URL)
    page = logged_in(tiers_declarant).get(URL)
    for words in ("novembre.dsn", "decembre.dsn", "notes.txt", "OK", "KO"):
        assertContains(page, words)
    assert DsnFiling.objects.count() == 2


def test_one_bad_file_does_not_keep_the_others(tiers_declarant: User, settings: Settings) -> None:
    settings.DSN_MAX_BYTES = len(file().read()) + 50
    response = post(tiers_declarant, file(), ContentFile(b"y" * 5000, "lourd.dsn"))
    assertContains(response, "lourd.dsn\xa0: Ce fichier pèse")
    assertContains(response, "paie.dsn")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "Ce champ est obligatoire."),
        ([ContentFile(b"", "vide.dsn")], "Un de ces fichiers est vide (0 octet) : retirez-le."),
        ([ContentFile(b"x", f"{n}.dsn") for n in range(51)], "51 fichiers à la fois : 50 au plus."),
    ],
)
def test_what_cannot_be_taken_says_why_at_the_field(
    tiers_declarant: User, files: list[ContentFile], message: str
) -> None:
    response = post(tiers_declarant, *files)
    assert response.context["form"].errors["dsn"] == [message]  # type: ignore[attr-defined]
    assert not DsnDeposit.objects.exists()


def test_a_name_that_climbs_is_cut(tiers_declarant: User) -> None:
    post(tiers_declarant, file(name="../../x"))
    assert DsnDeposit.objects.get().name == "x"


def test_a_declarant_sees_his_own_deposits_an_administrator_all(administrator: User, declarant: User) -> None:
    post(administrator, file(11, "a.dsn"))
    post(declarant, file(12, "d.dsn"))
    assertContains(logged_in(administrator).get(URL), "d.dsn")
    assertNotContains(logged_in(declarant).get(URL), "a.dsn")


@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_list_takes_the_same_queries(
    count: int, administrator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        post(administrator, ContentFile(f"x{number}".encode(), "x"))
    client = logged_in(administrator)
    with django_assert_num_queries(4):
        client.get(URL)
