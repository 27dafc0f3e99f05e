"""Who imports what: Qt above only, each spreadsheet library in one place, heavy libraries late."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QT = ("PySide6", "shiboken6", "pyqtgraph", "qtawesome")
SPREADSHEETS = {
    "xlsxwriter",
    "openpyxl",
    "python_calamine",
    "fastexcel",
    "xlwt",
    "xlrd",
    "odf",
    "msoffcrypto",
}
NEVER = {"pandas", "pyarrow", "duckdb", "matplotlib"}
HEAVY = {
    "polars",
    "openpyxl",
    "fastexcel",
    "python_calamine",
    "xlsxwriter",
    "psycopg",
    "babel",
    "alembic",
    "numpy",
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> list[str]:
    return [module_name(path) for path in sorted((ROOT / "desktop").rglob("*.py"))]


@cache
def importers() -> dict[str, set[str]]:
    """Return which of our modules import each top-level package."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "desktop").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in names:
                found[name.split(".")[0]].add(module_name(path))
    return found


def in_a_new_process(code: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def is_above(module: str) -> bool:
    return module.startswith("desktop.views") or module in {"desktop.app", "desktop.__main__"}


def test_everything_below_the_window_imports_without_qt() -> None:
    below = [module for module in modules() if not is_above(module) and ".migrations." not in module]
    code = (
        "import importlib, json, sys\n"
        f"for name in {QT!r}: sys.modules[name] = None\n"
        f"for name in {below!r}: importlib.import_module(name)\n"
        f"print(json.dumps(len({below!r})))"
    )
    assert in_a_new_process(code) == len(below)
    assert len(below) > 50


@pytest.mark.parametrize("library", sorted(SPREADSHEETS))
def test_a_spreadsheet_library_is_used_in_one_module(library: str) -> None:
    assert len(importers()[library]) <= 1, importers()[library]


@pytest.mark.parametrize("library", sorted(NEVER))
def test_these_stay_out_of_the_product(library: str) -> None:
    assert importers()[library] == set()


@pytest.mark.parametrize("module", ["desktop.cli.main", "desktop.app"])
def test_heavy_libraries_are_imported_late(module: str) -> None:
    code = (
        "import importlib, json, os, sys\n"
        "os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        f"importlib.import_module({module!r})\n"
        f"print(json.dumps(sorted({HEAVY!r} & set(sys.modules))))"
    )
    assert in_a_new_process(code) == []
