"""The trainer's board: who is stuck first, a rate, a candidate, a spreadsheet, a view without names."""

import datetime as dt

import pytest
from django.contrib.admin import site
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from habilitations.models import Cooptation
from notifications.models import Notification
from sandbox.actions.trainer import create_trainer
from sandbox.mission.board import board
from sandbox.models import Advance, Copy
from tests.conftest import NOW
from tests.people import logged_in
from tests.sandbox.copies import load
from tests.sandbox.mission.playing import Player
from tests.workbooks import content_of

URL = "/simulateur/tableau/"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def trainer(db: None) -> User:
    return create_trainer(name="Yaël", email="y@exemple.example", password="Bonjour2027", by=None, on=NOW)


def test_the_trainer_is_of_the_staff_and_reaches_nothing_else_of_the_admin(trainer: User) -> None:
    assert (trainer.is_staff, trainer.is_superuser, trainer.get_all_permissions()) == (
        True, False, {"sandbox.change_copy"},
    )  # fmt: skip
    browser = logged_in(trainer)
    answers = {}
    for model in site._registry:
        for page in ("changelist", "add"):
            try:
                path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
            except NoReverseMatch:
                continue
            answers[path] = browser.get(path).status_code
    assert len(answers) > 20
    assert {path: code for path, code in answers.items() if code != 403} == {}
    assert browser.get(URL).status_code == 200


def test_nobody_else_has_the_board(client: Client, administrator: User) -> None:
    [copy] = load("mono-sans-compte")
    for browser in (client, logged_in(administrator)):
        for ask, path in (
            (browser.get, URL), (browser.get, f"{URL}export.csv"),
            (browser.post, f"{URL}{copy.pk}/taux/"), (browser.post, f"{URL}{copy.pk}/candidat/"),
        ):  # fmt: skip
            assert ask(path)["Location"].startswith("/gestion/connexion/?next=")
    assert Cooptation.objects.count() == 0


def test_whoever_waits_longest_comes_first_and_a_jump_is_no_wait(db: None) -> None:
    load("decouverte", 3)
    one, two, three = Copy.objects.order_by("number")
    Player(two).invite(NOW + HOUR)
    jump = dt.timedelta(days=30)
    Advance.objects.create(
        label="x", from_at=NOW + 2 * HOUR, to_at=NOW + jump, reached_at=NOW + jump, landed_at=NOW + jump, status="done"
    )
    Player(three).grant(NOW + jump + HOUR)
    rows = board("decouverte", NOW + jump + 2 * HOUR)
    # Two hours before the jump, two after it.
    assert [(row.copy, row.stuck) for row in rows] == [(one, 4 * HOUR), (two, 3 * HOUR), (three, HOUR)]
    assert [row.since for row in rows] == [NOW, NOW + HOUR, NOW + jump + HOUR]
    assert [row.on.mission.key for row in rows if row.on][2] == "habilitation"
    assert [row.accomplished for row in rows] == [0, 1, 0]


def test_it_sends_a_rate_and_a_candidate_into_that_copy_alone(trainer: User) -> None:
    mine, other = load("decouverte", 2)
    browser = logged_in(trainer)

    def counts(copy: Copy) -> tuple[int, int]:
        sirens = copy.enterprises.values("enterprise")
        return (
            Notification.objects.filter(enterprise__in=sirens).count(),
            Cooptation.objects.filter(enterprise__in=sirens).count(),
        )

    before = counts(mine), counts(other)
    page = browser.post(f"{URL}{mine.pk}/taux/", {"next": URL}, follow=True).content.decode()
    assert "est notifié à" in page
    page = browser.post(f"{URL}{mine.pk}/candidat/", follow=True).content.decode()
    assert "Soizic Prigent demande" in page
    assert counts(mine) == (before[0][0] + 1, before[0][1] + 1)
    assert counts(other) == before[1]
    # He is on the card, and can be become.
    mine.refresh_from_db()
    assert mine.card["people"][-1]["nom"] == "Prigent"
    answer = browser.post(f"/simulateur/personnages/{mine.pk}-candidat-1/", follow=True)
    assert answer.redirect_chain[-1][0] == "/habilitations/ma-demande/"


def test_what_cannot_be_sent_says_why(trainer: User) -> None:
    [copy] = load("mono-sans-compte")
    browser = logged_in(trainer)
    assert "aucun taux n" in browser.post(f"{URL}{copy.pk}/taux/", follow=True).content.decode()
    Copy.objects.update(state="waiting")
    for what in ("taux", "candidat"):
        assert "pas prête" in browser.post(f"{URL}{copy.pk}/{what}/", follow=True).content.decode()
    assert browser.post(f"{URL}999/taux/").status_code == 404


def test_the_projected_view_has_no_name_and_no_button(trainer: User) -> None:
    load("decouverte")
    Copy.objects.update(trainee="Ana Belle")
    browser = logged_in(trainer)
    shown, projected = (browser.get(f"{URL}{query}").content.decode() for query in ("", "?projection"))
    assert ("Ana Belle" in shown, "Ana Belle" in projected) == (True, False)
    assert ("/taux/" in shown, "/taux/" in projected) == (True, False)
    for page in (shown, projected):
        assert "depuis le 20 janvier 2027 à 10\xa0h\xa000" in page


def test_it_goes_into_a_spreadsheet(trainer: User) -> None:
    [copy] = load("decouverte")
    Copy.objects.update(trainee="=Ana")
    Player(copy).invite(NOW)
    lines = content_of(logged_in(trainer).get(f"{URL}export.csv")).decode("utf-8-sig").splitlines()
    assert (len(lines), lines[0].split(";")[:3]) == (2, ["Copie", "Stagiaire", "Missions accomplies"])
    assert lines[1].startswith("Découverte 1;'=Ana;0;0;20 janvier 2027 à 10\xa0h\xa000;")
    assert logged_in(trainer).get(f"{URL}export.pdf").status_code == 404


def test_a_scenario_without_missions_has_none_accomplished(trainer: User) -> None:
    load("changement-de-siret")
    page = logged_in(trainer).get(URL).content.decode()
    assert ("Aucune mission" in page, "Tout est accompli" in page, "Les missions" in page) == (True, False, False)


def test_an_empty_class_is_told_so(trainer: User) -> None:
    assert "Aucune copie prête" in logged_in(trainer).get(URL).content.decode()


@pytest.mark.parametrize("count", [1, 20, 200])
def test_its_queries_do_not_depend_on_copies(trainer: User, count: int, django_assert_num_queries: object) -> None:
    Copy.objects.bulk_create(
        Copy(scenario="decouverte", number=number, created_at=NOW, loaded_at=NOW, state="ready", card={"title": "D"})
        for number in range(count)
    )
    browser = logged_in(trainer)
    # The session, the person, two for his right, the clock's row, the scenarios, the copies, two for the steps, the
    # clock's moves.
    with django_assert_num_queries(10):  # type: ignore[operator]
        page = browser.get(URL).content.decode()
    assert page.count("/candidat/") == count
