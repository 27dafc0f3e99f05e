"""Start-up: the console with its first page filled, on the demo database, against a bare PySide6 window.

Every start is a fresh process on warm files; the time runs from starting the process to the moment at
which it says that it is ready. The two sides alternate.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT, median, python, run, say

LIMIT = 5.0
"""A usable window within five times the bare one."""


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run the comparison, print it as JSON and return it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--smoke", action="store_true", help="a small firm, once")
    parser.add_argument("--database", type=Path, help="a demo database that is there already")
    options = parser.parse_args(arguments)
    repeats = 1 if options.smoke else options.repeats
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"QT_QPA_PLATFORM": "offscreen", "PLUMBLINE_SETTINGS": str(folder / "settings.json")}
        database = options.database or _make_demo(folder, 0.05 if options.smoke else 1.0, environment)
        bare, console = [], []
        # The first start of each warms the disk cache and the compiled modules, and does not count.
        for number in range(repeats + 1):
            first = _until_ready(python("benchmarks/startup_bare.py"), environment)
            second = _until_ready(python("-m", "benchmarks.startup_console", str(database)), environment)
            if number:
                bare.append(first)
                console.append(second)
    result: dict[str, Any] = {
        "repeats": repeats,
        "bare_seconds": round(median(bare), 3),
        "console_seconds": round(median(console), 3),
        "ratio": round(median(console) / median(bare), 2),
        "limit": LIMIT,
        "all_bare": [round(one, 3) for one in bare],
        "all_console": [round(one, 3) for one in console],
    }
    say("startup", result)
    return result


def _make_demo(folder: Path, scale: float, environment: dict[str, str]) -> Path:
    place = folder / "demo"
    done = run(
        python(
            "-m", "desktop", "demo", "--headless", "--no-pictures", "--scale", str(scale), "--out", str(place)
        ),
        environment,
    )
    database = place / "plumbline-demo.db"
    if not database.is_file():
        raise RuntimeError(f"the demo left no database:\n{done.output}")
    return database


def _until_ready(command: list[str], environment: dict[str, str]) -> float:
    merged = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env=merged, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        seconds = time.perf_counter() - started
        process.stdout.read()
    if said.strip() != "ready" or process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode} after saying {said!r}")
    return seconds


if __name__ == "__main__":
    main()
