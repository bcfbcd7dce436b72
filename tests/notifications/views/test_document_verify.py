"""« Vérifier un document »: what anybody is told of a file or a number, and what nobody is."""

import datetime as dt
import re
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.documents import terms_pdf
from notifications.documents import SEALED_AS, rate_decision_pdf, sealed_decision_pdf
from notifications.forms import VerifyFileForm
from notifications.models import RateDecision
from portal.kit.authority import current_seal, known_certificates
from portal.kit.seal import Finding, inspected, sealed
from portal.kit.upload import BriefUploadHandler
from tests.factories.accounts import EstablishmentFactory
from tests.factories.notifications import CollectiveRateFactory, RateDecisionFactory

pytestmark = pytest.mark.django_db
URL = "/verifier/"
NUMBER = "AT-2027-00000042"


@pytest.fixture
def decision() -> RateDecision:
    CollectiveRateFactory()
    establishment = EstablishmentFactory(
        siret="73282932000074", enterprise__siren="732829320", enterprise__name="BOULANGERIE SECRÈTE"
    )
    return RateDecision.objects.get(pk=RateDecisionFactory(establishment=establishment, pk=42).pk)


def replace(decision: RateDecision) -> None:
    RateDecisionFactory(establishment=decision.establishment, pk=43, version=2, rate="1.23")


def shown(response: object) -> str:
    """Return the text of a page, its no-break spaces as spaces."""
    html = re.sub(r"<[^>]+>", " ", response.content.decode())  # type: ignore[attr-defined]
    return " ".join(html.replace("&nbsp;", " ").replace("&#x27;", "'").split())


def drop(content: bytes, *, client: Client | None = None) -> str:
    response = (client or Client()).post(URL, {"document": SimpleUploadedFile("a.pdf", content)})
    assert response.status_code == 200
    return shown(response)


def ask(number: str) -> str:
    response = Client().post(URL, {"number": number})
    assert response.status_code == 200
    return shown(response)


def test_anybody_may_look_and_the_address_is_short(client: Client) -> None:
    page = shown(client.get(URL))
    assert ("Avec le fichier" in page, "Résultat" in page) == (True, False)
    assert 'href="/verifier/"' in client.get("/").content.decode()


def test_our_document_is_authentic(decision: RateDecision) -> None:
    page = drop(sealed_decision_pdf(decision))
    assert (
        f"Document authentique Ce fichier est, à l'octet près, celui que ce portail a émis sous le n° {NUMBER}." in page
    )


def test_it_is_said_to_be_replaced_once_a_later_version_exists(decision: RateDecision) -> None:
    document = sealed_decision_pdf(decision)
    replace(decision)
    assert "Document authentique, mais remplacé" in drop(document)


def test_a_rate_of_another_day_replaces_nothing(decision: RateDecision) -> None:
    RateDecisionFactory(establishment=decision.establishment, pk=44, effective_on="2027-05-01")
    RateDecisionFactory(establishment=decision.establishment, pk=45, code_risque="55.3AC", version=2)
    RateDecisionFactory(pk=46, version=2)
    assert "Document authentique Ce fichier" in drop(sealed_decision_pdf(decision))


def test_the_newest_version_is_not_replaced_by_those_before(decision: RateDecision) -> None:
    replace(decision)
    assert "Document authentique Ce fichier" in drop(sealed_decision_pdf(RateDecision.objects.get(pk=43)))


def test_our_document_of_a_decision_that_has_gone_is_said_to_be_so(decision: RateDecision) -> None:
    document = sealed_decision_pdf(decision)
    decision.delete()
    assert "Document scellé par ce portail Ce fichier est intact, mais" in drop(document)


def test_a_changed_document_is_told_apart_from_a_foreign_one(decision: RateDecision) -> None:
    document = sealed_decision_pdf(decision)
    assert "Document modifié" in drop(document[:5000] + b"\x00" + document[5001:])
    assert "Document non reconnu" in drop(rate_decision_pdf(decision))


@pytest.mark.parametrize("outcome", ["authentic", "replaced", "altered"])
def test_a_stranger_learns_nothing_of_what_the_document_holds(decision: RateDecision, outcome: str) -> None:
    document = sealed_decision_pdf(decision)
    if outcome == "replaced":
        replace(decision)
    if outcome == "altered":
        document = document[:-1] + b"x%%EOF"
    pages = [drop(document), ask(NUMBER)]
    secrets = ["732829320", "732 829 320", "SECRÈTE", "7,39", "1,23", "45.2BE", "Individuel", "gros œuvre", "00000043"]
    assert [secret for page in pages for secret in secrets if secret in page] == []


@pytest.mark.parametrize("typed", [NUMBER, " at-2027-00000042 ", "AT-2027-0000 0042"])
def test_a_number_is_known_and_nothing_more(decision: RateDecision, typed: str) -> None:
    page = ask(typed)
    assert f"Numéro connu Ce portail a émis un document sous le n° {NUMBER}, et aucune décision" in page
    assert "Document authentique" not in page


def test_a_number_is_said_to_be_replaced(decision: RateDecision) -> None:
    replace(decision)
    assert "Numéro connu, document remplacé" in ask(NUMBER)


@pytest.mark.parametrize(
    "typed",
    [
        *("AT-2026-00000042", "AT-2027-00000041", "AT-2027-000000042", "AT-0000-00000042", "AT-2027-999999999999"),
        *("42", "73282932000074", "' OR 1=1", "AT-2027-٠٠٠٠٠٠٤٢"),
    ],
)
def test_every_other_number_is_unknown(decision: RateDecision, typed: str) -> None:
    assert "Numéro inconnu" in ask(typed)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "Écrivez le numéro du document"), ("9" * 41, "Un numéro ressemble à AT-2027-00000042.")],
)
def test_a_number_that_is_none_gets_its_error(typed: str, sentence: str) -> None:
    assert sentence in ask(typed)


