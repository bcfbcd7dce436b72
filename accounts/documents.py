"""The general terms as a PDF (G3.3), from the same words as their page."""

from functools import cache

from accounts.rules import terms
from portal.kit.french import typeset
from portal.kit.pdf import document_pdf, typst_day, unbroken


@cache
def terms_pdf() -> bytes:
    """Return the general terms in force: PDF/A-2a and PDF/UA-1, the same bytes each time."""
    facts = {
        "title": "Conditions générales",
        "version": terms.VERSION,
        "date": typst_day(terms.PUBLISHED_ON),
        "published_on": unbroken(terms.PUBLISHED_ON),
        "clauses": [
            {"title": clause.title, "paragraphs": [typeset(text) for text in clause.paragraphs]}
            for clause in terms.CLAUSES
        ],
    }
    return document_pdf("accounts/documents/terms.typ", facts, dated=terms.PUBLISHED_ON)
