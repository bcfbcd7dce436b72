"""PostgreSQL takes the ordinary lines of a campaign by itself, and a file says the same of them as read one by one."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from stdnum import luhn

from accounts.actions.imports import Importer, read_next_file
from accounts.models import Enterprise, Establishment, ImportFile
from notifications.actions import ordinary
from notifications.actions.campaign import RATES, create_campaign
from notifications.models import CollectiveRate, StagedRate, Tariff

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
SIREN, LA_POSTE = "732829320", "356000000"
HEADER = "Mode;siret;remarque;code_risque;taux;date_effet"
SIRETS = [body + luhn.calc_check_digit(body) for body in (f"{SIREN}{number:04d}" for number in range(10, 20))]
CLOSED, POSTE, UNKNOWN = SIRETS[9], "35600000009075", "20003452800014"
ONE_BY_ONE = replace(RATES, sift=None)


def line(siret: str, *, code: str = "45.2BE", rate: str = "7,39", day: str = "01/01/2027", mode: str = "mixte") -> str:
    return f"{mode};{siret};à voir;{code};{rate};{day}"


NASTY = [
    line(SIRETS[0]),
    line(SIRETS[1], rate="7,39 %", mode=" Collectif "),
    line(SIRETS[2], day="2027-01-01", code="452be"),
    "",
    ";;;;;",
    " \u00a0;;;;;",
    line(f"{SIRETS[4][:9]} {SIRETS[4][9:]}"),
    line(SIRETS[3], day="01/07/2026"),
    line(SIRETS[3], day="01/07/2025", code="55.3AC"),
    line(SIRETS[3], day="31/02/2027"),
    line(SIRETS[3], code="99.9ZZ"),
    line(SIRETS[3], code="", mode="au hasard"),
    line(SIRETS[3], rate="100"),
    line(SIRETS[3], rate="−1"),
    line(SIRETS[3], rate="1,23456"),
    line(SIRETS[3], rate="\\N"),
    line(SIRETS[3]) + ";de trop",
    line(SIRETS[3]).rpartition(";")[0],
    line(SIRETS[3]).replace(";", ",") + ";;",
    line(CLOSED, day="01/07/2027"),
    line(CLOSED),
    line(POSTE),
    line("35600000009074"),
    line(UNKNOWN),
    line(SIRETS[0][:-1] + "x"),
    line("7,3283E+13"),
    line(SIRETS[0], rate="5"),
    line(f" {SIRETS[0]}"),
    line(SIRETS[0], code="55.3AC"),
    line(SIRETS[1], day="2027-01-01"),
    line(SIRETS[2], day="01/01/2027"),
    line(SIRETS[5]),
    line(SIRETS[6]),
]  # fmt: skip
_KEY = "la clé de ce SIRET est fausse, vérifiez les chiffres."
_SHORT = "5\u00a0cellules au lieu de 6 : un séparateur de trop ?"
_TWICE = "Ligne en double : même établissement, même code et même date qu'à la ligne"
PROBLEMS = [
    (11, "date_effet", "« 31/02/2027 » : ce jour n'existe pas."),
    (12, "code_risque", "Code risque 99.9ZZ absent du tarif de l'année d'effet."),
    (13, "code_risque", "Code risque absent."),
    (13, "mode", "« au hasard » : écrivez collectif, mixte ou individuel."),
    (14, "taux", "« 100 » : un taux est inférieur à 100."),
    (15, "taux", "« −1 » : un taux n'est pas négatif."),
    (16, "taux", "« 1,23456 » : un taux a quatre décimales au plus."),
    (17, "taux", "« \\N » n'est pas un taux : écrivez-le comme 7,39."),
    (18, "", "7\u00a0cellules au lieu de 6 : un séparateur de trop ?"),
    (19, "", _SHORT),
    (20, "", "3\u00a0cellules au lieu de 6 : un séparateur de trop ?"),
    (21, "siret", "Établissement fermé à la date d'effet."),
    (24, "siret", f"« 35600000009074 » : {_KEY}"),
    (25, "siret", f"SIRET {UNKNOWN} inconnu du répertoire."),
    (26, "siret", f"« {SIRETS[0][:-1]}x » : un SIRET ne contient que des chiffres."),
    (27, "siret", "« 7,3283E+13 » : SIRET abîmé par un tableur (notation scientifique)."),
    (28, "siret", f"{_TWICE} 2."),
    (29, "siret", f"{_TWICE} 2."),
    (31, "siret", f"{_TWICE} 3."),
    (32, "siret", f"{_TWICE} 4."),
]
JANUARY, RATE = dt.date(2027, 1, 1), Decimal("7.39")
STAGED = [
    (2, SIRETS[0], "45.2BE", RATE, JANUARY, "mixed"),
    (3, SIRETS[1], "45.2BE", RATE, JANUARY, "collective"),
    (4, SIRETS[2], "45.2BE", RATE, JANUARY, "mixed"),
    (8, SIRETS[4], "45.2BE", RATE, JANUARY, "mixed"),
    (9, SIRETS[3], "45.2BE", RATE, dt.date(2026, 7, 1), "mixed"),
    (10, SIRETS[3], "55.3AC", RATE, dt.date(2025, 7, 1), "mixed"),
    (22, CLOSED, "45.2BE", RATE, JANUARY, "mixed"),
    (23, POSTE, "45.2BE", RATE, JANUARY, "mixed"),
    (30, SIRETS[0], "55.3AC", RATE, JANUARY, "mixed"),
    (33, SIRETS[5], "45.2BE", RATE, JANUARY, "mixed"),
    (34, SIRETS[6], "45.2BE", RATE, JANUARY, "mixed"),
]


@pytest.fixture(autouse=True)
def register(db: None) -> None:
    """Ten establishments, one of them closed in June, and one of La Poste; tariffs of 2025 and 2027."""
    enterprise = Enterprise.objects.create(siren=SIREN, name="ALPHA")
    poste = Enterprise.objects.create(siren=LA_POSTE, name="LA POSTE")
    for siret in SIRETS:
        closed = dt.date(2027, 6, 30) if siret == CLOSED else None
        Establishment.objects.create(siret=siret, enterprise=enterprise, closed_on=closed)
    Establishment.objects.create(siret=POSTE, enterprise=poste)
    for year in (2025, 2027):
        tariff = Tariff.objects.create(year=year, source="essai", file_name="x", sha256="", imported_at=ON)
        for code in ("45.2BE", "55.3AC"):
            CollectiveRate.objects.create(tariff=tariff, code=code, label=code, category="", rate=1)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines of each file read were taken by PostgreSQL."""
    counts: list[int] = []
    real = ordinary.sift

    def sift(*args: Any) -> tuple[int, ordinary.Lines]:
        count, others = real(*args)
        counts.append(count)
        return count, others

    monkeypatch.setattr(ordinary, "sift", sift)
    return counts


