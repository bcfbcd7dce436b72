"""Made-up registers and campaigns of any size, with right keys, the same again from the same seed."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass

# Nobody has these SIRENs: 000 to 004, then 99. The demo's lie below the first; 003 and 004 are for copies of scenarios.
_FIRST, _LOW, _HIGH = 10_000, 300_000, 1_000_000
MOST_ENTERPRISES = _LOW - _FIRST + _HIGH
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_TRADES = ("Menuiserie", "Transports", "Garage", "Boulangerie", "Cabinet", "Atelier", "Pharmacie", "Maçonnerie", "Café")
_NAMES = (
    "Aubépine",
    "Belharra",
    "Cormoran",
    "Dentelière",
    "Estran",
    "Fougère",
    "Goéland",
    "Hêtraie",
    "Iroise",
    "Jusant",
)
_PLACES = (("29200", "BREST"), ("35000", "RENNES"), ("67000", "STRASBOURG"), ("69009", "LYON"), ("59000", "LILLE"))
REGISTER_HEADER = (
    "siret", "etablissementSiege", "denominationUniteLegale", "etatAdministratifEtablissement",
    "codePostalEtablissement", "libelleCommuneEtablissement", "codeRisque", "effectif2025",
)  # fmt: skip
RATES_HEADER = ("siret", "code_risque", "taux", "date_effet", "mode")


@dataclass(frozen=True)
class Place:
    """An establishment: its line of the register, and its rate in hundredths of a percent."""

    siret: str
    head_office: bool
    name: str
    postcode: str
    city: str
    code: str
    headcount: int
    rate: int

    def register_line(self) -> tuple[str, ...]:
        """Return the cells of REGISTER_HEADER."""
        yes_or_no = "true" if self.head_office else "false"
        return (self.siret, yes_or_no, self.name, "A", self.postcode, self.city, self.code, str(self.headcount))

    def rate_line(self, effective_on: dt.date) -> tuple[str, ...]:
        """Return the cells of RATES_HEADER; the mode follows from the headcount (domain.md, section 4)."""
        mode = "collectif" if self.headcount < 20 else "mixte" if self.headcount < 150 else "individuel"
        rate = f"{self.rate // 100},{self.rate % 100:02d}"
        return (self.siret, self.code, rate, f"{effective_on:%d/%m/%Y}", mode)


def places(count: int, codes: list[str], seed: int = 1) -> Iterator[Place]:
    """Yield that many establishments, enterprise by enterprise, head office first.

    Six enterprises of seven have one establishment, the others two to twelve. Raises ValueError beyond what the
    reserved SIRENs can hold.
    """
    chance = random.Random(seed)  # noqa: S311 - nothing is secret
    made = number = 0
    while made < count:
        if number >= MOST_ENTERPRISES:
            raise ValueError(f"{made} établissements au plus : les SIREN réservés sont épuisés.")
        siren, size = _siren(number), 1 if chance.random() < 6 / 7 else chance.randint(2, 12)
        headcount = int(chance.paretovariate(0.9))
        name = f"{chance.choice(_TRADES)} {chance.choice(_NAMES)} {number + 1}"
        code = chance.choice(codes)
        for nic in range(1, min(size, count - made) + 1):
            postcode, city = chance.choice(_PLACES)
            yield Place(
                siret=_keyed(f"{siren}{nic:04d}"), head_office=nic == 1, name=name, postcode=postcode, city=city,
                code=code, headcount=min(headcount, 50_000), rate=chance.randint(50, 999),
            )  # fmt: skip
            made += 1
        number += 1


def _siren(number: int) -> str:
    body = number + _FIRST
    return _keyed(f"00{body:06d}" if body < _LOW else f"99{body - _LOW:06d}")


def _keyed(body: str) -> str:
    """Return the digits with the one that makes their key of Luhn right."""
    digits = [int(digit) for digit in reversed(body)]
    total = sum(_DOUBLED[digit] for digit in digits[::2]) + sum(digits[1::2])
    return f"{body}{-total % 10}"
