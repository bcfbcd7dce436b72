"""Depositing a DSN: what is kept, what is refused, and that nothing personal is (dsn.md)."""

import datetime as dt
import logging

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models import CharField, TextField
from pytest_django import Settings

from accounts.models import Enterprise, JournalEntry
from portfolios.actions.dsn import deposit_dsn
from portfolios.models import DsnDeposit, DsnFiling, DsnRate
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory
from tests.people import Company
from tests.portfolios.dsn import CLIENT, POST, declaration, encoded, rubriques

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
LATER = ON + dt.timedelta(days=3)


@pytest.fixture(autouse=True)
def clients(db: None) -> None:
    """Two establishments of the register that the files are about."""
    EstablishmentFactory(enterprise=EnterpriseFactory(siren=CLIENT[:9]), siret=CLIENT)
    EstablishmentFactory(enterprise=EnterpriseFactory(siren=POST[:9]), siret=POST)


@pytest.fixture
def firm(company: Company) -> Enterprise:
    return company.enterprise


def deposit(
    firm: Enterprise, *declarations: list[str], on: dt.datetime = ON, name: str = "dsn.txt", **header: str
) -> DsnDeposit:
    content = ContentFile(encoded(rubriques(declarations, **header)), name)
    return deposit_dsn(file=content, depositor=firm, by=None, on=on)[0]


def remarks(made: DsnDeposit) -> list[str]:
    return [remark.text.replace("\N{NO-BREAK SPACE}", " ") for remark in made.remarks.all()]


def test_accepted_declarations_become_filings_of_the_depositor(firm: Enterprise) -> None:
    made = deposit(firm, declaration(), declaration(POST, nature="04", month="", rates=()))
    assert (made.outcome, made.accepted, made.refused, remarks(made)) == ("OK", 2, 0, [])
    found = DsnFiling.objects.order_by("line").values_list(
        "depositor", "establishment__siret", "nature", "filed_on", "counts"
    )
    day = dt.date(2027, 1, 20)
    assert list(found) == [(firm.pk, CLIENT, "01", day, True), (firm.pk, POST, "04", day, True)]
    assert [(rate.code, str(rate.rate)) for rate in DsnRate.objects.all()] == [("45.2BE", "7.3900")]


def test_the_deposit_day_is_the_day_in_paris(firm: Enterprise) -> None:
    deposit(firm, declaration(), on=dt.datetime(2027, 1, 20, 23, 30, tzinfo=dt.UTC))
    assert DsnFiling.objects.get().filed_on == dt.date(2027, 1, 21)


def test_the_same_file_twice_changes_nothing(firm: Enterprise) -> None:
    first = deposit(firm, declaration())
    entries = JournalEntry.objects.count()
    assert deposit(firm, declaration(), on=LATER, name="autre.txt") == first
    assert (DsnFiling.objects.count(), JournalEntry.objects.count()) == (1, entries)


def test_another_depositor_of_the_same_file_is_another_deposit(firm: Enterprise) -> None:
    assert deposit(firm, declaration()) != deposit(EnterpriseFactory(), declaration())
    assert DsnFiling.objects.count() == 2


def test_a_month_counts_once(firm: Enterprise) -> None:
    deposit(firm, declaration())
    again = deposit(firm, declaration(rates=[("200", "452BE", "7.31")]), declaration(POST))
    assert (again.outcome, again.accepted, again.refused) == ("OK partiel", 1, 1)
    assert remarks(again) == [
        "Une DSN de décembre 2026 est déjà déposée le 20 janvier 2027 pour le SIRET 732 829 320 00074 : "
        "envoyez un « annule et remplace »."
    ]


@pytest.mark.parametrize("changes", [{"month": "01112026"}, {"fraction": "12"}])
def test_another_month_or_fraction_counts_too(firm: Enterprise, changes: dict[str, str]) -> None:
    deposit(firm, declaration())
    assert deposit(firm, declaration(**changes)).outcome == "OK"  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["03", "05"])
def test_a_replacement_counts_in_the_place_of_the_first(firm: Enterprise, kind: str) -> None:
    deposit(firm, declaration())
    deposit(firm, declaration(kind=kind), on=LATER)
    found = DsnFiling.objects.order_by("pk").values_list("type", "counts", "filed_on")
    assert list(found) == [("01", False, dt.date(2027, 1, 20)), (kind, True, dt.date(2027, 1, 23))]


