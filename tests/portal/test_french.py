"""French spelling: what is shown, and what is read."""

import datetime as dt
import re
from decimal import Decimal

import pytest

from portal.kit import french


@pytest.mark.parametrize(
    ("value", "shown"),
    [("73282932000074", "732\xa0829\xa0320\xa000074"), ("732829320", "732\xa0829\xa0320"), ("", "")],
)
def test_identifiers_are_shown_in_groups_that_do_not_break(value: str, shown: str) -> None:
    assert french.siret(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("2.1", "2,10"), ("0", "0,00"), ("99", "99,00"), ("0.0010", "0,001"), ("0.0198", "0,0198"), ("7.3900", "7,39")],
)
def test_a_rate_has_two_decimals_and_more_only_when_they_say_something(value: str, shown: str) -> None:
    assert french.rate(Decimal(value)) == f"{shown}\xa0%"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0", "inchangé"),
        ("0.12", "+0,12\xa0point"),
        ("-1.99", "−1,99\xa0point"),
        ("-2", "−2,00\xa0points"),
        ("91.8134", "+91,8134\xa0points"),
    ],
)
def test_a_change_of_rate_is_told_in_points_with_its_sign(value: str, shown: str) -> None:
    assert french.difference(Decimal(value)) == shown


def test_every_month_has_its_french_name() -> None:
    months = [french.day(dt.date(2027, month, 2)).removeprefix("2 ").removesuffix(" 2027") for month in range(1, 13)]
    assert " ".join(months) == ("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (dt.date(2027, 1, 1), "1er janvier 2027"),
        (dt.date(2027, 8, 11), "11 août 2027"),
        (dt.date(2024, 2, 29), "29 février 2024"),
        (dt.date(2026, 12, 31), "31 décembre 2026"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_and_no_other_day(value: dt.date, shown: str) -> None:
    assert french.day(value) == shown


def test_a_moment_is_told_in_paris_in_winter_and_in_summer() -> None:
    assert french.moment(dt.datetime(2026, 12, 31, 23, 5, tzinfo=dt.UTC)) == "1er janvier 2027 à 0\xa0h\xa005"
    assert french.moment(dt.datetime(2027, 7, 2, 8, 30, tzinfo=dt.UTC)) == "2 juillet 2027 à 10\xa0h\xa030"


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (999, "999"), (1000, "1\u202f000"), (2400000, "2\u202f400\u202f000")]
)
def test_thousands_are_grouped(value: int, shown: str) -> None:
    assert french.number(value) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0\xa0ligne"), (1, "1\xa0ligne"), (2, "2\xa0lignes"), (1200, "1\u202f200\xa0lignes")]
)
def test_the_plural_starts_at_two(count: int, shown: str) -> None:
    assert french.plural(count, "ligne") == shown


def test_an_irregular_plural_is_given() -> None:
    assert [french.plural(count, "code risque", "codes risque") for count in (1, 2)] == [
        "1\xa0code risque",
        "2\xa0codes risque",
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31/12/2026", dt.date(2026, 12, 31)),
        ("1/7/2026", dt.date(2026, 7, 1)),
        (" 01/01/2000\xa0", dt.date(2000, 1, 1)),
        ("2100-12-31", dt.date(2100, 12, 31)),
        ("29/02/2028", dt.date(2028, 2, 29)),
    ],
)
def test_a_day_is_read_as_the_french_write_it_or_as_machines_do(text: str, day: dt.date) -> None:
    assert french.parse_day(text) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Date absente."),
        ("  ", "Date absente."),
        ("31/02/2027", "« 31/02/2027 » : ce jour n'existe pas."),
        ("29/02/2027", "« 29/02/2027 » : ce jour n'existe pas."),
        ("00/01/2027", "« 00/01/2027 » : ce jour n'existe pas."),
        ("2027-13-01", "« 2027-13-01 » : ce jour n'existe pas."),
        ("12/31/2026", "« 12/31/2026 » : ce jour n'existe pas."),
        ("31/12/1999", "« 31/12/1999 » : l'année doit être entre 2000 et 2100."),
        ("01/01/2101", "« 01/01/2101 » : l'année doit être entre 2000 et 2100."),
        ("0000-01-01", "« 0000-01-01 » : l'année doit être entre 2000 et 2100."),
        ("01/01/27", "« 01/01/27 » n'est pas une date : écrivez JJ/MM/AAAA."),
        ("1 janvier 2027", "« 1 janvier 2027 » n'est pas une date : écrivez JJ/MM/AAAA."),
        ("2027-1-1", "« 2027-1-1 » n'est pas une date : écrivez JJ/MM/AAAA."),
        ("٠١/٠١/٢٠٢٧", "« ٠١/٠١/٢٠٢٧ » n'est pas une date : écrivez JJ/MM/AAAA."),
        ("46023", "« 46023 » n'est pas une date : écrivez JJ/MM/AAAA."),
        ("x" * 60, f"« {'x' * 40} » n'est pas une date : écrivez JJ/MM/AAAA."),
    ],
)
def test_a_text_that_is_no_day_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        french.parse_day(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("« Compte AT/MP » : oui !", "«_Compte AT/MP_»_: oui_!"),
        ("Pourquoi ? Voici ; enfin.", "Pourquoi_? Voici_; enfin."),
        ("«_déjà_»", "«_déjà_»"),
        ("à 11:30, 2027", "à 11:30, 2027"),
        ("de 5 à 6 %, 10 000 €", "de 5 à 6_%, 10 000_€"),
        ("1 Mo au plus, 2 Mots", "1_Mo au plus, 2 Mots"),
        ("sous le n° AT-2027-1, à 3° près", "sous le n°_AT-2027-1, à 3° près"),
    ],
)
def test_a_sentence_does_not_break_where_french_forbids_it(text: str, shown: str) -> None:
    assert french.typeset(text.replace("_", french.NBSP)) == shown.replace("_", french.NBSP)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Affichage de habilitation", "Affichage d'habilitation"),
        ("Modification de Établissement", "Modification d'Établissement"),
        ("Mot de passe de Yann", "Mot de passe de Yann"),
        ("Code accepté", "Code accepté"),
    ],
)
def test_the_word_de_loses_its_vowel_before_another(text: str, shown: str) -> None:
    assert french.elide(text) == shown
