"""Score the portal's headers with Mozilla's own scorer (@mdn/mdn-http-observatory): `make observatory`.

Needs node, npm and the right to bind 80 and 443 of this machine: the scorer knows no other ports. It asks the portal as
production is, behind a certificate made for the occasion.
"""

import datetime as dt
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).resolve().parents[1]
SCORER = ROOT / ".observatory"
PACKAGE = SCORER / "node_modules" / "@mdn" / "mdn-http-observatory"
VERSION = "1.4.8"
WANTED = "A+"
# The second one sets a cookie.
PAGES = ("localhost", "localhost/connexion/")


def install() -> None:
    if PACKAGE.exists():
        return
    SCORER.mkdir(exist_ok=True)
    (SCORER / "package.json").write_text("{}")
    # Its install script fetches lists from elsewhere; without the one of preloaded hosts it gives no bonus for them.
    packages = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", f"@mdn/mdn-http-observatory@{VERSION}"]
    subprocess.run(packages, cwd=SCORER, check=True)
    (PACKAGE / "conf" / "hsts-preload.json").write_text("{}")


def certificate(folder: Path) -> None:
    """Write key.pem and cert.pem, of an authority of one host."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = dt.datetime.fromtimestamp(time.time_ns() // 10**9, dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))


def main() -> int:
    install()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate(folder)
        manage = [sys.executable, str(ROOT / "manage.py")]
        made = subprocess.run([*manage, "make_seal"], capture_output=True, text=True, check=True, cwd=ROOT)
        environment = os.environ | dict(line.split("=", 1) for line in made.stdout.split()) | {
            "ATELIER_ENV": "production", "ATELIER_VAR": name, "LOG_LEVEL": "ERROR",
            "SECRET_KEY": os.urandom(40).hex(), "ALLOWED_HOSTS": "localhost",
            "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}", "REDIS_URL": "redis://127.0.0.1:1/0",
            "NODE_EXTRA_CA_CERTS": str(folder / "cert.pem"),
        }  # fmt: skip
        for command in (["migrate", "--verbosity=0"], ["collectstatic", "--noinput", "--verbosity=0"]):
            subprocess.run([*manage, *command], env=environment, cwd=ROOT, check=True)
        gunicorn = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--threads=4", "--log-level=warning", "--bind"]
        secret = [f"--keyfile={folder / 'key.pem'}", f"--certfile={folder / 'cert.pem'}"]
        servers = [
            subprocess.Popen([*gunicorn, *bound], cwd=ROOT, env=environment)
            for bound in (["127.0.0.1:80"], ["127.0.0.1:443", *secret])
        ]
        try:
            wait()
            grades = [score(page, environment) for page in PAGES]
        finally:
            for server in servers:
                server.terminate()
                server.wait()
    return int(grades != [WANTED] * len(PAGES))


def score(page: str, environment: dict[str, str]) -> str:
    """Print what the scorer says of a page, and return its grade."""
    scan = ["node", str(PACKAGE / "src" / "scan.js"), page]
    done = subprocess.run(scan, env=environment, capture_output=True, text=True)
    told = json.loads(done.stdout)
    if "scan" not in told:
        sys.exit(done.stdout + done.stderr)
    for test, result in told["tests"].items():
        print(f"{result['scoreModifier']:+4} {'ok ' if result['pass'] else 'NON'} {test}: {result['result']}")
    print(f"{page}: {told['scan']['grade']}, {told['scan']['score']} points")
    return str(told["scan"]["grade"])


def wait() -> None:
    for port in (80, 443):
        for _try in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.2)
            else:
                break


if __name__ == "__main__":
    sys.exit(main())
