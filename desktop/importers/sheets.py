"""Spreadsheets of every format to grids; the only module that knows the reading libraries."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import python_calamine

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.grid import ERROR, Grid, column_of
from desktop.importers.preflight import MAX_CELLS, Preflight, damaged

_SUFFIXES = {"xlsx": (".xlsx", ".xlsm"), "xlsb": (".xlsb",), "xls": (".xls",), "ods": (".ods",)}
_HEAD_ROWS = 64
_BATCH_ROWS = 20_000

DEFAULT_PASSWORD = "VelvetSweatshop"
"""With it Excel locks workbooks that are read-only but not secret."""


@dataclass(frozen=True)
class SheetGrid:
    """One worksheet: its name, whether it is hidden, and its cells."""

    name: str
    hidden: bool
    grid: Grid


def encrypted() -> InvalidInput:
    """Return the error of a workbook that opens only with a password."""
    return InvalidInput(
        "encrypted",
        N_("The file is protected by a password."),
        remedy=N_("Open it in Excel or WPS, remove the password (File › Info) and save it."),
    )


def decrypt(path: Path, password: str = DEFAULT_PASSWORD) -> bytes:
    """Return the plain workbook behind a password; raise InvalidInput if the password is another one."""
    import msoffcrypto

    try:
        with path.open("rb") as stream:
            office = msoffcrypto.OfficeFile(stream)
            office.load_key(password=password)
            plain = io.BytesIO()
            office.decrypt(plain)
    except Exception as error:
        raise encrypted() from error
    return plain.getvalue()


def read_workbook(path: Path, kind: str, found: Preflight) -> Iterator[SheetGrid]:
    """Yield every worksheet, hidden ones too; raise InvalidInput if the workbook cannot be read."""
    try:
        workbook = _open(path, kind)
        sheets = [
            (item.name, item.visible != python_calamine.SheetVisibleEnum.Visible)
            for item in workbook.sheets_metadata
            if item.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    except python_calamine.PasswordError as error:
        raise encrypted() from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise damaged() from error
    for name, hidden in sheets:
        try:
            yield SheetGrid(name, hidden, _grid(workbook.get_sheet_by_name(name), name, found))
        except python_calamine.PasswordError as error:
            raise encrypted() from error
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise damaged() from error


def _open(path: Path, kind: str) -> python_calamine.CalamineWorkbook:
    """Open by content: the library itself goes by the file's name."""
    if path.suffix.lower() in _SUFFIXES.get(kind, ()):
        return python_calamine.load_workbook(str(path))
    return python_calamine.load_workbook(io.BytesIO(path.read_bytes()))


def is_encrypted(path: Path) -> bool:
    """Whether an OLE2 file is locked by a password."""
    import msoffcrypto

    try:
        with path.open("rb") as stream:
            return bool(msoffcrypto.OfficeFile(stream).is_encrypted())
    except Exception:
        return False


def _grid(sheet: python_calamine.CalamineSheet, name: str, found: Preflight) -> Grid:
    if sheet.end is None:
        return Grid([], [])
    if (sheet.end[0] + 1) * (sheet.end[1] + 1) > MAX_CELLS:
        raise InvalidInput(
            "too_large",
            N_("The file is too large to be read safely."),
            remedy=N_("Split it into several files, or delete empty rows and columns, and try again."),
        )
    grid = _columns(sheet)
    grid.merged = [(a[0], a[1], b[0], b[1]) for a, b in (sheet.merged_cell_ranges or [])][:50_000]
    _put_errors(grid, found.errors.get(found.parts.get(name, ""), {}))
    return grid


def _columns(sheet: python_calamine.CalamineSheet) -> Grid:
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
