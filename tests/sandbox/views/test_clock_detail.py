"""The clock's page: its buttons, its list, its progress and its report."""

import datetime as dt
import re

import pytest
from django.test import Client
from pytest_django import Settings

from portal import clock
from sandbox.models import Advance, Clock
from sandbox.tasks import move_clock
from tests.conftest import NOW
from tests.sandbox.test_advance import advance, days

URL, MOVE = "/simulateur/horloge/", "/simulateur/horloge/avancer/"


@pytest.fixture
def checked(db: None) -> Client:
    """A browser whose POSTs need their token."""
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize(
    ("posted", "now"),
    [
        ({"jump": "jour"}, "2027-01-21T09:00+00:00"),
        ({"jump": "24h"}, "2027-01-21T09:00+00:00"),
        ({"jump": "15-jours"}, "2027-02-04T09:00+00:00"),
        ({"jump": "date", "day": "01/02/2027"}, "2027-02-01T09:00+00:00"),
        ({"jump": "date", "day": " 2027-02-01 "}, "2027-02-01T09:00+00:00"),
    ],
)
def test_a_button_moves_the_clock_and_leads_to_what_happened(
    client: Client, demo: None, posted: dict[str, str], now: str
) -> None:
    answer = client.post(MOVE, posted, follow=True)
    assert answer.redirect_chain == [(f"/simulateur/horloge/{Advance.objects.get().pk}/", 302)]
    assert "Ce qui s'est passé" in answer.content.decode()
    assert clock.now() == dt.datetime.fromisoformat(now)


def test_the_first_of_january_is_the_next_one(client: Client, db: None, settings: Settings) -> None:
    settings.CLOCK_PAGE_SECONDS = -1
    client.post(MOVE, {"jump": "1er-janvier"})
    assert Advance.objects.get().to_at == dt.datetime(2028, 1, 1, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("20/01/2027", "n'avance que vers le futur"),
        ("01/01/2026", "n'avance que vers le futur"),
        ("01/01/2099", "Dix ans à la fois"),
        ("", "obligatoire"),
        ("demain", "demain"),
        ("31/02/2027", "31/02/2027"),
        ("a\0", "caractère nul"),
        ("9" * 10_000, "40 caractères"),
    ],
)
def test_a_bad_day_is_an_error_at_its_field(client: Client, db: None, day: str, message: str) -> None:
    answer = client.post(MOVE, {"jump": "date", "day": day})
    assert message in " ".join(answer.context["form"].errors["day"]).replace("’", "'")
    assert "<title>Erreur" in answer.content.decode()
    assert not Advance.objects.exists()


@pytest.mark.parametrize("jump", ["", "hier", "-1"])
def test_a_button_that_does_not_exist_moves_nothing(client: Client, db: None, jump: str) -> None:
    assert "Choisissez un bouton." in client.post(MOVE, {"jump": jump}).content.decode()
    assert not Advance.objects.exists()


def test_moving_takes_a_post_with_its_token(checked: Client) -> None:
    assert checked.get(MOVE).status_code == 405
    assert checked.post(MOVE, {"jump": "jour"}).status_code == 403
    assert not Advance.objects.exists()


def test_a_long_move_goes_on_in_a_job_and_shows_how_far_it_is(client: Client, db: None, settings: Settings) -> None:
    settings.CLOCK_PAGE_SECONDS = -1
    answer = client.post(MOVE, {"jump": "15-jours"}, follow=True)
    page = answer.content.decode()
    own = answer.redirect_chain[0][0]
    assert (f'data-progress-url="{own}?suivi"' in page, 'value="0" max="15"' in page) == (True, True)
    assert clock.now() == NOW
    move_clock()
    followed = client.get(f"{own}?suivi").content.decode()
    assert ("data-progress-url" in followed, f'href="{own}">Voir ce qui' in followed) == (False, True)
    assert "<h1>Ce qui s'est passé</h1>" in client.get(own).content.decode()
    assert clock.now() == NOW + dt.timedelta(days=15)


def test_where_no_worker_runs_a_button_goes_on(client: Client, db: None, settings: Settings) -> None:
    settings.CLOCK_PAGE_SECONDS = -1
    client.post(MOVE, {"jump": "15-jours"})
    settings.CLOCK_PAGE_SECONDS = 60
    answer = client.post("/simulateur/horloge/continuer/", follow=True)
    assert "Rien n'est tombé en chemin." in answer.content.decode()
    assert client.post("/simulateur/horloge/continuer/")["Location"] == URL


def test_a_failed_job_is_said_on_the_page(client: Client, db: None) -> None:
    move = Advance.objects.create(
        label="x", from_at=NOW, reached_at=NOW, to_at=NOW + dt.timedelta(days=3), problem="ValueError : panne <b>"
    )
    page = client.get(f"{URL}{move.pk}/").content.decode()
    assert ("Un travail a échoué" in page, "panne &lt;b&gt;" in page) == (True, True)


@pytest.mark.parametrize("moves", [1, 3])
def test_the_list_has_constant_queries(client: Client, db: None, moves: int, django_assert_num_queries: object) -> None:
    for _move in range(moves):
        advance()
    # The clock's row, the one that runs, the list.
    with django_assert_num_queries(3):  # type: ignore[operator]
        page = client.get(URL).content.decode()
    assert len(re.findall(r'<th scope="row">', page)) == moves


def test_the_page_shows_the_portals_instant(client: Client, db: None) -> None:
    Clock.objects.create(offset=dt.timedelta(days=2))
    assert "22 janvier 2027 à 10\xa0h\xa000" in client.get(URL).content.decode()


def test_a_move_that_does_not_exist_is_not_found(client: Client, db: None) -> None:
    assert client.get(f"{URL}99/").status_code == 404


def test_a_line_leads_on_as_somebody_who_may_see_its_page(client: Client, demo: None) -> None:
    move = advance(days(16))
    page = client.get(f"{URL}{move.pk}/").content.decode()
    forms = re.findall(r'action="/simulateur/personnages/([^/]+)/".*?name="next" value="([^"]+)"', page, re.DOTALL)
    assert forms[:2] == [("aubepine-admin", "/entreprise/journal/"), ("estran-admin", "/menu/")]
    answer = client.post("/simulateur/personnages/estran-admin/", {"next": "/menu/"}, follow=True)
    assert "Consulter ses notifications" in answer.content.decode()


def test_elsewhere_than_on_a_demo_nobody_is_to_become(client: Client, demo: None, settings: Settings) -> None:
    settings.DEMO, settings.CLASS_CODE = False, "Brest-2027"
    client.post("/simulateur/code/", {"code": "Brest-2027"})
    assert "/simulateur/personnages/" not in client.get(f"{URL}{advance(days(16)).pk}/").content.decode()
