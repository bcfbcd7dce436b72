"""The password's rule and its gauge, as properties (G3.6, G3.7; trust.md, Identity)."""

import gzip
import math
import string
from importlib import resources

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.rules.passwords import (
    ACCENTED,
    SPECIAL,
    STRONG_BITS,
    is_common,
    password_bits,
    password_requirements,
    password_strength,
)
from tests.people import logged_in

ALLOWED = string.ascii_letters + string.digits + ACCENTED + ACCENTED.upper() + SPECIAL
LETTERS = string.ascii_letters + ACCENTED + ACCENTED.upper()
KNOWN = ("98282001100012", "D'Œuvre-Ly", "Anaïs")
passwords = st.text(st.sampled_from(ALLOWED + " €中"), max_size=26)


def kept(password: str, *, known: tuple[str, ...] = (), reinforced: bool = False) -> dict[str, bool]:
    return {one.key: one.kept for one in password_requirements(password, known=known, reinforced=reinforced)}


def strength(password: str) -> str:
    return password_strength(password, password_requirements(password, reinforced=False))


@given(passwords)
def test_each_rule_is_kept_exactly_when_the_guide_says_so(password: str) -> None:
    """G3.6: six letters, two digits, both cases, twenty characters at the most, from the list."""
    found = kept(password)
    assert {key: found[key] for key in ("letters", "digits", "lower", "upper", "longest", "allowed")} == {
        "letters": sum(c in LETTERS for c in password) >= 6,
        "digits": sum(c in string.digits for c in password) >= 2,
        "lower": any(c in string.ascii_lowercase + ACCENTED for c in password),
        "upper": any(c in string.ascii_uppercase + ACCENTED.upper() for c in password),
        "longest": len(password) <= 20,
        "allowed": all(c in ALLOWED for c in password),
    }


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("Zqbul42", ["letters"]),
        ("Zqbulok4", ["digits"]),
        ("ZQBULO42", ["lower"]),
        ("zqbulo42", ["upper"]),
        ("Zqbulo42" + "xkvwq" * 2 + "mnp", ["longest"]),
        ("Zqbulo42 ", ["allowed"]),
        ("Zqbulo42\u20ac", ["allowed"]),
        ("Zqbulo42", []),
        ("Zqbulo42" + "xkvwq" * 2 + "mn", []),
        ("éQbulo42", []),
    ],
)
def test_each_rule_can_be_the_only_one_missing(password: str, missing: list[str]) -> None:
    assert [key for key, held in kept(password).items() if not held] == missing


@pytest.mark.parametrize(
    ("reinforced", "form"),
    [
        (
            False,
            [
                "au moins 6 lettres",
                "au moins 2 chiffres",
                "une minuscule",
                "une majuscule",
                "20 caractères au plus",
                "seulement des caractères de la liste",
            ],
        ),
        (True, ["au moins 12 caractères", "128 caractères au plus"]),
    ],
)
def test_each_rule_is_said_in_french(reinforced: bool, form: list[str]) -> None:
    """G3.6."""
    said = [one.label for one in password_requirements("", reinforced=reinforced)]
    assert said == [*form, "ni votre nom, ni votre prénom, ni votre SIRET", "pas un mot de passe courant"]


@given(passwords)
def test_the_gauge_is_red_for_a_refused_password_and_green_from_fifty_bits(password: str) -> None:
    """G3.7."""
    good = all(kept(password).values())
    expected = "weak" if not good else "strong" if password_bits(password) >= STRONG_BITS else "medium"
    assert (STRONG_BITS, strength(password)) == (50, expected)


def test_the_weakest_password_of_the_guide_is_orange() -> None:
    """Six letters and two digits: 28 places × 52 ** 6 × 10 ** 2."""
    assert (int(password_bits("Zqbulo42") * 10), strength("Zqbulo42")) == (456, "medium")


def test_a_character_that_is_not_of_the_list_is_one_of_a_hundred() -> None:
    """The staff may type any."""
    assert password_bits("中") == pytest.approx(math.log2(100))


@given(st.permutations(list("Zqbulo42")))
def test_the_order_of_the_characters_changes_no_bit(mixed: list[str]) -> None:
    assert password_bits("".join(mixed)) == pytest.approx(password_bits("Zqbulo42"))


@given(st.text(st.sampled_from(ALLOWED), max_size=18), st.sampled_from(ALLOWED))
def test_one_more_character_is_never_weaker(password: str, more: str) -> None:
    assert password_bits(password + more) >= password_bits(password)


