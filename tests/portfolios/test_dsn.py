"""DSN files, one per line of the norm's tables and rules (dsn.md)."""

import datetime as dt
import io
import random
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import BinaryIO
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portfolios.rules import dsn
from portfolios.rules.dsn import Declaration, DsnRefused, Envoi, raw_lines, read_dsn, read_file, text_lines
from tests.portfolios.dsn import CLIENT, POST, SENDER, declaration, encoded, rubriques

NOT_REPEATED = "(valeur non reprise)"


def read(content: bytes) -> Envoi:
    return read_dsn(text_lines(raw_lines(io.BytesIO(content))))


def one(*lines: list[str], **header: str) -> Declaration:
    """Return the only declaration of a file."""
    [found] = read(encoded(rubriques([*lines], **header))).declarations
    return found


def reasons(found: Declaration) -> list[str]:
    return [remark.text for remark in found.refusals]


def test_a_monthly_declaration_is_read_with_its_month_its_siret_and_its_rate() -> None:
    envoi = read(encoded(rubriques([declaration()])))
    assert (envoi.test, envoi.nil, envoi.norm, envoi.sender, envoi.warnings) == (False, False, "P26V01", SENDER, [])
    [found] = envoi.declarations
    assert (found.nature, found.type, found.fraction, found.month) == ("01", "01", "11", dt.date(2026, 12, 1))
    assert (found.sirets, found.counts, found.line) == ([CLIENT], True, 7)
    [rate] = found.rates.values()
    assert (rate.code, rate.rate, rate.support) == ("45.2BE", Decimal("7.39"), False)


@pytest.mark.parametrize("nature", ["04", "05", "07", "08"])
def test_an_event_has_no_month(nature: str) -> None:
    found = one(declaration(nature=nature, month=""))
    assert (found.month, found.counts) == (None, True)
    refused = one(declaration(nature=nature))
    assert reasons(refused) == ["Un mois est déclaré (S20.G00.05.005) pour un événement, qui n'en a pas."]


@pytest.mark.parametrize("nature", ["01", "09"])
def test_a_month_is_obligatory_for_what_declares_one(nature: str) -> None:
    assert reasons(one(declaration(nature=nature, month=""))) == ["Le mois déclaré (S20.G00.05.005) manque."]


@pytest.mark.parametrize("month", ["01132026", "02122026", "122026", "01121999", "²1122026", "011220260", "0112202600"])
def test_a_month_that_is_none_is_refused(month: str) -> None:
    [wrong, missing] = one(declaration(month=month)).refusals
    said = f"« {month} »" if len(month) < 10 else NOT_REPEATED
    assert wrong == (11, f"Mois {said} : 01MMAAAA attendu.")
    assert missing == (7, "Le mois déclaré (S20.G00.05.005) manque.")


def test_several_establishments_are_several_declarations() -> None:
    envoi = read(encoded(rubriques([declaration(), declaration(POST)])))
    assert [found.sirets for found in envoi.declarations] == [[CLIENT], [POST]]


def test_two_establishments_in_one_declaration_are_paired_and_warned_of() -> None:
    lines = declaration()
    again = [*lines, "S21.G00.06.001,'356000000'", "S21.G00.11.001,'09075'", "S21.G00.11.001,'09075'"]
    envoi = read(encoded(rubriques([again])))
    assert envoi.declarations[0].sirets == [CLIENT, POST]
    told = "Plusieurs établissements dans une déclaration : un bloc S20 pour chacun est attendu."
    assert envoi.warnings == [(24, told)]


def test_blocks_come_in_any_order() -> None:
    lines = declaration()
    shuffled = [*lines[:6], *lines[10:], *lines[6:10]]
    assert one(shuffled).sirets == [CLIENT]


def test_nothing_is_a_declaration_without_individuals() -> None:
    envoi = read(encoded(rubriques([declaration(kind="02", rates=())], nil="02")))
    assert (envoi.nil, envoi.declarations[0].counts, envoi.declarations[0].rates) == (True, True, {})


@pytest.mark.parametrize(("kind", "counts"), [("01", True), ("02", True), ("03", True), ("04", False), ("05", True)])
def test_a_mere_cancellation_does_not_count(kind: str, counts: bool) -> None:
    assert one(declaration(kind=kind)).counts is counts


def test_what_the_body_made_itself_never_counts() -> None:
    assert not one(declaration(nature="09")).counts


