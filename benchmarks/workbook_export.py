"""Writing 200,000 × 20 cells as .xlsx: ours (styles, totals, native table) beside bare XlsxWriter, the same cells.

`python -m benchmarks workbook_export` runs the sides in turn, each as a fresh process, and prints one JSON
document. Ratios travel between machines, seconds do not; processor seconds are the steadier ones.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import Measured, median, python, run, say

ROWS, SMOKE_ROWS = 200_000, 6_000
SIDES = ("columns", "rows", "bare")


def main(arguments: list[str]) -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(prog="benchmarks workbook_export", description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    count, repeats = (SMOKE_ROWS, 1) if options.smoke else (ROWS, options.repeats)
    runs: dict[str, list[Measured]] = {side: [] for side in SIDES}
    sizes: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeats):
            for side in SIDES:
                target = Path(folder) / f"{side}.xlsx"
                runs[side].append(run(python("-m", "benchmarks.export_side", side, str(count), str(target))))
                sizes[side] = target.stat().st_size / 1e6
    figures = {side: _figures(done) | {"file_mb": round(sizes[side], 1)} for side, done in runs.items()}
    ratios = {
        f"bare_over_{side}": {
            unit: round(figures["bare"][unit] / figures[side][unit], 2) for unit in ("clock_s", "processor_s")
        }
        for side in ("columns", "rows")
    }
    say("workbook_export", {"rows": count, "columns": 20, "sides": figures, "ratios": ratios})


def _figures(done: list[Measured]) -> dict[str, Any]:
    return {
        "clock_s": round(median([one.seconds for one in done]), 2),
        "processor_s": round(median([one.cpu for one in done]), 2),
        "peak_mb": round(max(one.peak_mb for one in done)),
    }