@given(st.sampled_from(["œuvre", "OEUVRE", "Anais", "anaïs", "ANAÏS", "98282001100012", "982820011"]), st.data())
def test_names_and_siret_are_refused_wherever_they_stand(part: str, data: st.DataObject) -> None:
    around = data.draw(st.tuples(*[st.text(st.sampled_from("kxZ4!"), max_size=4)] * 2))
    assert kept(around[0] + part + around[1], known=KNOWN)["own"] is False


@pytest.mark.parametrize(
    ("password", "known", "own"),
    [
        ("Lyzqbulo42", KNOWN, True),
        ("Zqlysbko42", ("Lys",), False),
        ("Zq-an.aïs42", KNOWN, False),
        # Nine figures of a SIRET are its SIREN; nine letters of a name are not the name.
        ("Vandenbro42", ("Vandenbroucken",), True),
    ],
)
def test_a_name_is_three_letters_or_more_whatever_stands_between(
    password: str, known: tuple[str, ...], own: bool
) -> None:
    assert kept(password, known=known)["own"] is own


def test_thousands_of_common_passwords_that_fit_the_rule_are_refused() -> None:
    """Not by their number of letters: all of them keep every other rule."""
    packed = resources.files("django.contrib.auth").joinpath("common-passwords.txt.gz").read_bytes()
    words = {"".join(c for c in word if c.isalpha()) for word in gzip.decompress(packed).decode().split()}
    dressed = {f"{word.capitalize()}12" for word in words if 6 <= len(word) <= 18 and word.isascii()}
    fitting = [word for word in dressed if all(held for key, held in kept(word).items() if key != "common")]
    refused = [word for word in fitting if is_common(word)]
    assert len(refused) >= 3_000
    assert len(refused) == len(fitting)


@pytest.mark.parametrize(
    "password",
    [
        "Motdepasse12",
        "M0tdepasse12",
        "M0t-de-passe12",
        "M0tde2passe12",
        "12Bonjour!",
        "Sécurité2027",
        "Azertyuiop1!2",
        "Aaaaaa11",
        "Abababab12",
        "Zqxzqxzq11",
    ],
)
def test_disguises_are_seen_through(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", ["Zqbulo42", "P4t1ssonXkq", "Zebulon42kx", "Zqxkzqxk11"])
def test_a_rare_word_is_not_common(password: str) -> None:
    assert not is_common(password)


@given(st.text(max_size=160))
def test_the_reinforced_mode_asks_for_length_alone(password: str) -> None:
    found = kept(password, reinforced=True)
    assert sorted(found) == ["common", "longest", "own", "shortest"]
    assert (found["shortest"], found["longest"]) == (len(password) >= 12, len(password) <= 128)


@pytest.mark.parametrize(("length", "missing"), [(11, ["shortest"]), (12, []), (128, []), (129, ["longest"])])
def test_the_reinforced_mode_begins_at_12_and_ends_at_128(length: int, missing: list[str]) -> None:
    found = kept(("zqbulokxvw" * 13)[:length], reinforced=True)
    assert [key for key, held in found.items() if not held] == missing


@given(st.text(max_size=60))
def test_nothing_typed_breaks_a_rule_in_the_code(password: str) -> None:
    assert {one.kept for one in password_requirements(password, known=KNOWN, reinforced=False)} <= {True, False}


@pytest.mark.parametrize(
    ("of", "password", "missing"),
    [
        ("administrator", "Zqbulo42", None),
        ("administrator", "legoff-Zq42", "ni votre nom"),
        ("administrator", "Zqbulo4", "au moins 2 chiffres"),
        ("staff", "Zqbulo42", "au moins 12 caractères"),
        ("staff", "un arbre bleu, deux nuages", None),
        ("staff", "motdepasse1234567", "pas un mot de passe courant"),
        (None, "Zqbulo42", "au moins 12 caractères"),
    ],
)
def test_staff_have_the_stricter_rule_and_people_the_guides(
    request: pytest.FixtureRequest, db: None, of: str | None, password: str, missing: str | None
) -> None:
    user = request.getfixturevalue(of) if of else None
    told = ""
    try:
        validate_password(password, user)
    except ValidationError as error:
        told = " ".join(error.messages)
    assert (missing or "") in told
    assert (told == "") == (missing is None)


def test_the_staffs_own_page_asks_the_rule(staff: User) -> None:
    client = logged_in(staff)
    staff.set_password("un arbre bleu, deux nuages")
    staff.save()
    client.force_login(staff)
    typed = {"old_password": "un arbre bleu, deux nuages", "new_password1": "Zqbulo42", "new_password2": "Zqbulo42"}
    answer = client.post(reverse("admin:password_change"), typed)
    assert "12 caractères" in answer.content.decode()
    assert list(answer.context["form"].errors) == ["new_password2"]
