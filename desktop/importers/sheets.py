"""Spreadsheets of every format to grids; the only module that knows the reading libraries."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import python_calamine

from desktop.importers import ahead
from desktop.importers.ahead import LARGE_BYTES, SUFFIXES, Ahead
from desktop.importers.building import MAX_CELLS, too_large
from desktop.importers.grid import (
    BLANK,
    BOOLEAN,
    DATE,
    ERROR,
    NUMBER,
    TEXT,
    Grid,
    column_of,
    text_column,
)
from desktop.importers.passwords import encrypted
from desktop.importers.preflight import Preflight, damaged

_SUFFIXES = {"xlsx": SUFFIXES, "xlsb": (".xlsb",), "xls": (".xls",), "ods": (".ods",)}
_HEAD_ROWS = 64
_BATCH_ROWS = 20_000

_ODS_SPAN = r"^PT0*(\d{2,})H(\d{2})M(\d{2})(?:[.,]\d+)?S$"
_TYPED_PROBE = r"^(?:\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?|true|false)$"


@dataclass(frozen=True)
class SheetGrid:
    """One worksheet: its name, whether it is hidden, and its cells."""

    name: str
    hidden: bool
    grid: Grid


def read_workbook(path: Path, kind: str, found: Preflight, begun: Ahead | None = None) -> Iterator[SheetGrid]:
    """Yield every worksheet, hidden ones too; raise InvalidInput if the workbook cannot be read.

    The one that was `begun` ahead is taken from there.
    """
    opened: list[python_calamine.CalamineWorkbook] = []

    def workbook() -> python_calamine.CalamineWorkbook:
        if not opened:
            opened.append(_open(path, kind))
        return opened[0]

    with _refusing():
        sheets = _known_sheets(kind, found) or [
            (item.name, item.visible != python_calamine.SheetVisibleEnum.Visible)
            for item in workbook().sheets_metadata
            if item.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    for name, hidden in sheets:
        with _refusing():
            grid = _large_grid(path, kind, name, found, begun)
            grid = grid or _grid(workbook().get_sheet_by_name(name), kind, name, found)
        yield SheetGrid(name, hidden, grid)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except python_calamine.PasswordError as error:
        raise encrypted() from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise damaged() from error
    except BaseException as error:
        # A panic of the library is no Exception; it would end the child and cost an archive all its files.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged() from error


def _known_sheets(kind: str, found: Preflight) -> list[tuple[str, bool]]:
    """Return the sheets as the preflight knows them, if all are worksheets and one is large.

    The library would read all the texts of the workbook to tell as much.
    """
    if kind != "xlsx" or not found.parts or not all(part in found.sheets for part in found.parts.values()):
        return []
    if all(found.sheets[part].size < LARGE_BYTES for part in found.parts.values()):
        return []
    return [(name, name in found.hidden_sheets) for name in found.parts]


def _open(path: Path, kind: str) -> python_calamine.CalamineWorkbook:
    """Open by content: the library itself goes by the file's name."""
    if path.suffix.lower() in _SUFFIXES.get(kind, ()):
        return python_calamine.load_workbook(str(path))
    return python_calamine.load_workbook(io.BytesIO(path.read_bytes()))


def _grid(sheet: python_calamine.CalamineSheet, kind: str, name: str, found: Preflight) -> Grid:
    if sheet.end is None:
        return Grid([], [])
    if (sheet.end[0] + 1) * (sheet.end[1] + 1) > MAX_CELLS:
        raise too_large()
    grid = _columns(sheet, kind == "ods")
    grid.merged = [(a[0], a[1], b[0], b[1]) for a, b in (sheet.merged_cell_ranges or [])][:50_000]
    part = found.parts.get(name, "")
    grid.hidden_rows = frozenset(found.hidden_rows.get(part, ()))
    _put_errors(grid, found.errors.get(part, {}))
    return grid


