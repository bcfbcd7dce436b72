"""Keys of SIREN and SIRET, and the login key (domain.md, section 5; trust.md, Identity)."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

from accounts import rules

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
LATIN = st.text(st.characters(max_codepoint=0x24F), max_size=40)


@pytest.mark.parametrize("siret", ["73282932000074", "20003452800014", "35600000009075", "35600000000048"])
def test_a_right_siret_is_taken(siret: str) -> None:
    assert rules.clean_siret(f" {siret[:3]} {siret[3:9]}\xa0{siret[9:]}\u202f") == siret


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("20003452800041", "« 20003452800041 » : la clé de ce SIRET est fausse, vérifiez les chiffres."),
        ("3560000000907", "« 3560000000907 » : un SIRET a 14 chiffres, celui-ci en a 13."),
        ("8,19129E+13", "« 8,19129E+13 » : SIRET abîmé par un tableur (notation scientifique)."),
        ("7328293200007A", "« 7328293200007A » : un SIRET ne contient que des chiffres."),
        ("٧٣٢٨٢٩٣٢٠٠٠٠٧٤", "« ٧٣٢٨٢٩٣٢٠٠٠٠٧٤ » : un SIRET ne contient que des chiffres."),
        ("  ", "SIRET absent."),
        # A right SIREN is no SIRET, nor is what goes on after one.
        ("732829320", "« 732829320 » : un SIRET a 14 chiffres, celui-ci en a 9."),
        ("732 829 320", "« 732829320 » : un SIRET a 14 chiffres, celui-ci en a 9."),
        ("732829320000740", "« 732829320000740 » : un SIRET a 14 chiffres, celui-ci en a 15."),
        (
            "552013500012",
            "« 552013500012 » : SIRET abîmé par un tableur (zéros de tête perdus), sans doute 00552013500012.",
        ),
        (
            "73282900000000",
            "« 73282900000000 » : SIRET abîmé par un tableur (derniers chiffres remplacés par des zéros).",
        ),
        ("7" * 45, f"« {'7' * 40} » : un SIRET a 14 chiffres, celui-ci en a 45."),
        ("x" * 45, f"« {'x' * 40} » : un SIRET ne contient que des chiffres."),
    ],
)
def test_a_wrong_siret_is_named(text: str, sentence: str) -> None:
    with pytest.raises(rules.IdentifierError) as refused:
        rules.clean_siret(text)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "SIREN absent."),
        ("732829321", "« 732829321 » : la clé de ce SIREN est fausse, vérifiez les chiffres."),
        ("73282932000074", "« 73282932000074 » : un SIREN a 9 chiffres, celui-ci en a 14."),
        ("5520135", "« 5520135 » : SIREN abîmé par un tableur (zéros de tête perdus), sans doute 005520135."),
    ],
)
def test_a_wrong_siren_is_named(text: str, sentence: str) -> None:
    with pytest.raises(rules.IdentifierError) as refused:
        rules.clean_siren(text)
    assert str(refused.value) == sentence


def test_the_library_is_not_asked_about_a_right_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes ten times as long, and files have millions of keys."""
    monkeypatch.setattr(stdnum_siren, "validate", None)
    monkeypatch.setattr(stdnum_siret, "validate", None)
    found = [rules.clean_siren("732829320"), rules.clean_siret("73282932000074"), rules.clean_siret("005520135 00012")]
    assert found == ["732829320", "73282932000074", "00552013500012"]


@given(st.from_regex(r"(356000000|[0-9]{9})[0-9]{5}", fullmatch=True))
def test_a_siret_is_right_when_the_library_says_so(siret: str) -> None:
    """The quick way for millions of lines agrees with stdnum, La Poste included."""
    try:
        taken = rules.clean_siret(siret) == siret
    except rules.IdentifierError:
        taken = False
    assert taken is stdnum_siret.is_valid(siret)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_a_siren_is_right_when_the_library_says_so(siren: str) -> None:
    try:
        taken = rules.clean_siren(siren) == siren
    except rules.IdentifierError:
        taken = False
    assert taken is stdnum_siren.is_valid(siren)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Lœtitia", "loetitia"),
        ("D'Été-Ly", "d ete ly"),
        ("D’ÉTÉ LY", "d ete ly"),
        ("  Le   Goff ", "le goff"),
        ("Ægir Łukasz Strauß", "aegir lukasz strauss"),
        ("İnès", "ines"),
        ("Ǿrsted", "orsted"),
        ("Yıldız", "yildiz"),
        ("dʼArc", "d arc"),
    ],
)
def test_a_name_is_folded(written: str, folded: str) -> None:
    assert rules.normalise_name(written) == folded


@given(NAMES)
@example("™")
@example("Ǽ")
def test_folding_twice_changes_nothing(name: str) -> None:
    once = rules.normalise_name(name)
    assert rules.normalise_name(once) == once


@given(NAMES)
@example("ı")
@example("ᾳ")
def test_case_does_not_matter(name: str) -> None:
    assert rules.normalise_name(name.upper()) == rules.normalise_name(name.lower()) == rules.normalise_name(name)


@given(LATIN)
@example("ǿ")
def test_an_accent_counts_for_nothing_however_it_is_typed(name: str) -> None:
    """Some keyboards send « é », others « e » and an accent."""
    apart = unicodedata.normalize("NFD", name)
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    assert rules.normalise_name(bare) == rules.normalise_name(apart) == rules.normalise_name(name)


@given(NAMES, NAMES)
def test_a_name_cannot_forge_another_persons_key(last_name: str, first_name: str) -> None:
    """The bar separates the parts and never comes out of a name."""
    assert rules.login_key("73282932000074", last_name, first_name).count("|") == 2


def test_a_homonym_is_part_of_the_key() -> None:
    assert rules.login_key("732 829 320 00074", "Le Goff", "Anaïs", "Junior") == "73282932000074|le goff|anais|junior"


@pytest.mark.parametrize(("key", "siren"), [("73282932000074|le goff|anais|junior", "732829320"), ("formateur", "")])
def test_a_login_key_holds_a_siren_unless_it_is_of_the_staff(key: str, siren: str) -> None:
    assert rules.login_siren(key) == siren


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_a_subscriber_is_one_source(address: str, source: str) -> None:
    assert rules.login_source(address) == source


@pytest.mark.parametrize(
    ("written", "code"),
    [("45.2BE", "45.2BE"), ("452be", "45.2BE"), (" 00.00\xa0A", "00.00A"), ("0000B", "00.00B")],
)
def test_a_code_risque_is_spelled_as_published(written: str, code: str) -> None:
    assert rules.clean_code_risque(written) == code


@pytest.mark.parametrize("written", ["", " . ", "45", "45.2B", "45.2BEX", "AB.CDE", "4" * 45])
def test_what_is_no_code_risque_is_refused(written: str) -> None:
    with pytest.raises(rules.IdentifierError) as refused:
        rules.clean_code_risque(written)
    named = f"« {written[:40]} » n'est pas un code risque : il s'écrit comme 45.2BE."
    assert str(refused.value) == (named if written.strip(" .") else "Code risque absent.")


@pytest.mark.parametrize(("postcode", "there"), [("67000", True), ("57100", True), ("68200", True), ("29200", False)])
def test_alsace_moselle_is_known_by_its_postcodes(postcode: str, there: bool) -> None:
    assert rules.in_alsace_moselle(postcode) is there
