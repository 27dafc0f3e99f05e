"""The table of a format that names its columns itself: nothing in it is guessed to be a title, a note or a total."""

from __future__ import annotations

import polars as pl

from desktop.importers.cut import Layout
from desktop.importers.grid import Grid, count_kinds
from desktop.importers.headers import distinct_names
from desktop.importers.tables import LeftOut


def exact_table(grid: Grid) -> Layout | None:
    """Return the table whose headers stand in the grid's first row; None if it has no column."""
    if not grid.columns or not grid.height:
        return None
    names = [column.head(1).to_list()[0] or "" for column in grid.columns]
    height = grid.height - 1
    frame = pl.DataFrame({f"c{i}": column.slice(1) for i, column in enumerate(grid.columns)})
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null()).alias("f"))["f"]
    rows = pl.int_range(2, 2 + height, dtype=pl.Int64, eager=True).alias("row")
    table = frame.insert_column(0, rows).filter(filled)
    kinds = tuple(count_kinds(kind.slice(1)) for kind in grid.kinds)
    return Layout((0,), distinct_names(names), "", table, kinds, LeftOut(height - table.height, 0, 0))
