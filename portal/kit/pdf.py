"""PDF/A-2a and PDF/UA-1 documents by typst: the same bytes whenever and wherever they are made.

Everything that varies comes to the template as JSON in sys.inputs.facts, and is printed as it is: never typst source.
"""

import datetime as dt
import json
import re
import threading
import unicodedata
from functools import cache
from typing import Any, cast

import typst
from django.conf import settings

from portal.kit import french

# What the bundled font draws for certain. Anything else makes typst refuse the document, and some of it crash.
_UNPRINTABLE = re.compile(
    "[^ -~\u00a0-\u00ac\u00ae-\u024f\u0391-\u03a1\u03a3-\u03ce\u0400-\u045f\u1e00-\u1eff\u2010-\u2027\u202f"
    "\u2030\u2039\u203a\u20ac\u2116\u2122\u2212]"
)
_STAND_IN = "\N{WHITE SQUARE}"
_local = threading.local()


def document_pdf(template: str, facts: dict[str, Any], *, dated: dt.date) -> bytes:
    """Return the PDF of a typst template under `templates/`, filled with facts that JSON can hold.

    dated: the day that the file itself carries.
    """
    pdf = _compiler().compile(
        input=_source(template),
        format="pdf",
        sys_inputs={"facts": json.dumps(facts)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=dt.datetime.combine(dated, dt.time(), dt.UTC),
    )
    return cast(bytes, pdf)


def typst_day(value: dt.date) -> dict[str, int]:
    """Return a day as typst's `datetime(..day)` takes it."""
    return {"year": value.year, "month": value.month, "day": value.day}


def unbroken(value: dt.date) -> str:
    """Return a day in French that no line break cuts."""
    return french.day(value).replace(" ", french.NBSP)


def printable(text: str) -> str:
    """Return a text of the register as one line; a square stands for what the font does not have."""
    return _UNPRINTABLE.sub(_STAND_IN, unicodedata.normalize("NFC", " ".join(text.split())))


@cache
def _source(template: str) -> bytes:
    return (settings.ROOT / "templates" / template).read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _compiler() -> typst.Compiler:
    """Return this thread's compiler: two threads in one make it fail."""
    if not hasattr(_local, "compiler"):
        _local.compiler = typst.Compiler(font_paths=_fonts())
    compiler: typst.Compiler = _local.compiler
    return compiler
