"""A DSN file, read line by line (dsn.md). What is not named here is personal data, and is let go at once.

One envoi: S10, then declarations that each start with S20, then S90. Blocks are not sorted by number.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO, NamedTuple

from accounts.rules import IdentifierError, clean_siren, clean_siret

LONGEST_LINE = 256
SIREN_LENGTH, NIC_LENGTH = 9, 5
MONTHLY, SUBSTITUTED, PASRAU = "01", "09", "21"
NATURES = {
    "01": "DSN mensuelle",
    "04": "arrêt de travail",
    "05": "reprise du travail",
    "07": "fin de contrat",
    "08": "amorçage des données variables",
    "09": "DSN substituée par l'organisme",
    "10": "préalable à l'embauche",
}
# Natures that name a month, and those that may not.
_DATED, _UNDATED = ("01", "09"), ("04", "05", "07", "08")
TYPES = {
    "01": "normale",
    "02": "sans individu",
    "03": "annule et remplace",
    "04": "annule",
    "05": "annule et remplace, sans individu",
}
REPLACING, CANCELLING = ("03", "05"), "04"
GENERAL_REGIME, NOT_YET_NOTIFIED = "200", "999ZZ"
_RUBRIQUE = re.compile(r"(S\d{2}\.G\d{2}\.\d{2}\.\d{3}),'(.*)'")
_CODE_RISQUE = re.compile(r"(\d{3}[A-Z]{2}|0000[A-Z])(B?)")
_RATE = re.compile(r"\d{1,3}\.\d{2}")
_MONTH = re.compile(r"01(0[1-9]|1[0-2])(20\d{2})")
_FRACTION = re.compile(r"[1-9][1-9]")


# Lines of a declaration that are let go, as many as follow each other: nothing in them is read, nothing is wrong.
# A doubt (another beginning, an odd space, a long value) leaves a line to be read as the others are.
_SAYS_NOTHING = rb"(?:S21\.G00\.(?!06\.001|11\.001|40\.0(?:01|39|40|43))\d\d\.\d{3},'[0-9A-Za-z][^\0\r\n]{0,200}'\r?\n)"
_LET_GO = re.compile(_SAYS_NOTHING + rb"++")
_BLOCK = 1 << 16
# A line of a contract that reads well; the same lines come back employee after employee, so they are read once.
_CONTRACT = re.compile(rb"(S21\.G00\.40\.0(?:01|39|40|43)),'([0-9A-Za-z.]{1,20})'\r?\n")
# A whole contract in the norm's order, with what says nothing around it: its regime, code and rate.
_WHOLE_CONTRACT = re.compile(
    _SAYS_NOTHING
    + rb"*+S21\.G00\.40\.001,'[0-9A-Za-z.]{1,20}'\r?\n"
    + b"".join(_SAYS_NOTHING + rb"*+S21\.G00\.40\.0%d,'([0-9A-Za-z.]{1,20})'\r?\n" % number for number in (39, 40, 43))
)
_MOST_KNOWN = 1_000


class DsnRefused(ValueError):
    """The whole file is refused. Its text is a sentence in French; line: where, from 1, or None for the file."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


class Remark(NamedTuple):
    """Something wrong (or odd, for a warning) at a line, in French."""

    line: int
    text: str


@dataclass(frozen=True)
class PayrollRate:
    """The code risque and the rate that payroll applied (S21.G00.40), regime 200 only.

    rate: None with 999ZZ, « pas encore notifié ». support: the reduced rate of the support functions.
    """

    code: str
    rate: Decimal | None
    support: bool
    line: int


@dataclass
class Declaration:
    """One S20 and what follows it, up to the next. refusals: why it is not taken; empty when it is."""

    line: int
    nature: str = ""
    type: str = ""
    fraction: str = ""
    month: dt.date | None = None
    sirets: list[str] = field(default_factory=list)
    rates: dict[tuple[str, Decimal | None, bool], PayrollRate] = field(default_factory=dict)
    refusals: list[Remark] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        """Whether it opens a client's account: taken, not made by the body itself, and not a mere cancellation."""
        return not self.refusals and self.nature != SUBSTITUTED and self.type != CANCELLING


@dataclass
class Envoi:
    """A whole file. test: such a file never counts as a filing. sender: SIRET of S10, empty when it has none."""

    test: bool = False
    norm: str = ""
    nil: bool = False
    sender: str = ""
    declarations: list[Declaration] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    rubriques: int = 0


def _quoted(text: str, longest: int) -> str:
    """Return a value as a remark repeats it. longest: characters that its rubrique may have, a mistake included.

    A file whose columns slipped has names and NIR anywhere: what is longer, or has no digit, is not repeated.
    """
    return f"« {text} »" if len(text) <= longest and any(map(str.isdigit, text)) else "(valeur non reprise)"


