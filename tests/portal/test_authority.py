"""The test authority that an installation makes for itself, and the seal of the environment."""

import stat
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from threading import Barrier

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.core.management import call_command
from pytest_django import Settings

from portal.checks import seal_can_be_used
from portal.kit import authority
from portal.kit.authority import SealError, current_seal, known_certificates, new_authority, on_one_line


def common_name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Path:
    """Return where this test's authority will be kept."""
    settings.SEAL_FILE = tmp_path / "var" / "seal.pem"
    return settings.SEAL_FILE


def test_it_is_made_once_and_readable_by_its_owner_alone(own: Path) -> None:
    seal = current_seal()
    authority._kept.cache_clear()
    assert (current_seal().chain, current_seal() is seal) == (seal.chain, False)
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    assert [path.name for path in own.parent.iterdir()] == ["seal.pem"]


def test_processes_that_start_together_get_one_authority(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = Barrier(4)

    def made_by_all() -> tuple[bytes, bytes]:
        together.wait(10)
        return new_authority()

    monkeypatch.setattr(authority, "new_authority", made_by_all)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(authority._kept.__wrapped__, [own] * 4))
    assert len({seal.certificate for seal in made}) == 1


def test_every_name_says_specimen_and_simulator(own: Path) -> None:
    certificates = current_seal().chain
    assert [common_name(one) for one in certificates] == [
        "SPÉCIMEN – Sceau de l’Atelier AT/MP",
        "SPÉCIMEN – Autorité d’essai de l’Atelier AT/MP",
    ]
    organisations = [one.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value for one in certificates]
    assert organisations == ["Atelier AT/MP (simulateur)"] * 2


def test_the_root_signed_the_seal_and_its_key_is_nowhere(own: Path) -> None:
    seal = current_seal()
    seal.certificate.verify_directly_issued_by(seal.chain[1])
    assert own.read_text().count("PRIVATE KEY") == 2
    assert seal.key.public_key() != seal.chain[1].public_key()


def test_the_seal_may_sign_and_the_root_may_certify_one_level(own: Path) -> None:
    ours, root = current_seal().chain
    usages = [one.extensions.get_extension_for_class(x509.KeyUsage).value for one in (ours, root)]
    assert [(one.digital_signature, one.content_commitment, one.key_cert_sign) for one in usages] == [
        (True, True, False),
        (False, False, True),
    ]
    limits = [one.extensions.get_extension_for_class(x509.BasicConstraints).value for one in (ours, root)]
    assert [(one.ca, one.path_length) for one in limits] == [(False, None), (True, 0)]


@pytest.mark.parametrize("spelling", ["base64", "pem", "one line"])
def test_the_environments_seal_comes_first(own: Path, settings: Settings, spelling: str) -> None:
    key, certificates = new_authority()
    spell = {"base64": on_one_line, "pem": bytes.decode, "one line": lambda text: text.decode().replace("\n", "\\n")}
    settings.SEAL_KEY, settings.SEAL_CERTIFICATE = spell[spelling](key), spell[spelling](certificates)
    assert current_seal().chain == tuple(x509.load_pem_x509_certificates(certificates))
    assert not own.exists()


def test_make_seal_prints_what_the_environment_wants(settings: Settings) -> None:
    printed = StringIO()
    call_command("make_seal", stdout=printed)
    lines = dict(line.split("=", 1) for line in printed.getvalue().splitlines())
    assert list(lines) == ["SEAL_KEY", "SEAL_CERTIFICATE"]
    assert " " not in printed.getvalue()
    settings.SEAL_KEY, settings.SEAL_CERTIFICATE = lines.values()
    assert (len(current_seal().chain), seal_can_be_used()) == (2, [])


@pytest.mark.parametrize(
    ("key", "certificate", "sentence"),
    [
        ("", "ok", "SEAL_KEY ne se lit pas : il y faut une clé privée PEM sans mot de passe."),
        ("é", "ok", "SEAL_KEY ne se lit pas : il y faut du PEM, tel quel ou en base64."),
        ("abcd", "ok", "SEAL_KEY ne se lit pas : il y faut une clé privée PEM sans mot de passe."),
        ("rsa", "ok", "SEAL_KEY doit être une clé à courbe elliptique P-256."),
        ("p384", "ok", "SEAL_KEY doit être une clé à courbe elliptique P-256."),
        ("other", "ok", "SEAL_CERTIFICATE n'est pas celui de SEAL_KEY : mettez d'abord le certificat de cette clé."),
        ("ok", "", "SEAL_CERTIFICATE ne se lit pas : il y faut un ou plusieurs certificats PEM."),
        ("ok", "abcd", "SEAL_CERTIFICATE ne se lit pas : il y faut un ou plusieurs certificats PEM."),
    ],
)
def test_a_seal_that_cannot_seal_is_one_sentence(settings: Settings, key: str, certificate: str, sentence: str) -> None:
    good_key, good_certificates = (one.decode() for one in new_authority())
    settings.SEAL_KEY = {
        "ok": good_key,
        "other": new_authority()[0].decode(),
        "rsa": pem(rsa.generate_private_key(65537, 2048)),
        "p384": pem(ec.generate_private_key(ec.SECP384R1())),
    }.get(key, key)
    settings.SEAL_CERTIFICATE = {"ok": good_certificates}.get(certificate, certificate)
    with pytest.raises(SealError) as raised:
        current_seal()
    assert str(raised.value) == sentence
    assert [(error.id, error.msg) for error in seal_can_be_used()] == [("portal.E001", sentence)]


def test_a_certificate_of_before_that_cannot_be_read_is_one_sentence(own: Path, settings: Settings) -> None:
    settings.SEAL_FORMER_CERTIFICATES = "abcd"
    with pytest.raises(SealError, match=r"^SEAL_FORMER_CERTIFICATES ne se lit pas"):
        known_certificates()
