"""Who reads the rates of which client, and why not (G0.5, G0.6, G2)."""

import datetime as dt

import pytest

from accounts.access import CANDIDATE, NOT_ADMINISTRATOR
from accounts.models import User
from habilitations.access import NO_ENTERPRISE
from portal.kit.decision import ALLOWED, Decision
from portfolios.access import (
    client_access,
    clients_over,
    deposit_access,
    may_deposit,
    may_manage_portfolios,
    portfolio_management,
    visible_clients,
    visible_deposits,
)
from portfolios.models import Client, ClientDeclaration, ClientHabilitation, DsnDeposit, DsnFiling, PortfolioDeclaration
from portfolios.rules.window import first_day
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.tiers import client_of, dsn_for
from tests.people import Company

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


def test_a_suspended_administrator_of_the_firm_sees_nothing(tiers_declarant: User, client: Client) -> None:
    assert visible_clients(tiers_declarant).exists()
    tiers_declarant.state = User.State.SUSPENDED
    assert not visible_clients(tiers_declarant).exists()


NOT_GIVEN = Decision(
    allowed=False,
    rule="G0.6",
    reason="Ce client n'a pas la déclaration « Compte AT/MP » dans votre portefeuille.",
    remedy="Un administrateur la lui donne dans « Gérer les déclarations » du client.",
)
DELAY = Decision(
    allowed=False,
    rule="G2.8",
    reason="Le délai d'accès à ce client court jusqu'au 20 janvier 2027 à 10 h 01.",
    remedy="Revenez à ce moment : rien d'autre n'est à faire.",
)
NO_RIGHT = Decision(
    allowed=False,
    rule="G2.9",
    reason="Vous n'avez pas d'habilitation au « Compte AT/MP » de ce client.",
    remedy="Un administrateur de votre entreprise vous la donne dans « Gérer les habilitations » du client.",
)
NO_DSN = Decision(
    allowed=False,
    rule="G0.5",
    reason="Vous n'avez déposé aucune DSN pour ce client.",
    remedy="Déposez une DSN pour ce client : l'accès s'ouvre aussitôt.",
)
OLD_DSN = Decision(
    allowed=False,
    rule="G0.5",
    reason="Votre dernière DSN pour ce client date du 1er octobre 2026 : l'accès s'est fermé après "
    "le 1er janvier 2027.",
    remedy="Déposez une DSN pour ce client : l'accès s'ouvre aussitôt.",
)


def plain(decision: Decision) -> Decision:
    """Return a decision with ordinary spaces for no-break ones."""
    said = decision.reason.replace("\N{NO-BREAK SPACE}", " ")
    return Decision(decision.allowed, decision.rule, said, decision.remedy)


def test_each_refusal_is_said_whole_the_first_missing_thing_first(collaborator: User, client: Client) -> None:
    """Everything is missing at first; what is named is given, and the next thing is named."""
    held = client.declarations.get().held
    ClientDeclaration.objects.all().delete()
    DsnFiling.objects.all().delete()
    said = [plain(access(collaborator, client))]
    given = ClientDeclaration.objects.create(
        client=client, held=held, added_at=NOW, opens_at=NOW + dt.timedelta(minutes=1)
    )
    said.append(plain(access(collaborator, client)))
    ClientDeclaration.objects.update(opens_at=NOW)
    said.append(plain(access(collaborator, client)))
    ClientHabilitation.objects.create(user=collaborator, given=given, granted_at=NOW)
    said.append(plain(access(collaborator, client)))
    dsn_for(client, dt.date(2026, 10, 1))
    said.append(plain(access(collaborator, client)))
    dsn_for(client, dt.date(2026, 11, 1))
    said.append(access(collaborator, client))
    assert said == [NOT_GIVEN, DELAY, NO_RIGHT, NO_DSN, OLD_DSN, ALLOWED]


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        ("administrator", ALLOWED),
        ("declarant_without_right", ALLOWED),
        ("candidate", CANDIDATE),
        ("suspended", NO_ENTERPRISE),
        ("staff", NO_ENTERPRISE),
    ],
)
def test_whoever_is_active_in_an_enterprise_deposits_dsn(
    who: str, answer: Decision, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    assert (deposit_access(user), may_deposit(user)) == (answer, answer.allowed)


def test_an_administrator_reads_his_enterprises_deposits_and_a_declarant_his_own(
    tiers_declarant: User, collaborator: User, administrator: User, candidate: User, staff: User, client: Client
) -> None:
    somebodys = DsnDeposit.objects.get()
    own = dsn_for(client, dt.date(2027, 1, 15), month=dt.date(2026, 12, 1)).deposit
    DsnDeposit.objects.filter(pk=own.pk).update(deposited_by=collaborator)
    assert set(visible_deposits(tiers_declarant)) == {somebodys, own}
    assert list(visible_deposits(collaborator)) == [own]
    collaborator.state = User.State.SUSPENDED
    assert [list(visible_deposits(user)) for user in (collaborator, administrator, candidate, staff)] == [[]] * 4


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        ("administrator", ALLOWED),
        ("tiers_declarant", ALLOWED),
        ("candidate", CANDIDATE),
        ("declarant", NOT_ADMINISTRATOR),
        ("staff", NOT_ADMINISTRATOR),
        (
            "secondary_administrator",
            Decision(
                allowed=False,
                rule="G2.3",
                reason="Vous êtes administrateur d'un établissement secondaire : les portefeuilles se gèrent au siège.",
                remedy="Adressez-vous à un administrateur du siège.",
            ),
        ),
    ],
)
def test_portfolios_are_managed_at_the_head_office(who: str, answer: Decision, request: pytest.FixtureRequest) -> None:
    """G2.3."""
    user = request.getfixturevalue(who)
    assert (portfolio_management(user), may_manage_portfolios(user)) == (answer, answer.allowed)


def test_an_enterprise_sees_who_acts_for_its_own_establishments(
    tiers_declarant: User, administrator: User, secondary_administrator: User, staff: User, company: Company
) -> None:
    assert tiers_declarant.establishment is not None
    firm = tiers_declarant.establishment.enterprise
    client_of(firm)
    head_office, secondary = client_of(firm, company.head_office), client_of(firm, company.secondary)
    assert set(clients_over(administrator)) == {head_office, secondary}
    assert list(clients_over(secondary_administrator)) == [secondary]
    assert [list(clients_over(user)) for user in (tiers_declarant, staff)] == [[], []]