def test_a_test_says_so() -> None:
    assert read(encoded(rubriques([declaration()], test="01"))).test


def test_pasrau_is_no_dsn() -> None:
    refused = one(declaration(nature="21"))
    assert (reasons(refused), refused.counts) == (["Une déclaration PASRAU n'est pas une DSN."], False)


UNREADABLE = "Ligne illisible, une rubrique s'écrit S21.G00.06.001,'valeur'."


def with_line(place: int, line: str) -> list[str]:
    """Return a declaration with another line in one place."""
    return [*declaration()[:place], line, *declaration()[place + 1 :]]


@pytest.mark.parametrize(
    ("lines", "place", "reason"),
    [
        (declaration(nature="99"), 0, "Nature « 99 » inconnue."),
        (declaration(nature="099"), 0, f"Nature {NOT_REPEATED} inconnue."),
        (declaration(nature="21"), 0, "Une déclaration PASRAU n'est pas une DSN."),
        (declaration(kind="07"), 1, "Type « 07 » inconnu."),
        (declaration(kind="007"), 1, f"Type {NOT_REPEATED} inconnu."),
        (declaration(fraction="1"), 2, "Fraction « 1 » : deux chiffres de 1 à 9 attendus."),
        (declaration(fraction="111"), 2, f"Fraction {NOT_REPEATED} : deux chiffres de 1 à 9 attendus."),
        (
            declaration("73282932000075"),
            8,
            "« 73282932000075 » : la clé de ce SIRET est fausse, vérifiez les chiffres.",
        ),
        (declaration("73282932100074"), 6, "« 732829321 » : la clé de ce SIREN est fausse, vérifiez les chiffres."),
        (with_line(6, "S21.G00.06.001,'7328293'"), 6, "La rubrique S21.G00.06.001 attend un SIREN de 9 chiffres."),
        (with_line(8, "S21.G00.11.001,'074'"), 8, "La rubrique S21.G00.11.001 attend un NIC de 5 chiffres."),
        (
            with_line(6, f"S21.G00.06.001,'{CLIENT}'"),
            6,
            "La rubrique S21.G00.06.001 porte un SIRET de 14 chiffres, un SIREN en a 9.",
        ),
        (
            with_line(6, "S21.G00.11.001,'00074'"),
            6,
            "L'établissement (S21.G00.11.001) précède son entreprise (S21.G00.06.001).",
        ),
        (declaration(rates=[("200", "45.2BE", "7.39")]), 14, "Code risque « 45.2BE » : il s'écrit comme 452BE."),
        (declaration(rates=[("200", "45.2BEX", "7.39")]), 14, "Code risque « 45.2BEX » : il s'écrit comme 452BE."),
        (
            declaration(rates=[("200", "45.2BEXX", "7.39")]),
            14,
            f"Code risque {NOT_REPEATED} : il s'écrit comme 452BE.",
        ),
        (
            declaration(rates=[("200", "452BE", "")]),
            14,
            "Le taux AT (S21.G00.40.043) manque avec le code risque 452BE.",
        ),
        (declaration(rates=[("200", "452BE", "7,39")]), 15, "Taux AT « 7,39 » : il s'écrit comme 2.10."),
        (declaration(rates=[("200", "452BE", "7.39000")]), 15, "Taux AT « 7.39000 » : il s'écrit comme 2.10."),
        (declaration(rates=[("200", "452BE", "7.390000")]), 15, f"Taux AT {NOT_REPEATED} : il s'écrit comme 2.10."),
        (
            [line for line in declaration() if ".05.002" not in line],
            0,
            "Le type de déclaration (S20.G00.05.002) manque.",
        ),
        (declaration(month=""), 0, "Le mois déclaré (S20.G00.05.005) manque."),
        (
            declaration(nature="04"),
            0,
            "Un mois est déclaré (S20.G00.05.005) pour un événement, qui n'en a pas.",
        ),
        (
            [line for line in declaration() if not line.startswith(("S21.G00.06.", "S21.G00.11."))],
            0,
            "L'établissement (S21.G00.06.001 et S21.G00.11.001) manque.",
        ),
        ([*declaration(), "S21.G00.30.002,''"], 16, "Rubrique S21.G00.30.002 vide."),
        ([*declaration(), "S21.G00.30.002,' '"], 16, "Rubrique S21.G00.30.002 vide."),
        ([*declaration(), "S21.G00.30.002,Dupont"], 16, UNREADABLE),
        ([*declaration(), "n'importe quoi"], 16, UNREADABLE),
        ([*declaration(), "S21.G00.30.002,'x' "], 16, UNREADABLE),
        ([*declaration(), "S21.G00.30.002,'x'X"], 16, UNREADABLE),
        ([*declaration(), f"S21.G00.30.002,'{'x' * 240}'"], 16, "Ligne de plus de 256 caractères."),
        # Four bytes a character are still a line of text.
        ([*declaration(), "x" * 1023], 16, "Ligne de plus de 256 caractères."),
    ],
)
def test_a_bad_declaration_says_why_and_where_and_the_good_one_is_kept(
    lines: list[str], place: int, reason: str
) -> None:
    content = encoded(rubriques([lines, declaration(POST)]))
    bad, good = read(content).declarations
    told = [(remark.line - bad.line, remark.text) for remark in bad.refusals]
    assert (told, bad.counts, good.counts) == ([(place, reason)], False, True)
    assert outcome(lambda: read_file(io.BytesIO(content))) == outcome(lambda: read(content))


