"""« Gérer vos portefeuilles »: portfolios, clients, declarations and rights (G2)."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Establishment, JournalEntry, User
from habilitations.access import atmp_scope
from habilitations.models import ATMP, Declaration
from portfolios.access import client_access, visible_clients
from portfolios.actions.portfolio import set_client_declarations, set_portfolio_declarations
from portfolios.models import Client, ClientDeclaration, ClientHabilitation, Portfolio
from tests.conftest import NOW
from tests.factories.accounts import EstablishmentFactory, UserFactory, siret
from tests.factories.tiers import LONG_AGO, client_of, dsn_for
from tests.people import Company, logged_in

LIST, ADD = reverse("portfolios:portfolio_list"), reverse("portfolios:portfolio_add")
PAGES = ("portfolio_change", "portfolio_delete", "portfolio_declarations", "client_list")
CLIENT_PAGES = ("client_remove", "client_declarations", "client_habilitations")


@pytest.fixture
def client(tiers_declarant: User) -> Client:
    assert tiers_declarant.establishment is not None
    return client_of(tiers_declarant.establishment.enterprise)


@pytest.fixture
def collaborator(tiers_declarant: User, client: Client) -> User:
    user = UserFactory(establishment=tiers_declarant.establishment, last_name="Bihan", first_name="Enora")
    client.portfolio.members.add(user)
    return user


def url(page: str, of: Portfolio | Client) -> str:
    return reverse(f"portfolios:{page}", args=[of.pk])


def post(user: User, address: str, **values: Any) -> Any:
    return logged_in(user).post(address, values, follow=True)


@pytest.mark.parametrize("person", ["declarant", "candidate", "secondary_administrator", "staff", "collaborator"])
def test_only_administrators_at_a_head_office_manage_portfolios(
    person: str, client: Client, request: pytest.FixtureRequest
) -> None:
    """G2.1, G2.3."""
    browser = logged_in(request.getfixturevalue(person))
    addresses = [
        LIST,
        ADD,
        *(url(page, client.portfolio) for page in PAGES),
        *(url(page, client) for page in CLIENT_PAGES),
    ]
    assert {browser.get(address).status_code for address in addresses} == {404}
    assert {browser.post(address, {"valider": "1"}).status_code for address in addresses[1:]} == {404}
    assert Client.objects.filter(pk=client.pk).exists()


@pytest.mark.parametrize("person", ["administrator", "stranger"])
def test_somebody_elses_portfolios_do_not_exist(person: str, client: Client, request: pytest.FixtureRequest) -> None:
    browser = logged_in(request.getfixturevalue(person))
    assertNotContains(browser.get(LIST), "Ouest")
    addresses = [*(url(page, client.portfolio) for page in PAGES), *(url(page, client) for page in CLIENT_PAGES)]
    assert {browser.get(address).status_code for address in addresses} == {404}
    assert {browser.post(address, {"valider": "1", "confirme": "1"}).status_code for address in addresses} == {404}
    assert (Client.objects.count(), ClientDeclaration.objects.count()) == (1, 1)


def test_a_row_opens_its_menu(tiers_declarant: User, client: Client) -> None:
    """G2.2."""
    closed = logged_in(tiers_declarant).get(LIST)
    assertNotContains(closed, "Composer le portefeuille")
    opened = logged_in(tiers_declarant).get(LIST, {"ouvrir": client.portfolio_id})
    for words in ("Gérer les déclarations du portefeuille", "Composer le portefeuille", "Modifier", "Supprimer"):
        assertContains(opened, words)


def test_a_portfolio_is_added_with_its_collaborators(tiers_declarant: User, collaborator: User) -> None:
    people = {"selection": [str(collaborator.pk)]}
    moved = post(tiers_declarant, ADD, name="Est", comment="Bâtiment", disponible=[str(collaborator.pk)], ajouter="1")
    assertContains(moved, 'value="Est"')
    assert not Portfolio.objects.filter(name="Est").exists()
    page = post(tiers_declarant, ADD, name="Est", comment="Bâtiment", valider="1", **people)
    assertRedirects(page, LIST)
    made = Portfolio.objects.get(name="Est")
    assert (made.comment, list(made.members.all())) == ("Bâtiment", [collaborator])
    assert JournalEntry.objects.latest("pk").summary == "Portefeuille « Est » créé."


@pytest.mark.parametrize(
    ("values", "message"),
    [({"name": ""}, "obligatoire"), ({"name": "Ouest"}, "Un portefeuille porte déjà ce nom."),
     ({"name": "x" * 10_000}, "60 caractères"), ({"name": "a\0"}, "nul")],
)  # fmt: skip
def test_a_bad_name_says_why_at_its_field(
    tiers_declarant: User, client: Client, values: dict[str, str], message: str
) -> None:
    page = post(tiers_declarant, ADD, valider="1", **values)
    [error] = page.context["form"].errors["name"]
    assert message in error
    assert Portfolio.objects.count() == 1


def test_people_of_another_firm_are_no_collaborators(tiers_declarant: User, stranger: User) -> None:
    post(tiers_declarant, ADD, name="Est", selection=[str(stranger.pk)], valider="1")
    assert not Portfolio.objects.get(name="Est").members.exists()


def test_a_collaborator_taken_out_loses_his_rights(tiers_declarant: User, collaborator: User, client: Client) -> None:
    ClientHabilitation.objects.create(
        user=collaborator, given=client.declarations.get(), granted_at=dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    )
    address = url("portfolio_change", client.portfolio)
    warning = post(tiers_declarant, address, name="Grand Ouest", valider="1")
    assertContains(warning, "Enora Bihan&nbsp;: 1\N{NO-BREAK SPACE}habilitation disparaît")
    assertContains(warning, 'name="name" value="Grand Ouest"')
    assert (client.portfolio.members.count(), ClientHabilitation.objects.count()) == (1, 1)
    post(tiers_declarant, address, name="Grand Ouest", valider="1", confirme="1")
    client.portfolio.refresh_from_db()
    assert (client.portfolio.name, ClientHabilitation.objects.count()) == ("Grand Ouest", 0)


def test_deleting_a_portfolio_says_what_goes_then_does(tiers_declarant: User, client: Client) -> None:
    dsn_for(client)
    address = url("portfolio_delete", client.portfolio)
    assertContains(logged_in(tiers_declarant).get(address), "1\N{NO-BREAK SPACE}client sort")
    post(tiers_declarant, address)
    assert (Portfolio.objects.count(), Client.objects.count()) == (0, 0)
    assert client.establishment.dsn_filings.count() == 1


def test_the_portfolios_declarations_are_chosen_in_two_lists(tiers_declarant: User, client: Client) -> None:
    """G2.4."""
    address = url("portfolio_declarations", client.portfolio)
    post(tiers_declarant, address, selection=[ATMP, "dsn"], valider="1")
    assert set(client.portfolio.declarations.values_list("declaration__code", flat=True)) == {ATMP, "dsn"}


def test_what_the_portfolio_holds_no_more_leaves_its_clients_after_a_warning(
    tiers_declarant: User, client: Client
) -> None:
    """G2.3: container before content."""
    address = url("portfolio_declarations", client.portfolio)
    assertContains(post(tiers_declarant, address, valider="1"), "1\N{NO-BREAK SPACE}client la perd")
    assert client.declarations.count() == 1
    post(tiers_declarant, address, valider="1", confirme="1")
    assert client.declarations.count() == 0


def test_clients_are_added_by_siret_siren_or_list(tiers_declarant: User, client: Client) -> None:
    """G2.5; a SIREN adds the head office; a client twice is one."""
    one, two = (EstablishmentFactory(head_office=True) for _place in range(2))
    typed = f"{one.siret[:9]} {one.siret[9:]}\n\n{two.enterprise_id}\n{one.siret}\n{client.establishment.siret}"
    page = post(tiers_declarant, url("client_list", client.portfolio), sirets=typed)
    assertContains(page, "2\N{NO-BREAK SPACE}clients ajoutés.")
    assert set(client.portfolio.clients.values_list("establishment", flat=True)) == {
        client.establishment_id, one.pk, two.pk,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("73282932000075", "la clé de ce SIRET est fausse"),
        ("7,32829E+13", "abîmé par un tableur"),
        ("73282932000074", "n'est pas au répertoire du simulateur"),
        ("732829320", "n'est pas au répertoire du simulateur"),
        ("7328293200007", "un SIRET a 14 chiffres, celui-ci en a 13"),
        ("x" * 5000, "un SIRET ne contient que des chiffres"),
        ("\0", "nul"),
        ("", "obligatoire"),
    ],
)
def test_one_bad_line_adds_nothing_and_says_why(tiers_declarant: User, client: Client, line: str, message: str) -> None:
    good = EstablishmentFactory(head_office=True).siret if line else ""
    page = post(tiers_declarant, url("client_list", client.portfolio), sirets=f"{good}\n{line}")
    assert message in " ".join(page.context["form"].errors["sirets"])
    assert client.portfolio.clients.count() == 1


def test_a_closed_establishment_is_not_added(tiers_declarant: User, client: Client) -> None:
    closed = EstablishmentFactory(head_office=True, closed_on=dt.date(2027, 1, 20))
    page = post(tiers_declarant, url("client_list", client.portfolio), sirets=closed.siret)
    assertContains(page, "est fermé depuis le 20 janvier 2027")


@pytest.mark.parametrize(
    ("query", "shown"),
    [({"word": "98"}, 1), ({"word": "zzz"}, 0), ({"atmp": "oui"}, 1), ({"atmp": "non"}, 0), ({"atmp": "x"}, 1)],
)
def test_clients_are_searched(tiers_declarant: User, client: Client, query: dict[str, str], shown: int) -> None:
    page = logged_in(tiers_declarant).get(url("client_list", client.portfolio), query)
    assert len(page.context["page"].items) == shown


@pytest.mark.parametrize("count", [3, 300, 9_000])
def test_the_clients_take_the_same_queries_however_many_there_are(
    count: int, tiers_declarant: User, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    enterprise = client.establishment.enterprise
    places = Establishment.objects.bulk_create(
        Establishment(enterprise=enterprise, siret=siret(enterprise.pk, number)) for number in range(2, count + 2)
    )
    Client.objects.bulk_create(
        Client(portfolio=client.portfolio, establishment=place, added_at=client.added_at) for place in places
    )
    browser = logged_in(tiers_declarant)
    with django_assert_num_queries(6):
        browser.get(url("client_list", client.portfolio))


def test_a_clients_menu_leads_to_its_declarations_and_rights(tiers_declarant: User, client: Client) -> None:
    """G2.6, G2.9."""
    page = logged_in(tiers_declarant).get(url("client_list", client.portfolio), {"ouvrir": client.pk})
    for words in ("Gérer les déclarations", "Gérer les habilitations", "Retirer"):
        assertContains(page, words)
    back = f"{url('client_list', client.portfolio)}?word={client.establishment.siret}&amp;ouvrir={client.pk}#ligne-"
    for place in CLIENT_PAGES:
        assertContains(logged_in(tiers_declarant).get(url(place, client)), f'href="{back}{client.pk}"')


def test_a_client_gets_what_its_portfolio_holds_after_the_delay(tiers_declarant: User, client: Client) -> None:
    """G2.7, G2.8."""
    client.declarations.all().delete()
    page = post(tiers_declarant, url("client_declarations", client), selection=[ATMP], valider="1")
    assertContains(page, "utilisable à partir du 21 janvier 2027 à 10")
    assertContains(page, "absentes du portefeuille (règle G2.3)")


def test_a_declaration_leaves_a_client_after_a_warning(
    tiers_declarant: User, collaborator: User, client: Client
) -> None:
    ClientHabilitation.objects.create(user=collaborator, given=client.declarations.get(), granted_at=LONG_AGO)
    address = url("client_declarations", client)
    assertContains(post(tiers_declarant, address, valider="1"), "1\N{NO-BREAK SPACE}habilitation disparaît")
    assert ClientHabilitation.objects.count() == 1
    post(tiers_declarant, address, valider="1", confirme="1")
    assert (client.declarations.count(), ClientHabilitation.objects.count()) == (0, 0)


def test_what_the_portfolio_does_not_hold_is_not_given(tiers_declarant: User, client: Client) -> None:
    """G2.3, in a POST made by hand, and by the action itself."""
    post(tiers_declarant, url("client_declarations", client), selection=[ATMP, "dsn"], valider="1")
    with pytest.raises(ValidationError, match="n'est pas dans le portefeuille"):
        set_client_declarations(client=client, declarations=Declaration.objects.all(), by=tiers_declarant, on=NOW)
    assert set(client.declarations.values_list("held__declaration__code", flat=True)) == {ATMP}


def test_rights_on_a_client_are_ticked_and_confirmed(tiers_declarant: User, collaborator: User, client: Client) -> None:
    """G2.9."""
    address, key = url("client_habilitations", client), f"{collaborator.pk}-{client.declarations.get().pk}"
    assertContains(post(tiers_declarant, address, montre=[key], accorde=[key]), "Enora Bihan")
    assert not ClientHabilitation.objects.exists()
    page = post(tiers_declarant, address, montre=[key], accorde=[key], confirme="1")
    assertContains(page, "+1 / −0")
    assert ClientHabilitation.objects.get().user == collaborator
    post(tiers_declarant, address, montre=[], accorde=[], confirme="1")
    assert ClientHabilitation.objects.count() == 1
    post(tiers_declarant, address, montre=[key], confirme="1")
    assert ClientHabilitation.objects.count() == 0


@pytest.mark.parametrize(
    ("criteria", "lines", "columns"),
    [
        ({}, ["Abalain", "Bihan"], 2),
        ({"word": "bi"}, ["Bihan"], 2),
        ({"granted": "oui"}, ["Bihan"], 2),
        ({"granted": "non"}, ["Abalain"], 2),
        ({"declaration": "dsn", "granted": "oui"}, [], 1),
        ({"body": "L'assurance maladie"}, ["Abalain", "Bihan"], 1),
        ({"declaration": "dpae", "granted": "peut-être"}, ["Abalain", "Bihan"], 2),
    ],
)
def test_rights_on_a_client_are_searched(
    criteria: dict[str, str], lines: list[str], columns: int, tiers_declarant: User, collaborator: User, client: Client
) -> None:
    """G2.9: criteria, « Rechercher »; what nobody could mean is left out."""
    second = UserFactory(establishment=tiers_declarant.establishment, last_name="Abalain")
    client.portfolio.members.add(second)
    ClientHabilitation.objects.create(user=collaborator, given=client.declarations.get(), granted_at=LONG_AGO)
    held = client.portfolio.declarations.create(declaration=Declaration.objects.get(code="dsn"), added_at=LONG_AGO)
    client.declarations.create(held=held, added_at=LONG_AGO, opens_at=NOW + dt.timedelta(hours=1))
    page = logged_in(tiers_declarant).get(url("client_habilitations", client), criteria)
    assert [user.last_name for user, _cells in page.context["lines"]] == lines
    assert len(page.context["columns"]) == columns
    assert [line for line in page.content.decode().split("<th") if "utilisable à partir du 20 janvier" in line] == (
        [line for line in page.content.decode().split("<th") if "sociale nominative</span>" in line]
    )


@pytest.mark.parametrize("who", ["stranger", "administrator"])
def test_nobody_but_a_member_is_given_a_right(
    who: str, tiers_declarant: User, client: Client, request: pytest.FixtureRequest
) -> None:
    key = f"{request.getfixturevalue(who).pk}-{client.declarations.get().pk}"
    post(tiers_declarant, url("client_habilitations", client), montre=[key], accorde=[key], confirme="1")
    assert not ClientHabilitation.objects.exists()


def test_a_client_is_taken_out_after_a_warning(tiers_declarant: User, client: Client) -> None:
    assertContains(logged_in(tiers_declarant).get(url("client_remove", client)), "les DSN déposées restent")
    assertRedirects(post(tiers_declarant, url("client_remove", client)), url("client_list", client.portfolio))
    assert not Client.objects.exists()


def test_a_client_in_two_portfolios_is_two_rows_with_their_own_rights(tiers_declarant: User, client: Client) -> None:
    other = client_of(client.portfolio.enterprise, client.establishment, name="Est")
    post(tiers_declarant, url("client_declarations", other), valider="1", confirme="1")
    assert (client.declarations.count(), other.declarations.count()) == (1, 0)


def test_what_is_out_of_use_is_offered_and_given_to_no_client(tiers_declarant: User, client: Client) -> None:
    """In use until the day before; who has it keeps it."""
    client.declarations.all().delete()
    kept = client_of(client.portfolio.enterprise)
    atmp = Declaration.objects.get(code=ATMP)
    Declaration.objects.update(used_to=dt.date(2027, 1, 19))
    page = post(tiers_declarant, url("client_declarations", client), selection=[ATMP], valider="1")
    assert (page.context["lists"].available, client.declarations.count()) == ((), 0)
    assert logged_in(tiers_declarant).get(url("client_declarations", kept)).context["lists"].values == {ATMP}
    with pytest.raises(ValidationError, match="n'est pas en service"):
        set_client_declarations(client=client, declarations=[atmp], by=tiers_declarant, on=NOW)
    client.portfolio.declarations.all().delete()
    with pytest.raises(ValidationError, match="n'est pas en service"):
        set_portfolio_declarations(portfolio=client.portfolio, declarations=[atmp], by=tiers_declarant, on=NOW)


def test_a_holding_acts_for_its_subsidiaries_under_the_same_rules(administrator: User, company: Company) -> None:
    """Two subsidiaries with a DSN of the holding, one without; the holding's own establishments are no clients."""
    daughters = [client_of(company.enterprise) for _daughter in range(3)]
    for daughter in daughters[:2]:
        dsn_for(daughter)
    clients = visible_clients(administrator).seen_by(administrator)
    opened = {client.pk for client in clients if client_access(client, at=NOW).allowed}
    assert opened == {daughter.pk for daughter in daughters[:2]}
    assert atmp_scope(administrator, NOW).whole


def test_the_same_enterprise_may_be_client_and_tiers(administrator: User, tiers_declarant: User) -> None:
    assert administrator.establishment is not None
    assert tiers_declarant.establishment is not None
    client_of(tiers_declarant.establishment.enterprise, administrator.establishment)
    post(administrator, ADD, name="Filiales", valider="1")
    assert Portfolio.objects.get(name="Filiales").enterprise == administrator.establishment.enterprise
    assert Declaration.objects.filter(code=ATMP).exists()


def test_clients_are_sorted_and_the_menu_keeps_the_order(tiers_declarant: User, client: Client) -> None:
    other = client_of(client.portfolio.enterprise, EstablishmentFactory(head_office=True, enterprise__name="AAA"))
    address = url("client_list", client.portfolio)
    page = logged_in(tiers_declarant).get(address, {"tri": "entreprise", "word": "a"})
    assert page.context["page"].items[0] == other
    assertContains(page, f"?tri=entreprise&amp;word=a&amp;ouvrir={other.pk}#ligne-{other.pk}")
    assertContains(page, 'aria-sort="ascending"')
