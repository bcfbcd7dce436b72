"""« Vos notifications »: the table, its filters, order, pages and row menus (G5.3 to G5.6)."""

import base64
import datetime as dt
import json
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertTemplateUsed

from accounts.models import User
from habilitations.models import EstablishmentDeclaration
from notifications.actions import receipts
from portal import clock
from tests.factories.notifications import NotificationFactory, several
from tests.people import Company, logged_in

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
URL = reverse("notifications:notification_list")
QUERIES = 5


@pytest.fixture
def client(administrator: User) -> Client:
    return logged_in(administrator)


def shown(client: Client, query: str = "") -> list[int]:
    """Return the notifications of the page, in its order."""
    page = client.get(URL + query).content.decode()
    return [int(pk) for pk in re.findall(r'<tr class="row[^"]*" id="ligne-(\d+)"', page)]


def test_a_row_says_what_was_made_available_for_whom(client: Client, company: Company) -> None:
    """G5.4."""
    NotificationFactory(decision__establishment=company.secondary, decision__rate=Decimal("2.1"))
    response = client.get(URL)
    assertTemplateUsed(response, "notifications/notification_list.html")
    row = re.sub(r"<svg.*?</svg>", "", response.content.decode().split("<tbody>")[1].split("</tbody>")[0], flags=re.S)
    cells = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "|", row)).replace("\N{NO-BREAK SPACE}", " ")
    assert [cell.strip() for cell in cells.split("|") if cell.strip()] == [
        "982 820 011 00020",
        "STRASBOURG",
        "45.2BE",
        "2,10 %",
        "1er janvier 2027",
        "4 janvier 2027",
        "Réputée notifiée",
        "Non lue",
    ]


@pytest.mark.parametrize(
    ("day", "opened_on", "cell", "menu"),
    [
        (19, None, "4 janvier 2027 Non notifiée", "À ouvrir jusqu'au 19 janvier 2027."),
        (20, None, "4 janvier 2027 Réputée notifiée", "Contestable jusqu'au 4 mars 2027."),
        (20, 18, "4 janvier 2027 Notifiée", "Contestable jusqu'au 18 mars 2027."),
        (20, 20, "4 janvier 2027 Réputée notifiée", "Contestable jusqu'au 4 mars 2027."),
        (100, None, "4 janvier 2027 Réputée notifiée", "Le délai pour contester s'est terminé le 4 mars 2027."),
    ],
)
def test_a_row_says_where_the_legal_dates_stand(
    day: int,
    opened_on: int | None,
    cell: str,
    menu: str,
    client: Client,
    company: Company,
    administrator: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """domain.md, section 3. Days are counted from 1 January 2027; it was made available on the 4th."""
    first = dt.datetime(2027, 1, 1, 9, tzinfo=dt.UTC)
    notification = NotificationFactory(decision__establishment=company.head_office)
    if opened_on:
        on = first + dt.timedelta(days=opened_on - 1)
        receipts.open_notification(notification=notification, by=administrator, on=on)
    monkeypatch.setattr(clock, "real_now", lambda: first + dt.timedelta(days=day - 1))
    page = client.get(URL, {"ouvrir": notification.pk}).content.decode()
    body = re.sub(r"<svg.*?</svg>", "", page.split("<tbody>")[1].split("</tbody>")[0], flags=re.S)
    cells = [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", one)).strip() for one in re.findall(r"<td.*?</td>", body, re.S)
    ]
    assert (cells[3], cells[5].split(" Consulter")[0]) == (cell, menu)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", [1, 0]),
        ("?etat=non-lues", [0]),
        ("?etat=lues", [1]),
        ("?etat=archivees", [2]),
        ("?etat=supprimees", [3]),
        ("?annee=2021", [1]),
        ("?etat=archivees&annee=2022", [2]),
        ("?etat=archivees&annee=2021", []),
    ],
)
def test_the_filters_keep_a_state_and_a_year(
    query: str, kept: list[int], client: Client, company: Company, administrator: User
) -> None:
    ones = several(4, company.head_office)
    for number, action in {1: receipts.open_notification, 2: receipts.archive, 3: receipts.delete}.items():
        action(notification=ones[number], by=administrator, on=ON)
    assert shown(client, query) == [ones[number].pk for number in kept]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("982 820 011 00020", True),
        ("98282001100020", True),
        ("00020", True),
        ("00015", False),
        ("strasb", True),
        ("Saint-Étienne", False),
        ("%", False),
    ],
)
def test_an_establishment_is_found_by_its_siret_or_its_town(
    text: str, found: bool, client: Client, company: Company
) -> None:
    notification = NotificationFactory(decision__establishment=company.secondary)
    assert shown(client, f"?etablissement={text.replace(' ', '+').replace('%', '%25')}") == [notification.pk] * found