def test_a_line_of_256_characters_is_read() -> None:
    lines = [*declaration(), f"S21.G00.30.002,'{'x' * 239}'"]
    assert (len(lines[-1]), one(lines).counts) == (256, True)


def test_values_are_read_without_the_spaces_around_them() -> None:
    lines = [line.replace(",'", ",' ", 1)[:-1] + " '" for line in rubriques([declaration()])]
    assert read(encoded(lines)) == read(encoded(rubriques([declaration()])))


@pytest.mark.parametrize(
    ("contract", "kept"),
    [
        (("200", "452BE", "7.39"), [("45.2BE", Decimal("7.39"), False)]),
        (("200", "452BEB", "1.20"), [("45.2BE", Decimal("1.20"), True)]),
        (("200", "0000B", "0.70"), [("00.00B", Decimal("0.70"), False)]),
        (("200", "999ZZ", ""), [("999ZZ", None, False)]),
        (("300", "452BE", "7.39"), []),
        (("", "452BE", "7.39"), []),
    ],
)
def test_codes_and_rates_of_the_general_regime_are_kept(
    contract: tuple[str, str, str], kept: list[tuple[str, Decimal | None, bool]]
) -> None:
    """The suffix B is the support functions'; 999ZZ is not notified yet; 300 is the agricultural regime."""
    assert list(one(declaration(rates=[contract])).rates) == kept


def test_a_rate_that_comes_again_is_kept_once() -> None:
    found = one(declaration(rates=[("200", "452BE", "7.39")] * 500 + [("200", "553AC", "1.78")]))
    assert [rate.code for rate in found.rates.values()] == ["45.2BE", "55.3AC"]


@pytest.mark.parametrize(
    ("encoding", "end"),
    [("latin-1", "\n"), ("latin-1", "\r\n"), ("cp1252", "\n"), ("utf-8", "\n"), ("utf-8-sig", "\r\n")],
)
def test_every_encoding_of_the_wild_is_read(encoding: str, end: str) -> None:
    content = encoded(rubriques([declaration()]), encoding, end)
    assert read(content).declarations[0].counts


def test_a_last_line_without_end_is_a_line() -> None:
    assert read(encoded(rubriques([declaration()])).rstrip(b"\n")).warnings == []


@pytest.mark.parametrize(("number", "what"), [(1, "rubriques"), (2, "déclarations")])
@pytest.mark.parametrize("said", ["7", "abc", "999999999", "9999999999", "9" * 40, "0000000000240", "٣"])
def test_wrong_totals_are_warned_of(number: int, what: str, said: str) -> None:
    lines = rubriques([declaration()])
    lines[number - 3] = f"S90.G00.90.00{number},'{said}'"
    repeated = f"« {said} »" if len(said) < 10 and said.isdigit() else NOT_REPEATED
    told = f"Le bloc S90 annonce {repeated} {what}, le fichier en a {24 if number == 1 else 1}."
    assert read(encoded(lines, "utf-8")).warnings == [(22 + number, told)]


def test_totals_that_are_not_said_are_warned_of_at_the_end() -> None:
    assert read(encoded([*rubriques([declaration()])[:-2], "S90.G00.90.003,'1'"])).warnings == [
        (23, "Le bloc S90 annonce rien rubriques, le fichier en a 23."),
        (23, "Le bloc S90 annonce rien déclarations, le fichier en a 1."),
    ]


