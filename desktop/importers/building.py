"""Cells that a reader meets one by one, gathered into a grid without holding them as objects."""

from __future__ import annotations

import polars as pl

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.grid import BLANK, SPACES, TEXT, Area, Grid

MAX_COLUMNS = 16_384
MAX_ROWS = 2_000_000
MAX_CELLS = 40_000_000
"""Cells of a table's bounding box, the empty ones among them: each takes memory."""

_BATCH_CELLS = 1_000_000
_MERGED = 50_000


def too_large() -> InvalidInput:
    """Return the error of a file that would take more memory than a file may take."""
    return InvalidInput(
        "too_large",
        N_("The file is too large to be read safely."),
        remedy=N_("Split it into several files, or delete empty rows and columns, and try again."),
    )


class GridBuilder:
    """Takes the cells of one sheet, row after row, and gives them back as a grid."""

    def __init__(self) -> None:
        self.merged: list[Area] = []
        self.hidden_rows: set[int] = set()
        self.warnings: list[str] = []
        self.height = 0
        self._first = 0
        self._texts: list[list[str | None]] = []
        self._kinds: list[bytearray] = []
        self._batches: list[tuple[list[pl.Series], list[pl.Series]]] = []

    @property
    def width(self) -> int:
        """The number of columns so far."""
        return len(self._texts)

    def put(self, row: int, column: int, text: str | None, kind: int = TEXT) -> None:
        """Put a cell's canonical text in (rows from 0); blanks around a text fall off.

        Raises ValueError if the rows go back, InvalidInput beyond what a sheet may hold.
        """
        if row < self._first or column < 0:
            raise ValueError("rows that go back")
        if text is not None and kind == TEXT:
            text = text.strip(SPACES)
        if not text:
            return
        if row >= self.height:
            self._grow(row)
        if column >= len(self._texts):
            self._widen(column)
        texts, kinds = self._texts[column], self._kinds[column]
        missing = row - self._first - len(texts)
        if missing < 0:
            texts[row - self._first] = text
            kinds[row - self._first] = kind
            return
        if missing:
            texts.extend([None] * missing)
            kinds.extend(bytes(missing))
        texts.append(text)
        kinds.append(kind)

    def merge(self, row: int, column: int, last_row: int, last_column: int) -> None:
        """Note a merged area; of more than can be of use, the rest is passed over."""
        if len(self.merged) < _MERGED:
            self.merged.append((row, column, last_row, last_column))

    def finish(self) -> Grid:
        """Return the grid of all cells."""
        self._flush()
        width, height = len(self._texts), self.height
        columns, kinds = [], []
        for index in range(width):
            texts, codes = [], []
            for batch_texts, batch_kinds in self._batches:
                if index < len(batch_texts):
                    texts.append(batch_texts[index])
                    codes.append(batch_kinds[index])
                else:
                    rows = len(batch_texts[0])
                    texts.append(_nothing(pl.String, rows))
                    codes.append(_nothing(pl.UInt8, rows))
            columns.append(pl.concat(texts) if texts else _nothing(pl.String, height))
            kinds.append(pl.concat(codes) if codes else _nothing(pl.UInt8, height))
        self._batches = []
        return Grid(columns, kinds, self.merged, self.warnings, frozenset(self.hidden_rows))

    def _grow(self, row: int) -> None:
        if row >= MAX_ROWS or (row + 1) * max(1, len(self._texts)) > MAX_CELLS:
            raise too_large()
        if (row - self._first) * len(self._texts) > _BATCH_CELLS:
            self._flush()
        self.height = row + 1

    def _widen(self, column: int) -> None:
        if column >= MAX_COLUMNS or self.height * (column + 1) > MAX_CELLS:
            raise too_large()
        while column >= len(self._texts):
            self._texts.append([])
            self._kinds.append(bytearray())

    def _flush(self) -> None:
        rows = self.height - self._first
        if not rows or not self._texts:
            return
        texts, kinds = [], []
        for column, codes in zip(self._texts, self._kinds, strict=True):
            missing = rows - len(column)
            text = pl.Series(column, dtype=pl.String)
            kind = pl.Series(codes, dtype=pl.UInt8) if codes else _nothing(pl.UInt8, 0)
            texts.append(text.extend(_nothing(pl.String, missing)) if missing else text)
            kinds.append(pl.concat([kind, _nothing(pl.UInt8, missing)]) if missing else kind)
        self._batches.append((texts, kinds))
        self._texts = [[] for _ in self._texts]
        self._kinds = [bytearray() for _ in self._kinds]
        self._first = self.height


def _nothing(dtype: type[pl.DataType], rows: int) -> pl.Series:
    if dtype == pl.String:
        return pl.Series([None], dtype=pl.String).new_from_index(0, rows)
    return pl.Series([BLANK], dtype=pl.UInt8).new_from_index(0, rows)