def test_the_documents_link_fills_the_number_in_and_asks_nothing(
    decision: RateDecision, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        page = Client().get(URL, {"numero": NUMBER}).content.decode()
    assert (f'value="{NUMBER}"' in page, "Numéro connu" in page) == (True, False)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Ce fichier est vide (0 octet)"),
        (b"PK\x03\x04 docx", "Ce fichier n'est pas un PDF"),
        (b"%PDF-1.7\n1 0 obj", "Ce PDF n'est pas entier"),
        (b"%PDF-1.7\ntrailer <</Encrypt 5 0 R>>\n%%EOF\n", "Ce PDF est chiffré ou protégé par un mot de passe"),
        (b"%PDF-" + b" " * 1_000_000 + b"%%EOF", "Ce fichier dépasse 1 Mo"),
    ],
)
def test_what_cannot_be_one_of_ours_gets_its_error(content: bytes, sentence: str) -> None:
    page = drop(content)
    assert f"Fichier PDF : {sentence}" in page


def test_no_file_at_all_gets_its_error() -> None:
    assert "Choisissez le fichier PDF à vérifier." in shown(Client().post(URL, {}))


def test_a_document_cut_anywhere_is_not_authentic(decision: RateDecision) -> None:
    document = sealed_decision_pdf(decision)
    for size in range(8, len(document), 3001):
        assert "Document authentique" not in drop(document[:size])


def test_nothing_is_written_to_the_disk(
    decision: RateDecision, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a file was written")

    monkeypatch.setattr(TemporaryUploadedFile, "__init__", refuse)
    assert "Ce fichier dépasse 1 Mo" in drop(b"%PDF-" + b"x" * 5_000_000)
    assert not Path(settings.MEDIA_ROOT).exists()


def test_many_files_at_once_take_no_more_memory_than_one() -> None:
    handler = BriefUploadHandler(10)
    for _file in range(3):
        handler.new_file("document", "a.pdf", "application/pdf", None)
        handler.receive_data_chunk(b"x" * 8, 0)
        kept = handler.file_complete(8)
    assert (handler.room, kept.size, kept.read()) == (0, 8, b"")


def test_a_form_without_its_token_is_refused(decision: RateDecision) -> None:
    visitor = Client(enforce_csrf_checks=True)
    assert visitor.post(URL, {"number": NUMBER}).status_code == 403
    token = visitor.get(URL).cookies["csrftoken"].value
    assert visitor.post(URL, {"number": NUMBER, "csrfmiddlewaretoken": token}).status_code == 200


def test_a_source_that_tries_numbers_by_the_hundred_is_paused(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"verify": "3/m/ip"}
    visitor = Client()
    codes = [visitor.post(URL, {"number": f"AT-2027-{pk:08d}"}).status_code for pk in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    assert visitor.get(URL).status_code == 200


def test_asking_costs_the_same_number_of_queries(
    decision: RateDecision, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    document = sealed_decision_pdf(decision)
    with django_assert_num_queries(2):
        drop(document)
    with django_assert_num_queries(0):
        drop(document + b"x%%EOF")


def test_the_authoritys_certificate_is_there_for_other_programs(client: Client) -> None:
    response = client.get("/verifier/autorite.pem")
    assert x509.load_pem_x509_certificate(response.content) == current_seal().chain[-1]
    assert b"PRIVATE" not in response.content


def verdict(content: bytes) -> Finding | None:
    """Return what the page would find in a file; nothing when its form refuses it."""
    form = VerifyFileForm({}, {"document": SimpleUploadedFile("a.pdf", content)})
    return inspected(form.cleaned_data["document"], known_certificates()) if form.is_valid() else None


@given(content=st.binary(max_size=2000), dressed=st.booleans())
def test_no_file_makes_the_page_fail(content: bytes, dressed: bool) -> None:
    page = drop(b"%%PDF-1.7\n%s\n%%%%EOF" % content if dressed else content)
    assert "Document authentique" not in page


@cache
def sealed_terms() -> bytes:
    """Return a document with our seal whose decision does not exist."""
    reason = f"{SEALED_AS}AT-2027-99999999"
    return sealed(terms_pdf(), current_seal(), reason=reason, dated=dt.date(2027, 1, 4))


@given(data=st.data())
def test_no_mutation_of_our_document_is_authentic(data: st.DataObject) -> None:
    """Cuts, copies and changes of a sealed document: never an error of ours, never authentic."""
    document = sealed_terms()
    start = data.draw(st.integers(0, len(document)))
    end = data.draw(st.integers(start, min(len(document), start + 4000)))
    filling = data.draw(st.one_of(st.binary(max_size=50), st.just(document[start:end] * 2), st.just(document[-500:])))
    mutated = document[:start] + filling + document[end:]
    found = verdict(mutated)
    assert (found is Finding.AUTHENTIC) == (mutated == document)
    assert ("Document scellé par ce portail" in drop(mutated)) == (mutated == document)


def test_the_reader_of_a_seal_sees_only_what_was_found_authentic(
    monkeypatch: pytest.MonkeyPatch, decision: RateDecision
) -> None:
    """A stranger's PDF is never parsed: bombs and broken trees have nothing to break."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a stranger's PDF was read")

    document = sealed_decision_pdf(decision)
    monkeypatch.setattr("pyhanko.pdf_utils.reader.PdfFileReader.__init__", refuse)
    assert "Document modifié" in drop(document + b"%%EOF")
