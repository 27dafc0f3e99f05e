"""Workbooks that the fast library does not read: Excel 2 to 4, bare BIFF streams, and .xls files it gives up on."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import xlrd

from desktop.importers.building import GridBuilder
from desktop.importers.cellmarks import ERRORS, is_whole
from desktop.importers.decoding import Progress, no_progress
from desktop.importers.grid import BOOLEAN, DATE, ERROR, NUMBER, TEXT, Grid, moment_text, number_text

_LOG = 10_000


def read_oldest(stream: bytes, progress: Progress = no_progress) -> Iterator[tuple[str, bool, Grid]]:
    """Yield (name, hidden, grid) of every worksheet of a BIFF stream; ValueError if it cannot be read whole."""
    if not is_whole(stream):
        raise ValueError("the records do not hold together")
    book = _open(stream)
    for number, sheet in enumerate(book.sheets(), start=1):
        progress(number, book.nsheets)
        builder = GridBuilder()
        for row in range(sheet.nrows):
            kinds, values = sheet.row_types(row), sheet.row_values(row)
            for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
                if kind not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                    builder.put(row, column, *_canonical(kind, value, book.datemode))
        for row0, row1, column0, column1 in sheet.merged_cells:
            builder.merge(row0, column0, row1 - 1, column1 - 1)
        builder.hidden_rows = {row for row, info in sheet.rowinfo_map.items() if info.hidden}
        yield sheet.name, bool(sheet.visibility), builder.finish()


def _open(stream: bytes) -> Any:
    log = io.StringIO()
    try:
        # Number formats tell dates from numbers; before Excel 3 there are none to load.
        return xlrd.open_workbook(file_contents=stream, formatting_info=True, logfile=log, ragged_rows=True)
    except NotImplementedError:
        return xlrd.open_workbook(file_contents=stream, logfile=log, ragged_rows=True)
    except MemoryError:
        raise
    except Exception as error:
        # The library raises errors of every kind (struct, index, assertion) for a damaged file.
        raise ValueError(f"{type(error).__name__}: {error} {log.getvalue()[:_LOG]}") from error


def _canonical(kind: int, value: Any, datemode: int) -> tuple[str | None, int]:
    if kind == xlrd.XL_CELL_TEXT:
        return str(value), TEXT
    if kind == xlrd.XL_CELL_NUMBER:
        return number_text(float(value)), NUMBER
    if kind == xlrd.XL_CELL_BOOLEAN:
        return ("TRUE" if value else "FALSE"), BOOLEAN
    if kind == xlrd.XL_CELL_ERROR:
        return ERRORS.get(int(value), "#VALUE!"), ERROR
    try:
        if 0 <= value < 1:
            seconds = round(float(value) * 86_400)
            return moment_text(dt.timedelta(seconds=seconds)), DATE
        return moment_text(xlrd.xldate_as_datetime(value, datemode)), DATE
    except (ValueError, OverflowError):
        return number_text(float(value)), NUMBER
