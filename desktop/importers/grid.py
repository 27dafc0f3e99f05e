"""A raw grid of cells as canonical text, and the one way a cell of each type becomes text."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import polars as pl

from desktop.importers.tables import Kinds

BLANK, NUMBER, DATE, TEXT, BOOLEAN, ERROR = range(6)

NO_VALUE = "#NO_VALUE!"
"""Stands for a formula whose computed value the file does not hold."""

SPACES = "".join(
    [
        *" \t\r\n\v\f\x00\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff\u200b",
        *map(chr, range(0x2000, 0x200B)),
    ]
)
"""What counts as blank at either end of a cell, the full-width space among it."""

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, counted from 0."""


@dataclass
class Grid:
    """Cells of one sheet from its row 1: per column the text (null where blank) and the cell kinds.

    `hidden_rows` are counted from 0.
    """

    columns: list[pl.Series]
    kinds: list[pl.Series]
    merged: list[Area] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.columns)

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.columns[0]) if self.columns else 0

    def head(self, rows: int) -> list[list[str | None]]:
        """Return the first rows as lists of text."""
        columns = [column.head(rows).to_list() for column in self.columns]
        return [list(row) for row in zip(*columns, strict=True)]

    def head_kinds(self, rows: int) -> list[list[int]]:
        """Return the kinds of the first rows' cells."""
        columns = [column.head(rows).to_list() for column in self.kinds]
        return [list(row) for row in zip(*columns, strict=True)]

    def row(self, index: int) -> list[str | None]:
        """Return the texts of one row."""
        return [column[index] for column in self.columns]

    def _frame(self) -> pl.DataFrame:
        return pl.DataFrame({f"c{i}": column for i, column in enumerate(self.columns)})

    def filled(self) -> pl.Series:
        """Return how many cells of each row are filled."""
        if not self.columns:
            return pl.Series([], dtype=pl.Int32)
        frame = self._frame()
        return frame.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int32)).alias("n"))["n"]

    def window(self, first_row: int, first_column: int, last_row: int, last_column: int) -> Grid:
        """Return a part of the grid, rows and columns counted from 0 up to, without, the last."""
        height, width = last_row - first_row, last_column - first_column
        merged = [
            (
                max(top - first_row, 0),
                max(left - first_column, 0),
                min(bottom - first_row, height - 1),
                min(right - first_column, width - 1),
            )
            for top, left, bottom, right in self.merged
            if first_row <= top < last_row and first_column <= left < last_column
        ]
        return Grid(
            [column.slice(first_row, height) for column in self.columns[first_column:last_column]],
            [kind.slice(first_row, height) for kind in self.kinds[first_column:last_column]],
            merged,
            self.warnings,
        )

    def trimmed(self) -> Grid:
        """Return the grid without empty columns and rows at its end."""
        if not self.columns:
            return self
        frame = self._frame()
        nulls = frame.null_count().row(0)
        width = max((i + 1 for i, count in enumerate(nulls) if count < frame.height), default=0)
        columns = self.columns[:width]
        filled = frame.select(pl.any_horizontal(pl.all().is_not_null()).alias("any"))["any"].arg_true()
        height = cast(int, filled[-1]) + 1 if len(filled) else 0
        return Grid(
            [column.head(height) for column in columns],
            [kind.head(height) for kind in self.kinds[:width]],
            self.merged,
            self.warnings,
            self.hidden_rows,
        )


def count_kinds(kinds: pl.Series) -> Kinds:
    """Return how many cells of each kind a column has."""
    counts = dict(kinds.value_counts().iter_rows())
    return Kinds(*(int(counts.get(kind, 0)) for kind in (NUMBER, DATE, TEXT, BOOLEAN, ERROR)))


def number_text(value: float) -> str:
    """Return a number in its shortest form: 13800138000, 0.35, never with an exponent."""
    if not math.isfinite(value):
        return "#NUM!"
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    if "e" not in text:
        return text
    from decimal import Decimal

    return format(Decimal(text), "f")


def number_series(values: pl.Series) -> pl.Series:
    """Return a column of floats as shortest text."""
    small = (values == values.round(0)) & (values.abs() < 9e15)
    whole = values.zip_with(
        small.fill_null(False), pl.Series([None], dtype=pl.Float64).new_from_index(0, len(values))
    )
    text = whole.cast(pl.Int64).cast(pl.String)
    rest = values.filter(~small.fill_null(True)).unique()
    if len(rest) == 0:
        return text
    lookup = rest.map_elements(number_text, return_dtype=pl.String)
    fractions = values.replace_strict(rest, lookup, default=None, return_dtype=pl.String)
    return text.zip_with(text.is_not_null(), fractions)


def moment_text(value: Any) -> str:
    """Return a date, a moment, a time of day or a span as ISO text."""
    if isinstance(value, dt.datetime):
        if value.microsecond:
            value = (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
        return str(value.date().isoformat()) if value.time() == dt.time.min else str(value.isoformat())
    if isinstance(value, dt.time):
        return value.replace(microsecond=0).isoformat()
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(value.isoformat())


def cell_text(value: Any) -> tuple[str | None, int]:
    """Return the canonical text and the kind of one cell value as a spreadsheet library gives it."""
    if value is None:
        return None, BLANK
    if isinstance(value, str):
        text = value.strip(SPACES)
        return (text, TEXT) if text else (None, BLANK)
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), BOOLEAN
    if isinstance(value, int | float):
        return number_text(value), NUMBER
    return moment_text(value), DATE


def column_of(values: Sequence[Any]) -> tuple[pl.Series, pl.Series]:
    """Return one column's canonical text and kinds; fast where its cells are blank or of one type."""
    types = set(map(type, values))
    if types <= {str, type(None)}:
        return text_column(pl.Series(values, dtype=pl.String))
    if str in types and not any(value for value in values if type(value) is str):
        values = [None if value == "" else value for value in values]
        types.discard(str)
    types.discard(type(None))
    if types <= {float, int}:
        text = number_series(pl.Series(values, dtype=pl.Float64))
        return text, _kind_where(text, NUMBER)
    if types == {dt.date}:
        text = pl.Series(values, dtype=pl.Date).dt.strftime("%Y-%m-%d")
        return text, _kind_where(text, DATE)
    cells = [cell_text(value) for value in values]
    texts = pl.Series([text for text, _ in cells], dtype=pl.String)
    return texts, pl.Series([kind for _, kind in cells], dtype=pl.UInt8)


def _kind_where(text: pl.Series, kind: int) -> pl.Series:
    return text.is_not_null().cast(pl.UInt8) * kind


def text_column(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return a column of texts without the blanks around them, null where nothing is left."""
    frame = pl.DataFrame({"v": values}).select(pl.col("v").str.strip_chars(SPACES))
    frame = frame.select(
        pl.when(pl.col("v").str.len_bytes() > 0).then(pl.col("v")).alias("v"),
    ).with_columns(pl.when(pl.col("v").is_null()).then(BLANK).otherwise(TEXT).cast(pl.UInt8).alias("k"))
    return frame["v"], frame["k"]
