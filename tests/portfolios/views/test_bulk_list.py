"""« Importer des habilitations (avec dépôt de fichier) »: requests, report, models, exports."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from habilitations.models import ATMP
from portfolios.models import BulkLine, BulkRequest, Client, ClientHabilitation
from portfolios.tasks import process_bulk_requests
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.tiers import client_of
from tests.people import logged_in
from tests.workbooks import bomb, content_of, sheet

LIST, ADD = reverse("portfolios:bulk_list"), reverse("portfolios:bulk_add")
ON = dt.datetime(2027, 1, 25, 9, tzinfo=dt.UTC)


@pytest.fixture
def client(tiers_declarant: User) -> Client:
    assert tiers_declarant.establishment is not None
    return client_of(tiers_declarant.establishment.enterprise)


def made(client: Client, **fields: Any) -> BulkRequest:
    values = {"kind": "etablissements", "name": "x.csv", "size": 1, "status": "done", "created_at": ON} | fields
    return BulkRequest.objects.create(portfolio=client.portfolio, **values)


def deposit(user: User, client: Client, content: str | bytes, kind: str = "etablissements") -> Any:
    file = SimpleUploadedFile("x.csv", content.encode() if isinstance(content, str) else content)
    values = {"portfolio": client.portfolio_id, "kind": kind, "file": file}
    return logged_in(user).post(ADD, values, follow=True)


def body(user: User, name: str, *args: object) -> bytes:
    response = logged_in(user).get(reverse(f"portfolios:{name}", args=args))
    assert response.status_code == 200
    return content_of(response)


def addresses(client: Client, request: BulkRequest) -> list[str]:
    return [
        LIST,
        ADD,
        reverse("portfolios:bulk_model", args=["etablissements", "csv"]),
        *foreign(client, request),
    ]


def foreign(client: Client, request: BulkRequest) -> list[str]:
    return [
        reverse("portfolios:bulk_detail", args=[request.pk]),
        reverse("portfolios:bulk_report", args=[request.pk, "csv"]),
        reverse("portfolios:bulk_export", args=[client.portfolio_id, "etablissements", "csv"]),
    ]


@pytest.mark.parametrize("person", ["declarant", "candidate", "secondary_administrator", "staff"])
def test_only_administrators_at_a_head_office_import(
    person: str, client: Client, request: pytest.FixtureRequest
) -> None:
    browser = logged_in(request.getfixturevalue(person))
    assert {browser.get(address).status_code for address in addresses(client, made(client))} == {404}
    assert browser.post(ADD, {}).status_code == 404


def test_somebody_elses_requests_do_not_exist(administrator: User, client: Client) -> None:
    browser, theirs = logged_in(administrator), made(client)
    assertNotContains(browser.get(LIST), "x.csv")
    assert {browser.get(address).status_code for address in foreign(client, theirs)} == {404}
    page = deposit(administrator, client, "SIRET;client\n")
    assertContains(page, "Choisissez un de vos portefeuilles.")
    assert BulkRequest.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(
    rows: int, tiers_declarant: User, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        made(client, name=f"{number}.csv", created_by=tiers_declarant)
    browser = logged_in(tiers_declarant)
    with django_assert_num_queries(5):
        page = browser.get(LIST)
    assert len(page.context["page"].items) == rows


def test_a_file_is_deposited_then_its_report_says_all(tiers_declarant: User, client: Client) -> None:
    good = EstablishmentFactory(head_office=True)
    page = deposit(tiers_declarant, client, f"SIRET;client\n{good.siret};1\n7,3E+13;1\n")
    request = BulkRequest.objects.get()
    detail = reverse("portfolios:bulk_detail", args=[request.pk])
    assertRedirects(page, detail)
    assertContains(page, "En attente de lecture")
    assertContains(page, f'data-progress-url="{detail}"')
    process_bulk_requests()
    page = logged_in(tiers_declarant).get(detail)
    for words in ("Terminée", "OK partiel", "7,3E+13", "abîmé par un tableur"):
        assertContains(page, words)
    assertNotContains(page, "data-progress-url")
    assert len(page.context["page"].items) == 1
    assert len(logged_in(tiers_declarant).get(detail, {"lignes": "toutes"}).context["page"].items) == 2
    assert body(tiers_declarant, "bulk_report", request.pk, "csv").decode().splitlines()[1:] == [
        f"2;{good.siret};;OK;",
        "3;7,3E+13;;KO;« 7,3E+13 » : SIRET abîmé par un tableur (notation scientifique).",
    ]
    assert sheet(body(tiers_declarant, "bulk_report", request.pk, "xlsx"))[1][:4] == [2, good.siret, None, "OK"]


def test_progress_is_shown_while_lines_remain(tiers_declarant: User, client: Client) -> None:
    request = made(client, status="applying", lines=10_000, done=2_500)
    page = logged_in(tiers_declarant).get(reverse("portfolios:bulk_detail", args=[request.pk]))
    assertContains(page, '<progress aria-label="Lignes traitées" value="2500" max="10000">')


def test_a_refused_file_says_why(tiers_declarant: User, client: Client) -> None:
    request = made(client, status="refused", refusal="Le fichier n'a aucune ligne.")
    page = logged_in(tiers_declarant).get(reverse("portfolios:bulk_detail", args=[request.pk]))
    assertContains(page, "Rien n'a été écrit")
    assertContains(page, "aucune ligne")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "vide (0 octet)"), (b"x" * 10_000_001, "pèse 10 Mo"), (bomb(300), "300 Mo une fois ouvert")],
    ids=["empty", "heavy", "bomb"],
)
def test_a_file_that_cannot_be_taken_says_so_at_its_field(
    tiers_declarant: User, client: Client, content: bytes, message: str
) -> None:
    page = deposit(tiers_declarant, client, content)
    [error] = page.context["form"].errors["file"]
    assert message in error
    assert not BulkRequest.objects.exists()


def test_a_second_request_waits_for_the_first(tiers_declarant: User, client: Client) -> None:
    deposit(tiers_declarant, client, "SIRET;client\n")
    page = deposit(tiers_declarant, client, "SIRET;client\n")
    assert "déjà en cours" in page.context["form"].errors["portfolio"][0]


@pytest.mark.parametrize("query", ["", "x", "999999999999", "²", "-1"])
def test_a_portfolio_named_by_the_address_is_chosen_or_ignored(
    tiers_declarant: User, client: Client, query: str
) -> None:
    browser = logged_in(tiers_declarant)
    assertContains(browser.get(ADD, {"portefeuille": query}), '<option value="" selected>Choisissez…')
    assertContains(browser.get(ADD, {"portefeuille": client.portfolio_id}), f'value="{client.portfolio_id}" selected')


@pytest.mark.parametrize(
    ("kind", "titles"),
    [("etablissements", ["SIRET", "client"]), ("habilitations", ["SIRET", "nom", "prénom", ATMP, "dpae", "dsn"])],
)
def test_a_model_is_offered(tiers_declarant: User, kind: str, titles: list[str]) -> None:
    assert body(tiers_declarant, "bulk_model", kind, "csv").decode("utf-8-sig").splitlines()[0].split(";") == titles
    assert sheet(body(tiers_declarant, "bulk_model", kind, "xlsx"))[0] == titles


@pytest.mark.parametrize(("kind", "form"), [("autre", "csv"), ("etablissements", "pdf")])
def test_no_other_kind_nor_format_exists(tiers_declarant: User, client: Client, kind: str, form: str) -> None:
    browser = logged_in(tiers_declarant)
    assert browser.get(reverse("portfolios:bulk_model", args=[kind, form])).status_code == 404
    assert browser.get(reverse("portfolios:bulk_export", args=[client.portfolio_id, kind, form])).status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["etablissements", "habilitations"])
def test_an_export_comes_back_unchanged(tiers_declarant: User, client: Client, kind: str, form: str) -> None:
    """Export, nothing edited, import: every line without change."""
    user = UserFactory(establishment=tiers_declarant.establishment, last_name="Le Bihan", first_name="Énora")
    client.portfolio.members.add(user)
    ClientHabilitation.objects.create(user=user, given=client.declarations.get(), granted_at=ON)
    client_of(client.portfolio.enterprise)
    content = body(tiers_declarant, "bulk_export", client.portfolio_id, kind, form)
    deposit(tiers_declarant, client, content, kind)
    process_bulk_requests()
    results = list(BulkLine.objects.values_list("result", flat=True))
    assert results == ["unchanged"] * (3 if kind == "habilitations" else 2)


def test_an_edited_export_takes_effect_at_once(tiers_declarant: User, client: Client) -> None:
    text = body(tiers_declarant, "bulk_export", client.portfolio_id, "habilitations", "csv").decode("utf-8-sig")
    assert text == f"SIRET;nom;prénom;{ATMP}\r\n{client.establishment.siret};;;1\r\n"
    deposit(tiers_declarant, client, text.replace(";1", ";0"), "habilitations")
    process_bulk_requests()
    assert client.declarations.count() == 0
