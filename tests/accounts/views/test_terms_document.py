"""The general terms can be downloaded (G3.3): the same words as their page, as an accessible PDF."""

import io
import re

import pytest
from django.test import Client
from pypdf import PdfReader

from accounts.rules import terms
from portal.kit.french import typeset

pytestmark = pytest.mark.django_db


@pytest.fixture
def response(client: Client) -> tuple[str, str, PdfReader]:
    got = client.get("/conditions-generales/pdf/")
    return got["Content-Type"], got["Content-Disposition"], PdfReader(io.BytesIO(got.content))


def words(text: str) -> str:
    """Return a text without spaces and hyphens, which a line break moves, and with one kind of apostrophe."""
    return re.sub(r"[\s\u00ad-]", "", text).replace("’", "'")


def test_it_is_a_file_named_after_its_version(response: tuple[str, str, PdfReader]) -> None:
    assert response[:2] == ("application/pdf", 'attachment; filename="conditions-generales-1.0.pdf"')


def test_it_says_what_the_page_says(response: tuple[str, str, PdfReader]) -> None:
    found = words("".join(re.sub(r"Conditions générales de .*", "", page.extract_text()) for page in response[2].pages))
    texts = [text for clause in terms.CLAUSES for text in (clause.title, *clause.paragraphs)]
    assert [text for text in texts if words(typeset(text)) not in found] == []


def test_it_is_tagged_in_french_and_has_a_title(response: tuple[str, str, PdfReader]) -> None:
    pdf = response[2]
    root = pdf.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("fr-FR", True)  # type: ignore[index]
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Conditions générales de l’Atelier AT/MP"
    xmp = pdf.xmp_metadata
    assert xmp is not None
    assert b"pdfuaid:part>1<" in xmp.stream.get_data()
