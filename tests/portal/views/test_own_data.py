"""« Mes données »: all of one's own, nothing of anybody else, and no table forgotten."""

import io
import json
import zipfile
from typing import Any

from django.apps import apps
from django.test import Client
from pytest_django.asserts import assertContains

from accounts.models import JournalEntry, User
from notifications.actions import receipts
from portal.own_data import TABLES
from tests.conftest import NOW
from tests.factories.notifications import several
from tests.factors import SECRET, recovery_codes, with_application
from tests.people import Company, logged_in

URL = "/mes-donnees/"
# Fields that name a person and are in no table of the export, and why.
WORK = "the staff's work, which the journal tells"
EXCUSED = {
    "accounts.ImportFile.created_by": WORK,
    "accounts.ImportFile.applied_by": WORK,
    "habilitations.Cooptation.decided_by": "somebody else's request; the decision is in the journal",
    "notifications.Dismissed.user": "how many rows « notifications » has, which are exported",
    "notifications.DocumentArchive.user": "his documents, deleted after some days; the journal keeps that he asked",
    "notifications.Tariff.imported_by": WORK,
    "sandbox.CopyPerson.user": "a copy of the scenario, nothing of his own",
}


def taken(client: Client) -> tuple[dict[str, Any], str]:
    answer = client.post(URL)
    assert answer["Content-Type"] == "application/zip"
    folder = zipfile.ZipFile(io.BytesIO(answer.content))
    assert sorted(folder.namelist()) == ["LISEZ-MOI.txt", "mes-donnees.json"]
    text = folder.read("mes-donnees.json").decode()
    return json.loads(text), text


def test_the_page_says_what_is_kept_and_changes_nothing(declarant: User) -> None:
    page = logged_in(declarant).get(URL)
    assertContains(page, "Habilitations sur des clients")
    assertContains(page, "180&nbsp;jours")
    assert not JournalEntry.objects.exists()


def test_everything_of_ones_own_is_there(declarant: User, company: Company) -> None:
    [notification] = several(1, company.head_office)
    receipts.open_notification(notification=notification, by=declarant, on=NOW)
    with_application(declarant)
    data, _text = taken(logged_in(declarant))
    [identity] = data["identité"]
    assert (identity["nom"], identity["adresse électronique"]) == ("Kervella", declarant.email)
    assert [one["SIRET"] for one in data["habilitations"]] == [company.head_office.siret]
    assert [one["sorte"] for one in data["seconds facteurs"]] == ["totp", "recovery_codes"]
    assert [one["comment"] for one in data["consultations"]] == ["opened"]
    assert [one["SIRET"] for one in data["notifications"]] == [company.head_office.siret]
    # What he did, the download included.
    assert {one["action"] for one in data["journal"]} >= {"factor.add", "user.data"}


def test_nothing_of_anybody_else_and_no_secret_is_there(
    declarant: User, administrator: User, stranger: User, company: Company
) -> None:
    [notification] = several(1, company.head_office)
    receipts.open_notification(notification=notification, by=administrator, on=NOW)
    for user in (declarant, administrator):
        with_application(user)
    declarant.refresh_from_db()
    _data, text = taken(logged_in(declarant))
    leaked = [administrator.email, administrator.last_name, stranger.email, stranger.last_name, "opened"]
    secrets = [SECRET, declarant.password, *recovery_codes(declarant)]
    assert [word for word in (*leaked, *secrets) if word in text] == []


def test_staff_have_data_too_and_a_candidate_waits(staff: User, candidate: User) -> None:
    data, _text = taken(logged_in(staff))
    assert data["identité"][0]["SIRET"] is None
    assert (logged_in(candidate).get(URL).status_code, logged_in(candidate).post(URL).status_code) == (404, 404)


def test_each_download_is_in_the_journal(declarant: User) -> None:
    client = logged_in(declarant)
    taken(client)
    entry = JournalEntry.objects.get()
    assert (entry.verb, entry.actor) == ("user.data", declarant)


def test_no_field_that_names_a_person_is_forgotten() -> None:
    """A new table about people is exported, or says here why it is not."""
    named = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if model._meta.app_label != "admin" and field.is_relation and field.concrete and field.related_model is User
    }
    exported = {f"{table.model._meta.label}.{table.owner}" for table in TABLES if table.model is not User}
    assert named - exported - set(EXCUSED) == set()
    assert exported <= named
