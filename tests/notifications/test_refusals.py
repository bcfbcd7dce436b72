"""Each refusal with its own reason, on the page, in a direct URL and in a POST; allowed again when the fact changes."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from accounts.models import User
from habilitations.models import ATMP, Declaration, EstablishmentDeclaration, Habilitation
from notifications.models import Notification
from portfolios.models import Client, ClientDeclaration, ClientHabilitation, DsnFiling
from tests.conftest import NOW
from tests.factories.accounts import UserFactory
from tests.factories.habilitations import EstablishmentDeclarationFactory, HabilitationFactory
from tests.factories.notifications import NotificationFactory
from tests.factories.tiers import client_of, dsn_for
from tests.people import Company, logged_in

TOMORROW = NOW + dt.timedelta(hours=24)
LIST, CLIENTS = reverse("notifications:notification_list"), reverse("notifications:client_rate_list")


def no_right(company: Company) -> Callable[[], object]:
    right = Habilitation.objects.get()
    right.delete()
    return lambda: HabilitationFactory(user=right.user)


def delay_runs(company: Company) -> Callable[[], object]:
    rows = EstablishmentDeclaration.objects.all()
    rows.update(opens_at=TOMORROW)
    return lambda: rows.update(opens_at=NOW)


def not_registered(company: Company) -> Callable[[], object]:
    EstablishmentDeclaration.objects.all().delete()
    return lambda: EstablishmentDeclarationFactory(establishment=company.head_office)


@pytest.mark.parametrize(
    ("fact", "rule", "reason"),
    [
        (no_right, "G1.4", "Vous n'avez pas d'habilitation"),
        (delay_runs, "G2.8", "Le délai d'accès au « Compte AT/MP » court jusqu'au 21 janvier 2027"),
        (not_registered, "G0.1", "n'est pas inscrit à la déclaration « Compte AT/MP »"),
    ],
)
def test_a_person_of_the_company_is_refused_until_the_fact_changes(
    declarant: User, company: Company, fact: Callable[[Company], Callable[[], object]], rule: str, reason: str
) -> None:
    notification = NotificationFactory(decision__establishment=company.head_office)
    detail, opening = (
        reverse(f"notifications:notification_{page}", args=[notification.pk]) for page in ("detail", "open")
    )
    browser = logged_in(declarant)
    change = fact(company)
    for response in (browser.get(LIST), browser.get(detail), browser.post(opening)):
        said = html(response)
        assert rule in said
        assert reason in said
    assert (browser.get(detail).status_code, browser.post(opening).status_code) == (403, 403)
    assert not notification.receipts.exists()
    change()
    assert browser.get(detail).status_code == 200
    assert browser.post(opening).status_code == 302
    assert notification.receipts.exists()


def html(response: object) -> str:
    text: str = response.content.decode()  # type: ignore[attr-defined]
    return text.replace("&#x27;", "'").replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ")


def not_given(client: Client) -> Callable[[], object]:
    row = client.declarations.get()
    kept = {"client": client, "held": row.held, "added_at": row.added_at, "opens_at": row.opens_at}
    rights = list(row.habilitations.values_list("user", flat=True))
    row.delete()

    def change() -> None:
        made = ClientDeclaration.objects.create(**kept)
        for user in rights:
            ClientHabilitation.objects.create(user_id=user, given=made, granted_at=NOW)

    return change


def client_delay_runs(client: Client) -> Callable[[], object]:
    client.declarations.update(opens_at=TOMORROW)
    return lambda: client.declarations.update(opens_at=NOW)


def no_client_right(client: Client) -> Callable[[], object]:
    right = ClientHabilitation.objects.get()
    right.delete()
    return lambda: ClientHabilitation.objects.create(user=right.user, given=right.given, granted_at=NOW)


def no_dsn(client: Client) -> Callable[[], object]:
    DsnFiling.objects.all().delete()
    return lambda: dsn_for(client)


def old_dsn(client: Client) -> Callable[[], object]:
    DsnFiling.objects.update(filed_on=dt.date(2026, 10, 19))
    return lambda: DsnFiling.objects.update(filed_on=dt.date(2026, 10, 20))


@pytest.mark.parametrize(
    ("fact", "rule", "reason"),
    [
        (not_given, "G0.6", "Ce client n'a pas la déclaration « Compte AT/MP »"),
        (client_delay_runs, "G2.8", "Le délai d'accès à ce client court jusqu'au 21 janvier 2027"),
        (no_client_right, "G2.9", "Vous n'avez pas d'habilitation au « Compte AT/MP » de ce client"),
        (no_dsn, "G0.5", "Vous n'avez déposé aucune DSN pour ce client"),
        (old_dsn, "G0.5", "Votre dernière DSN pour ce client date du 19 octobre 2026"),
    ],
)
def test_a_collaborator_of_a_tiers_is_refused_until_the_fact_changes(
    tiers_declarant: User, company: Company, fact: Callable[[Client], Callable[[], object]], rule: str, reason: str
) -> None:
    assert tiers_declarant.establishment is not None
    client = client_of(tiers_declarant.establishment.enterprise, company.head_office)
    collaborator = UserFactory(establishment=tiers_declarant.establishment, last_name="Tanguy")
    client.portfolio.members.add(collaborator)
    ClientHabilitation.objects.create(user=collaborator, given=client.declarations.get(), granted_at=NOW)
    dsn_for(client)
    NotificationFactory(decision__establishment=company.head_office)
    detail = reverse("notifications:client_rate_detail", args=[client.pk])
    browser = logged_in(collaborator)
    change = fact(client)
    for response, status in ((browser.get(CLIENTS), 200), (browser.get(detail), 403)):
        assert response.status_code == status
        assert rule in html(response)
        assert reason in html(response)
        assert "7,39" not in html(response)
    change()
    assert "7,39" in html(browser.get(detail))
    # The notification itself stays the client's, whatever the facts (G0.2).
    opening = reverse("notifications:notification_open", args=[Notification.objects.get().pk])
    assertContains(browser.post(opening), "G0.2", status_code=403)


def test_container_before_content(tiers_declarant: User) -> None:
    """G2.3: on the page with its reason, not given by a POST, given once the portfolio holds it."""
    assert tiers_declarant.establishment is not None
    client = client_of(tiers_declarant.establishment.enterprise)
    address = reverse("portfolios:client_declarations", args=[client.pk])
    browser = logged_in(tiers_declarant)
    assert "règle G2.3" in html(browser.get(address))
    browser.post(address, {"selection": [ATMP, "dsn"], "valider": "1"})
    assert client.declarations.count() == 1
    client.portfolio.declarations.create(declaration=Declaration.objects.get(code="dsn"), added_at=NOW)
    browser.post(address, {"selection": [ATMP, "dsn"], "valider": "1"})
    assert client.declarations.count() == 2


@pytest.mark.parametrize(("person", "rule"), [("candidate", "G4.1"), ("staff", "G0.2")])
@pytest.mark.parametrize("name", ["client_rate_list", "client_rate_spread", "client_payroll_list", "new_rate_list"])
def test_whoever_is_not_active_in_an_enterprise_has_no_clients_and_reads_why(
    person: str, rule: str, name: str, request: pytest.FixtureRequest
) -> None:
    asking = logged_in(request.getfixturevalue(person))
    addresses = [reverse(f"notifications:{name}")]
    if name.endswith("list"):
        addresses.append(reverse(f"notifications:{name.removesuffix('list')}export", args=["csv"]))
    for address in addresses:
        assertContains(asking.get(address), f"Règle {rule} du guide", status_code=403)
