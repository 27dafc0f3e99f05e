"""Reading and loading a customer workbook of 200,000 × 20 cells: `plumbline migrate` against pandas and the floor.

All sides are fresh processes on the same files in the same run, alternating. Ours reads, maps, checks,
differences and loads with lineage, before-images, issues and audit: once into an empty database, and once a
later export of the same customers (a quarter of them changed) into a database that has them all, matched by
key. Both runs are then taken back. The script reads, cleans and writes one table; the floor reads and writes
the bare cells.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.databases import Databases, Place, SqliteFiles, postgres, settings_in
from benchmarks.measure import Measured, median, python, run, say
from benchmarks.workbook import make

ROWS = 200_000
SMOKE_ROWS = 400
ENGINES = ("openpyxl", "calamine")
OURS = ("into_empty", "into_existing", "undo_of_empty", "undo_of_existing")
PARTLY = 4


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run the comparison, print it as JSON and return it."""
    options = _options(arguments)
    count = SMOKE_ROWS if options.smoke else options.rows
    repeats = 1 if options.smoke else options.repeats
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        books = (folder / "客户.xlsx", folder / "客户（新）.xlsx")
        make(books[0], count)
        make(books[1], count, later=True)
        result: dict[str, Any] = {
            "rows": count,
            "columns": 20,
            "changed_rows": (count + 3) // 4,
            "megabytes": round(books[0].stat().st_size / 1e6, 1),
            "repeats": repeats,
        }
        if not options.no_sqlite:
            result["sqlite"] = _Comparison(books, SqliteFiles(folder), folder).run(repeats)
        if not (options.no_postgres or options.smoke):
            with postgres(folder) as server:
                result["postgresql"] = _Comparison(books, server, folder).run(repeats)
    say("import_workbook", result)
    return result


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="a small file, once, on SQLite alone")
    parser.add_argument("--no-postgres", action="store_true")
    parser.add_argument("--no-sqlite", action="store_true")
    return parser.parse_args(arguments)


class _Comparison:
    """The sides of the comparison on one kind of database."""

    def __init__(self, books: tuple[Path, Path], databases: Databases, folder: Path) -> None:
        self.first, self.later = books
        self.databases = databases
        self.environment = settings_in(folder)
        self.runs: dict[str, list[Measured]] = {}

    def run(self, repeats: int) -> dict[str, Any]:
        """Alternate the sides, so that a busy moment of the machine hits all of them."""
        filled = self.databases.ready()
        self._migrate(self.first, filled, "into_empty", keep=False)
        for _ in range(repeats):
            empty = self.databases.ready()
            totals = self._migrate(self.first, empty, "into_empty")
            if totals["read"] != totals["created"] + totals["rejected"]:
                raise RuntimeError(f"not everything was new: {totals}")
            self._script("floor.py")
            existing = self.databases.copy(filled)
            totals = self._migrate(self.later, existing, "into_existing")
            if totals["created"] or not totals["updated"] or not totals["unchanged"]:
                raise RuntimeError(f"the later export was not matched with what was there: {totals}")
            for engine in ENGINES:
                self._script("pandas_script.py", engine)
            self._undo(existing, "2", "undo_of_existing")
            self._undo(empty, "1", "undo_of_empty")
        return self._found()

    def _migrate(self, book: Path, place: Place, side: str, *, keep: bool = True) -> dict[str, int]:
        command = python("-m", "desktop", "migrate", str(book), "--json", "--database", place.ours)
        done = run(command, self.environment, (0, PARTLY))
        if keep:
            self.runs.setdefault(side, []).append(done)
        totals: dict[str, int] = json.loads(done.output)["totals"]
        return totals

    def _undo(self, place: Place, number: str, side: str) -> None:
        command = python("-m", "desktop", "undo", number, "--json", "--database", place.ours)
        done = run(command, self.environment)
        left = json.loads(done.output)
        if left["kept"] or left["blocked"]:
            raise RuntimeError("not all of the run was taken back")
        self.runs.setdefault(side, []).append(done)

    def _script(self, name: str, *arguments: str) -> None:
        script = str(Path(__file__).with_name(name))
        place = self.databases.empty()
        side = "_".join([name.removesuffix(".py").removesuffix("_script"), *arguments])
        command = python(script, str(self.later), place.theirs, *arguments)
        self.runs.setdefault(side, []).append(run(command, self.environment))

    def _found(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            side: {
                "seconds": round(median([one.seconds for one in measured]), 2),
                "cpu_seconds": round(median([one.cpu for one in measured]), 2),
                "peak_mb": round(median([one.peak_mb for one in measured])),
                "all_seconds": [round(one.seconds, 2) for one in measured],
            }
            for side, measured in self.runs.items()
        }
        for ours in OURS[:2]:
            seconds = found[ours]["seconds"]
            found[f"ratios_{ours}"] = {
                **{f"times_as_fast_as_pandas_{e}": _ratio(found[f"pandas_{e}"], seconds) for e in ENGINES},
                "of_the_floor": round(seconds / found["floor"]["seconds"], 2),
            }
        for run_side, undo_side in zip(OURS[:2], OURS[2:], strict=True):
            found[f"{undo_side}_of_run"] = round(found[undo_side]["seconds"] / found[run_side]["seconds"], 2)
        return found


def _ratio(theirs: dict[str, Any], ours: float) -> float:
    return round(float(theirs["seconds"]) / ours, 2)


if __name__ == "__main__":
    main()