@pytest.mark.parametrize("city", ["SAINT-ETIENNE", "Saint-Étienne"])
def test_a_town_is_found_with_its_accents_however_the_register_writes_it(
    city: str, client: Client, company: Company
) -> None:
    company.secondary.city = city
    company.secondary.save()
    notification = NotificationFactory(decision__establishment=company.secondary)
    assert shown(client, "?etablissement=Saint-Étienne") == [notification.pk]


@pytest.mark.parametrize("year", ["abc", "1999", "2101", "20 27"])
def test_a_year_that_cannot_be_is_said_and_nothing_is_listed(year: str, client: Client, company: Company) -> None:
    several(1, company.head_office)
    response = client.get(URL, {"annee": year})
    assertContains(response, "<title>Erreur&nbsp;: Vos notifications", status_code=200)
    assertContains(response, "Il y a un problème")
    assertNotContains(response, "<tbody>")


def test_filters_that_match_nothing_say_so_and_lead_back(client: Client, company: Company) -> None:
    several(1, company.head_office)
    response = client.get(URL, {"annee": "2030"})
    assertContains(response, "Aucune notification ne correspond à ces critères.")
    assertContains(response, f'href="{URL}">Effacer les filtres</a>', count=2)


def test_a_list_with_nothing_to_read_says_what_will_fill_it(client: Client) -> None:
    assertContains(client.get(URL), "Aucune notification à lire.")


@pytest.mark.parametrize(
    ("person", "rule"), [("declarant_without_right", "G1.4"), ("candidate", "G4.1"), ("staff", "G0.2")]
)
def test_who_has_no_right_reads_why(person: str, rule: str, company: Company, request: pytest.FixtureRequest) -> None:
    notification = several(1, company.head_office)[0]
    response = logged_in(request.getfixturevalue(person)).get(URL)
    assertContains(response, f"Règle {rule} du guide", status_code=403)
    assertNotContains(response, notification.establishment.siret, status_code=403)


def test_the_page_says_when_the_access_delay_ends(client: Client) -> None:
    """G2.8."""
    EstablishmentDeclaration.objects.update(opens_at=ON + dt.timedelta(hours=1))
    told = "au 20 janvier 2027 à 11\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}00."
    assertContains(client.get(URL), told, status_code=403)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", [3, 2, 1, 0]),
        ("publication", [0, 1, 2, 3]),
        ("effet", [3, 2, 0, 1]),
        ("-effet", [1, 0, 2, 3]),
        ("taux", [1, 0, 2, 3]),
        ("-taux", [3, 2, 0, 1]),
        ("siret", [0, 2, 1, 3]),
        ("-siret", [3, 1, 2, 0]),
        ("x", [3, 2, 1, 0]),
    ],
)
def test_each_column_sorts_both_ways(sort: str, order: list[int], client: Client, company: Company) -> None:
    rows = [
        (company.head_office, 2026, "2.1"),
        (company.secondary, 2027, "1.0"),
        (company.head_office, 2025, "3.0"),
        (company.secondary, 2024, "4.0"),
    ]
    ones = [
        NotificationFactory(
            decision__establishment=place, decision__effective_on=dt.date(year, 1, 1), decision__rate=Decimal(rate)
        )
        for place, year, rate in rows
    ]
    assert shown(client, f"?tri={sort}") == [ones[number].pk for number in order]


def test_the_head_in_force_says_its_order_and_the_others_keep_the_filters(client: Client, company: Company) -> None:
    several(1, company.head_office)
    response = client.get(URL, {"tri": "-taux", "annee": "2020"})
    assertContains(response, 'aria-sort="descending"><a href="?tri=taux&amp;annee=2020">Taux</a>')
    assertContains(response, '<th scope="col"><a href="?tri=siret&amp;annee=2020">Établissement</a>')
    assertContains(response, "aria-sort", count=1)