BEGINS_WRONG = "Ce fichier n'est pas une DSN : il ne commence pas par le bloc S10."
NO_TEXT = "Ce fichier n'est pas un texte dont l'encodage se lise (ISO-8859-1 ou UTF-8)."


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", None, "Ce fichier est vide."),
        (b"\n\n", None, "Ce fichier est vide."),
        (b"nom;prenom\nx;y\n", 1, BEGINS_WRONG),
        (encoded(["", *declaration()]), 2, BEGINS_WRONG),
        (b"PK\x03\x04" + b"\0" * 50, 1, NO_TEXT),
        ("S10.G00.00.005,'02'\n".encode("utf-16"), 1, NO_TEXT),
        (b"x" * 5000, 1, "Ligne de plus de 256 caractères : ce fichier n'est pas une DSN."),
        (
            encoded([*rubriques([])[:-2], "x" * 1024]),
            7,
            "Ligne de plus de 256 caractères : ce fichier n'est pas une DSN.",
        ),
        (encoded(rubriques([declaration()])[:-2]), 22, "Ce fichier est tronqué : le bloc S90 manque."),
        (encoded(rubriques([])), None, "Ce fichier ne contient aucune déclaration (bloc S20)."),
        (
            encoded(rubriques([declaration()]) * 2),
            25,
            "Des rubriques suivent le bloc S90 : un fichier contient un seul envoi.",
        ),
        (
            encoded([*rubriques([declaration()])[:-2], *rubriques([declaration()])]),
            23,
            "Un deuxième bloc S10 : un fichier contient un seul envoi.",
        ),
        (encoded(rubriques([declaration()], test="03")), 2, "Code envoi « 03 » : 01 (test) ou 02 (réel) attendu."),
        (
            encoded(rubriques([declaration()], test="003")),
            2,
            f"Code envoi {NOT_REPEATED} : 01 (test) ou 02 (réel) attendu.",
        ),
        (encoded(rubriques([declaration()], test="")), 2, "Rubrique S10.G00.00.005 vide."),
        (
            encoded(rubriques([declaration()[1:]])),
            7,
            "La rubrique S20.G00.05.002 précède toute déclaration (bloc S20).",
        ),
    ],
)
def test_what_is_no_dsn_is_refused_whole(content: bytes, line: int | None, reason: str) -> None:
    for read_it in (read, lambda found: read_file(io.BytesIO(found))):
        with pytest.raises(DsnRefused) as refusal:
            read_it(content)
        assert (refusal.value.line, str(refusal.value)) == (line, reason)


def test_an_unknown_sender_is_a_warning() -> None:
    lines = [line.replace(SENDER[9:], "99999") for line in rubriques([declaration()])]
    envoi = read(encoded(lines))
    assert (envoi.sender, envoi.warnings) == ("", [(1, "L'émetteur (S10.G00.01) n'est pas un SIRET valide.")])


@pytest.mark.parametrize("part", ["S10.G00.01.001", "S10.G00.01.002"])
def test_half_a_sender_is_none(part: str) -> None:
    envoi = read(encoded([line for line in rubriques([declaration()]) if not line.startswith(part)]))
    assert (envoi.sender, envoi.warnings[-1].line) == ("", 1)


def test_an_enterprise_is_not_the_one_of_the_declaration_before() -> None:
    lines = [line for line in declaration() if not line.startswith("S21.G00.06.001")]
    _first, found = read(encoded(rubriques([declaration(), lines]))).declarations
    assert reasons(found) == ["L'établissement (S21.G00.11.001) précède son entreprise (S21.G00.06.001)."]


def test_spaces_in_a_siren_do_not_matter() -> None:
    assert one(with_line(6, "S21.G00.06.001,'732 829 320'")).sirets == [CLIENT]


def test_a_norm_is_six_characters_and_a_fraction_two() -> None:
    lines = [line.replace("P26V01", "P26V01X") for line in rubriques([declaration(fraction="123")])]
    envoi = read(encoded(lines))
    assert (envoi.norm, envoi.declarations[0].fraction) == ("P26V01", "12")


def test_a_mark_of_order_begins_a_file_and_no_other_line() -> None:
    content = encoded(rubriques([[*declaration(), "\ufeffS21.G00.30.002,'x'"]]), "utf-8")
    assert reasons(read(content).declarations[0]) == [UNREADABLE]


