"""Second factors in tests: an application's codes, and a passkey made of nothing but its key."""

import hashlib
import json
import struct
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from django.urls import reverse
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

from accounts.actions.factors import add_application, add_passkey, unused_codes
from accounts.models import User
from accounts.rules.codes import code_at
from tests.conftest import NOW
from tests.factories.accounts import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = int(NOW.timestamp()) // 30
AUTHENTICATE = "/connexion/second-facteur/"


def with_application(user: User) -> str:
    """Give a person an application some time ago; return the code it shows now."""
    add_application(user=user, secret=SECRET, step=STEP - 10, keep="", on=NOW, at=NOW)
    return code_at(SECRET, STEP)


def application_of(user: User) -> Authenticator:
    """Return a person's application."""
    return Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)


def recovery_codes(user: User) -> list[str]:
    """Return the recovery codes that are left."""
    return unused_codes(user=user)


def gives_password(user: User, password: str = PASSWORD, client: Client | None = None) -> Client:
    """Return a client that has typed the right password, and no code yet."""
    client = client or Client()
    if user.establishment is None:
        client.post(reverse("accounts:staff_login"), {"identifier": user.login_key, "password": password})
        return client
    values = {"siret": user.establishment.siret, "last_name": user.last_name, "first_name": user.first_name}
    client.post(reverse("account_login"), values | {"password": password})
    return client


class SoftwareKey:
    """A passkey for one origin: P-256, no attestation, the person always there."""

    def __init__(self, origin: str = "https://testserver") -> None:
        self.origin = origin
        self.identifier = b"clef-d-essai-0001"
        self.key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: dict[str, Any]) -> str:
        """Return what a browser answers to creation options, as JSON."""
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        held = bytes(16) + struct.pack(">H", len(self.identifier)) + self.identifier + public
        data = self._data(options["publicKey"]["rp"]["id"], 0x45) + held
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        told = self._told("webauthn.create", options)
        return self._answer({"clientDataJSON": told, "attestationObject": attestation})

    def get(self, options: dict[str, Any]) -> str:
        """Return what a browser answers to request options, as JSON."""
        data, told = self._data(options["publicKey"]["rpId"], 0x05), self._told("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(SHA256()))
        return self._answer({"clientDataJSON": told, "authenticatorData": data, "signature": signature})

    def _data(self, rp: str, flags: int) -> bytes:
        return hashlib.sha256(rp.encode()).digest() + struct.pack(">BI", flags, 1)

    def _told(self, kind: str, options: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["publicKey"]["challenge"], "origin": self.origin}
        return json.dumps(told).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        name = websafe_encode(self.identifier)
        encoded = {field: websafe_encode(value) for field, value in response.items()}
        return json.dumps(
            {"type": "public-key", "id": name, "rawId": name, "response": encoded, "clientExtensionResults": {}}
        )


def with_passkey(user: User, name: str = "Téléphone") -> SoftwareKey:
    """Give a person a passkey; return it."""
    key = SoftwareKey()
    challenge = websafe_encode(b"x" * 32)
    credential = json.loads(key.create({"publicKey": {"rp": {"id": "testserver"}, "challenge": challenge}}))
    add_passkey(user=user, name=name, credential=credential, keep="", on=NOW, at=NOW)
    return key
