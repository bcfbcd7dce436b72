"""Corrections of the register by staff: written, told in the journal, refused at the field (G3.4)."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Enterprise, Establishment, Headcount, JournalEntry, User
from tests.conftest import NOW
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory, HeadcountFactory, siret
from tests.people import Company, logged_in

THIRD = siret("982820011", 3)


def address(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def values(establishment: Establishment, **changes: Any) -> dict[str, Any]:
    names = ("sign", "address", "postcode", "city", "naf", "code_risque")
    kept = {name: getattr(establishment, name) for name in names}
    return kept | ({"is_head_office": "on"} if establishment.is_head_office else {}) | changes


def test_a_correction_is_written_and_told(staff: User, company: Company) -> None:
    place = company.head_office
    to = address("accounts_establishment_change", place.pk)
    given = values(place, city="QUIMPER", closed_on="2027-02-01")
    unsaid = logged_in(staff).post(to, given)
    assert (unsaid.status_code, JournalEntry.objects.count()) == (200, 0)
    assert "Dites pourquoi" in unsaid.content.decode()
    assert logged_in(staff).post(to, given | {"reason": "Déménagement"}).status_code == 302
    place.refresh_from_db()
    assert (place.city, place.closed_on) == ("QUIMPER", dt.date(2027, 2, 1))
    told = JournalEntry.objects.get(verb="establishment.correct")
    assert (told.actor, told.enterprise, told.at) == (staff, company.enterprise, NOW)
    assert told.summary == (
        "Établissement 982\xa0820\xa0011\xa000012 : commune «\xa0BREST\xa0» → «\xa0QUIMPER\xa0», "
        "fermé le rien → 1er\xa0février 2027. Motif : Déménagement"
    ).replace("1er\xa0", "1er ")


def test_saving_without_a_change_tells_nothing(staff: User, company: Company) -> None:
    place = company.head_office
    logged_in(staff).post(address("accounts_establishment_change", place.pk), values(place))
    assert not JournalEntry.objects.exists()


def test_a_siret_and_its_enterprise_do_not_change(staff: User, company: Company) -> None:
    place, other = company.head_office, EstablishmentFactory()
    changes = values(place, siret=other.siret, enterprise=other.enterprise_id)
    assert logged_in(staff).post(address("accounts_establishment_change", place.pk), changes).status_code == 302
    assert Establishment.objects.filter(pk=place.pk, siret=place.siret, enterprise=company.enterprise).exists()


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        (
            {"siret": "20003452800041"},
            "siret",
            "« 20003452800041 » : la clé de ce SIRET est fausse, vérifiez les chiffres.",
        ),
        ({"siret": "73282932000074"}, "siret", "Le SIRET commence par le SIREN de l'entreprise."),
        (
            {"is_head_office": "on"},
            "is_head_office",
            "Cette entreprise a déjà un siège : 982\xa0820\xa0011\xa000012.",
        ),
        ({"code_risque": "45"}, "code_risque", "« 45 » n'est pas un code risque : il s'écrit comme 45.2BE."),
    ],
)
def test_what_is_wrong_with_an_establishment_is_said_at_its_field(
    staff: User, company: Company, changes: dict[str, str], field: str, message: str
) -> None:
    given = {"siret": THIRD, "enterprise": "982820011"} | changes
    response = logged_in(staff).post(address("accounts_establishment_add"), given)
    assert response.context["adminform"].form.errors == {field: [message]}
    assert Establishment.objects.count() == 2


def test_an_establishment_is_added(staff: User, company: Company) -> None:
    given = {"siret": f"982 820 011 {THIRD[9:]}", "enterprise": "982820011", "code_risque": "452be"}
    response = logged_in(staff).post(address("accounts_establishment_add"), given)
    assert response.status_code == 302
    added = Establishment.objects.get(siret=THIRD)
    assert (added.code_risque, added.nic) == ("45.2BE", THIRD[9:])
    assert (
        JournalEntry.objects.get().summary == f"Établissement 982\xa0820\xa0011\xa0{THIRD[9:]} : ajouté au répertoire."
    )


def headcounts(*rows: dict[str, Any], known: int) -> dict[str, Any]:
    form = {"headcounts-TOTAL_FORMS": len(rows), "headcounts-INITIAL_FORMS": known}
    return form | {f"headcounts-{i}-{name}": value for i, row in enumerate(rows) for name, value in row.items()}


def test_headcounts_are_added_corrected_moved_and_removed(staff: User) -> None:
    enterprise = EnterpriseFactory(siren="982820011", name="Belharra")
    ids = {
        year: HeadcountFactory(enterprise=enterprise, year=year, headcount=10).pk for year in (2025, 2024, 2023, 2022)
    }
    rows: list[dict[str, Any]] = [{"id": pk, "year": year, "headcount": 10} for year, pk in ids.items()]
    rows = [rows[0], rows[1] | {"headcount": 12}, rows[2] | {"DELETE": "on"}, rows[3] | {"year": 2021}]
    rows = [row | {"enterprise": "982820011"} for row in (*rows, {"year": 2026, "headcount": 7})]
    given = {"name": "Belharra SAS", "reason": "Fusion"} | headcounts(*rows, known=4)
    response = logged_in(staff).post(address("accounts_enterprise_change", "982820011"), given)
    assert response.status_code == 302, response.context["errors"]
    assert dict(Headcount.objects.values_list("year", "headcount")) == {2026: 7, 2025: 10, 2024: 12, 2021: 10}
    assert sorted(JournalEntry.objects.values_list("summary", flat=True)) == [
        "Effectif 2021 : rien → «\xa010\xa0».",
        "Effectif 2022 : «\xa010\xa0» → rien.",
        "Effectif 2023 : «\xa010\xa0» → rien.",
        "Effectif 2024 : «\xa010\xa0» → «\xa012\xa0».",
        "Effectif 2026 : rien → «\xa07\xa0».",
        "Entreprise 982\xa0820\xa0011 : dénomination «\xa0Belharra\xa0» → «\xa0Belharra SAS\xa0». Motif : Fusion",
    ]


def test_an_enterprise_with_a_wrong_key_is_refused_at_its_field(staff: User) -> None:
    given = {"siren": "982820012", "name": "X"} | headcounts(known=0)
    response = logged_in(staff).post(address("accounts_enterprise_add"), given)
    wrong = "« 982820012 » : la clé de ce SIREN est fausse, vérifiez les chiffres."
    assert response.context["adminform"].form.errors == {"siren": [wrong]}
    assert not Enterprise.objects.exists()


def test_an_enterprise_is_added_with_its_headcounts(staff: User) -> None:
    given = {"siren": "982 820 011", "name": "Belharra"} | headcounts({"year": 2025, "headcount": 3}, known=0)
    assert logged_in(staff).post(address("accounts_enterprise_add"), given).status_code == 302
    assert list(Headcount.objects.values_list("enterprise", "year", "headcount")) == [("982820011", 2025, 3)]
