"""The repository's checks of itself: locks, containers, templates, names of pages."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["core", "dev", "scan", "mutation"]
# Tools beside the project, without its libraries.
APART = {"scan", "mutation"}
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
# The POST buttons of a notification are tested together.
SHARED = dict.fromkeys(
    [f"notifications:notification_{verb}" for verb in ("open", "archive", "unarchive", "delete", "restore")],
    "notification_actions",
)
# So are the steps of a decision, and what a candidate does.
SHARED |= dict.fromkeys(
    [f"habilitations:cooptation_{step}" for step in ("confirm", "decide", "outcome")], "cooptation_list"
)
SHARED |= {f"habilitations:{name}": "cooptation_status" for name in ("cooptation_route", "activation_letter")}
SHARED |= {f"habilitations:{name}": "cooptation_status" for name in ("activation_key", "activation_done")}
SHARED |= {f"accounts:person_{page}": "person_list" for page in ("add", "detail", "address", "act")}
SHARED |= {f"accounts:account_{page}": "account_detail" for page in ("change", "leave")}
SHARED |= {f"accounts:security_{page}": "security_detail" for page in ("codes", "codes_file", "codes_kept", "remove")}
SHARED |= {f"accounts:security_{page}": "security_detail" for page in ("application", "sessions")}
SHARED |= {"accounts:security_passkey_options": "security_passkey"}
SHARED |= {f"mfa_{page}": "mfa_authenticate" for page in ("passkey_options", "cancel")}
SHARED |= {f"accounts:password_{page}": "password_lost" for page in ("sent", "new")}
SHARED |= {
    "habilitations:declaration_list": "declaration_choice",
    "habilitations:habilitation_list": "habilitation_matrix",
    "habilitations:habilitation_person": "habilitation_matrix",
}
SHARED["seal_authority"] = "document_verify"
SHARED |= {f"notifications:client_rate_{page}": "client_rate_list" for page in ("export", "detail")}
SHARED |= {f"portfolios:portfolio_{page}": "portfolio_list" for page in ("add", "change", "delete", "declarations")}
SHARED |= {
    f"portfolios:client_{page}": "portfolio_list" for page in ("list", "remove", "declarations", "habilitations")
}
SHARED |= {
    f"notifications:{page}": "payroll_list"
    for page in ("payroll_export", "client_payroll_list", "client_payroll_export")
}
SHARED |= {f"portfolios:bulk_{page}": "bulk_list" for page in ("add", "detail", "report", "model", "export")}
SHARED |= {f"notifications:{page}_export": f"{page}_list" for page in ("new_rate", "rate")}
SHARED |= {"notifications:client_rate_spread": "rate_spread"}
SHARED |= {"notifications:archive_download": "archive_list"}
SHARED |= {"portfolios:client_follow_all": "client_follow"}
SHARED |= {f"sandbox:{page}": "clock_detail" for page in ("clock_advance", "clock_continue", "advance_detail")}
SHARED |= {f"sandbox:{page}": "mailbox_list" for page in ("mailbox_detail", "mail_detail", "mail_body")}
SHARED |= {f"sandbox:{page}": "letter_list" for page in ("letter_detail", "letter_document")}
SHARED |= {"sandbox:persona_switch": "persona_list"}
SHARED |= {f"sandbox:mission_{page}": "mission_list" for page in ("detail", "result", "follow", "dsn")}
SHARED |= {f"sandbox:board_{page}": "board_detail" for page in ("export", "rate", "candidate")}
SHARED |= {f"sandbox:copy_{page}": "copy_list" for page in ("add", "reset", "cards")}
OURS = ("accounts", "habilitations", "portfolios", "notifications", "portal", "sandbox")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def pages(patterns: list[URLPattern | URLResolver], namespace: str = "") -> list[tuple[str, str]]:
    """Return (URL name, view module and name) of every page of ours."""
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                found += pages(pattern.url_patterns, pattern.namespace or namespace)
        elif pattern.callback.__module__.split(".")[0] in OURS and pattern.name:
            view = getattr(pattern.callback, "view_class", pattern.callback)
            found.append((f"{namespace}:{pattern.name}" if namespace else pattern.name, view.__name__))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_names_no_place(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    pinned = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==[^\n]* \\$", text, re.MULTILINE)
    packages = re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE)
    assert (len(pinned), re.findall(r"https?:|file:|--index|--find", text)) == (len(packages), [])


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_every_dependency_of_the_project(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["dependency-groups"].get(lock, [])
    if lock not in APART:
        wanted = wanted + project["project"]["dependencies"]
    locked = {
        name.casefold() for name in re.findall(r"^([\w.-]+)==", (ROOT / f"requirements/{lock}.txt").read_text(), re.M)
    }
    assert {re.split(r"[<>=\[]", line)[0].casefold() for line in wanted} - locked == set()


def test_every_dependency_says_why_it_is_here() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    entries = [number for number, line in enumerate(lines) if re.match(r'    "[A-Za-z][\w.\[\]-]*[<>=]', line)]
    bare = [
        lines[number]
        for number in entries
        if not lines[number - 1].strip().startswith("#") and number - 1 not in entries
    ]
    assert bare == []


def test_each_weakness_that_is_left_says_why() -> None:
    """On its own line, for ruff and for `make scan` alike; what is asserted in a test needs no reason."""
    mark = re.compile(r"noqa: (?=[A-Z0-9, ]*\bS\d)[A-Z0-9, ]+(?! - \w)$", re.MULTILINE)
    code = [path for path in tracked() if path.suffix == ".py" and not path.is_relative_to(ROOT / "tests")]
    assert [path.name for path in code if mark.search(path.read_text())] == []


def test_no_file_names_a_registry_or_a_place_of_one_machine() -> None:
    forbidden = re.compile("pypi" + r"\.org|files\.python" + "hosted|registry\\.npm" + "js|/ro" + "ot/|/work" + "/main")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.suffix not in {".png", ".ico"} and forbidden.search(path.read_text(errors="ignore"))
    ]
    assert found == []


def test_the_containers_hold_no_secret() -> None:
    environments = [service.get("environment", {}) for service in COMPOSE["services"].values()]
    secrets = {
        value
        for environment in environments
        for name, value in environment.items()
        if re.search("SECRET|PASSWORD|DATABASE_URL", name)
    }
    assert {value for value in secrets if "${" not in value} == set()
    assert {value for value in secrets if ":?" not in value} == set()


@pytest.mark.parametrize("name", ["web", "worker", "beat", "migrate"])
def test_only_migrations_connect_as_the_owner_of_the_tables(name: str) -> None:
    owner = COMPOSE["services"]["postgres"]["environment"]["POSTGRES_USER"]
    role = re.search("//([a-z_]+):", COMPOSE["services"][name]["environment"]["DATABASE_URL"])
    granted = "grant_application portail_application"
    command = " ".join(COMPOSE["services"][name].get("command", []))
    assert role
    assert (role[1], granted in command) == ((owner, True) if name == "migrate" else ("portail_application", False))


@pytest.mark.parametrize("name", sorted(COMPOSE["services"]))
def test_every_container_is_watched_or_ends(name: str) -> None:
    service = COMPOSE["services"][name]
    assert "healthcheck" in service or service["restart"] == "no"


@pytest.mark.parametrize("name", ["web", "worker"])
def test_web_and_worker_can_be_scaled(name: str) -> None:
    service = COMPOSE["services"][name]
    assert "container_name" not in service
    assert [port for port in service.get("ports", []) if "-" not in port.split(":")[0]] == []


def test_the_celery_application_of_the_containers_exists() -> None:
    commands = [
        service["command"] for service in COMPOSE["services"].values() if "celery" in service.get("command", [])
    ]
    assert {command[1] for command in commands} == {"--app=portal"}


def test_a_page_has_one_name() -> None:
    """URL name = view: « one name for one page »."""
    classes = {"accounts:staff_login": "StaffLoginView", "account_login": "PersonLoginView"}
    assert [
        (name, view)
        for name, view in pages(get_resolver().url_patterns)
        if classes.get(name, name.split(":")[-1]) != view
    ] == []


@pytest.mark.parametrize("name", [name for name, _view in pages(get_resolver().url_patterns)])
def test_a_page_has_a_test_file(name: str) -> None:
    namespace, _colon, page = name.rpartition(":")
    page = SHARED.get(name, page)
    places = [ROOT / "tests" / app / "views" / f"test_{page}.py" for app in ([namespace] if namespace else OURS)]
    assert [place for place in places if place.exists()] != []


def test_every_template_is_used() -> None:
    """A template nobody names is dead; allauth, Django and the error handlers find theirs by convention."""
    sources = "\n".join(
        path.read_text()
        for path in tracked()
        if path.suffix in {".py", ".html", ".txt"} and not path.is_relative_to(ROOT / "tests")
    )
    # A step of the registration names its part: tests/habilitations/views/test_registration_step.py.
    conventional = re.compile(r"^(account|allauth|admin)/|^\d{3}(_csrf)?\.html$|^habilitations/_registration_")
    names = [path.relative_to(ROOT / "templates").as_posix() for path in tracked() if "templates" in path.parts]
    unused = [
        name
        for name in names
        if name not in sources and not conventional.match(name) and Path(name).parent.as_posix() not in GATHERED
    ]
    assert unused == []


# Found by walking the folder.
GATHERED = {"portal/patterns"}


def test_the_apps_are_the_ones_of_the_map() -> None:
    ours = [config.label for config in apps.get_app_configs() if not config.name.startswith(("django", "allauth"))]
    # The training room may be taken away: tests/sandbox/test_taken_away.py.
    assert {*ours, "sandbox"} == set(OURS)
