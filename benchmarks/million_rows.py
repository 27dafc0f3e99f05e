"""A text file of a million rows: how much memory its import takes, and how soon a cancel ends each phase.

Run from the project's root: `python -m benchmarks.million_rows [--smoke]`. The file is made here: 20 columns of
Chinese text, numbers and dates, as a call centre's or a shop system's export has them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import measure
from desktop.demo.words import FIRST_SYLLABLES, LEGAL_FORMS, ROADS, SECOND_SYLLABLES, SOURCES, TOWNS, TRADES

ROWS = 1_000_000
SMOKE_ROWS = 4_000
MOST_MB = 1_500.0
MOST_CANCEL_SECONDS = 1.0
HEADERS = (
    "客户编号", "客户名称", "客户来源", "客户行业", "客户级别", "手机", "电话", "邮箱", "网址", "省份", "城市", "区县",
    "详细地址", "员工人数", "年营收", "成立日期", "负责人", "创建时间", "下次联系时间", "备注",
)  # fmt: skip
_MOMENTS = {"reading": 0.3, "converting": 0.3, "loading": 0.3}
"""How far into each phase, as a share of its length, the cancel comes."""


def make_file(path: Path, rows: int) -> None:
    """Write the text file; the same for the same number of rows."""
    rng = Random(rows)
    provinces = list(TOWNS)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        stream.write(",".join(HEADERS) + "\r\n")
        for number in range(1, rows + 1):
            province = rng.choice(provinces)
            town = rng.choice(TOWNS[province])
            trade, industry = rng.choice(TRADES)
            name = f"{town}{rng.choice(FIRST_SYLLABLES)}{rng.choice(SECOND_SYLLABLES)}{trade}{number}{rng.choice(LEGAL_FORMS)}"
            day = f"20{rng.randrange(18, 26)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
            cells = (
                f"KH{number:08}", name, rng.choice(SOURCES), industry, rng.choice("ABC"),
                f"13{rng.randrange(10**9):09}", f"0512-6{rng.randrange(10**7):07}", f"u{number}@example.com",
                f"www.example{number % 9973}.com", province, town, "", f"{rng.choice(ROADS)}{rng.randrange(1, 999)}号",
                str(rng.randrange(5, 4000)), f"{rng.randrange(10**4, 10**9) / 100:.2f}", day,
                f"销售{rng.randrange(1, 41):02}", f"{day} {rng.randrange(8, 19):02}:{rng.randrange(60):02}", day,
                "" if number % 3 else "老客户转介绍",
            )  # fmt: skip
            stream.write(",".join(cells) + "\r\n")


def import_in_phases(path: Path, database: Path, stop_in: str = "", after: float = 0.0) -> dict[str, Any]:
    """Import a file in this process; return each phase's seconds, or how long a cancel in one of them took.

    The cancel comes from another thread `after` seconds into the phase, as a click does.
    """
    from desktop.control import Control
    from desktop.errors import Cancelled
    from desktop.operations.imports import migrate_plan
    from desktop.operations.migration import make_plan, read_and_map
    from desktop.store.open import open_workspace

    reports: list[tuple[str, float]] = []
    phase, asked = "", 0.0
    control = Control(lambda done, total, what: reports.append((phase, time.monotonic())))
    workspace = open_workspace(str(database))

    def cancel() -> None:
        nonlocal asked
        asked = time.monotonic()
        control.cancel()

    def begin(name: str) -> float:
        nonlocal phase
        phase = name
        if name == stop_in:
            timer = threading.Timer(after, cancel)
            timer.daemon = True
            timer.start()
        return time.monotonic()

    seconds: dict[str, float] = {}
    try:
        started = begin("reading")
        source = read_and_map([path], (), control)
        seconds["reading"], started = time.monotonic() - started, begin("converting")
        plan = make_plan(source, control)
        seconds["converting"], started = time.monotonic() - started, begin("loading")
        result = migrate_plan(workspace, plan, control=control)
        seconds["loading"] = time.monotonic() - started
    except Cancelled:
        return {"cancelled_in": phase, "seconds_to_end": round(time.monotonic() - asked, 2)}
    told = {name: sum(item[0] == name for item in reports) for name in _MOMENTS}
    return {"seconds": seconds, "reports": told, "created": result.totals["created"]}


def main(arguments: list[str] | None = None) -> None:
    """Measure a whole import and a cancel in each phase, and print the result."""
    parser = argparse.ArgumentParser(prog="benchmarks.million_rows", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a small file")
    parser.add_argument(
        "--one", nargs=4, metavar=("FILE", "DATABASE", "PHASE", "AFTER"), help=argparse.SUPPRESS
    )
    options = parser.parse_args(arguments)
    if options.one:
        file, database, phase, after = options.one
        print(json.dumps(import_in_phases(Path(file), Path(database), phase, float(after))))
        return
    rows = SMOKE_ROWS if options.smoke else ROWS
    with tempfile.TemporaryDirectory(prefix="plumbline-million-") as folder:
        file = Path(folder) / "customers.csv"
        make_file(file, rows)
        whole = _measured(file, Path(folder) / "whole.db", "", 0.0)
        figures = json.loads(whole.output)
        cancels = {}
        for phase, share in _MOMENTS.items():
            after = share * figures["seconds"][phase]
            run = _measured(file, Path(folder) / f"{phase}.db", phase, after)
            cancels[phase] = json.loads(run.output).get("seconds_to_end")
        size = file.stat().st_size
    measure.say(
        "million_rows",
        {
            "rows": rows,
            "file_mb": round(size / 1e6),
            "seconds": {name: round(value, 1) for name, value in figures["seconds"].items()},
            "progress_reports": figures["reports"],
            "created": figures["created"],
            "peak_mb": round(whole.peak_mb),
            "limit_mb": MOST_MB,
            "cancel_seconds": cancels,
            "cancel_limit": MOST_CANCEL_SECONDS,
            "met": whole.peak_mb < MOST_MB
            and all(value is not None and value < MOST_CANCEL_SECONDS for value in cancels.values()),
        },
    )


def _measured(file: Path, database: Path, phase: str, after: float) -> measure.Measured:
    return measure.run(
        measure.python("-m", "benchmarks.million_rows", "--one", str(file), str(database), phase, str(after))
    )


if __name__ == "__main__":
    main(sys.argv[1:])
