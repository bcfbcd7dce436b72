"""Copies of scenarios: each loads, none sees another, a reset gives back the first day under the same SIRETs."""

import datetime as dt
from collections import Counter
from pathlib import Path
from unittest import mock

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings
from stdnum.fr import siret as stdnum_siret

from accounts.actions.imports import work_once
from accounts.actions.journal import breaks
from accounts.models import Establishment, JournalEntry, Mail, User
from habilitations.actions.cooptation import decide_cooptation
from habilitations.models import ActivationKey, Cooptation
from notifications.actions.campaign import RATES, create_campaign, publish_campaign
from notifications.actions.receipts import open_notification
from notifications.models import Campaign, Consultation, Notification, RateDecision
from portal import clock
from portfolios.access import client_access
from portfolios.actions.portfolio import create_portfolio
from portfolios.models import Client as FirmClient
from portfolios.models import ClientDeclaration, DsnFiling
from sandbox.actions import copies as actions
from sandbox.actions.clock import order_advance, work_until
from sandbox.actions.copies import load_next, order_copies, order_reset
from sandbox.models import Copy, Letter
from sandbox.personas import personas_of
from sandbox.rules import Jump
from sandbox.scenario.file import names
from sandbox.scenario.sirens import siret
from tests.conftest import NOW
from tests.sandbox.copies import COMMON, OWNED, counts_of, everything, load, rows_of

SMALL = [name for name in names() if name != "cabinet-10000-clients"]


def person(copy: Copy, key: str) -> User:
    user = copy.people.get(key=key).user
    assert user is not None
    return user


def reset(copy: Copy) -> None:
    order_reset(copy=copy, by=None, on=clock.now())
    while load_next(on=clock.now()):
        pass
    copy.refresh_from_db()


def act(copy: Copy) -> None:
    """What a trainee may do to his copy of « découverte » in an hour."""
    anais, zoe, chloe, on = (*(person(copy, key) for key in ("anais", "zoe", "chloe")), clock.now())
    for user in (anais, zoe):
        for notification in Notification.objects.filter(enterprise=user.establishment.enterprise):  # type: ignore[union-attr]
            open_notification(notification=notification, by=user, on=on)
    asked = Cooptation.objects.get(enterprise=anais.establishment.enterprise, status="pending")  # type: ignore[union-attr]
    decide_cooptation(cooptation=asked, granted=False, reason="Essai", by=anais, on=on)
    create_portfolio(
        enterprise=chloe.establishment.enterprise,  # type: ignore[union-attr]
        name="Essai", comment="", members=[], by=chloe, on=on,
    )  # fmt: skip
    Client().post("/mot-de-passe/perdu/", {"siret": anais.establishment.siret, "last_name": "Le Goff"})  # type: ignore[union-attr]
    person(copy, "theo").delete()


@pytest.mark.parametrize("name", SMALL)
def test_each_scenario_loads_and_its_people_can_log_in(db: None, name: str) -> None:
    [copy] = load(name)
    assert (copy.state, copy.problem) == ("ready", "")
    for persona in personas_of(copy):
        answer = Client().post(
            "/connexion/",
            {"siret": persona.siret, "last_name": persona.nom, "first_name": persona.prenom,
             "password": persona.password},
        )  # fmt: skip
        assert answer["Location"] == "/menu/", persona
    told = [place for place in copy.card["places"] if place["shows"]]
    assert len(told) == len(copy.card["places"]) > 0


@pytest.mark.parametrize("name", SMALL)
def test_sirets_have_right_keys_and_are_nobodys(db: None, name: str) -> None:
    first, second = load(name, 2)
    sirets = set(Establishment.objects.values_list("siret", flat=True))
    assert [one for one in sirets if not (stdnum_siret.is_valid(one) and one.startswith(("003", "004")))] == []
    mine, yours = ({place["siret"] for place in copy.card["places"]} for copy in (first, second))
    assert (mine & yours, len(mine)) == (set(), len(yours))


