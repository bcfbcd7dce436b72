"""Look for weaknesses in the code and in the libraries: `make scan`, with an environment of its own.

A finding is left out on its own line alone, by the mark that ruff takes for the same rule (`# noqa: S608 - why`):
ruff's S rules are bandit's. tests/house/test_repository.py sees that each says why.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = [
    "accounts",
    "habilitations",
    "portfolios",
    "notifications",
    "sandbox",
    "portal",
    "benchmarks",
    "scripts",
    "manage.py",
]
# Bandit's rule → ruff's, where the number differs.
ALIKE = {"B703": "S308"}


def run(*command: str) -> str:
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True).stdout


def weaknesses() -> Iterator[str]:
    """Yield what bandit finds, medium and high, and no line of ours answers for."""
    told = json.loads(run("bandit", "--quiet", "--recursive", "-ll", "--format=json", *CODE))
    yield from (f"not read: {error}" for error in told["errors"])
    for found in told["results"]:
        lines = (ROOT / found["filename"]).read_text().splitlines()
        rule = ALIKE.get(found["test_id"], found["test_id"].replace("B", "S"))
        if not any(re.search(f"noqa: .*{rule}\\b", lines[number - 1]) for number in found["line_range"]):
            yield f"{found['filename']}:{found['line_number']} {found['test_id']} {found['issue_text']}"


def libraries() -> tuple[int, int, list[str]]:
    """Return how many libraries there are, how many could be asked about, and what is known of them."""
    lock = str(ROOT / "requirements" / "core.txt")
    told = run("pip_audit", "--requirement", lock, "--disable-pip", "--require-hashes", "--format=json")
    if not told:
        return 0, 0, []
    read = json.loads(told)["dependencies"]
    answered = [one for one in read if "skip_reason" not in one]
    known = [f"{one['name']} {one['version']}: {weakness['id']}" for one in answered for weakness in one["vulns"]]
    return len(read), len(answered), known


def main() -> int:
    found = list(weaknesses())
    print(*found, f"bandit: {len(found)} found, medium or high", sep="\n")
    all_of_them, answered, known = libraries()
    print(*known, f"pip-audit: {len(known)} known in {answered} libraries of {all_of_them}", sep="\n")
    if answered < all_of_them or not all_of_them:
        print("pip-audit could not ask about the others: this says nothing of them. Run it where the index answers.")
    return int(bool(found or known))


if __name__ == "__main__":
    sys.exit(main())
