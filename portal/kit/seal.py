"""A seal on a PDF: a PAdES signature (baseline B-B) that nobody sees, appended to a document of portal.kit.pdf.

pyHanko writes the update. The CMS inside is laid out here, in one way only: the same document has the same seal each
time, and a sealed file can be told from any other byte by byte, without reading a stranger's PDF.
"""

import datetime as dt
import hashlib
import io
import re
from dataclasses import dataclass
from enum import Enum
from functools import cache

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject, DictionaryObject, IndirectObject, NumberObject
from pyhanko.pdf_utils.generic import pdf_name as name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

FIELD = "Sceau"
TOOLTIP = "Sceau électronique de l’émetteur"
_HOLE = re.compile(rb"/Contents <((?:[0-9A-F]{2})*)>\n/ByteRange ")
# How many bytes a signature by P-256 takes in DER; below 66 not once in 2^48 times.
_SIZES = range(66, 73)
_NO_DIGEST = b"\xaa" * 32


class Finding(Enum):
    """What a file turns out to be."""

    AUTHENTIC = "authentic"
    ALTERED = "altered"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Seal:
    """A P-256 key, its certificate, and those above it; the last one is what others may trust."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        """Certificate of the key."""
        return self.chain[0]

    def cms(self, digest: bytes) -> bytes:
        """Return the detached signature (DER) of a SHA-256 digest, the same bytes each time (RFC 6979)."""
        layout = _layout(self.certificate)
        signature = self.key.sign(layout.signed(digest), ec.ECDSA(SHA256(), deterministic_signing=True))
        return layout.cms(digest, signature)


def sealed(pdf: bytes, seal: Seal, *, reason: str, dated: dt.date) -> bytes:
    """Return the PDF with the seal appended: still PDF/A-2a and PDF/UA-1, the same bytes each time.

    pdf: as typst writes it, tagged. reason: what readers show and `sealed_reason` reads back. dated: the day claimed
    (PAdES B-B holds no proof of time).
    """
    update = _Update(io.BytesIO(pdf))
    steps = PdfCMSEmbedder(SigFieldSpec(FIELD, on_page=-1, readable_field_name=TOOLTIP)).write_cms(FIELD, update)
    _tag(update, next(steps))
    room = 2 * len(_layout(seal.certificate).cms(_NO_DIGEST, bytes(_SIZES[-1])))
    at = dt.datetime.combine(dated, dt.time(), dt.UTC)
    placeholder = SignatureObject(at, SigSeedSubFilter.PADES, reason=reason, bytes_reserved=room)
    steps.send(SigObjSetup(placeholder))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    steps.send(seal.cms(prepared.document_digest))
    whole: bytes = output.getvalue()
    return whole


def inspected(pdf: bytes, certificates: tuple[x509.Certificate, ...]) -> Finding:
    """Say whether these are, to the byte, the bytes that the key of one of these certificates sealed.

    The file is never read as a PDF: whatever it holds, this takes one pass and raises nothing.
    """
    if any(_is_sealed(pdf, certificate) for certificate in certificates):
        return Finding.AUTHENTIC
    return Finding.ALTERED if any(_names(pdf, one) for one in certificates) else Finding.FOREIGN


def sealed_reason(pdf: bytes) -> str:
    """Return the reason given to `sealed`. pdf: one found authentic, and no other."""
    return str(PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0].sig_object["/Reason"])


class _Update(IncrementalPdfFileWriter):
    """The document is born sealed: its metadata and identity stay those that typst wrote."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> ArrayObject:
        return ArrayObject(ByteStringObject(getattr(one, "original_bytes", one)) for one in prev.trailer["/ID"])

    def _update_meta(self) -> None:
        pass