def test_a_siren_that_somebody_has_is_left_to_him(db: None) -> None:
    [copy] = load("mono-sans-compte")
    taken = copy.enterprises.get().enterprise
    Copy.objects.all().delete()
    [again] = load("mono-sans-compte")
    assert again.enterprises.get().enterprise != taken


def test_when_no_siren_is_left_it_says_so(db: None) -> None:
    with mock.patch.object(actions, "free_sirens", return_value=iter(())):
        [copy] = load("mono-sans-compte")
    assert (copy.state, copy.problem) == ("failed", "Les SIREN réservés aux copies sont épuisés.")


# What each promises -------------------------------------------------------


def test_the_candidate_is_on_his_fourteenth_day_and_gone_two_days_later(db: None) -> None:
    load("candidat-jour-14")
    asked = Cooptation.objects.get()
    assert asked.requested_at == NOW - dt.timedelta(days=14)
    assert asked.status == "pending"
    order_advance(jump=Jump("x", days=2), at=NOW)
    work_until(enough=lambda: False)
    asked.refresh_from_db()
    assert asked.status == "expired"


def test_five_of_forty_clients_are_closed_for_want_of_a_recent_dsn(db: None) -> None:
    [copy] = load("cabinet-40-clients")
    clients = FirmClient.objects.seen_by(person(copy, "solene")).select_related("portfolio", "establishment")
    open_ = Counter(client_access(client, at=NOW).allowed for client in clients)
    assert (open_, len({client.portfolio_id for client in clients})) == (Counter({True: 35, False: 5}), 3)


def test_the_lost_letter_is_posted_and_in_no_letterbox(db: None) -> None:
    load("lettre-perdue")
    assert (ActivationKey.objects.get().state, Letter.objects.count()) == ("posted", 0)
    order_advance(jump=Jump("x", days=4), at=NOW)
    work_until(enough=lambda: False)
    assert Letter.objects.count() == 0


def test_the_correction_replaces_the_rate_of_january(db: None) -> None:
    [copy] = load("campagne-et-correction")
    decisions = RateDecision.objects.filter(establishment__siret=copy.card["places"][0]["siret"])
    assert [one.version for one in decisions.filter(effective_on=dt.date(2027, 1, 1)).order_by("pk")] == [1, 2]
    unread = Notification.objects.unread_by(person(copy, "maud")).filter(enterprise=copy.enterprises.get().enterprise)
    assert unread.count() == 2


def test_who_left_answers_no_more(db: None) -> None:
    [copy] = load("administrateur-parti")
    left = person(copy, "ancien")
    assert (left.state, left.has_usable_password()) == ("active", False)
    assert "Quéré" not in [persona.nom for persona in personas_of(copy)]
    assert Cooptation.objects.get().requested_at == NOW - dt.timedelta(days=6)


def test_ten_thousand_clients_are_loaded_and_reset(db: None) -> None:
    [copy] = load("cabinet-10000-clients")
    assert (copy.state, copy.problem) == ("ready", "")
    counts = (FirmClient.objects.count(), ClientDeclaration.objects.count(), DsnFiling.objects.count())
    assert (*counts, Notification.objects.count()) == (10_000, 10_000, 10_000, 10_000)
    assert copy.enterprises.count() == 10_001
    last = next(place for place in copy.card["places"] if "last" in place)
    assert Establishment.objects.filter(siret__in=(last["siret"], last["last"])).count() == 2
    assert last["name"] == "Petite entreprise 1 à 9\N{NARROW NO-BREAK SPACE}500"
    before = counts_of(copy)
    reset(copy)
    assert copy.state == "ready"
    after = counts_of(copy)
    assert {label for label in OWNED if before[label] != after[label]} == {"accounts.JournalEntry"}


def test_dates_follow_the_clock(db: None) -> None:
    order_advance(jump=Jump("x", days=40), at=NOW)
    work_until(enough=lambda: False)
    load("candidat-jour-14")
    asked = Cooptation.objects.get()
    assert asked.requested_at == clock.now() - dt.timedelta(days=14) == NOW + dt.timedelta(days=26)
    assert Mail.objects.order_by("created_at").first().created_at == asked.requested_at  # type: ignore[union-attr]


