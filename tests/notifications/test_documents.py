"""The official document, read by another program than the one that wrote it."""

import datetime as dt
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Enterprise, Establishment
from notifications import documents
from notifications.documents import rate_decision_pdf
from notifications.models import CollectiveRate, RateCalculation, RateDecision
from portal import clock
from portal.kit import pdf
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory
from tests.factories.notifications import CollectiveRateFactory, RateCalculationFactory, RateDecisionFactory

pytestmark = pytest.mark.django_db
SIREN, SIRET = "732829320", "73282932000074"
WHOLE = [
    "SPÉCIMEN",
    "Simulateur – Document fictif produit par un simulateur : sans valeur juridique.",
    "Caisse fictive de l’Atelier AT/MP",
    "Tarification des risques professionnels",
    "Organisme imaginaire, sans adresse",
    "Notification n° AT-2027-00000042",
    "Date 4 janvier 2027",
    "SIRET 732 829 320 00074",
    "SIREN 732 829 320",
    "BOULANGERIE DE L'ÎLE",
    "1 RUE DES ESSAIS",
    "29200 BREST",
    "Notification de votre taux de cotisation AT/MP",
    "Objet : taux net de cotisation « accidents du travail et maladies professionnelles » de l’établissement",
    "732 829 320 00074, à compter du 1er janvier 2027.",
    "Madame, Monsieur,",
    "Le taux net de cotisation de votre établissement est fixé à :",
    "7,39 % à compter du 1er janvier 2027",
    "Classement de l’établissement",
    "Code risque 45.2BE : Autres travaux de gros œuvre",
    "Comité technique national : Bâtiment et travaux publics",
    "Taux net et mode de tarification",
    "Décision Mode de tarification Date d’effet Taux net",
    "Présente décision Individuel 1er janvier 2027 7,39 %",
    "Aucun taux antérieur n’a été notifié pour ce code risque.",
    "Date de la notification",
    "Cette décision est réputée notifiée le jour de sa consultation, et au plus tard dans les quinze jours",
    "de sa mise à disposition (article L.242-5 du code de la sécurité sociale).",
    "Voies et délais de recours",
    "Cette décision peut être contestée dans les deux mois qui suivent sa notification (article R.142-1-A",
    "du code de la sécurité sociale).",
    "Ce délai n’est opposable que si la décision énonce les délais et les voies de recours.",
    "Texte du simulateur : ce document n’ouvre aucun recours. Une décision réelle nomme l’autorité à saisir.",
    "Pour la Caisse fictive de l’Atelier AT/MP,",
    "Document scellé électroniquement par une autorité d’essai. Pour le vérifier : localhost:8000/verifier, avec ce",
    "fichier ou le n° AT-2027-00000042.",
    "Document fictif produit par un simulateur : sans valeur juridique.",
    "Notification n° AT-2027-00000042",
    "Page 1 sur 2",
    "SPÉCIMEN",
    "Feuille de calcul",
    "Pourquoi un taux individuel. Le taux vient de vos propres sinistres, rapportés à votre masse",
    "salariale. Ce mode est celui des entreprises qui comptaient, deux ans avant l’année d’effet, 150 salariés",
    "ou plus (300 dans le bâtiment d’Alsace-Moselle).",
    "Seul le taux a été communiqué au portail, sans les données dont il est calculé.",
    "Document fictif produit par un simulateur : sans valeur juridique.",
    "Notification n° AT-2027-00000042",
    "Page 2 sur 2",
]
ADDRESS_STARTS_AFTER = "SIREN 732 829 320"
THIS_ONE = "Présente décision Individuel 1er janvier 2027 7,39 %"


@pytest.fixture
def establishment() -> Establishment:
    """Return a bakery in the register."""
    bakery = EnterpriseFactory(siren=SIREN, name="BOULANGERIE DE L'ÎLE")
    return EstablishmentFactory(enterprise=bakery, siret=SIRET)


@pytest.fixture
def decision(establishment: Establishment) -> RateDecision:
    """Return the bakery's rate of 2027, the code named by that year's tariff."""
    CollectiveRateFactory()
    return decided(establishment, pk=42)


def decided(establishment: Establishment, **facts: Any) -> RateDecision:
    """Return a decision whose rate is as precise as the database keeps it."""
    return RateDecision.objects.get(pk=RateDecisionFactory(establishment=establishment, **facts).pk)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf), strict=True)


def lines(pdf: bytes) -> list[str]:
    """Return the printed lines, no-break spaces as spaces; the watermark comes first."""
    text = "\n".join(page.extract_text() for page in read(pdf).pages)
    return [" ".join(line.split()) for line in text.splitlines()]


