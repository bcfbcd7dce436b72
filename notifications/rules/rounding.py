"""The one setting of rounding (domain.md, section 4: no rule found, so a choice)."""

import decimal
from dataclasses import dataclass
from decimal import Decimal

_WAYS = {
    "half-up": decimal.ROUND_HALF_UP,
    "half-even": decimal.ROUND_HALF_EVEN,
    "down": decimal.ROUND_DOWN,
    "up": decimal.ROUND_UP,
}
_MOMENTS = ("end", "gross")
_WORDS = {
    "half-up": "au plus proche, la moitié vers le haut",
    "half-even": "au plus proche, la moitié vers le chiffre pair",
    "down": "vers le bas",
    "up": "vers le haut",
}


@dataclass(frozen=True)
class Rounding:
    """How rates are rounded: way, number of decimals (2 to 4), and whether the gross rate is rounded before the net."""

    way: str = "half-up"
    decimals: int = 2
    moment: str = "end"

    @classmethod
    def parse(cls, text: str) -> "Rounding":
        """Read « half-up/2/end »: way, decimals, moment. Raises ValueError with a sentence in French."""
        way, decimals, moment = [*text.strip().split("/"), "", ""][:3]
        if way not in _WAYS or decimals not in ("2", "3", "4") or moment not in _MOMENTS or text.count("/") != 2:
            raise ValueError(
                f"« {text} » n'est pas un arrondi : écrivez {'|'.join(_WAYS)}, / 2 à 4 décimales, / "
                f"{'|'.join(_MOMENTS)}, comme half-up/2/end."
            )
        return cls(way, int(decimals), moment)

    def __str__(self) -> str:
        return f"{self.way}/{self.decimals}/{self.moment}"

    @property
    def words(self) -> str:
        """The rounding in French: « deux décimales, au plus proche… »."""
        count = {2: "deux", 3: "trois", 4: "quatre"}[self.decimals]
        also = " ; le taux brut est arrondi de même avant le taux net" if self.moment == "gross" else ""
        return f"À {count} décimales, {_WORDS[self.way]}{also}"

    def rounded(self, value: Decimal) -> Decimal:
        """Return the value with so many decimals."""
        return value.quantize(self._unit, _WAYS[self.way])

    def gross(self, value: Decimal) -> Decimal:
        """Return a gross rate as the net is computed from: as it is, unless this rounds it first."""
        return self.rounded(value) if self.moment == "gross" else value

    def within(self, value: Decimal, low: Decimal, high: Decimal) -> Decimal:
        """Return the value rounded, never outside its limits: rounding may not undo a cap (a choice)."""
        rounded = self.rounded(value)
        if rounded > high:
            return high.quantize(self._unit, decimal.ROUND_FLOOR)
        if rounded < low:
            return low.quantize(self._unit, decimal.ROUND_CEILING)
        return rounded

    @property
    def _unit(self) -> Decimal:
        return Decimal(1).scaleb(-self.decimals)
