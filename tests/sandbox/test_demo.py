"""The scenario « découverte »: what it holds, on any day, and that it spares a database in use."""

import datetime as dt
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count
from stdnum.fr import siret as stdnum_siret

from accounts.models import Enterprise, Establishment, ImportProblem, JournalEntry, User
from notifications.models import CollectiveRate, Notification, RateDecision
from portfolios.access import client_access, visible_clients
from sandbox import demo as scenario
from tests.conftest import NOW


def test_nobody_has_the_demos_identifiers_and_their_keys_are_right(demo: None) -> None:
    sirets = list(Establishment.objects.values_list("siret", flat=True))
    assert {siret[:3] for siret in sirets} == {"000"}
    assert [siret for siret in sirets if not stdnum_siret.is_valid(siret)] == []


def test_it_has_one_company_of_each_kind(demo: None) -> None:
    """Mono and multi, one establishment in Alsace-Moselle, a closed one, an accounting firm."""
    sizes = dict(Enterprise.objects.annotate(places=Count("establishments")).values_list("name", "places"))
    assert sizes == {
        "Maçonnerie Aubépine": 1,
        "Belharra Logistique": 4,
        "Cabinet Cormoran": 1,
        "Restaurant La Dentelière": 1,
        "Aide à domicile Estran": 1,
        "Fournil du Genêt": 1,
    }
    assert [place.siret for place in Establishment.objects.filter(alsace_moselle=True)] == [scenario.STRASBOURG]
    assert [place.siret for place in Establishment.objects.exclude(closed_on=None)] == [scenario.CLOSED]


def test_its_tariff_is_the_published_extract_and_says_so(demo: None) -> None:
    """domain.md, section 5; five codes of three years, with their source."""
    rates = CollectiveRate.objects.filter(code="45.2BE").order_by("tariff__year").values_list("tariff__year", "rate")
    assert [(year, f"{rate:.2f}") for year, rate in rates] == [(2024, "7.31"), (2025, "7.31"), (2026, "7.39")]
    assert CollectiveRate.objects.filter(tariff__source__contains="Licence ouverte").count() == 15


def test_a_rate_of_an_unregistered_enterprise_goes_by_post(demo: None) -> None:
    assert set(RateDecision.objects.filter(channel="paper").values_list("addressee", flat=True)) == {
        "Restaurant La Dentelière"
    }


def test_the_firm_has_a_client_in_each_state(demo: None) -> None:
    """G0.5, G0.6, G2.8: open, closed for want of a recent DSN, access delay running, without the declaration."""
    firm = User.objects.get(last_name="D'Hervé")
    rules = {
        client.establishment.enterprise.name: client_access(client, at=NOW).rule
        for client in visible_clients(firm).seen_by(firm).select_related("establishment__enterprise")
    }
    assert rules == {
        "Maçonnerie Aubépine": "",
        "Belharra Logistique": "G0.5",
        "Aide à domicile Estran": "G2.8",
        "Restaurant La Dentelière": "G0.6",
    }


@pytest.mark.parametrize(
    ("day", "computed"),
    [
        (dt.datetime(2026, 11, 23, tzinfo=dt.UTC), {"mixed": 3, "individual": 3, "collective": 6}),
        (dt.datetime(2027, 1, 20, tzinfo=dt.UTC), {"mixed": 2, "individual": 2, "collective": 4}),
        (dt.datetime(2031, 7, 14, tzinfo=dt.UTC), {}),
    ],
)
def test_a_rate_of_each_mode_is_explained_where_the_years_figures_are_known(
    db: None, day: dt.datetime, computed: dict[str, int]
) -> None:
    """And none contradicts its inputs: nothing in the campaigns' reports."""
    scenario.load_demo(on=day)
    explained = [decision for decision in RateDecision.objects.all() if decision.explanation.sheet]
    assert Counter(decision.mode for decision in explained) == computed
    assert [decision for decision in explained if decision.explanation.contradicts] == []
    assert ImportProblem.objects.count() == 0


def test_every_write_of_it_is_in_the_journal(demo: None) -> None:
    """It goes through the actions."""
    actors = JournalEntry.objects.exclude(actor_name__startswith="Candidat ").values_list("actor_name", flat=True)
    assert set(actors) == {
        "Portail",
        "Anaïs Le Goff",
        "Zoé Kervella",
        "Chloé D'Hervé",
    }
    assert JournalEntry.objects.filter(verb="user.create").count() == User.objects.filter(is_staff=False).count()


def test_it_does_not_depend_on_the_day(db: None) -> None:
    scenario.load_demo(on=dt.datetime(2031, 7, 14, 12, tzinfo=dt.UTC))
    days = {decision.effective_on.isoformat() for decision in RateDecision.objects.all()}
    assert days == {"2029-01-01", "2030-01-01", "2030-07-01", "2031-01-01", "2031-10-01"}


@pytest.mark.parametrize(
    ("day", "latest"),
    [
        (dt.datetime(2027, 1, 1, 0, 5, tzinfo=dt.UTC), 2027),
        # Still 2026 in UTC, already 2027 in Paris.
        (dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC), 2027),
        (dt.datetime(2028, 2, 29, tzinfo=dt.UTC), 2028),
    ],
)
def test_it_loads_at_the_turn_of_the_year_and_on_29_february(db: None, day: dt.datetime, latest: int) -> None:
    scenario.load_demo(on=day)
    assert Notification.objects.filter(published_at__gt=day).count() == 0
    change, january = RateDecision.objects.order_by("-effective_on").values_list("effective_on", flat=True)[:2]
    assert (change, january) == (dt.date(latest, 4, 1), dt.date(latest, 1, 1))


def test_loading_it_keeps_what_a_database_holds(demo: None) -> None:
    before = Establishment.objects.count()
    with pytest.raises(CommandError, match="n'est pas vide"):
        call_command("load_demo")
    call_command("load_demo", "--if-empty")
    assert Establishment.objects.count() == before


def test_a_load_that_fails_leaves_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(scenario, "_publish_years")
    with pytest.raises(NameError):
        scenario.load_demo(on=dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC))
    assert (Enterprise.objects.count(), User.objects.count(), JournalEntry.objects.count()) == (0, 0, 0)