def after(line: str, pdf: bytes, count: int) -> list[str]:
    """Return the lines printed under a line."""
    printed = lines(pdf)
    place = printed.index(line) + 1
    return printed[place : place + count]


def elements(node: Any) -> Iterator[DictionaryObject]:
    """Walk the structure tree in reading order."""
    node = node.get_object()
    if isinstance(node, ArrayObject):
        for child in node:
            yield from elements(child)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


def tags(pdf: bytes) -> list[str]:
    return [element["/S"] for element in elements(read(pdf).trailer["/Root"]["/StructTreeRoot"]["/K"])]


def test_it_claims_pdf_a_2a_and_pdf_ua_1(decision: RateDecision) -> None:
    xmp = read(rate_decision_pdf(decision)).xmp_metadata
    assert xmp is not None
    claims = dict(re.findall(r"<(pdfa?u?a?id:\w+)>(\w+)<", xmp.stream.get_data().decode()))
    assert claims == {"pdfaid:part": "2", "pdfaid:conformance": "A", "pdfuaid:part": "1"}


def test_it_is_tagged_french_and_shows_its_title(decision: RateDecision) -> None:
    catalogue = read(rate_decision_pdf(decision)).trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"].value is True
    assert catalogue["/Lang"] == "fr-FR"
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"].value is True


def test_its_dates_author_and_title_are_those_of_the_decision(decision: RateDecision) -> None:
    metadata = read(rate_decision_pdf(decision)).metadata or {}
    assert {name: value for name, value in metadata.items() if name != "/Creator"} == {
        "/Title": "Notification de taux AT/MP n° AT-2027-00000042",
        "/Author": "Caisse fictive de l’Atelier AT/MP",
        "/CreationDate": "D:20270104000000Z",
        "/ModDate": "D:20270104000000Z",
    }


def test_its_headings_are_in_order_and_its_table_has_column_headers(decision: RateDecision) -> None:
    pdf = rate_decision_pdf(decision)
    assert [tag for tag in tags(pdf) if re.match(r"/H\d", tag)] == ["/H1", "/H2", "/H2", "/H2", "/H2", "/H2"]
    headers = [e for e in elements(read(pdf).trailer["/Root"]["/StructTreeRoot"]["/K"]) if e["/S"] == "/TH"]
    assert [header["/A"][0]["/Scope"] for header in headers] == ["/Column"] * 4


def test_every_font_is_embedded(decision: RateDecision) -> None:
    fonts = [font.get_object() for font in read(rate_decision_pdf(decision)).pages[0]["/Resources"]["/Font"].values()]
    descendants = [font["/DescendantFonts"][0].get_object() for font in fonts]
    assert {re.sub(r"^/[A-Z]{6}\+", "", font["/BaseFont"]) for font in descendants} == {
        "LibertinusSerif-Regular",
        "LibertinusSerif-Semibold",
        "LibertinusSerif-Bold",
    }
    embedded = [{"/FontFile", "/FontFile2", "/FontFile3"} & set(font["/FontDescriptor"]) for font in descendants]
    assert all(embedded)


def test_it_says_what_was_decided_and_how_to_challenge_it(decision: RateDecision) -> None:
    """domain.md, section 3: contents of the decision; two months from notification (R.142-1-A)."""
    assert " ".join(lines(rate_decision_pdf(decision))) == " ".join(WHOLE)


@pytest.mark.parametrize(
    "unbroken", ["7,39\xa0%", "732\xa0829\xa0320\xa000074", "1er\xa0janvier\xa02027", "«\xa0accidents"]
)
def test_numbers_and_dates_do_not_break_across_lines(decision: RateDecision, unbroken: str) -> None:
    text = read(rate_decision_pdf(decision)).pages[0].extract_text()
    spaced = unbroken.replace("\xa0", " ")
    assert unbroken in text
    assert spaced not in text


def test_the_watermark_and_the_footer_are_not_read_aloud(decision: RateDecision) -> None:
    for page in read(rate_decision_pdf(decision)).pages:
        content = page.get_contents()
        assert content is not None
        artifacts = re.findall(rb"/Artifact<<[^>]*/(Background|Footer)[^>]*>>", content.get_data())
        assert artifacts == [b"Background", b"Footer"]


