"""The sealed document, read by other programs than the ones that wrote it; its tags and claims after the seal."""

import datetime as dt
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.keys.pemder import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject
from pytest_django import Settings

from notifications.documents import rate_decision_pdf, sealed_decision_pdf
from notifications.models import RateDecision
from portal import clock
from portal.kit import authority
from portal.kit.authority import current_seal, known_certificates
from portal.kit.seal import Finding, inspected, sealed, sealed_reason
from tests.factories.accounts import EstablishmentFactory
from tests.factories.notifications import RateDecisionFactory

pytestmark = pytest.mark.django_db
# Bits of an annotation's /F.
INVISIBLE, HIDDEN, PRINT, NO_VIEW, TOGGLE_NO_VIEW = 1, 2, 4, 32, 256


@pytest.fixture
def decision() -> RateDecision:
    establishment = EstablishmentFactory(siret="73282932000074", enterprise__siren="732829320")
    return RateDecision.objects.get(pk=RateDecisionFactory(establishment=establishment, pk=42).pk)


@pytest.fixture
def plain(decision: RateDecision) -> bytes:
    return rate_decision_pdf(decision)


@pytest.fixture
def document(decision: RateDecision) -> bytes:
    return sealed_decision_pdf(decision)


def root(pdf: bytes) -> DictionaryObject:
    catalogue: DictionaryObject = PdfReader(io.BytesIO(pdf), strict=True).trailer["/Root"]
    return catalogue


def elements(node: Any) -> Iterator[DictionaryObject]:
    """Walk the structure tree in reading order."""
    node = node.get_object()
    for child in node if isinstance(node, ArrayObject) else [node]:
        element = child.get_object()
        if isinstance(element, DictionaryObject):
            if "/S" in element:
                yield element
            if "/K" in element:
                yield from elements(element["/K"])


def tags(pdf: bytes) -> list[str]:
    return [element["/S"] for element in elements(root(pdf)["/StructTreeRoot"]["/K"])]


def annotations(pdf: bytes) -> list[DictionaryObject]:
    pages = PdfReader(io.BytesIO(pdf), strict=True).pages
    return [annotation.get_object() for page in pages for annotation in page.get("/Annots", [])]


def by_pyhanko(pdf: bytes) -> PdfSignatureStatus:
    """Return what pyHanko says of the one signature, trusting this installation's root alone."""
    (anchor,) = load_certs_from_pemder_data(current_seal().chain[-1].public_bytes(Encoding.PEM))
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return validate_pdf_signature(signature, ValidationContext(trust_roots=[anchor], allow_fetching=False))


def written(catalogue: DictionaryObject, name: str) -> str:
    """Return an entry as text: references by their number."""
    return re.sub(r"IndirectObject\((\d+), 0, \d+\)", r"\1 R", repr(dict.get(catalogue, name)))


def flipped(pdf: bytes, place: int, bit: int = 0) -> bytes:
    return pdf[:place] + bytes([pdf[place] ^ 1 << bit]) + pdf[place + 1 :]


def test_pyhanko_finds_the_seal_whole_valid_and_trusted(document: bytes) -> None:
    status = by_pyhanko(document)
    assert (status.bottom_line, status.intact, status.valid, status.trusted) == (True, True, True, True)
    assert status.coverage.name == "ENTIRE_FILE"


