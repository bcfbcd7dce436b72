"""Files of clients and rights: received, read, applied line by line (domain.md, section 1)."""

import datetime as dt
from collections.abc import Callable
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from accounts.models import Establishment, JournalEntry, User
from habilitations.models import ATMP, Declaration
from portfolios.actions import bulk
from portfolios.actions.bulk import receive_request, work_once
from portfolios.actions.portfolio import delete_portfolio
from portfolios.models import BulkRequest, Client, ClientDeclaration, ClientHabilitation, Portfolio
from portfolios.tasks import process_bulk_requests
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.tiers import client_of
from tests.workbooks import bomb, workbook

ON = dt.datetime(2027, 1, 25, 9, tzinfo=dt.UTC)
Run = Callable[..., BulkRequest]


@pytest.fixture
def client(tiers_declarant: User) -> Client:
    assert tiers_declarant.establishment is not None
    return client_of(tiers_declarant.establishment.enterprise)


@pytest.fixture
def portfolio(client: Client) -> Portfolio:
    return client.portfolio


@pytest.fixture
def collaborator(tiers_declarant: User, portfolio: Portfolio) -> User:
    user = UserFactory(establishment=tiers_declarant.establishment, last_name="Le Bihan", first_name="Énora")
    portfolio.members.add(user)
    return user


@pytest.fixture
def run(portfolio: Portfolio, tiers_declarant: User) -> Run:
    """Deposit a file, do all the work, return the request."""

    def run(content: str | bytes, kind: str = "etablissements") -> BulkRequest:
        request = deposit(portfolio, tiers_declarant, content, kind)
        while work_once(on=ON):
            pass
        request.refresh_from_db()
        return request

    return run


def deposit(
    portfolio: Portfolio, by: User, content: str | bytes, kind: str = "etablissements", name: str = "clients.csv"
) -> BulkRequest:
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    return receive_request(portfolio=portfolio, kind=kind, file=file, by=by, on=ON)


def told(request: BulkRequest) -> list[tuple[int, str, str]]:
    return list(request.rows.values_list("line", "result", "message"))


def place(**fields: object) -> Establishment:
    return EstablishmentFactory(head_office=True, **fields)


def test_clients_are_added_and_taken_out(run: Run, client: Client) -> None:
    new = place()
    request = run(f"SIRET;client\n{new.siret[:9]} {new.siret[9:]};1\n{client.establishment.siret};0\n")
    assert (request.status, request.outcome, request.lines, request.done, request.wrong) == ("done", "OK", 2, 2, 0)
    assert list(Client.objects.values_list("establishment", flat=True)) == [new.pk]
    assert ClientDeclaration.objects.count() == 0
    summaries = list(JournalEntry.objects.filter(verb__startswith="bulk").values_list("summary", flat=True))
    assert "Fichier « clients.csv », 2\N{NO-BREAK SPACE}lignes : clients +1 / −1." in summaries


def test_the_same_file_again_changes_nothing(run: Run, client: Client) -> None:
    new = place()
    text = f"SIRET;client\n{new.siret};1\n{place().siret};0\n"
    run(text)
    again = run(text)
    assert (again.outcome, again.unchanged, Client.objects.count()) == ("OK", 2, 2)
    assert [message for _line, _result, message in told(again)] == [
        "Déjà client de ce portefeuille.",
        "N'était pas client de ce portefeuille.",
    ]