def read(content: bytes, importer: Importer) -> ImportFile:
    campaign = create_campaign(name="Campagne", content=ContentFile(content, "taux.csv"), by=None, on=ON)
    assert read_next_file(importer=importer, on=ON)
    return ImportFile.objects.get(pk=campaign.import_file_id)


def told(file: ImportFile) -> tuple[object, ...]:
    """Everything that reading a file leaves."""
    columns = ("line", "siret", "code_risque", "rate", "effective_on", "mode")
    staged = StagedRate.objects.filter(import_file=file, nature="rate", reason="")
    return (
        sorted(file.problems.values_list("line", "column", "message")),
        list(staged.order_by("line").values_list(*columns)),
        (file.status, file.lines, file.good, file.wrong, file.unchanged, file.warned, file.refusal),
    )


@pytest.mark.parametrize("importer", [RATES, ONE_BY_ONE], ids=["by sets", "one by one"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["bare", "bom"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "cut"])
def test_a_nasty_file_is_told_the_same_by_both_ways(importer: Importer, end: str, mark: bytes, last: bool) -> None:
    content = mark + (end.join([HEADER, *NASTY]) + end * last).encode()
    problems, staged, counts = told(read(content, importer))
    assert problems == PROBLEMS
    assert staged == STAGED
    assert counts == ("checked", 30, 11, 19, 0, 0, "")


@pytest.mark.postgres
def test_postgresql_takes_the_ordinary_lines(taken: list[int]) -> None:
    read("\n".join([HEADER, *NASTY]).encode(), RATES)
    # 2, 3, 4, 10, 22, 23, 30, 33, 34, and the doubles 28, 31, 32.
    assert taken == [12]
    assert StagedRate.objects.filter(known=True).count() == 9


@pytest.mark.postgres
def test_a_file_of_ordinary_lines_is_taken_whole(taken: list[int]) -> None:
    file = read("\n".join([HEADER, *map(line, SIRETS)]).encode(), RATES)
    assert (taken, file.good) == ([10], 10)


@pytest.mark.parametrize(
    ("content", "count"),
    [
        ("\n".join([HEADER, line(SIRETS[0]), line(SIRETS[1])]), 2),
        ("\n".join([HEADER, line(SIRETS[0]), line(SIRETS[1], mode='"mixte"')]), 0),
        ("\r".join([HEADER, line(SIRETS[0]), line(SIRETS[1])]), 0),
        ("\n".join([HEADER, line(SIRETS[0]), line(SIRETS[1])]) + "\r", 0),
        ("\n".join([HEADER, line(SIRETS[0]).replace("voir", "\x01"), line(SIRETS[1])]), 0),
        ("\n".join([HEADER, line(SIRETS[0]), "\\.", line(SIRETS[1])]), 0),
        ("\n".join([HEADER + ";motif", line(SIRETS[0]) + ";", line(SIRETS[1]) + ";"]), 0),
        ("\n".join([HEADER, line(SIRETS[0]), line(SIRETS[1])]).replace(";", "\t"), 2),
    ],
    ids=["plain", "quoted", "mac", "last return", "control", "end of COPY", "correcting", "tabs"],
)
def test_a_file_that_is_not_plain_is_read_line_by_line(content: str, count: int, taken: list[int]) -> None:
    results = [told(read(content.encode(), importer)) for importer in (RATES, ONE_BY_ONE)]
    assert results[0] == results[1]
    assert len(results[0][1]) == 2  # type: ignore[arg-type]
    assert taken == [count if connection.vendor == "postgresql" else 0]


def test_a_file_in_another_encoding_is_read_line_by_line(taken: list[int]) -> None:
    file = read("\n".join([HEADER, line(SIRETS[0])]).encode("cp1252"), RATES)
    assert (file.good, taken) == (1, [0])


@pytest.mark.parametrize("importer", [RATES, ONE_BY_ONE], ids=["by sets", "one by one"])
def test_a_line_without_end_refuses_the_file(importer: Importer) -> None:
    file = read("\n".join([HEADER, line(SIRETS[0]), "x" * 100_001]).encode(), importer)
    assert file.refusal == "Ligne 3 : la lecture s'arrête ici, sans doute un guillemet ouvert et jamais fermé."
    assert not StagedRate.objects.exists()


def test_marks_cut_in_two_by_the_reading_are_seen(monkeypatch: pytest.MonkeyPatch, taken: list[int]) -> None:
    content = "\n".join([HEADER, line(SIRETS[0]), "\\.", line(SIRETS[1])])
    monkeypatch.setattr("portal.kit.csvfile._CHUNK", len(content[: content.index("\\")].encode()) + 1)
    assert (read(content.encode(), RATES).good, taken) == (2, [0])


@pytest.mark.parametrize("size", range(1, 8))
def test_lines_cut_anywhere_by_the_reading_are_whole(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.kit.csvfile._CHUNK", size)
    file = read("\r\n".join([HEADER, *map(line, SIRETS)]).encode(), RATES)
    assert (file.good, StagedRate.objects.count()) == (10, 10)
