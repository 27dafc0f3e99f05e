"""Every tile of the console names a figure of the metric dictionary; what has a formula is computed by it (RPT-01)."""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
VIEWS = ROOT / "desktop" / "views"


def formulas() -> dict[str, str]:
    """Return the formula of each figure of the dictionary."""
    with (ROOT / "resources" / "seeds" / "metrics.csv").open(encoding="utf-8", newline="") as stream:
        return {row["key"]: row["formula"] for row in csv.DictReader(stream)}


def tiles() -> Iterator[tuple[str, ast.Call]]:
    """Return the place of every tile that a page makes."""
    for path in sorted(VIEWS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Figure":
                yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno}", node


def test_every_tile_is_of_the_dictionary() -> None:
    """A tile with a formula is told by the dictionary's answer; one without may only show what no formula says."""
    known = formulas()
    made = list(tiles())
    assert len(made) > 40
    for place, call in made:
        told = any(keyword.arg == "told" for keyword in call.keywords)
        metric = call.args[0]
        if isinstance(metric, ast.Constant):
            assert metric.value in known, f"{place}: no figure {metric.value!r} in metrics.csv"
            assert told == bool(known[str(metric.value)]), f"{place}: {metric.value} has its own figure"
        else:
            assert told, f"{place}: which figure is it?"