def test_a_cancellation_takes_the_month_away(firm: Enterprise) -> None:
    deposit(firm, declaration())
    assert deposit(firm, declaration(kind="04"), on=LATER).outcome == "OK"
    assert not DsnFiling.objects.filter(counts=True).exists()
    assert deposit(firm, declaration(rates=()), on=LATER).outcome == "OK"


def test_the_replacement_of_an_event_leaves_other_events_alone(firm: Enterprise) -> None:
    """Which one it replaces is said only inside personal data."""
    deposit(firm, declaration(nature="04", month="", rates=()))
    deposit(firm, declaration(nature="04", month="", rates=(), kind="03"))
    assert DsnFiling.objects.filter(counts=True).count() == 2


def test_what_the_body_made_is_kept_and_never_counts(firm: Enterprise) -> None:
    assert deposit(firm, declaration(nature="09")).outcome == "OK"
    assert DsnFiling.objects.get().counts is False


def test_a_test_is_refused_and_files_nothing(firm: Enterprise) -> None:
    made = deposit(firm, declaration(), test="01")
    assert (made.outcome, made.test, DsnFiling.objects.count()) == ("KO", True, 0)
    assert made.refusal.startswith("C'est un fichier de test")


def test_an_unknown_establishment_refuses_its_declaration(firm: Enterprise) -> None:
    made = deposit(firm, declaration("20003452800014"), declaration())
    assert (made.outcome, remarks(made)) == (
        "OK partiel",
        ["Le SIRET 200 034 528 00014 n'est pas au répertoire du simulateur."],
    )


def test_a_declaration_of_two_establishments_is_taken_whole_or_not_at_all(firm: Enterprise) -> None:
    deposit(firm, declaration(POST))
    both = [*declaration(), "S21.G00.06.001,'356000000'", "S21.G00.11.001,'09075'"]
    made = deposit(firm, both)
    assert (made.outcome, made.accepted, made.refused) == ("KO", 0, 1)
    assert DsnFiling.objects.filter(establishment__siret=CLIENT).count() == 0


def test_a_file_that_is_no_dsn_is_a_refused_deposit(firm: Enterprise) -> None:
    made, new = deposit_dsn(file=ContentFile(b"nom;prenom\n", "../../x\\..\\liste.csv"), depositor=firm, by=None, on=ON)
    assert (made.outcome, made.name, new) == ("KO", "liste.csv", True)
    assert made.refusal == "Ce fichier n'est pas une DSN : il ne commence pas par le bloc S10 (ligne 1)."


@pytest.mark.parametrize(("content", "said"), [(b"", "vide"), (b"x" * 100, "limite")])
def test_an_empty_or_heavy_file_writes_nothing(firm: Enterprise, settings: Settings, content: bytes, said: str) -> None:
    settings.DSN_MAX_BYTES = 99
    with pytest.raises(ValidationError, match=said):
        deposit_dsn(file=ContentFile(content, "x"), depositor=firm, by=None, on=ON)
    assert not DsnDeposit.objects.exists()


def test_staff_are_warned_when_the_sender_is_somebody_else() -> None:
    other = EnterpriseFactory()
    content = ContentFile(encoded(rubriques([declaration()])), "x")
    made, _new = deposit_dsn(file=content, depositor=other, by=None, on=ON, sender_checked=True)
    assert remarks(made) == ["L'émetteur (SIREN 982820011) n'est pas l'entreprise déposante."]


def test_the_remarks_of_a_file_wrong_everywhere_are_its_first_ones(firm: Enterprise) -> None:
    made = deposit(firm, *[declaration("20003452800014") for _time in range(300)])
    assert (made.refused, made.remarks.count()) == (300, 200)


def test_nothing_personal_is_stored_or_logged(firm: Enterprise, caplog: pytest.LogCaptureFixture) -> None:
    """The file holds a NIR and a name, in a good declaration and in a refused one."""
    caplog.set_level(logging.DEBUG)
    bad = [*declaration(POST), "S21.G00.30.001,2690549588157 sans apostrophes"]
    deposit(firm, declaration(), bad)
    stored = [
        str(value)
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, CharField | TextField)
        for value in model._default_manager.values_list(field.name, flat=True)
    ]
    assert [text for text in [*stored, caplog.text] if "2690549588157" in text or "ORVAL" in text] == []


def test_opening_filings_are_of_three_months_and_not_of_tomorrow(firm: Enterprise) -> None:
    """G0.5."""
    deposit(firm, declaration())
    days = [dt.date(2027, 1, 19), dt.date(2027, 1, 20), dt.date(2027, 4, 20), dt.date(2027, 4, 21)]
    assert [DsnFiling.objects.opening(day).count() for day in days] == [0, 1, 1, 0]
