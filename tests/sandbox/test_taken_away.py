"""Without the training room the portal runs as before: nothing below misses it (docs/map.md)."""

import re
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.portal_process import ROOT, Portal, free_port, portal, status, until

pytestmark = pytest.mark.sqlite
SERVE = """
from portal.embedded import serve
serve("127.0.0.1", {port}, ready=lambda: None)
"""


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Portal]:
    """An installation whose INSTALLED_APPS do not name the training room."""
    with portal(tmp_path, SANDBOX="0") as installation:
        yield installation


def read(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
        return str(response.read().decode())


def test_it_checks_and_has_no_table_of_it(bare: Portal) -> None:
    check = bare.command("check", "--fail-level", "WARNING")
    assert (check.returncode, check.stderr) == (0, "")
    assert bare.command("makemigrations", "--check", "--dry-run").returncode == 0
    bare.command("migrate", "--verbosity=0")
    assert bare.value("SELECT COUNT(*) FROM sqlite_master WHERE name LIKE 'sandbox%'") == 0
    assert bare.command("personas").returncode != 0
    bare.python("import sys; assert not [name for name in sys.modules if name.startswith('sandbox')]")


def test_it_serves_its_pages_without_the_tools_and_runs_its_jobs(bare: Portal) -> None:
    bare.command("migrate", "--verbosity=0")
    port = free_port()
    bare.start(sys.executable, "manage.py", "shell", "--verbosity=0", "-c", SERVE.format(port=port))
    until(lambda: status(port, "/healthz") == 200, seconds=60, what="/healthz answers")
    until(lambda: status(port, "/readyz") == 200, seconds=30, what="every job ran")
    pages = {path: read(port, path) for path in ("/", "/connexion/", "/inscription/identite/", "/gestion/connexion/")}
    assert [path for path, page in pages.items() if "Jour du portail" not in page] == []
    assert [path for path, page in pages.items() if "/simulateur/" in page] == []
    assert {
        status(port, f"/simulateur/{page}") for page in ("", "horloge/", "courriels/", "personnages/", "copies/")
    } == {404}


def test_no_file_below_names_it_but_the_settings() -> None:
    """By dotted paths, in one place, when SANDBOX says so."""
    below = ("portal", "notifications", "portfolios", "habilitations", "accounts")
    naming = {
        path.relative_to(ROOT).as_posix()
        for app in below
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"\bsandbox\b", path.read_text())
    }
    assert naming == {"portal/settings.py"}
