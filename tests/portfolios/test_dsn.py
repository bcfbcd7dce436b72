"""DSN files, one per line of the norm's tables and rules (dsn.md)."""

import datetime as dt
import io
import random
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portfolios.rules import dsn
from portfolios.rules.dsn import Declaration, DsnRefused, Envoi, raw_lines, read_dsn, read_file, text_lines
from tests.portfolios.dsn import CLIENT, POST, SENDER, declaration, encoded, rubriques


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


@pytest.mark.parametrize("month", ["01132026", "02122026", "122026", "01121999", "²1122026"])
def test_a_month_that_is_none_is_refused(month: str) -> None:
    assert f"Mois « {month} » : 01MMAAAA attendu." in reasons(one(declaration(month=month)))


def test_several_establishments_are_several_declarations() -> None:
    envoi = read(encoded(rubriques([declaration(), declaration(POST)])))
    assert [found.sirets for found in envoi.declarations] == [[CLIENT], [POST]]


def test_two_establishments_in_one_declaration_are_paired_and_warned_of() -> None:
    lines = declaration()
    again = [*lines, "S21.G00.06.001,'356000000'", "S21.G00.11.001,'09075'", "S21.G00.11.001,'09075'"]
    envoi = read(encoded(rubriques([again])))
    assert envoi.declarations[0].sirets == [CLIENT, POST]
    [warning] = envoi.warnings
    assert warning.text.startswith("Plusieurs établissements dans une déclaration")


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


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (declaration(nature="99"), "Nature « 99 » inconnue."),
        (declaration(kind="07"), "Type « 07 » inconnu."),
        (declaration(fraction="1"), "Fraction « 1 » : deux chiffres de 1 à 9 attendus."),
        (declaration("73282932000075"), "« 73282932000075 » : la clé de ce SIRET est fausse, vérifiez les chiffres."),
        (declaration("73282932100074"), "« 732829321 » : la clé de ce SIREN est fausse, vérifiez les chiffres."),
        (declaration(rates=[("200", "45.2BE", "7.39")]), "Code risque « 45.2BE » : il s'écrit comme 452BE."),
        (declaration(rates=[("200", "452BE", "")]), "Le taux AT (S21.G00.40.043) manque avec le code risque 452BE."),
        (declaration(rates=[("200", "452BE", "7,39")]), "Taux AT « 7,39 » : il s'écrit comme 2.10."),
        ([*declaration(), "S21.G00.30.002,''"], "Rubrique S21.G00.30.002 vide."),
        ([*declaration(), "S21.G00.30.002,Dupont"], "Ligne illisible, une rubrique s'écrit S21.G00.06.001,'valeur'."),
        ([*declaration(), "n'importe quoi"], "Ligne illisible, une rubrique s'écrit S21.G00.06.001,'valeur'."),
        ([*declaration(), f"S21.G00.30.002,'{'x' * 300}'"], "Ligne de plus de 256 caractères."),
    ],
)
def test_a_bad_declaration_says_why_and_the_good_one_is_kept(lines: list[str], reason: str) -> None:
    bad, good = read(encoded(rubriques([lines, declaration(POST)]))).declarations
    assert (reasons(bad), bad.counts, good.counts) == ([reason], False, True)


def test_a_reason_names_its_line() -> None:
    [refusal] = one(declaration("73282932000075")).refusals
    assert encoded(rubriques([declaration("73282932000075")])).decode("latin-1").splitlines()[refusal.line - 1] == (
        "S21.G00.11.001,'00075'"
    )


def test_a_siret_in_the_place_of_a_siren_is_named() -> None:
    lines = [line.replace("S21.G00.06.001,'732829320'", f"S21.G00.06.001,'{CLIENT}'") for line in declaration()]
    assert reasons(one(lines)) == ["La rubrique S21.G00.06.001 porte un SIRET de 14 chiffres, un SIREN en a 9."]


def test_a_declaration_without_establishment_is_refused() -> None:
    lines = [line for line in declaration() if not line.startswith(("S21.G00.06.", "S21.G00.11."))]
    assert reasons(one(lines)) == ["L'établissement (S21.G00.06.001 et S21.G00.11.001) manque."]


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
@pytest.mark.parametrize("said", ["7", "abc", "9" * 40, "٣"])
def test_wrong_totals_are_warned_of(number: int, what: str, said: str) -> None:
    lines = rubriques([declaration()])
    lines[number - 3] = f"S90.G00.90.00{number},'{said}'"
    [warning] = read(encoded(lines, "utf-8")).warnings
    repeated = f"« {said} »" if len(said) < 10 and said.isdigit() else "(valeur non reprise)"
    assert warning.text.startswith(f"Le bloc S90 annonce {repeated} {what}, le fichier en a ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Ce fichier est vide."),
        (b"\n\n", "Ce fichier est vide."),
        (b"nom;prenom\nx;y\n", "Ce fichier n'est pas une DSN : il ne commence pas par le bloc S10."),
        (b"PK\x03\x04" + b"\0" * 50, "Ce fichier n'est pas un texte dont l'encodage se lise (ISO-8859-1 ou UTF-8)."),
        ("S10.G00.00.005,'02'\n".encode("utf-16"), "Ce fichier n'est pas un texte dont l'encodage se lise"),
        (b"x" * 5000, "Ligne de plus de 256 caractères : ce fichier n'est pas une DSN."),
        (encoded(rubriques([declaration()])[:-2]), "Ce fichier est tronqué : le bloc S90 manque."),
        (encoded(rubriques([])), "Ce fichier ne contient aucune déclaration (bloc S20)."),
        (encoded(rubriques([declaration()]) * 2), "Des rubriques suivent le bloc S90"),
        (encoded(rubriques([declaration()], test="03")), "Code envoi « 03 » : 01 (test) ou 02 (réel) attendu."),
        (encoded(rubriques([declaration()[1:]])), "La rubrique S20.G00.05.002 précède toute déclaration (bloc S20)."),
    ],
)
def test_what_is_no_dsn_is_refused_whole(content: bytes, reason: str) -> None:
    with pytest.raises(DsnRefused) as refusal:
        read(content)
    assert str(refusal.value).startswith(reason)


def test_an_unknown_sender_is_a_warning() -> None:
    lines = [line.replace(SENDER[9:], "99999") for line in rubriques([declaration()])]
    [warning] = read(encoded(lines)).warnings
    assert warning.text == "L'émetteur (S10.G00.01) n'est pas un SIRET valide."


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