def _digits(text: str, length: int) -> bool:
    compact = "".join(text.split())
    return len(compact) == length and compact.isascii() and compact.isdigit()


def raw_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file, never more than a line at once even when it has no ends of line."""
    return iter(lambda: file.readline(4 * LONGEST_LINE + 2), b"")


def text_lines(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a file as text, each decoded by itself: strict UTF-8, else cp1252, else latin-1.

    lines: with their ends, which are taken off, a BOM too. Raises DsnRefused for what is no text.
    """
    for number, raw in enumerate(lines, 1):
        yield _line(raw, number)


def _line(raw: bytes, number: int) -> str:
    if b"\0" in raw:
        raise DsnRefused("Ce fichier n'est pas un texte dont l'encodage se lise (ISO-8859-1 ou UTF-8).", number)
    if len(raw) > 4 * LONGEST_LINE:
        raise DsnRefused(f"Ligne de plus de {LONGEST_LINE} caractères : ce fichier n'est pas une DSN.", number)
    return _decoded(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw).rstrip("\r\n")


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def read_file(file: BinaryIO) -> Envoi:
    """Read a file as `read_dsn` reads its lines, a block at a time: nine lines of ten are let go unread.

    Raises DsnRefused as `read_dsn` does.
    """
    reader, number = _Reader(), 0
    while block := file.read(_BLOCK):
        block += file.readline(4 * LONGEST_LINE + 2)
        place = 0
        while place < len(block):
            if reader.declaration is not None and not reader.ended:
                found = _WHOLE_CONTRACT.match(block, place)
                if found is None or not reader.knows(*found.groups()):
                    found = _LET_GO.match(block, place)
                if found is not None:
                    passed = block.count(b"\n", place, found.end())
                    number += passed
                    reader.let_go(passed, number)
                    place = found.end()
                    continue
            end = block.find(b"\n", place) + 1 or len(block)
            number += 1
            raw = block[place:end]
            if not reader.take_known(number, raw):
                line = _line(raw, number)
                if line.strip():
                    reader.take(number, line)
            place = end
    return reader.end()


def read_dsn(lines: Iterable[str]) -> Envoi:
    """Read the lines of a file, without their ends. A bad declaration is listed, the good ones are kept.

    Raises DsnRefused when the file as a whole is no DSN or stops before its end.
    """
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        if line.strip():
            reader.take(number, line)
    return reader.end()


