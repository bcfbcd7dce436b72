"""How many official documents a minute and core, before and after the seal? And where does the time go?

    .venv/bin/python benchmarks/documents.py [DOCUMENTS]

Distinct documents (typst remembers those it has made), on a fresh SQLite demo. Processor time of all threads, each
stage of a document measured beside the others, so that the shares hold on a busy machine; the figures per minute are
those of this machine at this moment.
"""

import datetime as dt
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["ATELIER_VAR"] = tempfile.mkdtemp(prefix="atelier-documents-")
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
DOCUMENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 300
GOAL = 10_000

import django  # noqa: E402

django.setup()

from asn1crypto import keys  # noqa: E402
from asn1crypto import x509 as asn1_x509  # noqa: E402
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat  # noqa: E402
from django.core.management import call_command  # noqa: E402
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: E402
from pyhanko.sign import fields, signers  # noqa: E402
from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: E402

from notifications import documents  # noqa: E402
from notifications.models import RateDecision  # noqa: E402
from portal.kit.authority import current_seal, known_certificates  # noqa: E402
from portal.kit.pdf import document_pdf  # noqa: E402
from portal.kit.seal import inspected, sealed  # noqa: E402

call_command("migrate", verbosity=0)
call_command("load_demo", verbosity=0)
SEAL = current_seal()
TEMPLATE = "notifications/documents/decision.typ"


def decisions() -> Iterator[RateDecision]:
    """Go round the demo's decisions, each time with another number, addressee, address and rate."""
    known = list(RateDecision.objects.select_related("establishment"))
    for number in range(DOCUMENTS):
        decision = known[number % len(known)]
        decision.pk = 1_000_000 + number
        decision.addressee = f"ENTREPRISE {number} DE L'ESSAI"
        decision.address = f"{number} RUE DES MESURES\n{29000 + number % 900} BREST"
        decision.rate = Decimal(100 + number % 900) / 100
        yield decision


def by_sign_pdf() -> Callable[[bytes], object]:
    """Return pyHanko's own way to seal, to compare: it signs twice, and writes the metadata anew."""
    key = SEAL.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(SEAL.certificate.public_bytes(Encoding.DER)),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore(),
    )
    meta = signers.PdfSignatureMetadata(
        field_name="Sceau", subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    return lambda pdf: signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), meta, signer=signer)


times: dict[str, list[float]] = {}
sign_pdf = by_sign_pdf()


def timed(stage: str, act: Callable[[], Any]) -> Any:
    """Do one stage and keep the processor time that it took, in seconds."""
    started = time.process_time()
    made = act()
    times.setdefault(stage, []).append(time.process_time() - started)
    return made


def measure(decision: RateDecision) -> None:
    """Make one document, stage by stage, and verify it."""
    facts = timed("facts, from the database", lambda: documents._facts(decision))
    day = facts.decided_on
    pdf = timed("typst, to PDF/A and PDF/UA", lambda: document_pdf(TEMPLATE, documents._printed(facts), dated=day))
    document = timed("seal", lambda: sealed(pdf, SEAL, reason=facts.number, dated=day))
    timed("(of which the signature)", lambda: SEAL.cms(bytes(32)))
    timed("(verification)", lambda: inspected(document, known_certificates()))


for one in decisions():
    measure(one)
plain = documents.rate_decision_pdf(next(decisions()))
for _round in range(20):
    timed("(by pyHanko's sign_pdf)", lambda: sign_pdf(plain))

spent = {stage: median(found[2:]) for stage, found in times.items()}
unsealed = spent["facts, from the database"] + spent["typst, to PDF/A and PDF/UA"]
whole = unsealed + spent["seal"]
print(f"{dt.timedelta(seconds=round(sum(map(sum, times.values()))))} of processor time, {DOCUMENTS} documents")
print(f"{'stage':28}{'ms':>8}{'share of a sealed document':>30}")
for stage, seconds in spent.items():
    print(f"{stage:28}{seconds * 1000:8.2f}{seconds / whole:30.0%}")
for name, seconds in (("unsealed", unsealed), ("sealed", whole)):
    rate = 60 / seconds
    print(f"{name:10}{rate:8.0f} a minute and core, {rate / GOAL:.2f} of the goal")
print(f"sealed / unsealed: {unsealed / whole:.2f} of the documents in the same time")