def _tag(update: IncrementalPdfFileWriter, field: IndirectObject) -> None:
    """Put the field into the structure tree, at its end: PDF/UA-1 (7.18.4) wants every widget inside a Form."""
    widget, tree = field.get_object(), update.root["/StructTreeRoot"]
    document, key = tree["/K"][0], tree["/ParentTreeNextKey"]
    page = widget.raw_get("/P")
    form = update.add_object(
        DictionaryObject(
            {
                name("/Type"): name("/StructElem"),
                name("/S"): name("/Form"),
                name("/P"): tree["/K"].raw_get(0),
                name("/Pg"): page,
                name("/K"): DictionaryObject({name("/Type"): name("/OBJR"), name("/Obj"): field, name("/Pg"): page}),
            }
        )
    )
    document["/K"].append(form)
    tree["/ParentTree"]["/Nums"] += [key, form]
    tree[name("/ParentTreeNextKey")] = NumberObject(key + 1)
    widget[name("/StructParent")] = NumberObject(key)
    update.update_container(document)
    update.update_container(tree)


@dataclass(frozen=True)
class _Layout:
    """The fixed parts of a CMS of one certificate, in DER: of the whole, of its one signer, of what is signed."""

    head: bytes
    signer: bytes
    attributes: bytes
    algorithm: bytes

    def signed(self, digest: bytes) -> bytes:
        """Return what the key signs: the attributes, the digest of the document among them."""
        return _der(0x31, self.attributes.replace(_NO_DIGEST, digest))

    def cms(self, digest: bytes, signature: bytes) -> bytes:
        """Return the CMS; the signature is its end."""
        attributes = _der(0xA0, self.attributes.replace(_NO_DIGEST, digest))
        signer = _der(0x30, self.signer, attributes, self.algorithm, _der(0x04, signature))
        signed_data = _der(0x30, self.head, _der(0x31, signer))
        return _der(0x30, cms.ContentType("signed_data").dump(), _der(0xA0, signed_data))


@cache
def _layout(certificate: x509.Certificate) -> _Layout:
    ours = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    digest = algos.DigestAlgorithm({"algorithm": "sha256"})
    attributes = cms.CMSAttributes(
        [
            simple_cms_attribute("content_type", "data"),
            simple_cms_attribute("message_digest", _NO_DIGEST),
            simple_cms_attribute("signing_certificate_v2", as_signing_certificate_v2(ours)),
        ]
    )
    version = cms.CMSVersion("v1").dump()
    content = cms.EncapsulatedContentInfo({"content_type": "data"})
    sid = cms.IssuerAndSerialNumber({"issuer": ours.issuer, "serial_number": ours.serial_number})
    return _Layout(
        head=version + _der(0x31, digest.dump()) + content.dump() + _der(0xA0, ours.dump()),
        signer=version + sid.dump() + digest.dump(),
        attributes=attributes.contents,
        algorithm=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump(),
    )


def _is_sealed(pdf: bytes, certificate: x509.Certificate) -> bool:
    """Lay out the one CMS that these bytes can carry, with the signature found there; compare; check the signature."""
    hole = _HOLE.search(pdf)
    if hole is None:
        return False
    # Everything but the signature itself is sealed, the /ByteRange that says so too.
    digest = hashlib.sha256(pdf[: hole.start(1) - 1] + pdf[hole.end(1) + 1 :]).digest()
    layout, found = _layout(certificate), bytes.fromhex(hole[1].decode())
    for size in _SIZES:
        whole = len(layout.cms(digest, bytes(size)))
        signature = found[whole - size : whole]
        if found == layout.cms(digest, signature).ljust(len(found), b"\0"):
            return _verifies(certificate, signature, layout.signed(digest))
    return False


def _verifies(certificate: x509.Certificate, signature: bytes, signed: bytes) -> bool:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)  # noqa: S101 - portal.kit.authority takes no other
    try:
        key.verify(signature, signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _names(pdf: bytes, certificate: x509.Certificate) -> bool:
    """Say whether one half of the certificate's key is in there: a seal of ours, were it damaged."""
    point = certificate.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return any(half.hex().upper().encode() in pdf for half in (point[1:33], point[33:]))


def _der(tag: int, *parts: bytes) -> bytes:
    """Return one DER value made of its parts."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(size)]) + size + content
