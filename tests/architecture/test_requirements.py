"""docs/requirements.csv is complete, and the tests that it names exist."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REGISTER = ROOT / "docs" / "requirements.csv"
COLUMNS = ["id", "name_en", "name_zh", "state", "where", "test"]
STATES = {"works", "partly", "absent"}
# How many requirements each area has; the numbers within an area run from 01 without a gap.
AREAS = {
    "PLT": 17, "CUS": 17, "IMP": 10, "DUP": 6, "PER": 8, "LED": 15, "SOP": 12, "ACT": 11, "VIS": 15, "FUN": 18,
    "APR": 11, "TGT": 25, "HEA": 10, "ATT": 13, "COL": 12, "REN": 7, "XDP": 12, "RPT": 17, "ALR": 6, "DQ": 10,
    "HND": 8, "INC": 7, "PRF": 7, "ONB": 6, "EFF": 7, "ROL": 8, "AI": 6, "INT": 9,
}  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def read_register() -> list[dict[str, str]]:
    with REGISTER.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        assert reader.fieldnames == COLUMNS
        return list(reader)


@cache
def names_in(path: Path) -> frozenset[str]:
    """Test functions and classes of a file, methods as Class::method."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef))
            names.update(f"{node.name}::{method.name}" for method in methods)
    return frozenset(names)


def problem_with(test: str) -> str | None:
    """What is wrong with a test's name such as tests/unit/test_x.py::test_y, or None."""
    file, _, name = test.partition("::")
    path = ROOT / file
    if not file.startswith("tests/") or not path.is_file():
        return f"{test}: there is no such file"
    if name not in names_in(path):
        return f"{test}: the file has no such test"
    last = name.rsplit("::", 1)[-1]
    return None if last.startswith(("test_", "Test")) else f"{test}: not the name of a test"


def test_register_lists_every_requirement_once_and_in_order() -> None:
    expected = [f"{area}-{number:02d}" for area, count in AREAS.items() for number in range(1, count + 1)]
    assert len(expected) == 310
    assert [line["id"] for line in read_register()] == expected


@pytest.mark.parametrize("line", read_register(), ids=lambda line: line["id"])
def test_line_says_what_is_there_and_what_shows_it(line: dict[str, str]) -> None:
    assert all(value is not None and value == value.strip() for value in line.values())
    assert line["state"] in STATES
    assert line["name_en"]
    assert not CHINESE.search(line["name_en"])
    assert CHINESE.search(line["name_zh"])
    tests = line["test"].split()
    if line["state"] == "absent":
        assert (line["where"], tests) == ("", [])
    else:
        assert line["where"], "where does a user find it?"
        assert tests, "which test shows it?"
    assert [problem for test in tests if (problem := problem_with(test))] == []


@pytest.mark.parametrize("column", ["name_en", "name_zh"])
def test_no_two_requirements_share_a_name(column: str) -> None:
    counts = Counter(line[column] for line in read_register())
    assert [name for name, count in counts.items() if count > 1] == []
