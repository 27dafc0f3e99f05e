"""Rows as a database gives them, gathered into a grid of canonical text."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.building import MAX_CELLS, MAX_ROWS
from desktop.importers.grid import (
    BLANK,
    BOOLEAN,
    DATE,
    NUMBER,
    TEXT,
    Grid,
    moment_text,
    number_text,
    text_column,
)

_MAX_TEXT = 1 << 20
_INT64 = 1 << 63


class Gathered:
    """The rows of one table so far, column by column, as canonical text."""

    def __init__(self, headers: Sequence[str]) -> None:
        self.height = 0
        self.warnings: tuple[str, ...] = ()
        self._texts = [[pl.Series([header or None], dtype=pl.String)] for header in headers]
        self._kinds = [[pl.Series([TEXT], dtype=pl.UInt8)] for _ in headers]

    def add(self, rows: Sequence[Any]) -> None:
        """Take a batch of rows; raise InvalidInput beyond what a source may hold."""
        self.height += len(rows)
        if self.height > MAX_ROWS or self.height * len(self._texts) > MAX_CELLS:
            raise InvalidInput(
                "too_large",
                N_("The table has more rows than can be read at once ({rows} were read)."),
                remedy=N_("Make a view with the rows and columns that are needed, and leave the table out."),
                rows=self.height,
            )
        for index, values in enumerate(zip(*rows, strict=True)):
            text, kind = _column(values)
            self._texts[index].append(text)
            self._kinds[index].append(kind)
            if not self.warnings and any(isinstance(value, bytes | memoryview) for value in values):
                self.warnings = ("binary_values",)

    def grid(self) -> Grid:
        """Return all of it, the headers in the first row."""
        return Grid([pl.concat(parts) for parts in self._texts], [pl.concat(parts) for parts in self._kinds])


def _column(values: Sequence[Any]) -> tuple[pl.Series, pl.Series]:
    types = set(map(type, values)) - {type(None)}
    if types <= {str}:
        return text_column(pl.Series(values, dtype=pl.String))
    if types == {int} and all(value is None or -_INT64 <= value < _INT64 for value in values):
        text = pl.Series(values, dtype=pl.Int64).cast(pl.String)
        return text, text.is_not_null().cast(pl.UInt8) * NUMBER
    cells = [_cell(value) for value in values]
    return (
        pl.Series([text for text, _ in cells], dtype=pl.String),
        pl.Series([kind for _, kind in cells], dtype=pl.UInt8),
    )


def _cell(value: Any) -> tuple[str | None, int]:
    """Return a value as a database gives it as canonical text, and its kind; binary values are left blank."""
    if value is None or isinstance(value, bytes | bytearray | memoryview):
        return None, BLANK
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), BOOLEAN
    if isinstance(value, int):
        return str(value), NUMBER
    if isinstance(value, float):
        return number_text(value), NUMBER
    if isinstance(value, Decimal):
        return _decimal_text(value), NUMBER
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return _moment(value), DATE
    if isinstance(value, dict | list | tuple | set):
        text = json.dumps(list(value) if isinstance(value, set) else value, ensure_ascii=False, default=str)
    else:
        text = str(value)
    text = text.replace("\x00", "").strip()[:_MAX_TEXT]
    return (text, TEXT) if text else (None, BLANK)


def _decimal_text(value: Decimal) -> str:
    if not value.is_finite():
        return "#NUM!"
    if value == value.to_integral_value():
        return str(int(value))
    return format(value.normalize(), "f")


def _moment(value: dt.date | dt.time | dt.timedelta) -> str:
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.replace(microsecond=0).isoformat()
    return moment_text(value)
