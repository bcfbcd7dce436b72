"""The rate computed (domain.md, section 4): published and worked vectors, properties, refusals, words."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.models import RateDecision
from notifications.rules import calculation as calc
from notifications.rules.calculation import Calculation, Inputs, Mode, Reason, TariffLine, calculate
from notifications.rules.parameters import (
    MAJORATIONS,
    MEAN_COSTS,
    CalculationError,
    Source,
    committee,
    majorations,
    mean_costs,
    support_code,
    thresholds,
)
from notifications.rules.rounding import Rounding

DEFAULT, GROSS_FIRST = Rounding(), Rounding.parse("half-up/2/gross")
# 2 × IT2 + IT3 + IT6 + IP2.
CLAIMS = (0, 2, 1, 0, 0, 1, 0, 1, 0, 0)
METAL = Inputs(
    year=2025,
    code_risque="28.1AA",
    headcounts=(180, 180, 180, 180, 180),
    ctn="A",
    payroll=(2_200_000, 2_150_000, 2_150_000),
    claims=CLAIMS,
    collective=Decimal("2.50"),
)


def rate(**changes: object) -> Decimal:
    return done(**changes).rate


def done(rounding: Rounding = DEFAULT, **changes: object) -> Calculation:
    return calculate(replace(METAL, **changes), rounding)  # type: ignore[arg-type]


def spaced(*texts: str) -> list[str]:
    """Return texts with plain spaces."""
    return [" ".join(text.split()) for text in texts]


# Vectors of domain.md ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headcount", "share", "decimals"),
    [(100, "65", "1"), (50, "31", "1"), (25, "13.5", "0.1"), (20, "10.00", "0.01"), (150, "100", "1")],
)
def test_the_individual_share_is_the_published_one(headcount: int, share: str, decimals: str) -> None:
    found = calc.individual_share(headcount, alsace_moselle=False, building=False) * 100
    assert found.quantize(Decimal(decimals)) == Decimal(share)


@pytest.mark.parametrize(
    ("headcount", "building", "share"),
    [
        (50, False, "0.25"),
        (100, False, "0.625"),
        (150, False, "1"),
        (50, True, "0.25"),
        (175, True, "0.625"),
        (300, True, "1"),
    ],
)
def test_the_individual_share_of_alsace_moselle(headcount: int, building: bool, share: str) -> None:
    """Worked from its two formulas; both go from 25 % at 50 to 100 % at their individual threshold."""
    assert calc.individual_share(headcount, alsace_moselle=True, building=building) == Decimal(share)


@pytest.mark.parametrize(
    ("year", "net"),
    [(2021, "0.70"), (2022, "0.59"), (2023, "0.55"), (2024, "0.46"), (2025, "0.50"), (2026, "0.49")],
)
def test_the_rate_without_a_claim(year: int, net: str) -> None:
    """Published to 2024, worked from the table for 2025 and 2026."""
    assert rate(year=year, claims=(0,) * 10) == Decimal(net)


def test_the_worked_claims_of_the_metal_trade() -> None:
    individual = done().individual
    assert individual is not None
    assert (individual.value, individual.payroll, done().rate) == (111_947, 6_500_000, Decimal("3.19"))


def test_a_gross_rate_rounded_first_gives_the_other_published_result() -> None:
    assert done(GROSS_FIRST).rate == Decimal("3.18")


def test_the_worked_mixed_rate() -> None:
    share = calc.individual_share(85, alsace_moselle=False, building=False)
    mixed = calc.mixed_rate(share, Decimal("3.18"), Decimal("2.50"))
    assert DEFAULT.rounded(mixed) == Decimal("2.87")


@pytest.mark.parametrize(
    ("previous", "computed", "capped"),
    [
        ("4.00", "6.00", "5.00"),
        ("4.01", "6.00", "5.01"),
        ("4.00", "2.00", "3.20"),
        ("4.01", "2.00", "3.21"),
        ("8", "11", "10"),
        ("8", "5", "6.40"),
        ("0.90", "0.05", "0.10"),
        ("3.00", "3.50", "3.50"),
        # 3.224 and 5.0375: rounding may not undo a cap.
        ("4.03", "1", "3.23"),
        ("4.03", "9", "5.03"),
    ],
)
def test_the_worked_caps(previous: str, computed: str, capped: str) -> None:
    low, high = calc.cap_limits(Decimal(previous))
    assert DEFAULT.within(Decimal(computed), low, high) == Decimal(capped)


@pytest.mark.parametrize(
    ("alsace_moselle", "building", "limits"),
    [(False, False, (20, 150)), (False, True, (20, 150)), (True, False, (50, 150)), (True, True, (50, 300))],
)
def test_the_mode_changes_at_its_thresholds(alsace_moselle: bool, building: bool, limits: tuple[int, int]) -> None:
    bounds = thresholds(alsace_moselle=alsace_moselle, building=building)
    mixed, individual = limits
    assert [calc.mode_of(size, bounds) for size in (0, mixed - 1, mixed, individual - 1, individual, 10**6)] == [
        Mode.COLLECTIVE,
        Mode.COLLECTIVE,
        Mode.MIXED,
        Mode.MIXED,
        Mode.INDIVIDUAL,
        Mode.INDIVIDUAL,
    ]


# The whole way -----------------------------------------------------------------------------------


def test_a_rate_holds_what_it_went_through() -> None:
    """What the sheet shows: each is one step of section 4."""
    gross = Decimal(111_947) / 65_000
    found = done(headcounts=(180, 170), previous=Decimal("4.50"))
    assert (found.inputs.headcounts, found.rounding, found.counted) == ((180, 170), DEFAULT, 170)
    assert found.thresholds == thresholds(alsace_moselle=False, building=False)
    assert (found.limits, found.share) == ((Decimal("3.60"), Decimal("5.625")), None)
    assert found.individual is not None
    assert (found.individual.gross, found.individual.majorations) == (gross, MAJORATIONS[2025])
    assert found.uncapped == found.individual.net == calc.net_rate(gross, MAJORATIONS[2025])


def test_a_mixed_rate_goes_all_the_way() -> None:
    """E=85: 55 % of 3.187528 and 45 % of 2.50."""
    mixed = done(headcounts=(85,) * 5)
    assert (mixed.mode, mixed.share, mixed.uncapped, mixed.rate) == (
        Mode.MIXED,
        Decimal("0.55"),
        Decimal("0.55") * calc.net_rate(Decimal(111_947) / 65_000, MAJORATIONS[2025]) + Decimal("1.125"),
        Decimal("2.88"),
    )


@pytest.mark.parametrize(
    ("previous", "found"), [("2.00", "3.00"), ("3.00", "3.19"), ("4.50", "3.60"), ("4.00", "3.20")]
)
def test_mixed_and_individual_rates_are_capped(previous: str, found: str) -> None:
    assert rate(previous=Decimal(previous)) == Decimal(found)


def test_a_collective_rate_is_neither_capped_nor_rounded() -> None:
    """80.2AA is 0.0010 (section 5)."""
    assert rate(headcounts=(19,), collective=Decimal("0.0010"), previous=Decimal("5")) == Decimal("0.0010")


def test_a_rate_stays_below_a_hundred() -> None:
    assert rate(headcounts=(19,), collective=Decimal("99.9999")) == Decimal("99.9999")
    with pytest.raises(CalculationError, match=r"\(100,00\s%\) n'est pas inférieur à 100\s%"):
        rate(headcounts=(19,), collective=Decimal(100))


def test_no_claim_costs_nothing_and_one_euro_is_a_payroll() -> None:
    """Section 4, B: value of the risk ÷ payroll; 0.50 is the rate without a claim of 2025."""
    found = done(payroll=(1, 0, 0), claims=(0,) * 10)
    assert found.individual is not None
    assert (found.individual.value, found.individual.payroll, found.rate) == (0, 1, Decimal("0.50"))


@pytest.mark.parametrize("missing", [1, -1])
def test_a_claim_without_a_mean_cost_is_never_forgotten(missing: int) -> None:
    costs = mean_costs(2025, "A").costs
    with pytest.raises(ValueError, match="zip"):
        calc.risk_value((1,) * (len(costs) + missing), costs)


@pytest.mark.parametrize("created", [2023, 2024, 2025])
def test_a_new_establishment_is_collective_in_its_year_and_the_two_after(created: int) -> None:
    new = done(created=created, payroll=(), claims=None)
    assert (new.mode, new.reason, new.rate) == (Mode.COLLECTIVE, Reason.NEW, Decimal("2.50"))


def test_the_third_year_after_its_creation_an_establishment_is_as_any_other() -> None:
    assert done(created=2022).mode is Mode.INDIVIDUAL


def test_support_functions_are_collective_below_150() -> None:
    support = done(code_risque="00.00B", ctn="Z", headcounts=(149,), collective=Decimal("0.70"))
    assert (support.mode, support.reason, support.rate) == (Mode.COLLECTIVE, Reason.SUPPORT, Decimal("0.70"))
    assert (support_code(building=True), support_code(building=False)) == ("00.00A", "00.00B")


@pytest.mark.parametrize(
    ("headcounts", "mode"),
    [
        ((150, 150, 150, 150, 150), Mode.INDIVIDUAL),
        ((150, 150, 150, 150, 149), Mode.MIXED),
        ((300, 300, 149, 300, 300), Mode.MIXED),
        ((150, 150, 150, 19, 150), Mode.COLLECTIVE),
        # Downwards counts at once; what was before the five years counts no more.
        ((149, 150, 150, 150, 150), Mode.MIXED),
        ((150, 150, 150, 150, 150, 3), Mode.INDIVIDUAL),
        ((150, None, None, None, None), Mode.INDIVIDUAL),
        ((150, None, 149, None, None), Mode.MIXED),
    ],
)
def test_an_upward_crossing_counts_after_five_years(headcounts: tuple[int | None, ...], mode: Mode) -> None:
    assert done(headcounts=headcounts).mode is mode


def test_the_share_before_a_crossing_counts_is_whole() -> None:
    assert done(headcounts=(400, 100)).share == 1


def test_alsace_moselle_has_its_own_thresholds_and_share() -> None:
    mixed = done(alsace_moselle=True, headcounts=(50,))
    assert (mixed.mode, mixed.share) == (Mode.MIXED, Decimal("0.25"))
    assert done(alsace_moselle=True, headcounts=(49,)).mode is Mode.COLLECTIVE
    builder = done(alsace_moselle=True, ctn="B", headcounts=(299,), claims=None, risk_value=1000)
    assert (builder.mode, builder.share) == (Mode.MIXED, Decimal("0.997"))


def test_the_value_of_the_risk_given_stands_for_the_claims() -> None:
    assert rate(claims=None, risk_value=111_947, ctn="C") == rate()


# Properties --------------------------------------------------------------------------------------

RATES = st.decimals(min_value=0, max_value="99.9999", places=4)
# Above, a quarter more could pass 100.
PREVIOUS = st.decimals(min_value=0, max_value=79, places=4)
HEADCOUNTS = st.integers(0, 100_000)
COUNTS = st.tuples(*[st.integers(0, 20)] * 10)
ROUNDINGS = st.builds(
    Rounding,
    st.sampled_from(["half-up", "half-even", "down", "up"]),
    st.integers(2, 4),
    st.sampled_from(["end", "gross"]),
)


@given(previous=PREVIOUS, headcount=st.integers(20, 1000), claims=COUNTS, collective=RATES, rounding=ROUNDINGS)
def test_the_cap_is_never_exceeded_however_one_rounds(
    previous: Decimal, headcount: int, claims: tuple[int, ...], collective: Decimal, rounding: Rounding
) -> None:
    found = done(rounding, headcounts=(headcount,), claims=claims, previous=previous, collective=collective).rate
    if previous > 4:
        assert previous * Decimal("0.8") <= found <= previous * Decimal("1.25")
    else:
        assert previous - Decimal("0.8") <= found <= previous + 1
    assert 0 <= found < 100


@given(headcount=HEADCOUNTS, alsace_moselle=st.booleans(), building=st.booleans())
def test_the_share_runs_from_ten_to_a_hundred_per_cent_and_grows(
    headcount: int, alsace_moselle: bool, building: bool
) -> None:
    def share(of: int) -> Decimal:
        return calc.individual_share(of, alsace_moselle=alsace_moselle, building=building)

    assert Decimal("0.1") <= share(headcount) <= share(headcount + 1) <= 1


@given(headcount=st.integers(20, 149), collective=RATES)
def test_a_mixed_rate_lies_between_its_two_rates(headcount: int, collective: Decimal) -> None:
    mixed = done(headcounts=(headcount,), collective=collective)
    assert mixed.individual is not None
    low, high = sorted((mixed.individual.net, collective))
    assert low <= mixed.uncapped <= high


@given(
    claims=COUNTS,
    more=COUNTS,
    headcount=st.integers(20, 1000),
    previous=st.none() | PREVIOUS,
    rounding=ROUNDINGS,
)
def test_one_claim_more_never_lowers_the_rate(
    claims: tuple[int, ...], more: tuple[int, ...], headcount: int, previous: Decimal | None, rounding: Rounding
) -> None:
    def found(counts: tuple[int, ...]) -> Decimal:
        payroll = (200_000_000,) * 3
        return done(rounding, headcounts=(headcount,), claims=counts, previous=previous, payroll=payroll).rate

    assert found(claims) <= found(tuple(a + b for a, b in zip(claims, more, strict=True)))


@given(headcounts=st.lists(st.integers(0, 300), min_size=5, max_size=12))
def test_the_lowest_of_five_years_is_the_rule_of_five_years(headcounts: list[int]) -> None:
    """Walk the years forward: above once reached five years in a row, lost the first year below."""
    above, streak = False, 0
    for size in reversed(headcounts):
        streak = streak + 1 if size >= 150 else 0
        above = streak >= 5 or (above and size >= 150)
    counted = calc.counted_headcount(tuple(headcounts), 2025)
    assert (calc.mode_of(counted, thresholds(alsace_moselle=False, building=False)) is Mode.INDIVIDUAL) == above


# Refusals ----------------------------------------------------------------------------------------

KNOWN_YEARS = "le simulateur connaît celles de 2021 à 2026"
KNOWN_COSTS = "(connus : 2025, CTN A) : donnez la valeur du risque en euros."


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"year": 2027}, "year", f"Majorations de 2027 inconnues : {KNOWN_YEARS}."),
        ({"year": 2020, "claims": (0,) * 10}, "year", f"Majorations de 2020 inconnues : {KNOWN_YEARS}."),
        (
            {"year": 2026},
            "claims",
            f"Coûts moyens 2026 du CTN A inconnus {KNOWN_COSTS}",
        ),
        (
            {"ctn": "C"},
            "claims",
            f"Coûts moyens 2025 du CTN C inconnus {KNOWN_COSTS}",
        ),
        (
            {"ctn": ""},
            "claims",
            f"Coûts moyens 2025 d’un CTN non reconnu inconnus {KNOWN_COSTS}",
        ),
        ({"headcounts": ()}, "headcounts", "Effectif de 2023 absent : il décide du mode de 2025."),
        ({"headcounts": (None, 20)}, "headcounts", "Effectif de 2023 absent : il décide du mode de 2025."),
        ({"payroll": ()}, "payroll", "Masse salariale absente : il faut celle de chaque année, 2021 à 2023."),
        ({"payroll": (1, None, 1)}, "payroll", "Masse salariale absente : il faut celle de chaque année, 2021 à 2023."),
        ({"payroll": (0, 0, 0)}, "payroll", "Masse salariale nulle de 2021 à 2023 : aucun taux ne s'en calcule."),
        ({"claims": None}, "claims", "Sinistres de 2021 à 2023 absents : donnez leur nombre, 0 sans sinistre."),
        (
            {"payroll": (1, 1, 1)},
            "payroll",
            "Le taux calculé (5821244,50 %) n'est pas inférieur à 100 % : vérifiez la masse salariale.",
        ),
        (
            {"headcounts": (19,), "collective": None},
            "collective",
            "Taux collectif 2025 inconnu pour le code 28.1AA : donnez-le.",
        ),
        (
            {"headcounts": (60,), "collective": None, "alsace_moselle": True},
            "collective",
            "Taux collectif 2025 d'Alsace-Moselle inconnu pour le code 28.1AA : donnez-le.",
        ),
        ({"created": 2026}, "created", "Création en 2026, après l'année d'effet 2025."),
        (
            {"code_risque": "00.00A"},
            "headcounts",
            "Code 00.00A des fonctions supports : réservé aux entreprises de moins de 150 salariés (180 ici).",
        ),
        (
            {"code_risque": "00.00B", "headcounts": (150,)},
            "headcounts",
            "Code 00.00B des fonctions supports : réservé aux entreprises de moins de 150 salariés (150 ici).",
        ),
    ],
)
def test_what_is_missing_or_not_known_is_refused_in_words(changes: dict[str, object], field: str, message: str) -> None:
    with pytest.raises(CalculationError) as refusal:
        done(**changes)
    assert (refusal.value.field, *spaced(str(refusal.value))) == (field, message)


TARIFF = {(2025, "28.1AA"): TariffLine(Decimal("2.50"), "A")}


@pytest.mark.parametrize(
    ("code", "year", "field", "message"),
    [
        ("99.9ZZ", 2025, "code_risque", "Code risque 99.9ZZ absent du tarif 2025."),
        ("28.1AA", 2027, "year", "Aucun tarif collectif de 2027 n'est importé."),
    ],
)
def test_an_unknown_year_or_code_is_a_clear_refusal(code: str, year: int, field: str, message: str) -> None:
    assert calc.find_code(TARIFF, "28.1AA", 2025) == TARIFF[2025, "28.1AA"]
    with pytest.raises(CalculationError) as refusal:
        calc.find_code(TARIFF, code, year)
    assert (refusal.value.field, str(refusal.value)) == (field, message)


# Parameters and the setting of rounding ----------------------------------------------------------


def test_every_figure_has_its_source() -> None:
    """domain.md, section 4: majorations and mean costs are of grade B, thresholds of grade A."""
    assert {majorations(year).source for year in range(2021, 2027)} == {Source.B}
    assert mean_costs(2025, "A").source is Source.B
    assert thresholds(alsace_moselle=False, building=False).source is Source.A


def test_every_mean_cost_that_is_known_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MEAN_COSTS, (2026, "B"), mean_costs(2025, "A"))
    with pytest.raises(CalculationError, match=r"\(connus : 2025, CTN A ; 2026, CTN B\)"):
        mean_costs(2027, "A")


@pytest.mark.parametrize(
    ("category", "letter"),
    [
        ("INDUSTRIES DE LA MÉTALLURGIE", "A"),
        ("INDUSTRIES DE LA METALLURGIE", "A"),
        ("INDUSTRIES DU BATIMENT ET DES TRAVAUX PUBLICS", "B"),
        ("INDUSTRIES DES TRANSPORTS, DE L'EAU, DU GAZ, DE L'ÉLECTRICITE, DU LIVRE ET DE LA COMMUNICATION", "C"),
        ("SERVICES, COMMERCES ET INDUSTRIES DE L'ALIMENTATION", "D"),
        ("INDUSTRIES DE LA CHIMIE, DU CAOUTCHOUC ET DE LA PLASTURGIE", "E"),
        ("INDUSTRIES DU BOIS, DE L'AMEUBLEMENT, DU PAPIER-CARTON, DU TEXTILE, \n      \n    DU VÊTEMENT", "F"),
        ("COMMERCES NON ALIMENTAIRES", "G"),
        ("ACTIVITÉS DE SERVICES I", "H"),
        ("Activités de services II", "I"),
        ("CATEGORIES DE TRAVAILLEURS VISES L'ARTICLE D 242-6-22 DU CODE DE LA SECURITE SOCIALE", "Z"),
        ("CATÉGORIES DE PERSONNELS VISÉS A L'ARTICLE 1er (III) DE L'ARRÊTÉ DU 17 OCTOBRE 1995", "Z"),
        ("", ""),
        ("Autre chose", ""),
    ],
)
def test_the_ctn_is_read_from_the_tariffs_category_however_spelled(category: str, letter: str) -> None:
    """domain.md, section 5: the published files of 2022, 2025 and 2026."""
    assert committee(category) == letter


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("half-up/2/end", "2.13"),
        ("half-even/2/end", "2.12"),
        ("down/2/gross", "2.12"),
        ("up/3/end", "2.125"),
        ("up/4/end", "2.1250"),
    ],
)
def test_rounding_is_one_setting(setting: str, found: str) -> None:
    rounding = Rounding.parse(setting)
    assert (str(rounding), str(rounding.rounded(Decimal("2.125")))) == (setting, found)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("half-up/2/end", "À deux décimales, au plus proche, la moitié vers le haut"),
        ("down/3/end", "À trois décimales, vers le bas"),
        ("up/4/gross", "À quatre décimales, vers le haut ; le taux brut est arrondi de même avant le taux net"),
    ],
)
def test_the_setting_is_told_in_words(setting: str, words: str) -> None:
    assert Rounding.parse(setting).words == words


@pytest.mark.parametrize("setting", ["", "half-up", "half-up/2", "half-up/1/end", "half-up/2/end/", "loose/2/end"])
def test_a_setting_that_is_none_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="arrondi") as refusal:
        Rounding.parse(setting)
    assert str(refusal.value) == (
        f"« {setting} » n'est pas un arrondi : écrivez half-up|half-even|down|up, / 2 à 4 décimales, / end|gross, "
        "comme half-up/2/end."
    )


def test_the_modes_are_those_of_the_decisions() -> None:
    assert [mode.value for mode in Mode] == RateDecision.Mode.values