# All or nothing ------------------------------------------------------------


def test_every_table_is_either_common_or_somebodys() -> None:
    """A new table of ours has to be looked at: does a reset empty it?"""
    ours = ("accounts", "habilitations", "portfolios", "notifications", "sandbox")
    tables = {model._meta.label for model in apps.get_models() if model._meta.app_label in ours}
    assert tables - COMMON - set(OWNED) == set()
    assert set(OWNED) & COMMON == set()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("titre: Essai\nresume: x\nentreprises:\n  a:\n    nom: A\n    ville: B\n", "essai.yaml, ligne 6 : « ville »"),
        ("titre: [", "essai.yaml, ligne 1 : ce n'est pas du YAML"),
    ],
)
def test_a_broken_file_says_the_line_and_changes_nothing(
    db: None, settings: Settings, tmp_path: Path, text: str, told: str
) -> None:
    settings.SCENARIO_FOLDERS = [tmp_path]
    (tmp_path / "essai.yaml").write_text(text)
    before = everything()
    with pytest.raises(CommandError, match=told):
        call_command("load_scenario", "essai", "--copies", "3")
    assert everything() == before


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("code_risque: 99.9ZZ", "Code risque 99.9ZZ absent du tarif"),
        ("declarations: {compte-atmp: -1 an, cuisine: -1 an}", "« cuisine » de « menuiserie/siege » n'est pas au cat"),
    ],
)
def test_what_the_portal_refuses_leaves_nothing_of_the_copy(
    db: None, settings: Settings, tmp_path: Path, line: str, told: str
) -> None:
    good = (settings.SCENARIO_FOLDERS[0] / "mono-sans-compte.yaml").read_text()
    name = line.partition(":")[0]
    broken = "\n".join(f"        {line}" if row.strip().startswith(name) else row for row in good.splitlines())
    settings.SCENARIO_FOLDERS = [tmp_path]
    (tmp_path / "essai.yaml").write_text(good)
    load("essai")
    (tmp_path / "essai.yaml").write_text(broken)
    [copy] = order_copies(name="essai", count=1, by=None, on=NOW)
    before = everything()
    assert load_next(on=NOW)
    copy.refresh_from_db()
    assert (copy.state, told in copy.problem) == ("failed", True), copy.problem
    after = everything()
    assert {label for label in before if before[label] != after[label]} == {"sandbox.Copy"}


