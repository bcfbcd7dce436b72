"""The password: the guide's rule, its strength, and what makes it easy to guess (G3.6, G3.7)."""

import gzip
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources

from accounts.rules.identifiers import normalise_name

ACCENTED = "àâäçéèêëîïôöùûüÿæœ"
SPECIAL = "!#$%&()*+,-./:;<=>?@[]^_{|}~'"
LONGEST = 20
REINFORCED_LONGEST = 128
REINFORCED_SHORTEST = 12
# Bits from which the gauge is green (trust.md, Identity); the weakest password of the guide's rule holds 45.6.
STRONG_BITS = 50
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# How large a set each kind of character is drawn from.
_CLASSES = {
    "lower": (_LETTERS, 26), "upper": (_LETTERS.upper(), 26), "digit": ("0123456789", 10),
    "accented": (ACCENTED + ACCENTED.upper(), 2 * len(ACCENTED)), "special": (SPECIAL, len(SPECIAL)),
}  # fmt: skip
_ALLOWED = "".join(members for members, _size in _CLASSES.values())
# What stands for a letter when somebody disguises a word.
_DISGUISES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s"})
# Words that French people put in passwords, beside Django's own list.
_FRENCH = """
    accident administrateur amoureux anniversaire antoine arthur atelier aurelie azerty azertyuiop bienvenue bisous
    bonjour bordeaux bretagne cabinet camille caroline cedric charlotte chocolat clement coucou cotisation declarant
    declaration doudou employeur entreprise famille florian france frederic grenoble guillaume isabelle jetaime julien
    laurent loulou lyonnais maison maladie marseille martine mathieu maxime melanie montpellier motdepasse nathalie
    nantes netentreprises nicolas olivier ordinateur pascale patrick paysage philippe pompier portail printemps
    professionnel qwerty rennes risque romain salaire salarie sandrine sebastien secretariat securite sebastien
    simulateur soleil stephane strasbourg tarification thomas toulouse travail urssaf vacances valerie vincent voiture
"""


@dataclass(frozen=True)
class Requirement:
    """One rule of the password, in French, and whether this password keeps it."""

    key: str
    label: str
    kept: bool


def password_requirements(password: str, *, known: tuple[str, ...] = (), reinforced: bool) -> list[Requirement]:
    """Return each rule and whether the password keeps it (G3.6; reinforced: the « renforcé » mode of trust.md).

    known: names and SIRET of the person, which the password may not hold.
    """
    held = Counter(_kind(character) for character in password)
    letters = held["lower"] + held["upper"] + held["accented"]
    if reinforced:
        form = [
            Requirement("shortest", f"au moins {REINFORCED_SHORTEST} caractères", len(password) >= REINFORCED_SHORTEST),
            Requirement("longest", f"{REINFORCED_LONGEST} caractères au plus", len(password) <= REINFORCED_LONGEST),
        ]
    else:
        form = [
            Requirement("letters", "au moins 6 lettres", letters >= 6),
            Requirement("digits", "au moins 2 chiffres", held["digit"] >= 2),
            Requirement("lower", "une minuscule", any(c.islower() and _kind(c) for c in password)),
            Requirement("upper", "une majuscule", any(c.isupper() and _kind(c) for c in password)),
            Requirement("longest", f"{LONGEST} caractères au plus", len(password) <= LONGEST),
            Requirement("allowed", "seulement des caractères de la liste", not held[""]),
        ]
    return [
        *form,
        Requirement("own", "ni votre nom, ni votre prénom, ni votre SIRET", not _holds(password, known)),
        Requirement("common", "pas un mot de passe courant", not is_common(password)),
    ]


def password_bits(password: str) -> float:
    """Return the logarithm to base 2 of how many passwords have this one's make-up.

    Six letters and two digits: 28 places for the digits × 52**6 × 10**2, 45.6 bits.
    """
    held = Counter({"lower": "letter", "upper": "letter"}.get(kind, kind) for kind in map(_kind, password))
    sizes = {"letter": 52, "": 100} | {kind: size for kind, (_members, size) in _CLASSES.items()}
    arrangements = math.lgamma(len(password) + 1) - sum(math.lgamma(count + 1) for count in held.values())
    return arrangements / math.log(2) + sum(count * math.log2(sizes[kind]) for kind, count in held.items())


def password_strength(password: str, requirements: list[Requirement]) -> str:
    """Return « weak », « medium » or « strong »: the gauge's red, orange and green (G3.7)."""
    if not all(requirement.kept for requirement in requirements):
        return "weak"
    return "strong" if password_bits(password) >= STRONG_BITS else "medium"


def is_common(password: str) -> bool:
    """Say whether this is a common word dressed up: capitals, accents, figures or signs around it, or disguised."""
    plain = "".join(normalise_name(password).split())
    # The figures around a word are thrown away before those inside it are read as letters.
    undisguised = "".join(normalise_name(re.sub(r"^\d+|\d+$", "", password).translate(_DISGUISES)).split())
    spellings = {re.sub(r"\d", "", plain), re.sub(r"\d", "", undisguised)}
    return not spellings.isdisjoint(_common_words()) or len(set(plain)) < 5


def _kind(character: str) -> str:
    return next((kind for kind, (members, _size) in _CLASSES.items() if character in members), "")


def _holds(password: str, known: tuple[str, ...]) -> bool:
    """Look for a name of three letters or more, or a SIRET, its SIREN or its NIC."""
    plain = "".join(normalise_name(password).split())
    parts = {part for text in known for part in normalise_name(text).split()}
    numbers = {part[:9] for part in parts if part.isdigit() and len(part) == 14}
    return any(part in plain for part in (parts | numbers) if len(part) >= 3)


@cache
def _common_words() -> frozenset[str]:
    """Return the common words of four letters or more, without figures: Django's list and French ones."""
    packed = resources.files("django.contrib.auth").joinpath("common-passwords.txt.gz").read_bytes()
    words = [*gzip.decompress(packed).decode().split(), *_FRENCH.split()]
    return frozenset(bare for word in words if len(bare := re.sub(r"[^a-z]", "", normalise_name(word))) >= 4)
