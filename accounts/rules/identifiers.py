"""Identifiers and keys."""

import ipaddress
import re
import unicodedata
from itertools import product

from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
# What up to four digits add to a key of Luhn: from the right, every second one doubled.
_KEYS = {
    digits: sum(_DOUBLED[int(d)] if at % 2 else int(d) for at, d in enumerate(reversed(digits)))
    for size in range(5)
    for digits in map("".join, product("0123456789", repeat=size))
}
LA_POSTE = "356000000"
LONGEST_LOGIN_KEY = 255
ALSACE_MOSELLE = ("57", "67", "68")
# What neither NFKD nor casefold takes apart; the last one is an apostrophe that counts as a letter.
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "ʼ": " "})
_SPREADSHEET = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)
# Three digits and two letters, or the four zeros and the letter of the support functions.
_CODE_RISQUE = re.compile(r"[0-9]{3}[A-Z]{2}|0000[A-Z]")


class IdentifierError(ValueError):
    """An identifier that cannot be one; its text is the sentence for the person who typed it."""


def clean_siret(text: str) -> str:
    """Return the 14 digits of a SIRET, spaces removed (domain.md, section 5: key of Luhn, La Poste's own).

    Raises IdentifierError with a sentence in French that names what is wrong.
    """
    return _clean(text, "SIRET", 14, stdnum_siret.validate)


def clean_siren(text: str) -> str:
    """Return the 9 digits of a SIREN, spaces removed (domain.md, section 5).

    Raises IdentifierError with a sentence in French that names what is wrong.
    """
    return _clean(text, "SIREN", 9, stdnum_siren.validate)


def _luhn_holds(text: str) -> bool:
    """Say yes to nearly every right key at a tenth of stdnum's time: files have millions of them."""
    try:
        return (_KEYS[text[:-12]] + _KEYS[text[-12:-8]] + _KEYS[text[-8:-4]] + _KEYS[text[-4:]]) % 10 == 0
    except KeyError:
        return False


def _clean(text: str, name: str, length: int, validate: object) -> str:
    if len(text) == length and _luhn_holds(text) and _luhn_holds(text[:9]) and text[:9] != LA_POSTE:
        return text
    compact = re.sub(r"\s", "", text)
    if not compact:
        raise IdentifierError(f"{name} absent.")
    if _SPREADSHEET.fullmatch(compact):
        raise IdentifierError(f"« {text.strip()} » : {name} abîmé par un tableur (notation scientifique).")
    if len(compact) == length and _luhn_holds(compact) and _luhn_holds(compact[:9]) and compact[:9] != LA_POSTE:
        return compact
    if not (compact.isascii() and compact.isdigit()):
        raise IdentifierError(f"« {text.strip()[:40]} » : un {name} ne contient que des chiffres.")
    try:
        validate(compact)  # type: ignore[operator]
    except InvalidLength:
        whole = compact.zfill(length)
        # Nine digits are a SIREN in the place of a SIRET: one time in ten, zeros before it would make a right key.
        if len(compact) < length and len(compact) != 9 and _luhn_holds(whole) and _luhn_holds(whole[:9]):
            raise IdentifierError(
                f"« {compact} » : {name} abîmé par un tableur (zéros de tête perdus), sans doute {whole}."
            ) from None
        raise IdentifierError(
            f"« {compact[:40]} » : un {name} a {length} chiffres, celui-ci en a {len(compact)}."
        ) from None
    except (InvalidChecksum, ValidationError):
        if length == 14 and compact.endswith("00000000"):
            raise IdentifierError(
                f"« {compact} » : {name} abîmé par un tableur (derniers chiffres remplacés par des zéros)."
            ) from None
        raise IdentifierError(f"« {compact} » : la clé de ce {name} est fausse, vérifiez les chiffres.") from None
    return compact


def normalise_name(name: str) -> str:
    """Fold a name for comparison: « Lœtitia D'Été-Ly » gives « loetitia d ete ly » (trust.md, Identity)."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    # NFKD brings capitals back: « ™ » gives « TM ».
    letters = "".join(c for c in apart if not unicodedata.combining(c)).casefold().translate(_LIGATURES)
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


def login_key(siret: str, last_name: str, first_name: str, homonym: str = "") -> str:
    """Return the key under which a person logs in: SIRET + nom + prénom (G3.2).

    homonym: what tells two people of the same name at one SIRET apart, chosen at sign-up.
    """
    parts = [re.sub(r"\s", "", siret), normalise_name(last_name), normalise_name(first_name)]
    if homonym := normalise_name(homonym):
        parts.append(homonym)
    return "|".join(parts)


def login_siren(key: str) -> str:
    """Return the SIREN in a login key; empty for the staff, who have none."""
    siret, bar, _names = key.partition("|")
    return siret[:9] if bar else ""


def login_source(address: str) -> str:
    """Return what counts as one source of log-ins: an IPv4 address, or the /64 of an IPv6 one (trust.md, Identity).

    One subscriber holds a whole /64: counted by address, he would have five tries from each of 2 ** 64.
    """
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), 64), strict=False))


def in_alsace_moselle(postcode: str) -> bool:
    """Say whether a postcode lies in Bas-Rhin, Haut-Rhin or Moselle (domain.md, section 4: its own rates)."""
    return postcode.startswith(ALSACE_MOSELLE)


def clean_code_risque(text: str) -> str:
    """Return a code risque as published: « 45.2BE », « 452be » give « 45.2BE » (domain.md, section 5).

    Raises IdentifierError with a sentence in French.
    """
    compact = re.sub(r"[\s.]", "", text).upper()
    if not compact:
        raise IdentifierError("Code risque absent.")
    if not _CODE_RISQUE.fullmatch(compact):
        raise IdentifierError(f"« {text.strip()[:40]} » n'est pas un code risque : il s'écrit comme 45.2BE.")
    return f"{compact[:2]}.{compact[2:]}"
