"""The staff's lists: who gets in, what they cost, what cannot be changed there."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions.journal import record
from accounts.models import LoginFailure, Mail, User
from habilitations.models import ActivationKey
from portfolios.models import BulkRequest
from tests.conftest import NOW
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory, UserFactory
from tests.factories.habilitations import CooptationFactory, EstablishmentDeclarationFactory, HabilitationFactory
from tests.factories.notifications import (
    CampaignFactory,
    CollectiveRateFactory,
    ImportFileFactory,
    NotificationFactory,
    RateDecisionFactory,
    TariffFactory,
)
from tests.factories.tiers import client_of, dsn_for
from tests.people import logged_in

LISTS = sorted(f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)
ADDED_BY_A_PAGE = (
    "accounts_importfile",
    "accounts_user",
    "habilitations_establishmentdeclaration",
    "habilitations_habilitation",
    "notifications_campaign",
    "notifications_tariff",
    "portfolios_dsndeposit",
)


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def entry(number: int) -> None:
    record(by=None, on=NOW, verb="user.suspend", summary=str(number), enterprise=EnterpriseFactory())


def mail(number: int) -> Mail:
    return Mail.objects.create(
        recipient=f"a{number}@exemple.example", sender="x", subject="x", text="x", created_at=NOW
    )


def failure(number: int) -> None:
    LoginFailure.objects.create(key_hash=str(number), source="127.0.0.1", failures=1, last_at=NOW)


def receipt(number: int) -> None:
    NotificationFactory().receipts.create(user=UserFactory(), read_at=NOW)


def consultation(_number: int) -> None:
    NotificationFactory().consultations.create(user=UserFactory(), name="x", at=NOW, way="opened", entitled=True)


def bulk_request(_number: int) -> None:
    BulkRequest.objects.create(
        portfolio=client_of(EnterpriseFactory()).portfolio, kind="etablissements", name="x.csv", size=1, status="done",
        created_at=NOW,
    )  # fmt: skip


# List → what adds a row, and its queries: session, user, then one count, one page, and the filters' own.
COSTS: dict[str, tuple[Callable[[int], Any], int]] = {
    "accounts_enterprise": (lambda _n: EnterpriseFactory(), 4),
    "accounts_establishment": (lambda _n: EstablishmentFactory(), 4),
    "accounts_importfile": (lambda _n: ImportFileFactory(kind="register", created_by=UserFactory(staff=True)), 4),
    "accounts_journalentry": (entry, 4),
    "accounts_loginfailure": (failure, 4),
    "accounts_mail": (mail, 4),
    "accounts_user": (lambda _n: UserFactory(), 4),
    "habilitations_activationkey": (
        lambda n: ActivationKey.objects.create(cooptation=CooptationFactory(), asked_at=NOW),
        4,
    ),
    "habilitations_cooptation": (lambda _n: CooptationFactory(), 4),
    "habilitations_declaration": (lambda _n: None, 4),
    "habilitations_establishmentdeclaration": (lambda _n: EstablishmentDeclarationFactory(), 5),
    "habilitations_habilitation": (lambda _n: HabilitationFactory(), 5),
    "notifications_campaign": (lambda _n: CampaignFactory(), 4),
    "notifications_collectiverate": (lambda n: CollectiveRateFactory(code=f"{n:02d}.2BE"), 5),
    "notifications_consultation": (consultation, 4),
    "notifications_notification": (lambda _n: NotificationFactory(), 5),
    "notifications_ratedecision": (lambda _n: RateDecisionFactory(), 5),
    "notifications_receipt": (receipt, 4),
    "notifications_tariff": (lambda n: TariffFactory(year=2000 + n, imported_by=UserFactory(staff=True)), 4),
    "portfolios_bulkrequest": (bulk_request, 4),
    "portfolios_client": (lambda _n: client_of(EnterpriseFactory()), 4),
    "portfolios_dsndeposit": (lambda _n: dsn_for(client_of(EnterpriseFactory())), 4),
    "portfolios_dsnfiling": (lambda _n: dsn_for(client_of(EnterpriseFactory())), 4),
    "portfolios_portfolio": (lambda _n: client_of(EnterpriseFactory()), 4),
}


def test_every_list_has_its_cost_written_here() -> None:
    assert sorted(COSTS) == LISTS


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_with_1_3_and_30_rows(staff: User, name: str) -> None:
    add, cost = COSTS[name]
    client, rows = logged_in(staff), 0
    for wanted in (1, 3, 30):
        for number in range(rows, wanted):
            add(number)
        rows = wanted
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page(f"{name}_changelist")).status_code == 200
        assert len(queries) == cost, [query["sql"][:150] for query in queries]


@pytest.mark.parametrize("address", ["/gestion/", *(page(f"{name}_changelist") for name in LISTS)])
def test_a_page_of_the_staff_is_for_the_staff(staff: User, administrator: User, address: str) -> None:
    assert logged_in(staff).get(address).status_code == 200
    assert logged_in(administrator).get(address).status_code == 403
    visitor = Client().get(address)
    assert (visitor.status_code, visitor["Location"]) == (302, f"/gestion/connexion/?next={address}")


@pytest.mark.parametrize("name", ADDED_BY_A_PAGE)
def test_a_page_that_adds_is_for_the_staff(staff: User, administrator: User, name: str) -> None:
    address = page(f"{name}_add")
    assert logged_in(staff).get(address).status_code == 200
    assert logged_in(administrator).get(address).status_code == 403
    assert Client().get(address)["Location"] == f"/gestion/connexion/?next={address}"


def test_staff_without_a_right_get_no_page_of_it(db: None) -> None:
    client = logged_in(UserFactory(staff=True, is_superuser=False, last_name="stagiaire"))
    file, person = ImportFileFactory(kind="register", status="checked"), UserFactory()
    for name in LISTS:
        assert client.get(page(f"{name}_changelist")).status_code == 403
    for name in ADDED_BY_A_PAGE:
        assert client.post(page(f"{name}_add")).status_code == 403
    for name in ("confirm", "cancel", "problems", "change"):
        assert client.post(page(f"accounts_importfile_{name}", file.pk)).status_code == 403
    assert client.post(page("accounts_user_password", person.pk)).status_code == 403
    assert client.get(page("accounts_importfile_model")).status_code == 403
    assert client.get(page("notifications_ratedecision_export")).status_code == 403


@pytest.mark.parametrize(
    "name", sorted(set(LISTS) - {"habilitations_habilitation", "habilitations_establishmentdeclaration"})
)
def test_nothing_with_a_history_is_deleted(staff: User, name: str) -> None:
    COSTS[name][0](1)
    model = next(m for m in admin.site._registry if f"{m._meta.app_label}_{m._meta.model_name}" == name)
    row = model._default_manager.first()
    assert row is not None
    client = logged_in(staff)
    assert client.post(page(f"{name}_delete", row.pk), {"post": "yes"}).status_code == 403
    client.post(page(f"{name}_changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert model._default_manager.filter(pk=row.pk).exists()


DECIDED = (
    "accounts_journalentry",
    "accounts_loginfailure",
    "accounts_mail",
    "notifications_consultation",
    "notifications_collectiverate",
    "notifications_notification",
    "notifications_ratedecision",
    "notifications_receipt",
    "notifications_tariff",
)


@pytest.mark.parametrize("name", DECIDED)
def test_what_is_decided_is_read_only(staff: User, name: str) -> None:
    COSTS[name][0](1)
    model = next(m for m in admin.site._registry if f"{m._meta.app_label}_{m._meta.model_name}" == name)
    before = model._default_manager.values().get()
    client = logged_in(staff)
    assert client.get(page(f"{name}_change", before[model._meta.pk.attname])).status_code == 200
    changed = dict.fromkeys(before, "1")
    assert client.post(page(f"{name}_change", before[model._meta.pk.attname]), changed).status_code == 403
    assert model._default_manager.values().get() == before
    if name != "notifications_tariff":
        assert client.post(page(f"{name}_add"), changed).status_code == 403


def test_a_list_stops_counting_at_its_ceiling(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.admin.base.CEILING", 3)
    EnterpriseFactory.create_batch(5)
    content = logged_in(staff).get(page("accounts_enterprise_changelist")).content.decode()
    assert "3\xa0lignes" in content
    assert "La liste s'arrête à 3" in content


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("accounts_enterprise", "982820011", 1),
        ("accounts_enterprise", "982 82", 1),
        ("accounts_enterprise", "belharra", 1),
        ("accounts_enterprise", "logistique", 0),
        ("accounts_enterprise", "98282001100012", 1),
        ("accounts_establishment", "982820011 0001", 1),
        ("accounts_establishment", "Strasbourg", 1),
        ("accounts_user", "982820011", 1),
        ("accounts_user", "le go", 1),
        ("accounts_user", "nobody", 0),
        ("accounts_journalentry", "982820011", 0),
    ],
)
def test_a_search_finds_by_the_start(administrator: User, staff: User, name: str, text: str, found: int) -> None:
    EstablishmentFactory()
    response = logged_in(staff).get(page(f"{name}_changelist"), {"q": text})
    assert response.context["cl"].result_count == found


def test_the_journal_is_filtered_by_subject(staff: User) -> None:
    entry(1)
    record(by=None, on=NOW, verb="tariff.import", summary="Tarif")
    response = logged_in(staff).get(page("accounts_journalentry_changelist"), {"sujet": "tariff"})
    assert [row.summary for row in response.context["cl"].result_list] == ["Tarif"]


def test_establishments_are_filtered_by_activity(staff: User) -> None:
    opened, closed = EstablishmentFactory(), EstablishmentFactory(closed_on=dt.date(2027, 1, 20))
    for chosen, shown in (("ouvert", opened), ("ferme", closed)):
        response = logged_in(staff).get(page("accounts_establishment_changelist"), {"activite": chosen})
        assert list(response.context["cl"].result_list) == [shown]
