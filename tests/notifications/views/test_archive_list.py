"""« Documents d'une année »: its page, and who may take what (G0.2)."""

import datetime as dt
import io
import re
import zipfile

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import User
from habilitations.models import Habilitation
from notifications.models import Consultation, DocumentArchive, Notification
from notifications.tasks import make_archives
from tests.factories.notifications import NotificationFactory
from tests.people import Company, logged_in
from tests.workbooks import content_of

URL = reverse("notifications:archive_list")


@pytest.fixture
def notification(company: Company) -> Notification:
    return NotificationFactory(decision__establishment=company.head_office)


@pytest.fixture
def client(administrator: User) -> Client:
    return logged_in(administrator)


def take(client: Client, archive: DocumentArchive) -> object:
    return client.post(reverse("notifications:archive_download", args=[archive.pk]))


def ordered(client: Client) -> DocumentArchive:
    assertRedirects(client.post(URL, {"year": "2027"}), URL)
    make_archives()
    return DocumentArchive.objects.latest("id")


def test_a_person_orders_follows_and_takes_an_archive(client: Client, notification: Notification) -> None:
    client.post(URL, {"year": "2027"})
    assertContains(client.get(URL), "0 sur 1")
    make_archives()
    page = client.get(URL)
    assertContains(page, "gardée jusqu'au 27 janvier 2027")
    response = client.post(reverse("notifications:archive_download", args=[DocumentArchive.objects.get().pk]))
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/zip", "no-store")
    assert f'filename="notifications-{notification.enterprise_id}-2027.zip"' in response["Content-Disposition"]
    [name] = zipfile.ZipFile(io.BytesIO(content_of(response))).namelist()
    assert name.endswith(f"{notification.decision.number}.pdf")


def test_a_get_takes_nothing(client: Client, notification: Notification) -> None:
    archive = ordered(client)
    assert client.get(reverse("notifications:archive_download", args=[archive.pk])).status_code == 405
    assert not Consultation.objects.exists()


def test_the_years_that_have_documents_are_offered(client: Client, company: Company) -> None:
    assertContains(client.get(URL), "Aucun document à réunir.")
    for year in (2025, 2027, 2027):
        NotificationFactory(
            decision__establishment=company.head_office,
            decision__effective_on=dt.date(year, 1, 1),
            decision__code_risque=f"45.{Notification.objects.count()}BE",
        )
    options = re.findall(r"<option [^>]*>([^<]+)", client.get(URL).content.decode())
    assert options == ["2027 (2\xa0documents)", "2025 (1\xa0document)"]


@pytest.mark.parametrize("year", ["", "abc", "2026", "2101"])
def test_a_year_that_is_none_is_refused_at_its_field(year: str, client: Client, notification: Notification) -> None:
    assertContains(client.post(URL, {"year": year}), 'href="#id_year"')
    assert not DocumentArchive.objects.exists()


def test_somebody_elses_archive_does_not_exist(client: Client, notification: Notification, stranger: User) -> None:
    archive = ordered(client)
    assert take(logged_in(stranger), archive).status_code == 404  # type: ignore[attr-defined]


def test_who_lost_his_right_takes_nothing(notification: Notification, declarant: User) -> None:
    client = logged_in(declarant)
    archive = ordered(client)
    Habilitation.objects.filter(user=declarant).delete()
    response = take(client, archive)
    assert response.status_code == 403  # type: ignore[attr-defined]
    assertContains(response, "G1.4", status_code=403)  # type: ignore[arg-type]
    assert not Consultation.objects.exists()


def test_without_right_the_page_says_why(declarant_without_right: User) -> None:
    response = logged_in(declarant_without_right).get(URL)
    assertContains(response, "G1.4", status_code=403)


def test_an_archive_whose_file_is_lost_says_so(client: Client, notification: Notification) -> None:
    archive = ordered(client)
    DocumentArchive.objects.update(file="archives/none.zip")
    assertRedirects(take(client, archive), URL, fetch_redirect_response=False)  # type: ignore[arg-type]
    assertContains(client.get(URL), "est plus là")
    assert not Consultation.objects.exists()


@pytest.mark.parametrize("count", [1, 10])
def test_the_page_takes_the_same_queries(
    count: int,
    client: Client,
    administrator: User,
    notification: Notification,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        DocumentArchive.objects.create(
            enterprise=notification.enterprise, user=administrator, year=2000 + number, notifications=[], total=0,
            status="forgotten", created_at=notification.published_at,
        )  # fmt: skip
    with django_assert_num_queries(7):
        client.get(URL)