def test_the_rate_before_it_is_printed_with_the_difference(establishment: Establishment) -> None:
    decided(establishment, effective_on=dt.date(2025, 1, 1), rate="9")
    decided(establishment, effective_on=dt.date(2026, 5, 1), rate="7.31", mode=RateDecision.Mode.MIXED)
    decided(establishment, effective_on=dt.date(2026, 1, 1), rate="1", code_risque="55.3AC")
    pdf = rate_decision_pdf(decided(establishment))
    assert after(THIS_ONE, pdf, 2) == [
        "Taux précédent Mixte 1er mai 2026 7,31 %",
        "Écart avec le taux précédent : +0,08 point.",
    ]


def test_the_same_rate_as_before_is_said_to_be_the_same(establishment: Establishment) -> None:
    decided(establishment, effective_on=dt.date(2026, 1, 1))
    printed = lines(rate_decision_pdf(decided(establishment)))
    assert printed.count("Le taux est le même que le taux précédent.") == 1


def test_a_decision_that_replaces_another_of_the_same_day_names_it(establishment: Establishment) -> None:
    decided(establishment, pk=39, effective_on=dt.date(2026, 1, 1), rate="8")
    decided(establishment, pk=40, rate="7.50", version=1)
    decided(establishment, pk=41, rate="7.45", version=2, decided_on=dt.date(2027, 1, 8))
    pdf = rate_decision_pdf(decided(establishment, pk=42, version=3))
    assert after(THIS_ONE, pdf, 2) == [
        "Décision remplacée Individuel 1er janvier 2027 7,45 %",
        "Taux précédent Individuel 1er janvier 2026 8,00 %",
    ]
    sentence = "Cette décision remplace celle du 8 janvier 2027 (n° AT-2027-00000041), de même date d’effet."
    assert f"{sentence} Écart avec le taux précédent : −0,61 point." in " ".join(lines(pdf))


@pytest.mark.parametrize(
    ("later", "said"),
    [
        ({}, "Cette décision a été remplacée le 8 mars 2027 par la décision n° AT-2027-00000043."),
        (
            {"nature": "cancellation", "reason": "Erreur de dossier"},
            "Cette décision a été annulée le 8 mars 2027 par la décision n° AT-2027-00000043.",
        ),
    ],
)
def test_the_document_of_a_replaced_decision_opens_with_what_replaced_it(
    decision: RateDecision, establishment: Establishment, later: dict[str, str], said: str
) -> None:
    decided(establishment, pk=43, version=2, decided_on=dt.date(2027, 3, 8), **later)
    pdf = rate_decision_pdf(decision)
    assert f"{said} Ce document n’a plus d’effet. Notification de votre taux" in " ".join(lines(pdf))


def test_a_cancellation_says_what_it_cancels_and_why(establishment: Establishment) -> None:
    decided(establishment, pk=40, effective_on=dt.date(2026, 1, 1), rate="6")
    decided(establishment, pk=41)
    facts = {"nature": "cancellation", "reason": "Erreur de dossier", "rate": "6", "version": 2}
    printed = " ".join(lines(rate_decision_pdf(decided(establishment, pk=42, **facts))))
    assert (
        "Cette décision annule celle du 4 janvier 2027 (n° AT-2027-00000041), le taux d’avant s’applique de nouveau. "
        "Motif : Erreur de dossier. Le taux est le même que le taux précédent."
    ) in printed


def test_a_code_that_no_tariff_names_is_printed_alone(establishment: Establishment) -> None:
    pdf = rate_decision_pdf(decided(establishment))
    assert after("Classement de l’établissement", pdf, 2) == [
        "Code risque 45.2BE",
        "Taux net et mode de tarification",
    ]


def test_a_code_is_named_by_the_latest_tariff_when_its_year_has_none(establishment: Establishment) -> None:
    for year, label in ((2025, "Ancien nom"), (2026, "Nom de 2026"), (2028, "Nom à venir")):
        CollectiveRateFactory(tariff__year=year, label=label)
    assert lines(rate_decision_pdf(decided(establishment))).count("Code risque 45.2BE : Nom de 2026") == 1


@pytest.mark.parametrize(
    ("rate", "shown"),
    [("0", "0,00 %"), ("0.0010", "0,001 %"), ("0.0198", "0,0198 %"), ("99", "99,00 %"), ("99.9999", "99,9999 %")],
)
def test_every_rate_is_printed_as_decided(establishment: Establishment, rate: str, shown: str) -> None:
    printed = lines(rate_decision_pdf(decided(establishment, rate=Decimal(rate))))
    assert printed.count(f"{shown} à compter du 1er janvier 2027") == 1
    assert printed.count(f"Présente décision Individuel 1er janvier 2027 {shown}") == 1


