"""What stands beside a table: another table, which is cut off, or a note, which is left out and told."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from desktop.importers.grid import Grid
from desktop.importers.headers import find_header
from desktop.importers.looks import Head, is_header_word
from desktop.importers.tables import MOST_LEFT_OUT_ROWS, LeftOutRow

_WIDEST = 512


@dataclass(frozen=True)
class Groups:
    """Where tables stand beside each other (first column, column after the last), and notes at their side."""

    spans: tuple[tuple[int, int], ...]
    notes: tuple[LeftOutRow, ...] = ()


@dataclass(frozen=True)
class _Group:
    """Columns between two blank ones: their header if they have one by themselves, and their filled rows."""

    first: int
    last: int
    grid: Grid
    head: Head
    header: tuple[int, int] | None
    filled: pl.Series

    @property
    def rows(self) -> int:
        """The number of rows with anything in them."""
        return int((self.filled > 0).sum())

    @property
    def end(self) -> int:
        """The last filled row."""
        rows = (self.filled > 0).arg_true()
        return int(rows[-1]) if len(rows) else 0

    @property
    def names(self) -> list[str]:
        """The texts of the header."""
        if self.header is None:
            return []
        return [cell for cell in self.head.cells[self.header[1]] if cell is not None]


def column_groups(grid: Grid, head: Head) -> Groups:
    """Return how a grid's columns fall apart; one span if they are one table."""
    whole = Groups(((0, grid.width),))
    if grid.width > _WIDEST:
        return whole
    groups = [_group(grid, first, last) for first, last in _runs(grid)]
    if len(groups) < 2:
        return whole
    main = max(groups, key=lambda group: (group.rows * (group.last - group.first), -group.first))
    header = find_header(grid, head)
    spans: list[list[_Group]] = []
    notes: list[_Group] = []
    for group in groups:
        if group is not main and _is_note(group, main, header):
            notes.append(group)
        elif spans and not _is_apart(spans[-1], group):
            spans[-1].append(group)
        else:
            spans.append([group])
    found = tuple((span[0].first, span[-1].last) for span in spans)
    if len(found) > 1:
        return Groups(found, ())
    told = [note for group in notes for note in _tell(group)][:MOST_LEFT_OUT_ROWS]
    inner = [group for group in notes if found[0][0] < group.first < found[0][1]]
    # A note between two columns of the table cannot be cut off: it stays a column without a name.
    return Groups(found, tuple(told)) if notes and not inner else whole


def _runs(grid: Grid) -> list[tuple[int, int]]:
    """Return the runs of columns that hold anything."""
    runs: list[tuple[int, int]] = []
    for index, column in enumerate(grid.columns):
        if column.null_count() == len(column):
            continue
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs


def _group(grid: Grid, first: int, last: int) -> _Group:
    part = grid.window(0, first, grid.height, last)
    head = Head.of(part)
    return _Group(first, last, part, head, find_header(part, head), part.filled())


def _is_note(group: _Group, main: _Group, header: tuple[int, int] | None) -> bool:
    """Whether a group is a remark at the side: few cells, none of them in the table's header row."""
    if header is not None and any(
        cell is not None for row in range(header[0], header[1] + 1) for cell in group.head.cells[row]
    ):
        return not any(map(is_header_word, group.names)) and group.rows <= 2 and main.rows >= 6
    if group.header is not None and group.last - group.first >= 2 and group.rows >= 3:
        return False
    return group.rows <= max(3, 0.2 * main.rows) and main.rows >= 3


def _is_apart(left: list[_Group], right: _Group) -> bool:
    """Whether a group is a table of its own and not more columns of the one at its left."""
    one = max(left, key=lambda group: group.rows * (group.last - group.first))
    if one.header is None or right.header is None:
        return False
    if min(one.last - one.first, right.last - right.first) < 2 or not one.names or not right.names:
        return False
    names = {name for group in left for name in group.names}
    common = names & set(right.names)
    if len(common) >= max(1, 0.5 * min(len(names), len(right.names))):
        return True
    if one.header != right.header:
        return right.rows >= 3 and one.rows >= 3
    if _titled(one) and _titled(right):
        return True
    shorter, longer = sorted((one, right), key=lambda group: group.end)
    dense = shorter.rows >= 0.8 * (shorter.end - one.header[0] + 1)
    return dense and longer.end - shorter.end >= max(3, 0.2 * longer.end)


def _titled(group: _Group) -> bool:
    return group.header is not None and any(group.head.fills[: group.header[0]])


def _tell(group: _Group) -> list[LeftOutRow]:
    rows = (group.filled > 0).arg_true().to_list()[:MOST_LEFT_OUT_ROWS]
    return [
        LeftOutRow(row + 1, "beside", " ".join(cell for cell in group.grid.row(row) if cell)[:200])
        for row in rows
    ]
