"""Run a command as a fresh process and measure its time and the peak memory of its process tree."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Measured:
    """One run: wall-clock and processor seconds, peak resident memory of the tree in MB, what it printed."""

    seconds: float
    cpu: float
    peak_mb: float
    output: str


def run(
    command: Sequence[str], environment: Mapping[str, str] | None = None, ok: Sequence[int] = (0,)
) -> Measured:
    """Run a command from the project's root and measure it; raises RuntimeError if it fails.

    Memory is the sum of the resident sets of the process and its descendants, looked at ten times a second; pages
    that they share are counted more than once.
    """
    merged = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        cpu, started = _children_cpu(), time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=merged, stdout=said, stderr=complained)
        tree = psutil.Process(process.pid)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident(tree))
            time.sleep(_POLL_SECONDS)
        seconds, used = time.perf_counter() - started, _children_cpu() - cpu
        said.seek(0)
        complained.seek(0)
        output = said.read().decode("utf-8", "replace")
        if process.returncode not in ok:
            raise RuntimeError(
                f"{' '.join(command)} ended with {process.returncode}:\n{output}\n"
                f"{complained.read().decode('utf-8', 'replace')}"
            )
    return Measured(seconds, used, peak / 1e6, output)


def _children_cpu() -> float:
    """Return the processor seconds of all processes that have ended so far; 0 where nobody counts them."""
    try:
        import resource
    except ImportError:
        return 0.0
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(tree: psutil.Process) -> int:
    total = 0
    try:
        members = [tree, *tree.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for member in members:
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def python(*arguments: str) -> list[str]:
    """Return the command line that runs this interpreter with arguments."""
    return [sys.executable, *arguments]


def median(values: Sequence[float]) -> float:
    """Return the median of some runs."""
    return statistics.median(values)


def machine() -> str:
    """Return what the figures were measured on, without naming the computer."""
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def say(name: str, document: dict[str, Any]) -> None:
    """Print one benchmark's result as JSON."""
    print(json.dumps({"benchmark": name, "machine": machine(), **document}, ensure_ascii=False, indent=1))