@pytest.mark.parametrize("sort", ["", "publication", "effet", "-taux", "siret"])
def test_pages_of_fifty_show_every_row_once(sort: str, client: Client, company: Company) -> None:
    ones = several(104, company.head_office)
    everything, query = [], f"?tri={sort}"
    while query:
        everything.append(shown(client, query))
        following = re.search(r'href="([^"]+)" rel="next"', client.get(URL + query).content.decode())
        query = following[1].replace("&amp;", "&") if following else ""
    assert [len(page) for page in everything] == [50, 50, 4]
    assert sorted(pk for page in everything for pk in page) == [one.pk for one in ones]


@pytest.mark.parametrize("key", ["x", json.dumps(["1e9", 1]), json.dumps(["7.39", 10**30])])
def test_a_damaged_page_link_is_not_found(key: str, client: Client, company: Company) -> None:
    cursor = base64.urlsafe_b64encode(key.encode()).decode()
    assert client.get(URL, {"tri": "taux", "apres": cursor}).status_code == 404


def test_a_click_on_a_row_opens_its_menu_and_keeps_filters_and_page(client: Client, company: Company) -> None:
    """G5.5: read or unread. The link works without JavaScript."""
    first, second = several(2, company.head_office)
    page = client.get(URL, {"annee": "2021"}).content.decode()
    assert f'href="?annee=2021&amp;ouvrir={second.pk}#ligne-{second.pk}"' in page
    opened = client.get(URL, {"ouvrir": first.pk})
    assertContains(opened, f'<tr class="row-actions" id="menu-{first.pk}">', count=1)
    assertContains(opened, f'href="{URL}#ligne-{first.pk}"')
    assertContains(opened, f'<input type="hidden" name="next" value="{URL}">')


@pytest.mark.parametrize("opened", ["", "x", "999999", "9" * 5000])
def test_a_row_that_is_not_there_opens_nothing(opened: str, client: Client, company: Company) -> None:
    several(1, company.head_office)
    assertNotContains(client.get(URL, {"ouvrir": opened}), "row-actions")


@pytest.mark.parametrize(
    ("done", "words"),
    [
        ([], ["Consulter", "Archiver", "Supprimer"]),
        ([receipts.open_notification], ["Consulter", "Télécharger le document", "Archiver", "Supprimer"]),
        ([receipts.archive], ["Consulter", "Désarchiver", "Supprimer"]),
        ([receipts.delete], ["Consulter", "Restaurer"]),
    ],
)
def test_the_menu_offers_what_can_be_done(
    done: list[receipts.Action], words: list[str], client: Client, company: Company, administrator: User
) -> None:
    """G5.5, G5.6."""
    notification = several(1, company.head_office)[0]
    for action in done:
        action(notification=notification, by=administrator, on=ON)
    state = {"archive": "archivees", "delete": "supprimees"}.get(done[0].__name__ if done else "", "")
    page = client.get(URL, {"ouvrir": notification.pk, "etat": state}).content.decode()
    menu = page.split("row-actions")[1].split("</ul>")[0]
    assert re.findall(r"</svg>\s*([^<]+?)\s*</", menu) == words


def test_somebody_elses_notifications_are_never_listed(client: Client, company: Company, stranger: User) -> None:
    """The stranger's enterprise has a notification, and nothing of it shows."""
    NotificationFactory(decision__establishment=stranger.establishment)
    mine = several(1, company.head_office)[0]
    assert shown(client) == [mine.pk]


@pytest.mark.parametrize("count", [1, 3, 300])
def test_the_list_takes_the_same_queries_whatever_its_length(
    count: int, client: Client, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    several(count, company.head_office)
    with django_assert_num_queries(QUERIES):
        client.get(URL)


def test_visitors_are_asked_to_log_in(db: None) -> None:
    assert Client().get(URL).headers["Location"] == f"{reverse('account_login')}?next={URL}"


def test_a_rate_nobody_opened_is_not_told_by_the_list(client: Client, administrator: User, company: Company) -> None:
    """Decision 0005: the clock starts by an act; once opened, or deemed notified, the list tells it."""
    fresh = NotificationFactory(
        decision__establishment=company.head_office, decision__rate=Decimal("8.88"),
        published_at=dt.datetime(2027, 1, 15, 9, tzinfo=dt.UTC),
    )  # fmt: skip
    assertNotContains(client.get(URL), "8,88")
    receipts.open_notification(notification=fresh, by=administrator, on=dt.datetime(2027, 1, 18, tzinfo=dt.UTC))
    assertContains(client.get(URL), "8,88")