def _large_grid(
    path: Path, kind: str, name: str, found: Preflight, begun: Ahead | None = None
) -> Grid | None:
    """Read a large sheet column by column, in half the time; None where the ordinary way must do.

    The library gives every cell as text and nothing for errors: kinds are told from the text, errors
    come from the preflight. It also drops empty rows and columns before the first cell, so that only
    a sheet which begins in A1 keeps Excel's row numbers.
    """
    facts = found.sheets.get(found.parts.get(name, ""))
    if facts is None or facts.size < LARGE_BYTES or not facts.begins_in_corner:
        return None
    if path.suffix.lower() not in _SUFFIXES.get(kind, ()):
        return None
    sheet = (begun and begun.take(path, name)) or ahead.load(path, name)
    if sheet is None:
        return None
    frame = sheet.to_polars()
    if frame.height < facts.rows and frame.height != sheet.total_height:
        return None
    # What is converted is let go at once: sheet, frame and grid together would need twice the memory.
    del sheet
    columns = iter(frame.get_columns())
    del frame
    with ThreadPoolExecutor(2) as pool:
        pairs = list(pool.map(_told_by_text, columns))
    grid = Grid([text for text, _ in pairs], [kinds for _, kinds in pairs], list(set(facts.merged)))
    part = found.parts.get(name, "")
    grid.hidden_rows = frozenset(found.hidden_rows.get(part, ()))
    _put_errors(grid, found.errors.get(part, {}))
    return grid


def _told_by_text(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return canonical text and kinds of a column that the library gave as text."""
    texts, kinds = text_column(values)
    frame = pl.DataFrame({"t": texts, "k": kinds})
    text = pl.col("t")
    if texts.str.contains(_TYPED_PROBE).any():
        # Written by the library itself: 2026-03-05 00:00:00 for a day, 1899-12-31 10:20:00 for a time of day.
        frame = frame.with_columns(
            text.str.replace(r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", "${1}")
            .str.replace(r"^1899-12-3[01] (\d{2}:\d{2}:\d{2})$", "${1}")
            .str.replace(r"^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.\d+)?$", "${1}T${2}")
            .str.replace(r"^true$", "TRUE")
            .str.replace(r"^false$", "FALSE")
        )
    frame = frame.with_columns(
        pl.when(text.is_null())
        .then(BLANK)
        .when(text.str.contains(r"^-?\d+(?:\.\d+)?$"))
        .then(NUMBER)
        .when(text.str.contains(r"^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2})?$"))
        .then(DATE)
        .when(text.is_in(["TRUE", "FALSE"]))
        .then(BOOLEAN)
        .otherwise(TEXT)
        .cast(pl.UInt8)
        .alias("k")
    )
    return frame["t"], frame["k"]


def _columns(sheet: python_calamine.CalamineSheet, is_ods: bool) -> Grid:
    """Return the cells column by column, in batches of rows: the head first, whose types differ from the data's."""
    texts: list[list[pl.Series]] = []
    kinds: list[list[pl.Series]] = []
    rows = sheet.iter_rows()
    size = _HEAD_ROWS
    while batch := list(itertools.islice(rows, size)):
        columns = list(zip(*batch, strict=True))
        if not texts:
            texts = [[] for _ in columns]
            kinds = [[] for _ in columns]
        for index, column in enumerate(columns):
            text, kind = column_of(column)
            if is_ods:
                text = text.str.replace(_ODS_SPAN, "${1}:${2}:${3}")
            texts[index].append(text)
            kinds[index].append(kind)
        size = _BATCH_ROWS
    grid = Grid([pl.concat(parts) for parts in texts], [pl.concat(parts) for parts in kinds])
    # The library leaves out empty columns before the first cell (not rows); Excel's letters count them.
    for _ in range((sheet.start or (0, 0))[1]):
        grid.columns.insert(0, pl.Series([None], dtype=pl.String).new_from_index(0, grid.height))
        grid.kinds.insert(0, pl.Series([0], dtype=pl.UInt8).new_from_index(0, grid.height))
    return grid


def _put_errors(grid: Grid, errors: dict[tuple[int, int], str]) -> None:
    """Write error cells in, which the libraries give as blank."""
    by_column: dict[int, dict[int, str]] = {}
    for (row, column), value in errors.items():
        if row < grid.height and column < grid.width and grid.columns[column][row] is None:
            by_column.setdefault(column, {})[row] = value
    for column, cells in by_column.items():
        values = grid.columns[column].to_list()
        kinds = grid.kinds[column].to_list()
        for row, value in cells.items():
            values[row], kinds[row] = value, ERROR
        grid.columns[column] = pl.Series(values, dtype=pl.String)
        grid.kinds[column] = pl.Series(kinds, dtype=pl.UInt8)