@pytest.mark.parametrize(
    ("siret", "cell", "message"),
    [
        ("7,32829E+13", "1", "abîmé par un tableur (notation scientifique)"),
        ("73282900000000", "1", "derniers chiffres remplacés par des zéros"),
        ("0555000900012", "1", "zéros de tête perdus"),
        ("73282932000075", "1", "la clé de ce SIRET est fausse"),
        ("73282932000074", "1", "n'est pas au répertoire du simulateur"),
        ("", "1", "SIRET absent"),
        ("{good}", "", "aucune cellule ne contient 1 ou 0"),
        ("{good}", "2", "« 2 » au lieu de 1 (ajouter) ou 0 (retirer)"),
        ("{good}", "=1+0", "la cellule contient une formule"),
        ("{good}", "1;1", "3\N{NO-BREAK SPACE}cellules au lieu de 2"),
        ("{closed}", "1", "est fermé depuis le 20 janvier 2027"),
    ],
)
def test_a_wrong_line_says_why_and_the_others_are_taken(run: Run, siret: str, cell: str, message: str) -> None:
    good, other = place(), place()
    closed = place(closed_on=dt.date(2027, 1, 20))
    siret = siret.format(good=good.siret, closed=closed.siret)
    request = run(f"SIRET;client\n{siret};{cell}\n{other.siret};1\n")
    [(line, result, reason), (_line, fine, _message)] = told(request)
    assert (line, result, fine, request.outcome) == (2, "KO", "OK", "OK partiel")
    assert message in reason
    assert Client.objects.filter(establishment=other).exists()
    assert not Client.objects.filter(establishment__in=[good, closed]).exists()


def test_a_closed_client_can_be_taken_out(run: Run, client: Client) -> None:
    Establishment.objects.update(closed_on=dt.date(2027, 1, 20))
    assert run(f"SIRET;client\n{client.establishment.siret};0\n").outcome == "OK"
    assert not Client.objects.exists()


