"""What the environment says, and one sentence when something is missing from it.

Two modes. « local » (the default of manage.py) needs nothing: SQLite, jobs in the
same process, a secret key of its own in var/. « production » (the default of
portal.wsgi and of the containers) takes everything from the environment.
"""

import os
import secrets
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("ATELIER_VAR") or ROOT / "var")
PRODUCTION = os.environ.get("ATELIER_ENV", "local") == "production"


def stop(sentence: str) -> NoReturn:
    """End the process with one sentence on standard error, and status 1."""
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(1)


def required(name: str, what: str) -> str:
    """Return the variable, or stop with a sentence that says what to set.

    In local mode an absent variable is an empty string.
    """
    value = os.environ.get(name, "").strip()
    if not value and PRODUCTION:
        stop(f"La variable d'environnement {name} manque : {what}")
    return value


def secret_key() -> str:
    """Return SECRET_KEY; in local mode, a key made once and kept in var/."""
    if value := required("SECRET_KEY", "mettez-y une longue suite aléatoire (50 caractères ou plus)."):
        return value
    path = VAR / "secret-key"
    try:
        VAR.mkdir(parents=True, exist_ok=True)
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    except OSError as error:
        stop(
            f"Impossible d'écrire dans {VAR} ({error.strerror}) : "
            "donnez-vous ce droit, ou choisissez un autre dossier avec ATELIER_VAR=…"
        )
    return path.read_text()