def test_what_is_not_utf_8_is_read_as_windows_writes_it() -> None:
    content = encoded(rubriques([declaration(fraction="1€")]), "cp1252")
    assert reasons(read(content).declarations[0]) == ["Fraction « 1€ » : deux chiffres de 1 à 9 attendus."]


def test_what_no_encoding_has_is_read_as_latin_1() -> None:
    """The byte 81 is nothing in cp1252."""
    content = encoded(rubriques([[*declaration(), "S21.G00.30.002,'é\x81'"]]))
    assert read(content).declarations[0].counts


def test_rates_are_where_their_code_is() -> None:
    contracts = [("200", "452BE", "7.39"), ("200", "999ZZ", ""), ("200", "452BE", "7.39")]
    assert [(rate.code, rate.line) for rate in one(declaration(rates=contracts)).rates.values()] == [
        ("45.2BE", 21),
        ("999ZZ", 27),
    ]


def test_a_contract_without_its_first_rubrique_begins_where_one_comes_again() -> None:
    again = ["S21.G00.40.039,'200'", "S21.G00.40.040,'553AC'", "S21.G00.40.043,'1.78'"]
    found = one([*declaration(), *again])
    assert [(rate.code, rate.rate) for rate in found.rates.values()] == [
        ("45.2BE", Decimal("7.39")),
        ("55.3AC", Decimal("1.78")),
    ]


def long_file(individuals: int) -> Iterator[bytes]:
    """Yield the lines of a file of one declaration, without ever holding it."""
    head = rubriques([declaration(rates=())])
    yield from (f"{line}\n".encode("latin-1") for line in head[:-2])
    contract = declaration()[10:]
    for _individual in range(individuals):
        yield from (f"{line}\n".encode("latin-1") for line in contract)
    yield from (f"{line}\n".encode("latin-1") for line in head[-2:])


def peak(individuals: int) -> int:
    tracemalloc.start()
    envoi = read_dsn(text_lines(long_file(individuals)))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert envoi.declarations[0].counts
    return most


def test_two_hundred_thousand_lines_are_read_in_constant_memory() -> None:
    assert peak(33_400) < 2 * peak(100)


# What a mangled file is made of: pieces of a right one, and noise.
_LINES = st.lists(
    st.one_of(
        st.sampled_from(rubriques([declaration(), declaration(POST, nature="04", month="")])),
        st.text(max_size=40),
        st.from_regex(r"S(10|20|21|90)\.G00\.(00|05|06|11|40|90)\.0[0-4][0-9],'[^\n]{0,20}'", fullmatch=True),
    ),
    max_size=40,
)


@given(_LINES)
def test_nothing_but_a_clear_refusal_ever_comes_out_of_lines(lines: list[str]) -> None:
    try:
        read(encoded(lines, "utf-8", "\n"))
    except DsnRefused as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017 - either an answer or this


@given(st.binary(max_size=400))
@example(b"\xef\xbb\xbf")
def test_nothing_but_a_clear_refusal_ever_comes_out_of_bytes(content: bytes) -> None:
    try:
        read(content)
    except DsnRefused as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017 - either an answer or this


