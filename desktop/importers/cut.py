"""From the rows of a header to the table under it: data told apart from totals, notes, titles and blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from desktop.importers.grid import Grid, count_kinds
from desktop.importers.headers import distinct_names, join_names, spread_names
from desktop.importers.options import FOUND_OUT, TableLayout
from desktop.importers.rows import (
    closing_remarks,
    comment_rows,
    fill_down,
    footer_rows,
    group_titles,
    is_unit_row,
    page_breaks,
    repeated_heads,
    total_rows,
)
from desktop.importers.tables import MOST_LEFT_OUT_ROWS, Kinds, LeftOut, LeftOutRow

_TEXT_LENGTH = 200
_HEADERLESS = "列{number}"


@dataclass(frozen=True)
class Layout:
    """A table found in a grid: header rows (0-based), headers, title above, the rows that are data."""

    header_rows: tuple[int, ...]
    headers: tuple[str, ...]
    title: str
    frame: pl.DataFrame
    kinds: tuple[Kinds, ...]
    left_out: LeftOut
    left_out_rows: tuple[LeftOutRow, ...] = ()
    first_column: int = 0


@dataclass(frozen=True)
class Place:
    """A part of a grid with its position: rows and columns of the sheet that stand before it."""

    grid: Grid
    row: int = 0
    column: int = 0
    beside: tuple[LeftOutRow, ...] = field(default=())


def cut(
    place: Place,
    header: Sequence[int],
    layout: TableLayout = FOUND_OUT,
    columns: Sequence[str] | None = None,
) -> Layout:
    """Return the table under a header (its rows in the part, 0-based; () if the first row is data).

    `columns` names the columns where no header does.
    """
    grid = place.grid
    top, start = (header[0], header[-1] + 1) if header else (0, 0)
    names = list(columns) if columns and not header else _names(grid, header)
    frame, kinds = _body(grid, start)
    marks: dict[int, str] = {}
    names = _units(frame, names, marks)
    width = len(names)
    filled = _filled(frame, width)
    above = [" ".join(cell for cell in row if cell) for row in grid.head(top)] if top else []
    _mark(frame, kinds, filled, names, above, grid, start, marks)
    _decide(marks, place.row + start, frame.height, layout)
    keep = _kept(marks, frame.height)
    first, last = _columns(grid, header, frame, keep, width, layout, place)
    rows = _left_out(frame, marks, above, place, start)
    # A copy of a million rows is a third of a gigabyte: none is made where every row is kept.
    table = (frame if len(marks) == 0 else frame.filter(keep)).select(
        (pl.col("row") + place.row).alias("row"),
        *(pl.col(f"c{i}").alias(f"c{i - first}") for i in range(first, last)),
    )
    counts = [sum(reason == kind for reason in marks.values()) for kind in ("blank", "total")]
    return Layout(
        tuple(place.row + row for row in header),
        distinct_names(names[first:last]),
        " ".join(text for text in above if text)[:500],
        table,
        tuple(count_kinds(kind.filter(keep) if marks else kind) for kind in kinds[first:last]),
        LeftOut(counts[0], counts[1], len(marks) - sum(counts)),
        tuple(sorted((*rows, *place.beside)))[:MOST_LEFT_OUT_ROWS],
        place.column + first,
    )


def _names(grid: Grid, header: Sequence[int]) -> list[str]:
    if not header:
        first = next((i for i, column in enumerate(grid.columns) if column.null_count() < grid.height), 0)
        return [_HEADERLESS.format(number=max(i - first, 0) + 1) for i in range(grid.width)]
    head = grid.head(header[-1] + 1)
    parts = [spread_names(head[row], row, grid, is_last=row == header[-1]) for row in header]
    return [join_names([row[column] for row in parts]) for column in range(grid.width)]


def _body(grid: Grid, start: int) -> tuple[pl.DataFrame, list[pl.Series]]:
    kinds = [kind.slice(start) for kind in grid.kinds]
    frame = pl.DataFrame({f"c{i}": column.slice(start) for i, column in enumerate(grid.columns)})
    frame = fill_down(frame, kinds, grid, start)
    return frame.with_columns(
        pl.int_range(start + 1, start + 1 + frame.height, dtype=pl.Int64).alias("row")
    ), kinds


def _units(frame: pl.DataFrame, names: list[str], marks: dict[int, str]) -> list[str]:
    """Return the headers with the units of a row of units under them, which is marked."""
    if not frame.height or not is_unit_row(frame.row(0)[:-1]):
        return names
    marks[0] = "units"
    units = [re.sub(r"^[(（\[【]\s*|\s*[)）\]】]$", "", unit or "") for unit in frame.row(0)[:-1]]
    return [
        f"{name}({unit})"
        if name and re.search(r"[^\W_]|%|％", unit) and not re.search(rf"[(（]{re.escape(unit)}[)）]", name)
        else name
        for name, unit in zip(names, units, strict=True)
    ]


def _filled(frame: pl.DataFrame, width: int) -> pl.Series:
    return frame.select(
        pl.sum_horizontal([pl.col(f"c{i}").is_not_null().cast(pl.Int32) for i in range(width)]).alias("n")
    )["n"]


def _mark(
    frame: pl.DataFrame,
    kinds: list[pl.Series],
    filled: pl.Series,
    names: list[str],
    above: list[str],
    grid: Grid,
    start: int,
    marks: dict[int, str],
) -> None:
    """Mark every row that is no data with its reason; what was marked before stays."""

    def put(rows: Iterable[int], reason: str) -> None:
        for row in rows:
            marks.setdefault(row, reason)

    width = len(names)
    put((filled == 0).arg_true().to_list(), "blank")
    put(total_rows(frame, kinds, width), "total")
    parts = [name.rsplit("/", 1)[-1] for name in names]
    heads = repeated_heads(frame, names, parts)
    put(heads, "header")
    put(page_breaks(frame, heads, filled, above, width), "title")
    put(group_titles(frame, filled, grid, start, width), "title")
    put(comment_rows(frame, filled, width), "note")
    put(closing_remarks(frame, filled, width), "note")
    put(footer_rows(frame, kinds, filled, width), "note")


def _decide(marks: dict[int, str], first: int, height: int, layout: TableLayout) -> None:
    """Let what a person decided about rows come before what was found."""
    for row in layout.kept_rows:
        if marks.get(row - 1 - first) != "blank":
            marks.pop(row - 1 - first, None)
    for row in layout.skipped_rows:
        if 0 <= row - 1 - first < height and marks.get(row - 1 - first) != "blank":
            marks[row - 1 - first] = "skipped"


def _kept(marks: dict[int, str], height: int) -> pl.Series:
    left = pl.Series(sorted(marks), dtype=pl.UInt32)
    return ~pl.int_range(height, dtype=pl.UInt32, eager=True).is_in(left.implode())


def _columns(
    grid: Grid,
    header: Sequence[int],
    frame: pl.DataFrame,
    keep: pl.Series,
    width: int,
    layout: TableLayout,
    place: Place,
) -> tuple[int, int]:
    """Return the first column and the one after the last that have a header or data, or that a person gave."""
    used = (
        (frame if keep.all() else frame.filter(keep))
        .select(f"c{i}" for i in range(width))
        .null_count()
        .row(0)
    )
    rows = int(keep.sum())
    named = {i for row in header for i in range(width) if grid.columns[i][row] is not None}
    columns = [i for i in range(width) if i in named or used[i] < rows] or [0]
    first, last = columns[0], columns[-1] + 1
    if layout.first_column is not None:
        first = max(0, layout.first_column - place.column)
    if layout.last_column is not None:
        last = min(width, layout.last_column + 1 - place.column)
    return min(first, last - 1), last


def _left_out(
    frame: pl.DataFrame, marks: dict[int, str], above: list[str], place: Place, start: int
) -> list[LeftOutRow]:
    rows = [
        LeftOutRow(place.row + index + 1, "title", text[:_TEXT_LENGTH])
        for index, text in enumerate(above)
        if text
    ]
    told = sorted(marks, key=lambda index: (marks[index] == "blank", index))[:MOST_LEFT_OUT_ROWS]
    for index in told:
        cells = () if marks[index] == "blank" else frame.row(index)[:-1]
        text = " ".join(cell for cell in cells if cell)[:_TEXT_LENGTH]
        rows.append(LeftOutRow(place.row + start + index + 1, marks[index], text))
    return rows
