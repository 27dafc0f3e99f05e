"""The review grid over a million rows: showing, scrolling, filtering and walking, beside Qt's own grid over constants.

`python -m benchmarks review_grid` draws offscreen, in one process, and prints one JSON document. Qt's own
`QTableView` over a model that returns the same short text for every cell is the floor: what no model can beat.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication, QTableView

from benchmarks.measure import machine
from desktop.i18n import Locale
from desktop.importers.tables import Issue, Kinds, SourceTable
from desktop.operations.review import Place, Problems, select_rows
from desktop.terms import Severity
from desktop.views import theme
from desktop.views.migrate.grid_model import GridModel
from desktop.views.migrate.grid_view import GridView

ROWS, SMOKE_ROWS, COLUMNS = 1_000_000, 10_000, 20
STEPS, EVERY = 200, 50
"""How many places are scrolled to, and after how many rows the next fault comes."""


class Constant(QAbstractTableModel):
    """A model that does nothing: the floor."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def rowCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return self._rows

    def columnCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return COLUMNS

    def data(self, _index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return "13800138000" if role == Qt.ItemDataRole.DisplayRole else None


def a_table(rows: int) -> tuple[SourceTable, list[Issue]]:
    """Return a table of many rows and a fault in every fiftieth."""
    numbers = pl.int_range(0, rows, eager=True)
    columns = {f"c{i}": (numbers * 7 + i).cast(pl.String) for i in range(COLUMNS - 1)}
    names = pl.select(pl.concat_str(pl.lit("第"), numbers.cast(pl.String), pl.lit("号客户"))).to_series()
    frame = pl.DataFrame({"row": numbers + 2, **columns, f"c{COLUMNS - 1}": names})
    headers = tuple(f"列{i}" for i in range(COLUMNS))
    table = SourceTable("large.csv", None, (1,), headers, "utf-8", frame, (Kinds(),) * COLUMNS, "")
    issues = [
        Issue("large.csv", None, row, "列3", "phone_invalid", Severity.CELL, "x", {}, str(row % 7))
        for row in range(2, rows + 2, EVERY)
    ]
    return table, issues


def timed(act: Callable[[], object]) -> float:
    """Return the processor seconds that something takes: other programs on the machine do not count."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def scrolled(app: QApplication, view: QTableView) -> list[float]:
    """Return the seconds of each repaint while scrolling through all rows."""
    bar = view.verticalScrollBar()
    found = []
    for step in range(STEPS):

        def to(step: int = step) -> None:
            bar.setValue(bar.maximum() * step // STEPS)
            view.viewport().repaint()
            app.processEvents()

        found.append(timed(to))
    return found


def milliseconds(values: list[float]) -> dict[str, float]:
    """Return median, 95th percentile and worst in milliseconds."""
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered) * 1e3, 2),
        "p95": round(ordered[int(len(ordered) * 0.95)] * 1e3, 2),
        "worst": round(ordered[-1] * 1e3, 2),
    }


def measure(rows: int) -> dict[str, Any]:
    """Return what showing, scrolling, filtering and walking take."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    table, issues = a_table(rows)
    index = timed(lambda: Problems(table.headers, issues))
    problems = Problems(table.headers, issues)
    model = GridModel(Locale("zh_CN"))
    view = GridView(model)
    view.resize(1100, 560)
    view.show()

    def show_all() -> None:
        model.show_table(table, problems)
        view.viewport().repaint()

    show = timed(show_all)
    ours = scrolled(app, view)
    bare = QTableView()
    bare.resize(1100, 560)
    bare.setModel(Constant(rows))
    bare.show()
    floor = scrolled(app, bare)
    by_text = timed(lambda: select_rows(table, text="号客户"))
    by_fault = timed(lambda: select_rows(table, rows=problems.rows(("phone_invalid", "列3"))))
    narrow = select_rows(table, text=str(rows // 2 * 7))

    def show_some() -> None:
        model.set_positions(narrow)
        view.viewport().repaint()

    put = timed(show_some)
    model.set_positions(None)
    starts = [Place(row, 3) for row in range(2, rows, max(1, rows // STEPS))]
    walked = [timed(partial(problems.next, start)) for start in starts]
    repaint, least = statistics.median(ours), statistics.median(floor)
    return {
        "rows": rows,
        "columns": COLUMNS,
        "faults": len(problems),
        "order_faults_seconds": round(index, 3),
        "show_ms": round(show * 1e3, 1),
        "repaint_ms": milliseconds(ours),
        "floor_repaint_ms": milliseconds(floor),
        "repaint_ratio": round(repaint / least, 2),
        "filter_text_seconds": round(by_text, 3),
        "filter_fault_seconds": round(by_fault, 3),
        "show_filtered_ms": round(put * 1e3, 1),
        "next_fault_ms": milliseconds(walked),
    }


def main(arguments: list[str] | None = None) -> None:
    """Print the document."""
    parser = argparse.ArgumentParser(prog="benchmarks review_grid", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small sizes")
    options = parser.parse_args(arguments)
    document = measure(SMOKE_ROWS if options.smoke else ROWS)
    print(json.dumps({"benchmark": "review_grid", "machine": machine(), **document}, indent=2))


if __name__ == "__main__":
    main()