def test_a_copy_that_failed_is_tried_again_when_asked_and_a_crash_is_no_end(db: None) -> None:
    with mock.patch.object(actions, "load_dsn", side_effect=RuntimeError("panne")):
        [copy] = load("mono-sans-compte")
    assert (copy.state, copy.problem, copy.card) == ("failed", "RuntimeError : panne", {"title": copy.card["title"]})
    reset(copy)
    assert (copy.state, copy.reset_at) == ("ready", None)
    with mock.patch.object(actions, "load_dsn", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        load("mono-sans-compte")
    assert load_next(on=NOW)
    assert set(Copy.objects.values_list("state", flat=True)) == {"ready"}


@pytest.mark.parametrize("count", [0, 201, -1])
def test_a_number_of_copies_has_its_bounds(db: None, count: int) -> None:
    with pytest.raises(ValidationError):
        order_copies(name="decouverte", count=count, by=None, on=NOW)


def test_copies_added_later_go_on_counting(db: None) -> None:
    load("mono-sans-compte", 2)
    assert [copy.number for copy in load("mono-sans-compte", 2)] == [3, 4]
    assert not load_next(on=NOW)


# Reset ---------------------------------------------------------------------


def test_a_reset_gives_back_the_first_day_and_leaves_the_others_as_they_were(db: None) -> None:
    first, second, third = load("decouverte", 3)
    for copy in (first, second, third):
        act(copy)
    # A day passes: firms are told of windows, people of dates, letters leave.
    order_advance(jump=Jump("x", days=1), at=NOW)
    work_until(enough=lambda: False)
    card = second.card
    others = [rows_of(first), rows_of(third)]
    held = ("accounts.Mail", "notifications.Consultation", "portfolios.Client", "portfolios.DsnCheck", "sandbox.Letter")
    assert all(others[0][label] for label in (*held, "portfolios.DsnWindow", "notifications.Notice"))
    reset(second)
    assert (second.state, second.reset_at, second.card) == ("ready", clock.now(), card)
    assert [rows_of(first), rows_of(third)] == others
    # As one that was just loaded, but for its journal, which goes on.
    [fresh] = load("decouverte")
    mine, fresh_counts = counts_of(second), counts_of(fresh)
    assert {label for label in OWNED if mine[label] != fresh_counts[label]} == {"accounts.JournalEntry"}
    assert list(breaks()) == []


def test_what_was_opened_stays_on_record_out_of_sight(db: None) -> None:
    [copy] = load("decouverte")
    act(copy)
    opened = set(Consultation.objects.values_list("notification", flat=True))
    dates = set(Consultation.objects.values_list("at", "name"))
    reset(copy)
    kept = Notification.objects.filter(pk__in=opened).select_related("enterprise", "decision")
    assert kept.count() == len(opened) > 9
    assert {one.enterprise.name for one in kept} == {"Archives de Découverte 1, jusqu'au 20 janvier 2027"}
    assert {one.decision.enterprise_id for one in kept} == {one.enterprise_id for one in kept}
    assert dates <= set(Consultation.objects.values_list("at", "name"))
    # The ten that the scenario itself has opened go there too, at the next reset.
    reset(copy)
    assert counts_of(copy)["notifications.Notification"] == Notification.objects.count() - len(opened) - 10


def test_its_journal_says_where_it_begins_anew(db: None) -> None:
    [copy] = load("mono-sans-compte")
    siren = copy.enterprises.get().enterprise_id
    before = list(JournalEntry.objects.filter(enterprise=siren).order_by("id").values())
    reset(copy)
    after = list(JournalEntry.objects.filter(enterprise=siren).order_by("id").values())
    # The account that acted is gone, its name stays.
    assert [{**one, "actor_id": None} for one in after[: len(before)]] == [{**one, "actor_id": None} for one in before]
    assert [one["verb"] for one in after if one["verb"].startswith("copy.")] == ["copy.load", "copy.reset"]


def test_a_campaign_of_one_copy_goes_and_one_for_all_stays(db: None) -> None:
    first, second = load("mono-sans-compte", 2)
    campaigns = Campaign.objects.count()
    reset(first)
    assert Campaign.objects.count() == campaigns
    places = [copy.card["places"][0]["siret"] for copy in (first, second)]
    lines = [f"{place};45.2BE;7,00;01/02/2027;collectif" for place in places]
    content = ContentFile("\n".join(["siret;code_risque;taux;date_effet;mode", *lines]).encode(), "t.csv")
    staff = User.objects.create_superuser("formateur", "f@exemple.example", "Motdepasse2027")
    everybodys = create_campaign(name="Tous", content=content, by=staff, on=NOW)
    while work_once(importer=RATES, on=NOW):
        pass
    everybodys.refresh_from_db()
    publish_campaign(campaign=everybodys, by=staff, on=NOW)
    while work_once(importer=RATES, on=NOW):
        pass
    reset(first)
    assert list(everybodys.decisions.values_list("establishment__siret", flat=True)) == [places[1]]


def test_a_copy_that_waits_is_not_reset_twice(db: None) -> None:
    [copy] = load("mono-sans-compte")
    assert order_reset(copy=copy, by=None, on=NOW)
    assert not order_reset(copy=copy, by=None, on=NOW)


def test_the_archive_has_right_keys(db: None) -> None:
    [copy] = load("decouverte")
    reset(copy)
    archived = Establishment.objects.filter(enterprise__name__startswith="Archives")
    assert archived.count() > 2
    assert [one for one in archived if one.siret != siret(one.enterprise_id, int(one.siret[9:13]))] == []
    assert {one.closed_on for one in archived} == {NOW.date()}
