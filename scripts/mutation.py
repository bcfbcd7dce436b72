"""Change the rules and the access functions, one small change at a time, and see a test fail: `make mutation`.

mutmut makes the changes in a copy of the project, and tries each in a fork of one process. A change that no test
notices survives: docs/mutation.md lists and judges those there are. Name files to try these alone:
`make mutation FILES="portfolios/access.py"`.

mutmut passes over functions with a decorator, which the access functions have: in the copy, `@decided` above a function
is `name = decided(name)` under it.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).resolve().parents[1]
COPY = ROOT / ".mutation"
WANTED = 0.9
# Which tests answer for which files: those that say what they must do, not all that pass through them.
RUNS = [
    (["portfolios/rules/window.py"], ["portfolios/test_window.py"]),
    (["portfolios/rules/dsn.py"], ["portfolios/test_dsn.py"]),
    (["habilitations/rules.py"], ["habilitations/test_rules.py"]),
    (["portfolios/access.py"], ["portfolios/test_access.py"]),
    (["habilitations/access.py"], ["habilitations/test_access.py"]),
    (["notifications/access.py"], ["notifications/test_access.py"]),
    (
        [f"notifications/rules/{name}.py" for name in ("calculation", "rounding", "parameters")],
        ["notifications/test_calculation.py"],
    ),
    (["notifications/rules/legal.py"], ["notifications/test_legal.py"]),
    (["accounts/rules/identifiers.py"], ["accounts/test_rules.py"]),
    (["accounts/rules/passwords.py"], ["accounts/test_passwords.py"]),
    (
        [f"accounts/rules/{name}.py" for name in ("codes", "devices")],
        ["accounts/test_codes.py", "accounts/test_devices.py"],
    ),
    (["accounts/access.py"], ["accounts/test_access.py"]),
    (
        [
            f"notifications/rules/{name}.py"
            for name in ("penalties", "spread", "figures", "rates", "charts", "explanation")
        ],
        [f"notifications/test_{name}.py" for name in ("penalties", "spread", "figures", "rules", "explanation")],
    ),
    (["sandbox/rules.py"], ["sandbox/test_rules.py"]),
    (["sandbox/access.py"], ["sandbox/test_access.py"]),
]
DECORATORS = {"decided", "property"}
PLUGINS = ["pytest_django.plugin", "tests.forked"]
# Sweeping the folders of earlier runs takes longer than a test.
KEEP_FOLDERS = "-otmp_path_retention_count=100000"
# It measures memory over 200 000 lines: longer than all other tests of its file together, and nothing about answers.
LEFT_OUT = "--deselect=tests/portfolios/test_dsn.py::test_two_hundred_thousand_lines_are_read_in_constant_memory"
CAUGHT = ("killed", "timeout")


def listed() -> list[str]:
    """Return the files of the project, those that are not committed yet included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


def undecorated(code: str) -> str:
    """Write under each function the decorators that stand above it."""
    lines = code.splitlines()
    functions = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda one: one.lineno, reverse=True):
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Name) and decorator.id in DECORATORS:
                name = function.name
                lines.insert(function.end_lineno or 0, f"{' ' * function.col_offset}{name} = {decorator.id}({name})")
                del lines[decorator.lineno - 1]
    return "\n".join(lines) + "\n"


def lay_out(files: list[str], tests: list[str]) -> None:
    """Copy the project, with what mutmut is to do written in its setup.cfg."""
    for entry in COPY.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name in listed():
        (COPY / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, COPY / name)
    for name in files:
        (COPY / name).write_text(undecorated((ROOT / name).read_text()))
    options = {
        "source_paths": files,
        "also_copy": sorted(entry.name for entry in COPY.iterdir()),
        "pytest_add_cli_args_test_selection": [f"tests/{name}" for name in tests],
        "pytest_add_cli_args": [f"-p{plugin}" for plugin in PLUGINS] + ["-pno:cacheprovider", KEEP_FOLDERS, LEFT_OUT],
        "use_git_change_detection": ["false"],
        # Of the time that its tests took before any change: mutmut's own is fifteen, minutes for each loop without end.
        "timeout_multiplier": ["5"],
    }
    text = "\n".join(f"{name} =" + "".join(f"\n    {one}" for one in values) for name, values in options.items())
    (COPY / "setup.cfg").write_text(f"[mutmut]\n{text}\n")


def outcomes(files: list[str], tests: list[str]) -> dict[str, dict[str, str]]:
    """Return what became of each change, by file. Raises SystemExit with mutmut's words when the tests do not run."""
    lay_out(files, tests)
    told = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_DEBUG_TEMPROOT": str(COPY)}
    if folder := os.environ.get("OPEN_DATA"):
        told["OPEN_DATA"] = str((ROOT / folder).resolve())
    command = [Path(sys.executable).with_name("mutmut"), "run", "--max-children=1"]
    done = subprocess.run(command, cwd=COPY, env=os.environ | told, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout[-5000:] + done.stderr[-5000:])
    came = {}
    for name in files:
        changes = SourceFileMutationData(path=Path(name))
        changes.load()
        came[name] = {change: status_by_exit_code[code] for change, code in changes.exit_code_by_key.items()}
    return came


def forgotten() -> set[str]:
    """Return the files of rules and of access that no run names, though there is a function in them."""
    found = {*ROOT.glob("*/rules.py"), *ROOT.glob("*/rules/*.py"), *ROOT.glob("*/access.py")}
    names = {path.relative_to(ROOT).as_posix() for path in found if "def " in path.read_text()}
    return names - {name for files, _tests in RUNS for name in files}


def row(name: str, counted: Counter[str]) -> str:
    """Return a line of the table: what is neither killed, out of time nor a survivor was not tried at all."""
    killed, late, survived, every = (counted[one] for one in ("killed", "timeout", "survived", "every"))
    return f"| {name} | {every} | {killed} | {late} | {survived} | {every - killed - late - survived} |"


def main(wanted: list[str]) -> int:
    if names := forgotten() | set(wanted) - {name for files, _tests in RUNS for name in files}:
        sys.exit(f"no run names {', '.join(sorted(names))}")
    total: Counter[str] = Counter()
    rows = ["| file | changes | killed | timeout | survived | not tried |", "|---|---|---|---|---|---|"]
    COPY.mkdir(exist_ok=True)
    os.chdir(COPY)
    for files, tests in RUNS:
        chosen = [name for name in files if name in wanted or not wanted]
        for name, came in (outcomes(chosen, tests) if chosen else {}).items():
            for change, what in came.items():
                if what not in CAUGHT:
                    print(f"# {what}: {change}", get_diff_for_mutant(change, path=name), sep="\n")
            counted = Counter([*came.values(), *["every"] * len(came)])
            total += counted
            rows.append(row(name, counted))
            print(rows[-1], flush=True)
    ratio = sum(total[what] for what in CAUGHT) / total["every"]
    print(*rows, row("all", total), f"{ratio:.1%} noticed, {WANTED:.0%} wanted", sep="\n")
    return int(ratio < WANTED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
