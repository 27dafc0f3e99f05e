"""What is in the repository: text of our own, of readable size, that knows no machine and no index."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
MOST_LINES = 400
"""House style asks for about 300 lines and about 40 of a function; this is where a reader gives up."""
MOST_LINES_OF_A_FUNCTION = 80
MOST_BYTES = 1_000_000
HERE = "tests/architecture/test_tracked_files.py"
MACHINE = re.compile(
    r"(?<![\w.~-])/(?:root|work|mnt|Users)/[\w.]|(?<![\w.])/home/\w+/|[A-Z]:\\\\?Users\\"
    r"|files\.pythonhosted|pypi\.org|(?:extra-)?index-url *=? *(?:http|file)|find-links"
)


@cache
def tracked() -> tuple[str, ...]:
    """Return what git keeps; in an unpacked archive without git, everything but caches."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return tuple(name for name in listed.stdout.splitlines() if (ROOT / name).is_file())
    names = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file())
    return tuple(name for name in names if not name.startswith(".") and "__pycache__" not in name)


def texts() -> list[str]:
    return [name for name in tracked() if not name.endswith((".png", ".xlsx", ".xls", ".ico"))]


def test_no_file_names_a_machine_or_an_index() -> None:
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name in texts()
        if name != HERE
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert found == []


def test_the_lock_has_hashes_and_no_address() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "://" in line or line.startswith("-")] == []
    pins = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert len(pins) > 60
    assert [line for line in pins if "==" not in line or not line.endswith("\\")] == []


def test_the_lock_holds_what_the_project_asks_for() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = {
        canonicalize_name(name): version.split()[0]
        for name, found, version in (line.partition("==") for line in lines if re.match(r"[a-z0-9]", line))
        if found
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [Requirement(line) for line in project["dependencies"] + project["optional-dependencies"]["dev"]]
    wrong = [
        str(wanted)
        for wanted in asked
        if not wanted.specifier.contains(pins.get(canonicalize_name(wanted.name), "0.0.0"), prereleases=True)
    ]
    assert wrong == []


def test_no_file_is_large() -> None:
    assert [name for name in tracked() if (ROOT / name).stat().st_size > MOST_BYTES] == []


def test_nothing_compiled_is_kept() -> None:
    endings = (".mo", ".pyc", ".qm", ".exe", ".dll", ".so", ".zip", ".db", ".sqlite", ".whl")
    assert [name for name in tracked() if name.endswith(endings)] == []


@pytest.mark.parametrize("name", [name for name in tracked() if name.endswith(".py")])
def test_code_stays_small_enough_to_read(name: str) -> None:
    source = (ROOT / name).read_text(encoding="utf-8")
    if "/migrations/" not in name:
        assert len(source.splitlines()) <= MOST_LINES
        long = [
            f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno
            and node.end_lineno - node.lineno >= MOST_LINES_OF_A_FUNCTION
        ]
        assert long == []
