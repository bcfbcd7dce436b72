"""Who reads the rates of which client, and why not (G0.5, G0.6, G2)."""

import datetime as dt

import pytest

from accounts.models import User
from portal.kit.decision import Decision
from portfolios.access import client_access, visible_clients
from portfolios.models import Client, ClientDeclaration, ClientHabilitation, DsnFiling, PortfolioDeclaration
from portfolios.rules.window import first_day
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.tiers import client_of, dsn_for

NOW = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


@pytest.fixture
def client(tiers_declarant: User) -> Client:
    """A client whose account is open to the firm."""
    assert tiers_declarant.establishment is not None
    made = client_of(tiers_declarant.establishment.enterprise)
    dsn_for(made)
    return made


@pytest.fixture
def collaborator(tiers_declarant: User, client: Client) -> User:
    """A déclarant of the firm who works on the portfolio, without a right yet."""
    user = UserFactory(establishment=tiers_declarant.establishment, last_name="Bihan")
    client.portfolio.members.add(user)
    return user


def access(user: User, client: Client, at: dt.datetime = NOW) -> Decision:
    """Decide, and check that the query of a whole list decides the same."""
    seen = visible_clients(user).seen_by(user)
    decision = client_access(seen.get(pk=client.pk), at=at)
    opened = seen.open(at, first_day(at.date())).filter(pk=client.pk).exists()
    closed = seen.closed(at, first_day(at.date())).filter(pk=client.pk).exists()
    assert (opened, closed) == (decision.allowed, not decision.allowed)
    return decision


def test_a_client_given_with_a_recent_dsn_is_open(tiers_declarant: User, client: Client) -> None:
    """G0.5, G0.6."""
    assert access(tiers_declarant, client).allowed


def test_a_client_without_the_declaration_is_closed(tiers_declarant: User, client: Client) -> None:
    ClientDeclaration.objects.all().delete()
    assert access(tiers_declarant, client).rule == "G0.6"


def test_what_the_portfolio_holds_no_more_its_clients_have_no_more(tiers_declarant: User, client: Client) -> None:
    """G2.3: container before content."""
    PortfolioDeclaration.objects.all().delete()
    assert access(tiers_declarant, client).rule == "G0.6"


def test_the_access_delay_opens_to_the_second(tiers_declarant: User, client: Client) -> None:
    """G2.8."""
    ClientDeclaration.objects.update(opens_at=NOW)
    assert access(tiers_declarant, client, NOW).allowed
    before = access(tiers_declarant, client, NOW - dt.timedelta(seconds=1))
    assert (before.rule, "20 janvier 2027 à 10" in before.reason) == ("G2.8", True)


def test_without_a_dsn_it_is_closed(tiers_declarant: User, client: Client) -> None:
    DsnFiling.objects.all().delete()
    assert access(tiers_declarant, client).reason == "Vous n'avez déposé aucune DSN pour ce client."


@pytest.mark.parametrize(
    ("filed", "last"),
    [("2026-11-30", "2027-02-28"), ("2027-01-31", "2027-04-30"), ("2028-02-29", "2028-05-31")],
)
def test_the_last_day_is_in_and_the_next_is_out(tiers_declarant: User, client: Client, filed: str, last: str) -> None:
    """G0.5, at month ends."""
    DsnFiling.objects.update(filed_on=filed)
    end = dt.datetime.fromisoformat(f"{last}T12:00:00+00:00")
    assert access(tiers_declarant, client, end).allowed
    after = access(tiers_declarant, client, end + dt.timedelta(days=1))
    assert (after.rule, "Votre dernière DSN" in after.reason) == ("G0.5", True)


@pytest.mark.parametrize("changes", [{"counts": False}, {"nature": "09", "counts": False}])
def test_what_does_not_count_opens_nothing(tiers_declarant: User, client: Client, changes: dict[str, object]) -> None:
    DsnFiling.objects.update(**changes)
    assert access(tiers_declarant, client).rule == "G0.5"


def test_the_dsn_of_somebody_else_opens_nothing(tiers_declarant: User, stranger: User, client: Client) -> None:
    assert stranger.establishment is not None
    DsnFiling.objects.update(depositor=stranger.establishment.enterprise)
    assert access(tiers_declarant, client).rule == "G0.5"


def test_a_collaborator_needs_his_own_right(collaborator: User, client: Client) -> None:
    """G2.9."""
    assert access(collaborator, client).rule == "G2.9"
    ClientHabilitation.objects.create(user=collaborator, given=client.declarations.get(), granted_at=NOW)
    assert access(collaborator, client).allowed


def test_an_administrator_of_another_place_of_the_firm_needs_his_right_too(
    tiers_declarant: User, client: Client
) -> None:
    assert tiers_declarant.establishment is not None
    branch = EstablishmentFactory(enterprise=tiers_declarant.establishment.enterprise, number=9)
    user = UserFactory(establishment=branch, administrator=True)
    client.portfolio.members.add(user)
    assert access(user, client).rule == "G2.9"


def test_clients_of_other_portfolios_are_not_seen(tiers_declarant: User, collaborator: User, client: Client) -> None:
    assert tiers_declarant.establishment is not None
    other = client_of(tiers_declarant.establishment.enterprise, name="Est")
    assert set(visible_clients(tiers_declarant)) == {client, other}
    assert set(visible_clients(collaborator)) == {client}


@pytest.mark.parametrize("person", ["administrator", "candidate", "staff", "stranger"])
def test_nobody_else_sees_a_firms_clients(person: str, client: Client, request: pytest.FixtureRequest) -> None:
    assert not visible_clients(request.getfixturevalue(person)).exists()


def test_a_suspended_collaborator_sees_nothing(collaborator: User, client: Client) -> None:
    collaborator.state = User.State.SUSPENDED
    assert not visible_clients(collaborator).exists()