def test_lines_that_contradict_each_other_are_both_left_out(run: Run) -> None:
    one, two = place(), place()
    request = run(f"SIRET;client\n{one.siret};1\n{two.siret};1\n{one.siret};0\n{two.siret};1\n")
    assert told(request) == [
        (2, "KO", "Contredit la ligne 4 : aucune des deux n'est prise."),
        (3, "OK", ""),
        (4, "KO", "Contredit la ligne 2 : aucune des deux n'est prise."),
        (5, "unchanged", "Répète la ligne 3."),
    ]


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        ("SIREN;client\n1;1\n", "etablissements", "il manque : SIRET"),
        ("SIRET;client\n", "etablissements", "aucune ligne"),
        ("SIRET;client;taux\n1;1;1\n", "etablissements", "« taux » n'est pas attendue"),
        ("SIRET;compt-atmp\n1;1\n", "habilitations", "« compt-atmp » n'est pas attendue"),
        ("SIRET;nom\n1;1\n", "habilitations", "Aucune colonne ne nomme une déclaration : compte-atmp, "),
        (b"\0\1\2", "etablissements", "n'est pas un texte CSV"),
        ("SIRET;client\n" + "1;1\n" * 50_001, "etablissements", "dépasse 50\N{NARROW NO-BREAK SPACE}000 lignes"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_as_a_whole(run: Run, content: str | bytes, kind: str, message: str) -> None:
    request = run(content, kind)
    assert (request.status, request.outcome, request.rows.count()) == ("refused", "KO", 0)
    assert message in request.refusal
    assert Client.objects.count() == 1


def test_a_workbook_is_read_as_a_csv_is(run: Run) -> None:
    one, two, three = place(), place(), place()
    book = workbook(["client", "SIRET"], [1, int(one.siret)], ["1", two.siret], ["=1", three.siret])
    request = run(book)
    assert [result for _line, result, _message in told(request)] == ["OK", "OK", "KO"]
    assert "formule" in told(request)[2][2]
    assert Client.objects.filter(establishment__in=[one, two]).count() == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "vide (0 octet)"),
        (b"x" * 10_000_001, "pèse 10 Mo, la limite est de 10 Mo"),
        (bomb(300), "pèse 300 Mo une fois ouvert"),
        (b"PK\3\4rest of a lie", "abîmé ou incomplet"),
    ],
    ids=["empty", "too heavy", "bomb", "no archive"],
)
def test_what_cannot_be_taken_is_refused_at_once(
    portfolio: Portfolio, tiers_declarant: User, content: bytes, message: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        deposit(portfolio, tiers_declarant, content)
    assert message in str(refusal.value)
    assert not BulkRequest.objects.exists()


@pytest.mark.parametrize("name", ["../../x.csv", "..\\..\\x.csv", "/etc/x.csv"])
def test_a_name_is_only_a_name(portfolio: Portfolio, tiers_declarant: User, name: str) -> None:
    request = deposit(portfolio, tiers_declarant, "SIRET;client\n", name=name)
    assert request.name == "x.csv"
    assert request.upload.name.startswith("bulk/")
    assert "x.csv" not in request.upload.name


def test_one_request_at_a_time_for_a_portfolio(portfolio: Portfolio, tiers_declarant: User) -> None:
    deposit(portfolio, tiers_declarant, "SIRET;client\n")
    with pytest.raises(ValidationError, match="déjà en cours"):
        deposit(portfolio, tiers_declarant, "SIRET;client\n")
    # Two at the very same instant: the database holds the line, and the second file is not kept.
    with (
        mock.patch.object(bulk.BulkRequest.objects, "filter", return_value=BulkRequest.objects.none()),
        pytest.raises(ValidationError, match="déjà en cours"),
    ):
        deposit(portfolio, tiers_declarant, "SIRET;client\n")
    assert BulkRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_upload_is_dropped_once_read_or_with_its_portfolio(
    run: Run, portfolio: Portfolio, tiers_declarant: User
) -> None:
    request = deposit(portfolio, tiers_declarant, "SIRET;client\n")
    stored, storage = request.upload.name, request.upload.storage
    assert storage.exists(stored)
    work_once(on=ON)
    assert not storage.exists(stored)
    waiting = deposit(portfolio, tiers_declarant, "SIRET;client\n")
    delete_portfolio(portfolio=portfolio, by=tiers_declarant, on=ON)
    assert not storage.exists(waiting.upload.name)


def test_a_file_that_was_lost_is_refused(portfolio: Portfolio, tiers_declarant: User) -> None:
    request = deposit(portfolio, tiers_declarant, "SIRET;client\n")
    request.upload.storage.delete(request.upload.name)
    process_bulk_requests()
    request.refresh_from_db()
    assert (request.status, request.refusal) == (
        "refused", "Le fichier déposé n'est plus là : déposez-le de nouveau.",
    )  # fmt: skip


def test_work_that_breaks_off_goes_on_where_it_was(
    portfolio: Portfolio, tiers_declarant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that fails leaves nothing behind; the next pass does it and only it."""
    monkeypatch.setattr(bulk, "BATCH", 2)
    places = [place() for _ in range(5)]
    request = deposit(portfolio, tiers_declarant, "SIRET;client\n" + "".join(f"{one.siret};1\n" for one in places))
    work_once(on=ON)
    work_once(on=ON)
    with mock.patch.object(bulk, "_count", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        work_once(on=ON)
    request.refresh_from_db()
    assert (request.done, request.rows.exclude(result="").count(), Client.objects.count()) == (2, 2, 3)
    process_bulk_requests()
    request.refresh_from_db()
    assert (request.status, request.done, Client.objects.count()) == ("done", 5, 6)


def test_declarations_are_given_and_taken(run: Run, client: Client, portfolio: Portfolio) -> None:
    """G2.3, G2.7, G2.8: what the portfolio holds, after its delay; an empty cell changes nothing."""
    dsn = Declaration.objects.get(code="dsn")
    portfolio.declarations.create(declaration=dsn, added_at=ON)
    other = client_of(portfolio.enterprise)
    request = run(
        f"SIRET;{ATMP};dsn;dpae\n{client.establishment.siret};0;1;\n{other.establishment.siret};;;1\n", "habilitations"
    )
    assert [result for _line, result, _message in told(request)] == ["OK", "KO"]
    assert told(request)[1][2] == "« dpae » n'est pas dans le portefeuille (règle G2.3) : ajoutez-l'y d'abord."
    [given] = client.declarations.all()
    assert given.held.declaration == dsn
    assert given.opens_at == ON + dt.timedelta(hours=dsn.access_delay_hours)
    assert other.declarations.get().held.declaration.code == ATMP


def test_what_is_out_of_use_is_given_to_no_client(run: Run, client: Client) -> None:
    client.declarations.all().delete()
    Declaration.objects.update(used_to=dt.date(2027, 1, 19))
    request = run(f"SIRET;{ATMP}\n{client.establishment.siret};1\n", "habilitations")
    assert (request.outcome, told(request)) == ("KO", [(2, "KO", f"« {ATMP} » n'est pas en service.")])


def test_rights_of_collaborators_follow_in_the_same_file(run: Run, client: Client, collaborator: User) -> None:
    """G2.9; the name is found without its accents."""
    client.declarations.all().delete()
    siret = client.establishment.siret
    request = run(f"SIRET;NOM;prénom;{ATMP}\n{siret};LE BIHAN;enora;1\n{siret};;;1\n", "habilitations")
    assert request.outcome == "OK"
    assert ClientHabilitation.objects.get().user == collaborator
    assert run(f"SIRET;nom;prénom;{ATMP}\n{siret};Le Bihan;Énora;0\n", "habilitations").outcome == "OK"
    assert not ClientHabilitation.objects.exists()


@pytest.mark.parametrize(
    ("last_name", "first_name", "message"),
    [
        ("Inconnu", "Jean", "n'est pas parmi les « Déclarants sélectionnés »"),
        ("Cormoran", "Chef", "est administrateur au siège"),
        ("Double", "Nom", "2 collaborateurs s'appellent « Double Nom »"),
        ("Le Bihan", "Énora", "Ce client n'a pas « dsn » dans ce portefeuille"),
    ],
)
def test_a_right_that_cannot_be_given_says_why(
    run: Run, client: Client, collaborator: User, portfolio: Portfolio, tiers_declarant: User,
    last_name: str, first_name: str, message: str,
) -> None:  # fmt: skip
    here = {"establishment": tiers_declarant.establishment}
    chief = UserFactory(**here, administrator=True, last_name="Cormoran", first_name="Chef")
    twins = [UserFactory(**here, last_name="Double", first_name="Nom", login_key=key) for key in ("a", "b")]
    portfolio.members.add(chief, *twins)
    request = run(f"SIRET;nom;prénom;dsn\n{client.establishment.siret};{last_name};{first_name};1\n", "habilitations")
    [(_line, result, reason)] = told(request)
    assert (result, message in reason) == ("KO", True), reason
    assert not ClientHabilitation.objects.exists()


def test_an_establishment_that_is_no_client_says_so(run: Run) -> None:
    request = run(f"SIRET;{ATMP}\n{place().siret};1\n", "habilitations")
    assert "n'est pas client du portefeuille « Ouest »" in told(request)[0][2]


def test_strict_mode_asks_for_the_name_and_48_hours(
    portfolio: Portfolio, tiers_declarant: User, settings: Settings
) -> None:
    """As the real portal does."""
    settings.BULK_STRICT = True
    with pytest.raises(ValidationError, match="Nommez ce fichier comme son portefeuille : « Ouest »"):
        deposit(portfolio, tiers_declarant, "SIRET;client\n")
    deposit(portfolio, tiers_declarant, "SIRET;client\n", name="OUEST.csv")
    process_bulk_requests()
    with pytest.raises(ValidationError, match="la suivante est possible le 27 janvier 2027"):
        deposit(portfolio, tiers_declarant, "SIRET;client\n", name="OUEST.csv")


def test_ten_thousand_lines_take_a_constant_number_of_queries_per_batch(
    run: Run, django_assert_max_num_queries: Callable[[int], object], portfolio: Portfolio, tiers_declarant: User
) -> None:
    places = [place() for _ in range(60)]
    for number in (3, 60):
        Client.objects.all().delete()
        text = "SIRET;client\n" + "".join(f"{one.siret};1\n" for one in places[:number])
        deposit(portfolio, tiers_declarant, text)
        work_once(on=ON)
        with django_assert_max_num_queries(26):
            work_once(on=ON)
        process_bulk_requests()
        assert Client.objects.count() == number