@given(st.randoms(use_true_random=False))
def test_a_right_file_mutated_byte_by_byte_is_read_or_refused(chance: random.Random) -> None:
    content = bytearray(encoded(rubriques([declaration(), declaration(POST)])))
    for _mutation in range(chance.randint(1, 12)):
        position = chance.randrange(len(content))
        content[position : position + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
    try:
        read(bytes(content))
    except DsnRefused as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017 - either an answer or this


def test_personal_data_is_not_kept() -> None:
    """Held beside what is: the NIR and the name of the individual are in the file."""
    lines = rubriques([declaration()])
    assert any("2690549588157" in line for line in lines)
    assert "2690549588157" not in repr(read(encoded(lines)))
    assert "ORVAL" not in repr(read(encoded(lines)))


# A NIR with its key, without, and a name.
PERSONAL = ["269054958815780", "2690549588157", "2 69 05 49 588 157", "ORVAL"]


@pytest.mark.parametrize("personal", PERSONAL)
@pytest.mark.parametrize("place", range(len(rubriques([declaration()]))))
def test_what_slipped_into_another_rubrique_is_not_repeated(place: int, personal: str) -> None:
    """A column that slips puts a NIR or a name where a SIREN, a code or a total belongs; remarks are kept."""
    lines = rubriques([declaration()])
    lines[place] = f"{lines[place][:14]},'{personal}'"
    try:
        envoi = read(encoded(lines))
    except DsnRefused as refusal:
        told = str(refusal)
    else:
        told = repr([envoi.warnings, [found.refusals for found in envoi.declarations]])
    assert personal[:8] not in told


def outcome(read_it: Callable[[], Envoi]) -> object:
    """Return everything read, or the refusal and its line."""
    try:
        return read_it()
    except DsnRefused as refusal:
        return str(refusal), refusal.line


ODD = [
    "S21.G00.06.001,'73282932'", "S21.G00.40.040,'x'", "S21.G00.30.001,' '", "S21.G00.30.001,'\u00a0'", "n'importe",
    "S21.G00.30.001,'é'", "S20.G00.05.001,'01'", "S90.G00.90.001,'3'", "S21.G00.40.001,'x", "S10.G00.00.005,'01'",
    "", " ", "S21.G00.85.001,'a'", "S21.G00.40.043,'2.1'", f"S21.G00.30.001,'{'x' * 240}'", "\r",
    "S21.G00.40.039,'300'", "\0", "x" * 1100,
]  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(ODD)), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["latin-1", "utf-8", "utf-8-sig"]),
    st.sampled_from([7, 100, 1 << 16]),
)
def test_a_block_at_a_time_reads_what_line_by_line_reads(
    changes: list[tuple[int, str]], end: str, encoding: str, block: int
) -> None:
    """The quick way is held to the plain one, refusals and their lines included, wherever its blocks end."""
    contracts = [("200", "452BE", "7.39"), ("200", "452BE", "7.39"), ("300", "x", ""), ("200", "452BEB", "1.20")] * 5
    lines = rubriques([declaration(rates=contracts), declaration(rates=contracts[:2], siret=POST)])
    for place, odd in changes:
        lines.insert(place % (len(lines) + 1), odd)
    content = encoded(lines, encoding, end)
    with mock.patch.object(dsn, "_BLOCK", block):
        quick = outcome(lambda: read_file(io.BytesIO(content)))
    assert quick == outcome(lambda: read(content))


def test_nine_lines_of_ten_are_let_go_unread() -> None:
    """A contract that was read, or is of another regime, is passed as a whole."""
    contracts = [("200", "452BE", "7.39"), ("300", "452BE", "7.39")] * 250
    lines = rubriques([declaration(rates=contracts)])
    with (
        mock.patch.object(dsn, "_line", wraps=dsn._line) as read_alone,
        mock.patch.object(dsn._Reader, "_contract_line", autospec=True, side_effect=dsn._Reader._contract_line) as kept,
    ):
        envoi = read_file(io.BytesIO(encoded(lines)))
    assert (envoi.rubriques, envoi.warnings) == (len(lines), [])
    assert (read_alone.call_count, kept.call_count) == (16, 4)


@pytest.mark.parametrize("read_it", [read_file, lambda file: read_dsn(text_lines(raw_lines(file)))])
def test_no_more_than_a_block_and_a_line_is_asked_for_at_once(read_it: Callable[[BinaryIO], Envoi]) -> None:
    """The longest line: 256 characters of four bytes, and its end."""
    file = mock.Mock(wraps=io.BytesIO(encoded(rubriques([declaration()]))))
    assert read_it(file).declarations[0].counts
    asked = {call.args for call in [*file.read.call_args_list, *file.readline.call_args_list]}
    assert asked <= {(dsn._BLOCK,), (4 * 256 + 2,)}


def test_the_same_contract_in_two_declarations_is_kept_in_each() -> None:
    envoi = read(encoded(rubriques([declaration(), declaration(siret=POST)])))
    assert [len(found.rates) for found in envoi.declarations] == [1, 1]


@pytest.mark.parametrize("blank", [0, 1, 12, 20])
def test_a_file_cut_anywhere_stops_at_the_same_line(blank: int) -> None:
    contracts = [("200", "452BE", "7.39")] * 3 + [("300", "452BE", "1.10")] * 2 + [("200", "452BE", "")] * 2
    lines = rubriques([declaration(rates=contracts), declaration(rates=contracts)])
    lines.insert(blank, "")
    cut = [encoded(lines[:length]) for length in range(len(lines))]
    quick = [outcome(partial(read_file, io.BytesIO(content))) for content in cut]
    assert quick == [outcome(partial(read, content)) for content in cut]