@pytest.mark.parametrize(
    "text",
    [
        '#panic("x")',
        "*DUPONT* & _FILS_ $x^2$",
        'C:\\ATELIER\\ "L\'OR" `brut` <cle> @renvoi',
        "= TITRE // REMARQUE /* SUITE */ ~ -- ... #[]{}",
        "#sys.inputs.facts",
        "\\u{0041} \\u0041 %s {}",
        "ŒUVRE ÇÀ ET LÀ – ÿ Ÿ ß € № Łódź",
        "ΑΘΗΝΑ ПЕКАРНЯ",
    ],
)
def test_a_name_is_never_a_command(establishment: Establishment, text: str) -> None:
    CollectiveRateFactory(label=text, category=text)
    pdf = rate_decision_pdf(decided(establishment, addressee=text, address=f"{text}\n29200 BREST"))
    assert after(ADDRESS_STARTS_AFTER, pdf, 3) == [text, text, "29200 BREST"]
    assert after("Classement de l’établissement", pdf, 2) == [
        f"Code risque 45.2BE : {text}",
        f"Comité technique national : {text}",
    ]


def test_what_the_font_does_not_have_is_a_square(establishment: Establishment) -> None:
    text = "面包 \N{BREAD}\N{RIGHT-TO-LEFT OVERRIDE}\x07A\ue000\u0300"
    pdf = rate_decision_pdf(decided(establishment, addressee=text, address="a\tb\n\n c "))
    assert after(ADDRESS_STARTS_AFTER, pdf, 3) == ["□□ □□□A□□", "a b", "c"]


def test_letters_written_in_two_parts_are_put_together(establishment: Establishment) -> None:
    pdf = rate_decision_pdf(decided(establishment, addressee="CAFE\u0301"))
    assert after(ADDRESS_STARTS_AFTER, pdf, 1) == ["CAFÉ"]


def test_every_character_let_through_is_drawn(establishment: Establishment) -> None:
    known = [chr(code) for code in range(0x2500) if not pdf._UNPRINTABLE.match(chr(code))]
    words = ["".join(known[start : start + 20]) for start in range(0, len(known), 20)]
    CollectiveRateFactory(label=" ".join(words))
    printed = "".join(lines(rate_decision_pdf(decided(establishment))))
    assert [word for word in words if "".join(word.split()) not in "".join(printed.split())] == []


@pytest.mark.parametrize("word", ["CONSTRUCTION ", "W"])
def test_long_texts_are_printed_whole_within_the_page(establishment: Establishment, word: str) -> None:
    long = {size: (word * size)[:size].strip() for size in (100, 200, 400)}
    CollectiveRateFactory(label=long[400])
    pdf = rate_decision_pdf(decided(establishment, addressee=long[200], address=f"{long[200]}\n{long[100]}"))
    printed = [line.replace("\u200b", "") for line in lines(pdf)]
    recipient = printed[printed.index(ADDRESS_STARTS_AFTER) + 1 : printed.index("Madame, Monsieur,") - 3]
    assert "".join(recipient).replace(" ", "") == f"{long[200]}{long[200]}{long[100]}".replace(" ", "")
    # The column is 83 mm wide: 22 of the widest letter.
    assert max(map(len, recipient)) <= 28
    assert long[400].replace(" ", "") in "".join(printed).replace(" ", "")
    assert printed[-1] == "Page 3 sur 3"


