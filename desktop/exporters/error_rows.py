"""The rows that an import left out, as a workbook to be mended and imported again (IMP-10).

Every sheet is one source table: its own header in the first line, its own rows, and at the end where
each row came from and why it was left out. The cells at fault are marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.exporters.layouts import Column, Layout, Sheet
from desktop.exporters.workbook import write_sheets
from desktop.i18n import Locale


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One row that was left out: its number in the file, its cells, why, and which cells are at fault."""

    row: int
    cells: tuple[str | None, ...]
    reason: str
    faults: frozenset[int]


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """The rows that were left out of one source table."""

    file: str
    sheet: str | None
    headers: tuple[str, ...]
    rows: tuple[ErrorRow, ...]


def write_error_rows(path: Path, tables: Sequence[ErrorTable], locale: Locale) -> None:
    """Write the workbook; with no rows at all it says so on its one sheet. Raises UserError."""
    sheets = tuple(_sheet(table, locale) for table in tables if table.rows)
    if not sheets:
        nothing = locale._("No row was rejected.")
        sheets = (Sheet(locale._("Rejected rows"), (Column(nothing),), ()),)
    write_sheets(path, Layout(locale._("Rejected rows"), sheets), locale)


def _sheet(table: ErrorTable, locale: Locale) -> Sheet:
    columns = tuple(Column(header) for header in table.headers)
    origin = (
        Column(locale._("Rejected: source row")),
        Column(locale._("Rejected: why"), wrap=True, width=60),
    )
    width = len(table.headers)
    return Sheet(
        table.sheet or Path(table.file).stem,
        columns + origin,
        [(*row.cells, f"{table.file} · {row.row}", row.reason) for row in table.rows],
        marks=frozenset(
            (index, column) for index, row in enumerate(table.rows) for column in row.faults if column < width
        ),
    )