@pytest.mark.pdfsig
def test_poppler_finds_the_seal_valid_over_the_whole_document(document: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(document)
    said = subprocess.run(["pdfsig", tmp_path / "a.pdf"], capture_output=True, text=True, check=True).stdout
    facts = [line.strip().removeprefix("- ") for line in said.splitlines()]
    assert facts[2:4] == [
        "Signature Field Name: Sceau",
        "Signer Certificate Common Name: SPÉCIMEN – Sceau de l’Atelier AT/MP",
    ]
    assert facts[7:11:1] == [
        "Signature Type: ETSI.CAdES.detached",
        facts[8],
        "Total document signed",
        "Signature Validation: Signature is Valid.",
    ]


@pytest.mark.pdfsig
def test_poppler_finds_one_flipped_byte(document: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(flipped(document, 5000))
    done = subprocess.run(["pdfsig", tmp_path / "a.pdf"], capture_output=True, text=True, check=False)
    assert "Signature is Valid" not in done.stdout


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl manque")
def test_openssl_verifies_the_signature_over_the_range(document: bytes, tmp_path: Path) -> None:
    hole = re.search(rb"/Contents <([0-9A-F]+)>", document)
    assert hole is not None
    (tmp_path / "cms").write_bytes(bytes.fromhex(hole[1].decode()))
    (tmp_path / "range").write_bytes(document[: hole.start(1) - 1] + document[hole.end(1) + 1 :])
    (tmp_path / "root").write_bytes(current_seal().chain[-1].public_bytes(Encoding.PEM))
    files = ["-in", tmp_path / "cms", "-content", tmp_path / "range", "-CAfile", tmp_path / "root"]
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", *files, "-purpose", "any", "-out", "/dev/null"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_seal_is_appended_and_what_it_seals_is_untouched(plain: bytes, document: bytes) -> None:
    assert document.startswith(plain)
    before, after = (PdfReader(io.BytesIO(pdf), strict=True) for pdf in (plain, document))
    assert [page.extract_text() for page in after.pages] == [page.extract_text() for page in before.pages]
    assert (after.metadata, after.xmp_metadata and after.xmp_metadata.stream.get_data()) == (
        before.metadata,
        before.xmp_metadata and before.xmp_metadata.stream.get_data(),
    )


def test_it_still_claims_pdf_a_2a_and_pdf_ua_1(plain: bytes, document: bytes) -> None:
    xmp = PdfReader(io.BytesIO(document), strict=True).xmp_metadata
    assert xmp is not None
    claims = dict(re.findall(r"<(pdfa?u?a?id:\w+)>(\w+)<", xmp.stream.get_data().decode()))
    assert claims == {"pdfaid:part": "2", "pdfaid:conformance": "A", "pdfuaid:part": "1"}
    # Of the catalogue the form is all that is new: a version 2.0 or an extension would end the claim to PDF/A-2.
    before, after = root(plain), root(document)
    assert set(after) - set(before) == {"/AcroForm"}
    assert {name: written(after, name) for name in before} == {name: written(before, name) for name in before}
    assert dict(after["/AcroForm"]).keys() == {"/Fields", "/SigFlags"}


def test_its_tags_are_those_of_before_and_a_form_at_the_end(plain: bytes, document: bytes) -> None:
    assert tags(document) == [*tags(plain), "/Form"]


def test_every_annotation_hangs_in_the_structure_tree(document: bytes) -> None:
    """PDF/UA-1, 7.18: links inside Link, widgets inside Form, each found from its StructParent; tabs in that order."""
    tree = root(document)["/StructTreeRoot"]
    parents = dict(zip(*[iter(tree["/ParentTree"]["/Nums"])] * 2, strict=True))
    found = annotations(document)
    owners = [parents[annotation["/StructParent"]].get_object() for annotation in found]
    assert [(one["/Subtype"], owner["/S"]) for one, owner in zip(found, owners, strict=True)] == [
        ("/Link", "/Link"),
        ("/Widget", "/Form"),
    ]
    assert owners[-1]["/K"]["/Obj"]["/T"] == found[-1]["/T"]
    assert owners[-1]["/P"].get_object()["/S"] == "/Document"
    assert tree["/ParentTreeNextKey"] > max(parents)
    pages = PdfReader(io.BytesIO(document), strict=True).pages
    assert {page["/Tabs"] for page in pages if "/Annots" in page} == {"/S"}


def test_a_document_of_several_pages_is_sealed_on_its_last(decision: RateDecision) -> None:
    decision.addressee, decision.address = "W" * 200, "\n".join(["W" * 80] * 4)
    document = sealed_decision_pdf(decision)
    pages = PdfReader(io.BytesIO(document), strict=True).pages
    fields = [[one.get_object().get("/FT") for one in page.get("/Annots", [])] for page in pages]
    assert [found.count("/Sig") for found in fields] == [0] * (len(pages) - 1) + [1]
    assert (by_pyhanko(document).bottom_line, tags(document)[-1]) == (True, "/Form")
    assert {page["/Tabs"] for page in pages} == {"/S"}


def test_the_field_has_a_name_to_read_aloud_and_the_flags_of_pdf_a(document: bytes) -> None:
    """PDF/UA-1, 7.18.1 (TU) and 7.18.4; PDF/A-2, 6.3.2 (print, never hidden) and 6.3.3 (no size, no appearance)."""
    widget = annotations(document)[-1]
    assert (widget["/FT"], widget["/T"], widget["/TU"]) == ("/Sig", "Sceau", "Sceau électronique de l’émetteur")
    flags = widget["/F"]
    assert (flags & PRINT, flags & (INVISIBLE | HIDDEN | NO_VIEW | TOGGLE_NO_VIEW)) == (PRINT, 0)
    assert list(widget["/Rect"]) == [0, 0, 0, 0]
    assert "/AP" not in widget


def test_the_seal_says_what_it_seals_and_claims_the_day_of_the_decision(document: bytes) -> None:
    signature = annotations(document)[-1]["/V"]
    assert (signature["/Type"], signature["/SubFilter"], signature["/M"], signature["/Reason"]) == (
        "/Sig",
        "/ETSI.CAdES.detached",
        "D:20270104000000Z",
        "Notification de taux AT/MP n° AT-2027-00000042",
    )
    assert sealed_reason(document) == signature["/Reason"]


def test_it_is_the_same_bytes_each_time_whatever_the_day(
    decision: RateDecision, document: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "real_now", lambda: dt.datetime(2031, 7, 14, tzinfo=dt.UTC))
    assert sealed_decision_pdf(decision) == document


def test_another_key_makes_another_document_that_is_not_ours(
    plain: bytes, document: bytes, settings: Settings, tmp_path: Path
) -> None:
    ours = known_certificates()
    settings.SEAL_FILE = tmp_path / "seal.pem"
    theirs = sealed(plain, current_seal(), reason="x", dated=dt.date(2027, 1, 4))
    assert theirs != document
    assert (inspected(theirs, ours), inspected(document, known_certificates())) == (Finding.FOREIGN, Finding.FOREIGN)


def test_a_key_of_before_still_makes_its_documents_ours(document: bytes, settings: Settings, tmp_path: Path) -> None:
    settings.SEAL_FORMER_CERTIFICATES = authority.on_one_line(current_seal().certificate.public_bytes(Encoding.PEM))
    settings.SEAL_FILE = tmp_path / "seal.pem"
    assert inspected(document, known_certificates()) is Finding.AUTHENTIC


def test_no_flipped_byte_leaves_it_authentic(plain: bytes, document: bytes) -> None:
    """Every byte of the seal, its padding included, in the two ways that spare the hexadecimal; one in 97 before it."""
    ours = known_certificates()
    assert inspected(document, ours) is Finding.AUTHENTIC
    places = [*range(0, len(plain), 97), *range(len(plain), len(document))]
    found = {inspected(flipped(document, place, bit), ours) for place in places for bit in (0, 5)}
    assert found == {Finding.ALTERED}


@pytest.mark.parametrize("place", [100, 20_000, 38_000, -2_000, -800, -20])
def test_pyhanko_agrees_on_a_flipped_byte(document: bytes, place: int) -> None:
    try:
        status = by_pyhanko(flipped(document, place % len(document), 2))
    except Exception:
        return
    assert not status.bottom_line


@pytest.mark.parametrize("change", ["appended", "prefixed", "shortened", "two seals"])
def test_bytes_more_or_less_are_seen(plain: bytes, document: bytes, change: str) -> None:
    changed = {
        "appended": document + b"\n",
        "prefixed": b"\n" + document,
        "shortened": document[:-1],
        "two seals": document + document[len(plain) :],
    }[change]
    assert inspected(changed, known_certificates()) is Finding.ALTERED


def test_the_document_before_its_seal_is_not_recognised(plain: bytes) -> None:
    assert inspected(plain, known_certificates()) is Finding.FOREIGN


@given(content=st.binary(max_size=3000))
def test_nothing_that_is_thrown_at_it_raises(content: bytes) -> None:
    assert inspected(content, known_certificates()) is Finding.FOREIGN


@given(hole=st.binary(max_size=900), around=st.binary(max_size=200))
def test_nothing_that_looks_like_a_seal_raises(hole: bytes, around: bytes) -> None:
    start, end = len(around) + 10, len(around) + 12 + 2 * len(hole)
    marked = b"%s/Contents <%s>\n/ByteRange [0 %d %d %d]%s"
    content = marked % (around, hole.hex().upper().encode(), start, end, len(around) + 20, around)
    assert inspected(content, known_certificates()) is Finding.FOREIGN