def test_it_is_the_same_bytes_each_time_whatever_the_day(
    decision: RateDecision, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rate_decision_pdf(decision)
    monkeypatch.setattr(clock, "real_now", lambda: dt.datetime(2031, 7, 14, tzinfo=dt.UTC))
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    assert rate_decision_pdf(RateDecision.objects.get()) == first


def test_a_later_correction_of_the_register_changes_nothing(decision: RateDecision) -> None:
    """A correction shows on every screen (G3.4), not in a document already issued."""
    before = rate_decision_pdf(decision)
    Enterprise.objects.update(name="AUTRE NOM")
    Establishment.objects.update(address="2 RUE NEUVE", city="QUIMPER")
    assert rate_decision_pdf(RateDecision.objects.get()) == before


def test_a_later_decision_of_another_day_changes_nothing(decision: RateDecision, establishment: Establishment) -> None:
    before = rate_decision_pdf(decision)
    decided(establishment, pk=43, effective_on=dt.date(2026, 7, 1), rate="1")
    decided(establishment, pk=45, effective_on=dt.date(2028, 1, 1), rate="3")
    assert rate_decision_pdf(RateDecision.objects.get(pk=42)) == before


def test_two_decisions_make_two_documents(decision: RateDecision, establishment: Establishment) -> None:
    other = decided(establishment, pk=43, effective_on=dt.date(2027, 5, 1))
    assert rate_decision_pdf(other) != rate_decision_pdf(decision)


def test_threads_do_not_get_in_each_other_s_way(decision: RateDecision, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = documents._facts(decision)
    monkeypatch.setattr(documents, "_facts", lambda _decision: facts)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(rate_decision_pdf, [decision] * 24))
    assert set(made) == {rate_decision_pdf(decision)}


@pytest.mark.parametrize("years", [1, 3])
def test_it_costs_the_same_number_of_queries_whatever_the_history(
    establishment: Establishment, years: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    CollectiveRateFactory()
    for year in range(years):
        decided(establishment, effective_on=dt.date(2026 - year, 1, 1))
    decision = decided(establishment)
    with django_assert_num_queries(5):
        rate_decision_pdf(decision)


def test_the_tariff_s_label_is_the_one_thing_that_a_correction_changes(decision: RateDecision) -> None:
    """Known limit, decision 0006: the label is read from the year's tariff."""
    before = rate_decision_pdf(decision)
    CollectiveRate.objects.update(label="Autre intitulé")
    assert rate_decision_pdf(decision) != before


@pytest.fixture
def computed(establishment: Establishment) -> RateDecision:
    """Return a decision with the inputs of its rate: mixed, 7.39 in 2026, capped by the one before."""
    kept = RateCalculationFactory(
        decision__establishment=establishment, decision__mode=RateDecision.Mode.MIXED, headcount_n2=85,
        previous_rate=Decimal("5.80"), decision__rate=Decimal("7.25"),
    )  # fmt: skip
    return RateDecision.objects.get(pk=kept.pk)


def test_the_calculation_sheet_shows_each_step_in_words_and_numbers(computed: RateDecision) -> None:
    """domain.md, section 4."""
    whole = " ".join(lines(rate_decision_pdf(computed)))
    sheet = whole[whole.index("Feuille de calcul") : whole.index("Les étapes sont montrées")]
    assert sheet.count("Source :") == 8
    for words in (
        "Pourquoi un taux mixte. Une part du taux vient de vos propres sinistres,",
        "Valeur du risque Coût des sinistres de 2022 à 2024",
        "136 200 € ÷ 3 000 000 € × 100",
        "(4,54 + 0,19) × 1,52 + 0,17 + 0,03",
        "0,9 ÷ 130 × (85 − 20) + 0,1",
        "55,00 % × 7,3896 + 45,00 % × 7,39",
        "5,80 % : de 4,64 % à 7,25 %, le plafond s’applique",
        "Arrondi À deux décimales, au plus proche, la moitié vers le haut",
    ):
        assert words in sheet
    assert "contredisent" not in sheet
    assert whole.count("C’est 0,14 point au-dessous du taux collectif du code risque (7,39 %).") == 1


def test_its_tables_both_have_column_headers(computed: RateDecision) -> None:
    pdf = rate_decision_pdf(computed)
    headers = [e for e in elements(read(pdf).trailer["/Root"]["/StructTreeRoot"]["/K"]) if e["/S"] == "/TH"]
    assert [header["/A"][0]["/Scope"] for header in headers] == ["/Column"] * 7


def test_a_collective_rate_has_one_step_and_no_word_on_decimals(computed: RateDecision) -> None:
    RateCalculation.objects.update(headcount_n2=12)
    whole = " ".join(lines(rate_decision_pdf(RateDecision.objects.get())))
    assert (whole.count("Source :"), whole.count("décimales")) == (1, 0)


def test_a_rate_that_its_inputs_contradict_is_printed_with_the_computed_one(computed: RateDecision) -> None:
    strong = tags(rate_decision_pdf(computed)).count("/Strong")
    RateDecision.objects.update(rate="7.39")
    pdf = rate_decision_pdf(RateDecision.objects.get())
    printed = lines(pdf)
    assert tags(pdf).count("/Strong") == strong + 1
    sentence = "Les données contredisent la notification : taux notifié 7,39 %, taux calculé 7,25 %."
    assert printed.count(sentence) == 1


def test_a_later_tariff_or_rounding_changes_no_calculation(computed: RateDecision, settings: Settings) -> None:
    CollectiveRateFactory(tariff__year=2026)
    before = rate_decision_pdf(RateDecision.objects.get())
    CollectiveRate.objects.update(rate="1")
    Establishment.objects.update(alsace_moselle=True)
    settings.RATE_ROUNDING = "up/4/gross"
    assert rate_decision_pdf(RateDecision.objects.get()) == before