class _Reader:
    """Takes lines one after the other; keeps the current declaration, block 06 and block 40."""

    def __init__(self) -> None:
        self.envoi = Envoi()
        self.declaration: Declaration | None = None
        self.siren: Remark | None = None
        self.sender: dict[str, str] = {}
        self.started = self.ended = False
        self.last_line = 0
        self.totals: dict[str, Remark] = {}
        self.contract: dict[str, Remark] = {}
        # What was kept of the current declaration's contracts: code and rate as written. Lines of contracts, read.
        self.kept: set[tuple[str, str]] = set()
        self.known: dict[bytes, tuple[str, str]] = {}
        # Whole contracts that say nothing new in the current declaration.
        self.dull: set[tuple[bytes, bytes, bytes]] = set()

    def take(self, number: int, line: str) -> None:
        self.last_line = number
        found = _RUBRIQUE.fullmatch(line)
        if not self.started and (found is None or not found[1].startswith("S10.")):
            raise DsnRefused("Ce fichier n'est pas une DSN : il ne commence pas par le bloc S10.", number)
        self.started = True
        if len(line) > LONGEST_LINE:
            self._refuse(number, f"ligne de plus de {LONGEST_LINE} caractères")
            return
        if found is None:
            self._refuse(number, "ligne illisible, une rubrique s'écrit S21.G00.06.001,'valeur'")
            return
        self.envoi.rubriques += 1
        if self.ended and not found[1].startswith("S90."):
            raise DsnRefused("Des rubriques suivent le bloc S90 : un fichier contient un seul envoi.", number)
        if not found[2].strip():
            self._refuse(number, f"rubrique {found[1]} vide")
            return
        self._rubrique(found[1], Remark(number, found[2].strip()))

    def take_known(self, number: int, raw: bytes) -> bool:
        """Take a line of a contract as `take` would; say no to any other line."""
        if self.declaration is None or self.ended:
            return False
        told = self.known.get(raw)
        if told is None:
            found = _CONTRACT.fullmatch(raw)
            if found is None:
                return False
            told = (found[1].decode(), found[2].decode())
            if len(self.known) < _MOST_KNOWN:
                self.known[raw] = told
        self.let_go(1, number)
        self._contract_line(told[0], Remark(number, told[1]))
        return True

    def knows(self, regime: bytes, code: bytes, rate: bytes) -> bool:
        """Say whether a whole contract that starts here has nothing new to say. The one before it is over."""
        self._close_contract()
        said = (regime, code, rate)
        if said in self.dull:
            return True
        dull = regime.decode() != GENERAL_REGIME or (code.decode(), rate.decode()) in self.kept
        if dull and len(self.dull) < _MOST_KNOWN:
            self.dull.add(said)
        return dull

    def let_go(self, count: int, number: int) -> None:
        """Count lines that say nothing to keep, the last of them being that one."""
        self.last_line = number
        self.envoi.rubriques += count

    def end(self) -> Envoi:
        self._close()
        if not self.started:
            raise DsnRefused("Ce fichier est vide.")
        if not self.ended:
            raise DsnRefused("Ce fichier est tronqué : le bloc S90 manque.", self.last_line)
        envoi = self.envoi
        if not envoi.declarations:
            raise DsnRefused("Ce fichier ne contient aucune déclaration (bloc S20).")
        self._check_total("S90.G00.90.001", envoi.rubriques, "rubriques")
        self._check_total("S90.G00.90.002", len(envoi.declarations), "déclarations")
        self._name_sender()
        return envoi

    def _rubrique(self, name: str, value: Remark) -> None:
        if name.startswith("S90."):
            self.ended = True
            self.totals[name] = value
        elif name.startswith("S10."):
            self._header(name, value)
        elif name == "S20.G00.05.001":
            self._close()
            self.declaration = Declaration(line=value.line, nature=value.text)
            self.kept.clear()
            self.dull.clear()
            self.siren = None
            self._check_nature(value)
        elif self.declaration is None:
            raise DsnRefused(f"La rubrique {name} précède toute déclaration (bloc S20).", value.line)
        elif name.startswith("S20."):
            self._about(self.declaration, name, value)
        elif name.startswith("S21."):
            self._inside(self.declaration, name, value)

    def _header(self, name: str, value: Remark) -> None:
        envoi = self.envoi
        if self.declaration is not None:
            raise DsnRefused("Un deuxième bloc S10 : un fichier contient un seul envoi.", value.line)
        if name == "S10.G00.00.005":
            if value.text not in ("01", "02"):
                raise DsnRefused(f"Code envoi {_quoted(value.text, 2)} : 01 (test) ou 02 (réel) attendu.", value.line)
            envoi.test = value.text == "01"
        elif name == "S10.G00.00.006":
            envoi.norm = value.text[:6]
        elif name == "S10.G00.00.008":
            envoi.nil = value.text == "02"
        elif name in ("S10.G00.01.001", "S10.G00.01.002"):
            self.sender[name] = value.text

    def _about(self, declaration: Declaration, name: str, value: Remark) -> None:
        if name == "S20.G00.05.002":
            declaration.type = value.text
            if value.text not in TYPES:
                self._refuse(value.line, f"type {_quoted(value.text, 2)} inconnu")
        elif name == "S20.G00.05.003":
            declaration.fraction = value.text[:2]
            if not _FRACTION.fullmatch(value.text):
                self._refuse(value.line, f"fraction {_quoted(value.text, 2)} : deux chiffres de 1 à 9 attendus")
        elif name == "S20.G00.05.005":
            found = _MONTH.fullmatch(value.text)
            if found is None:
                self._refuse(value.line, f"mois {_quoted(value.text, 9)} : 01MMAAAA attendu")
            else:
                declaration.month = dt.date(int(found[2]), int(found[1]), 1)

    def _inside(self, declaration: Declaration, name: str, value: Remark) -> None:
        if name == "S21.G00.06.001":
            self.siren = self._siren(value)
        elif name == "S21.G00.11.001":
            self._establishment(declaration, value)
        elif name in ("S21.G00.40.001", "S21.G00.40.039", "S21.G00.40.040", "S21.G00.40.043"):
            self._contract_line(name, value)

    def _contract_line(self, name: str, value: Remark) -> None:
        if name == "S21.G00.40.001":
            self._close_contract()
        else:
            if name in self.contract:
                self._close_contract()
            self.contract[name] = value

    def _siren(self, value: Remark) -> Remark | None:
        text = value.text
        if len(text) == 14 and text.isdigit():
            self._refuse(value.line, "la rubrique S21.G00.06.001 porte un SIRET de 14 chiffres, un SIREN en a 9")
            return None
        if not _digits(text, SIREN_LENGTH):
            self._refuse(value.line, f"la rubrique S21.G00.06.001 attend un SIREN de {SIREN_LENGTH} chiffres")
            return None
        try:
            return Remark(value.line, clean_siren(text))
        except IdentifierError as error:
            self._refuse(value.line, str(error).rstrip("."))
            return None

    def _establishment(self, declaration: Declaration, value: Remark) -> None:
        if self.siren is None:
            if not declaration.refusals:
                self._refuse(value.line, "l'établissement (S21.G00.11.001) précède son entreprise (S21.G00.06.001)")
            return
        if not _digits(value.text, NIC_LENGTH):
            self._refuse(value.line, f"la rubrique S21.G00.11.001 attend un NIC de {NIC_LENGTH} chiffres")
            return
        try:
            siret = clean_siret(self.siren.text + value.text)
        except IdentifierError as error:
            self._refuse(value.line, str(error).rstrip("."))
            return
        if declaration.sirets and siret not in declaration.sirets:
            told = "Plusieurs établissements dans une déclaration : un bloc S20 pour chacun est attendu."
            self.envoi.warnings.append(Remark(value.line, told))
        if siret not in declaration.sirets:
            declaration.sirets.append(siret)

    def _close_contract(self) -> None:
        """Keep the code and the rate of a contract, once each, general regime only."""
        contract, self.contract = self.contract, {}
        regime, code = contract.get("S21.G00.40.039"), contract.get("S21.G00.40.040")
        if self.declaration is None or code is None or regime is None or regime.text != GENERAL_REGIME:
            return
        rate = contract.get("S21.G00.40.043")
        said = (code.text, rate.text if rate else "")
        if said in self.kept:
            return
        if code.text == NOT_YET_NOTIFIED:
            self._keep(PayrollRate(NOT_YET_NOTIFIED, None, support=False, line=code.line))
            self.kept.add(said)
            return
        found = _CODE_RISQUE.fullmatch(code.text)
        if found is None:
            self._refuse(code.line, f"code risque {_quoted(code.text, 7)} : il s'écrit comme 452BE")
        elif rate is None:
            self._refuse(code.line, f"le taux AT (S21.G00.40.043) manque avec le code risque {code.text}")
        elif not _RATE.fullmatch(rate.text):
            self._refuse(rate.line, f"taux AT {_quoted(rate.text, 7)} : il s'écrit comme 2.10")
        else:
            spelled = f"{found[1][:2]}.{found[1][2:]}"
            self._keep(PayrollRate(spelled, Decimal(rate.text), support=bool(found[2]), line=code.line))
            self.kept.add(said)

    def _keep(self, rate: PayrollRate) -> None:
        assert self.declaration is not None  # noqa: S101 - looked at before
        self.declaration.rates.setdefault((rate.code, rate.rate, rate.support), rate)

    def _close(self) -> None:
        """End the current declaration: what can only be said once it is whole."""
        self._close_contract()
        declaration, self_line = self.declaration, self.declaration.line if self.declaration else 0
        if declaration is None:
            return
        if not declaration.type:
            self._refuse(self_line, "le type de déclaration (S20.G00.05.002) manque")
        if declaration.nature in _DATED and declaration.month is None:
            self._refuse(self_line, "le mois déclaré (S20.G00.05.005) manque")
        if declaration.nature in _UNDATED and declaration.month is not None:
            self._refuse(self_line, "un mois est déclaré (S20.G00.05.005) pour un événement, qui n'en a pas")
        if not declaration.sirets and not declaration.refusals:
            self._refuse(self_line, "l'établissement (S21.G00.06.001 et S21.G00.11.001) manque")
        self.envoi.declarations.append(declaration)
        self.declaration = None

    def _check_nature(self, value: Remark) -> None:
        if value.text == PASRAU:
            self._refuse(value.line, "une déclaration PASRAU n'est pas une DSN")
        elif value.text not in NATURES:
            self._refuse(value.line, f"nature {_quoted(value.text, 2)} inconnue")

    def _refuse(self, line: int, reason: str) -> None:
        """Refuse the current declaration; outside any, the file."""
        remark = Remark(line, f"{reason[0].upper()}{reason[1:]}.")
        if self.declaration is None:
            raise DsnRefused(remark.text, line)
        self.declaration.refusals.append(remark)

    def _check_total(self, name: str, counted: int, what: str) -> None:
        total = self.totals.get(name)
        if total is None or not (total.text.isascii() and total.text.isdigit()) or int(total.text) != counted:
            said = _quoted(total.text, 9) if total else "rien"
            line = total.line if total else self.last_line
            told = f"Le bloc S90 annonce {said} {what}, le fichier en a {counted}."
            self.envoi.warnings.append(Remark(line, told))

    def _name_sender(self) -> None:
        try:
            self.envoi.sender = clean_siret(
                self.sender.get("S10.G00.01.001", "") + self.sender.get("S10.G00.01.002", "")
            )
        except IdentifierError:
            self.envoi.warnings.append(Remark(1, "L'émetteur (S10.G00.01) n'est pas un SIRET valide."))
