"""The collective tariff is read as published, whatever its spelling (domain.md, section 5)."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accounts.models import JournalEntry
from notifications.actions.tariff import import_tariff, parse_tariff
from notifications.models import CollectiveRate, Tariff
from portal.kit.csvfile import FileProblem

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


def row(code: str = "45.2BE", rate: str = "7,39 %", label: str = "Gros œuvre") -> dict[str, str]:
    return {"Nature du risque": label, "Code risque": code, "Taux net": rate, "Catégorie": "BTP"}


def content(*rows: Any) -> bytes:
    return json.dumps(rows).encode()


def taken(*rows: Any, year: int = 2026) -> Any:
    return import_tariff(year=year, content=content(*rows), file_name="x.json", source="essai", by=None, on=ON)


@pytest.mark.open_data
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("year", "codes", "expected"),
    [
        (2022, 215, {"45.2BE": "7.8000", "80.2AA": "0.0198", "00.00A": "0.7000"}),
        (2025, 215, {"45.2BE": "7.3100", "80.2AA": "0.0010", "00.00B": "0.7000", "55.3AC": "1.8500"}),
        (2026, 216, {"45.2BE": "7.3900", "26.6JB": "99.0000", "60.2MG": "5.4000", "85.3AB": "3.7100"}),
    ],
)
def test_the_published_files_import_with_their_counts(
    open_data: Path, year: int, codes: int, expected: dict[str, str]
) -> None:
    published = (open_data / "rates" / f"{year}.json").read_bytes()
    outcome = import_tariff(year=year, content=published, file_name="x.json", source="essai", by=None, on=ON)
    assert (outcome.codes, outcome.added) == (codes, codes)
    rates = CollectiveRate.objects.filter(tariff_id=year, code__in=expected).values_list("code", "rate")
    assert dict(rates) == {code: Decimal(rate) for code, rate in expected.items()}


@pytest.mark.parametrize("spelling", ["8,83", "8.83", "8,83%", "8,83 %", "8,83\xa0%", " 8,83\u202f% "])
def test_every_spelling_of_a_rate_is_read(spelling: str) -> None:
    rates, _titles = parse_tariff(content(row(rate=spelling)))
    assert rates["45.2BE"]["rate"] == Decimal("8.83")


def test_keys_with_no_break_spaces_and_other_cases_are_read() -> None:
    rates, _titles = parse_tariff(
        content({"Nature\xa0du risque": "L", "CODE RISQUE ": "45.2BE", "Taux\xa0net": "1", "Catégorie": "C"})
    )
    assert list(rates) == ["45.2BE"]


def test_title_rows_mixed_into_a_file_are_left_out_and_told() -> None:
    title = {name: name for name in row()}
    rates, titles = parse_tariff(content(title, row(), row("", "", "MÉTALLURGIE")))
    assert (list(rates), titles) == (["45.2BE"], 2)


@pytest.mark.parametrize(
    ("damaged", "sentence"),
    [
        (b"", "Le fichier est vide."),
        (b" \n", "Le fichier est vide."),
        (content(row())[:-20], "Le fichier est tronqué : il s'arrête à la ligne 1."),
        (content(row())[:-1], "Le fichier est tronqué : il s'arrête à la ligne 1."),
        (b"code;taux\n45.2BE;7,39\n", "Ce n'est pas du JSON : ligne 1, colonne 1."),
        (b"\xff\xfe\x00", "Le fichier n'est pas du texte UTF-8 : ce n'est pas un tarif publié."),
        (b"[" * 100_000, "Ce n'est pas un tarif : le JSON est imbriqué sans fin."),
        (b'{"a": 1}', "Une liste de taux est attendue, le fichier contient autre chose."),
        (b"[]", "Le fichier ne contient aucun taux."),
        (b"[1]", "Élément 1 : un objet est attendu, avec « Code risque » et « Taux net »."),
        (
            content({"code": "45.2BE", "taux": "7,39"}),
            "Élément 1 : il manque « code risque » (clés trouvées : code, taux).",
        ),
        (content(row(), row()), "Élément 2 : le code risque 45.2BE figure deux fois."),
    ],
)
def test_a_damaged_file_gets_its_own_sentence(damaged: bytes, sentence: str) -> None:
    with pytest.raises(FileProblem) as refused:
        parse_tariff(damaged)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("rate", ["-1", "100", "abc", "", "1,23456"])
@pytest.mark.django_db
def test_a_rate_out_of_bounds_refuses_the_file_and_writes_nothing(rate: str) -> None:
    with pytest.raises(FileProblem, match=r"^Élément 2 : "):
        taken(row(), row("45.2CD", rate))
    assert (Tariff.objects.count(), CollectiveRate.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_the_same_file_twice_changes_nothing() -> None:
    taken(row(), row("45.2CD"))
    again = taken(row(), row("45.2CD"))
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert JournalEntry.objects.count() == 1


@pytest.mark.django_db
def test_a_correction_replaces_the_year_as_a_whole() -> None:
    taken(row(), row("45.2CD"))
    taken(row(), year=2025)
    corrected = taken(row(rate="7,40 %"), row("45.3AA"))
    assert (corrected.added, corrected.changed, corrected.removed) == (1, 1, 1)
    rates = CollectiveRate.objects.values_list("tariff_id", "code", "rate")
    assert sorted(rates) == [
        (2025, "45.2BE", Decimal("7.3900")),
        (2026, "45.2BE", Decimal("7.4000")),
        (2026, "45.3AA", Decimal("7.3900")),
    ]


@pytest.mark.django_db
def test_a_year_out_of_bounds_is_refused() -> None:
    with pytest.raises(FileProblem, match="n'est pas entre 2000 et 2100"):
        taken(row(), year=1999)
