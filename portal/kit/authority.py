"""Whose seal this installation puts on documents: the one of the environment, or one of its own making.

Its own is a test authority: a root that signs one certificate and whose key is then forgotten, so that nobody can
make a second; the key that seals lies in var/, readable by its owner alone. Every name in it says SPÉCIMEN.
"""

import base64
import datetime as dt
import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from django.conf import settings

from portal.kit.seal import Seal

# The portal's clock may be years ahead of the real one (a choice).
_VALID_FROM, _VALID_UNTIL = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2049, 12, 31, tzinfo=dt.UTC)
# cryptography wants each of them said.
_USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
_ORGANISATION = "Atelier AT/MP (simulateur)"


class SealError(ValueError):
    """A key or a certificate that cannot seal, with one sentence in French."""


def current_seal() -> Seal:
    """Return the seal in use; without one in the environment, one made once and kept. Raises SealError, OSError."""
    if settings.SEAL_KEY or settings.SEAL_CERTIFICATE:
        return _given(settings.SEAL_KEY, settings.SEAL_CERTIFICATE)
    return _kept(Path(settings.SEAL_FILE))


def known_certificates() -> tuple[x509.Certificate, ...]:
    """Return the certificates whose seals are ours: the one in use and those of before. Raises SealError, OSError."""
    return (current_seal().certificate, *_former(settings.SEAL_FORMER_CERTIFICATES))


def new_authority() -> tuple[bytes, bytes]:
    """Return the PEM of a new key, and of its certificate followed by the root's."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _name("SPÉCIMEN – Autorité d’essai de l’Atelier AT/MP")
    root = _certificate(root_name, root_key, root_name, root_key, authority=True)
    ours = _certificate(_name("SPÉCIMEN – Sceau de l’Atelier AT/MP"), key, root_name, root_key, authority=False)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, ours.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)


def on_one_line(pem: bytes) -> str:
    """Return a PEM as a variable of the environment holds it: base64, no spaces."""
    return base64.b64encode(pem).decode()


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    used = ("key_cert_sign", "crl_sign") if authority else ("digital_signature", "content_commitment")
    builder = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_UNTIL)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(x509.KeyUsage(**{use: use in used for use in _USES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    return builder.sign(issuer_key, SHA256())


@cache
def _given(key: str, certificate: str) -> Seal:
    return _loaded(_pem(key, "SEAL_KEY"), _pem(certificate, "SEAL_CERTIFICATE"))


@cache
def _kept(path: Path) -> Seal:
    """Return the seal of a file, which is made when there is none; of two processes at once, one makes it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Readable by its owner alone from the first; linked whole, and never over another.
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".seal-") as file:
            file.write(b"".join(new_authority()))
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    content = path.read_bytes()
    return _loaded(content, content)


@cache
def _former(certificates: str) -> tuple[x509.Certificate, ...]:
    if not certificates:
        return ()
    found = _certificates(_pem(certificates, "SEAL_FORMER_CERTIFICATES"), "SEAL_FORMER_CERTIFICATES")
    return tuple(one for one in found if _is_p256(one.public_key()))


def _pem(value: str, variable: str) -> bytes:
    """Return the PEM that a variable holds: as it is, with \\n for line ends, or in base64."""
    if "-----BEGIN" in value:
        return value.replace("\\n", "\n").encode()
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise SealError(f"{variable} ne se lit pas : il y faut du PEM, tel quel ou en base64.") from None


def _loaded(key_pem: bytes, chain_pem: bytes) -> Seal:
    try:
        key = load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError):
        raise SealError("SEAL_KEY ne se lit pas : il y faut une clé privée PEM sans mot de passe.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not _is_p256(key.public_key()):
        raise SealError("SEAL_KEY doit être une clé à courbe elliptique P-256.")
    chain = _certificates(chain_pem, "SEAL_CERTIFICATE")
    if chain[0].public_key() != key.public_key():
        raise SealError("SEAL_CERTIFICATE n'est pas celui de SEAL_KEY : mettez d'abord le certificat de cette clé.")
    return Seal(key, chain)


def _certificates(pem: bytes, variable: str) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError:
        raise SealError(f"{variable} ne se lit pas : il y faut un ou plusieurs certificats PEM.") from None


def _is_p256(key: object) -> bool:
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
