"""The Qt model of a source table: straight over its columns, so that a million rows cost nothing to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop.i18n import Locale
from desktop.operations.remedies import effect_of, remedy_of
from desktop.operations.review import Place, Problems, describe, position_of

if TYPE_CHECKING:
    import polars as pl

    from desktop.importers.tables import Issue, SourceTable

Index = QModelIndex | QPersistentModelIndex
_KEPT_ROWS = 512
_READABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_WRITABLE = _READABLE | Qt.ItemFlag.ItemIsEditable
STATUS = {"row": "red", "cell": "amber", "note": "grey"}
"""Severity → how a faulty cell is marked."""


class GridModel(QAbstractTableModel):
    """Shows `table`'s cells where they lie; `positions` are the rows that pass a filter (None: all).

    Nothing is made per row: a cell is fetched when it is painted, faults when their row is.
    """

    edited = Signal(object, str)
    """A person typed: the `Place` of the cell and its new text."""

    def __init__(self, locale: Locale, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._locale = locale
        self.table: SourceTable | None = None
        self.problems = Problems((), ())
        self.targets: Sequence[str] = ()
        self.skipped: frozenset[int] = frozenset()
        self.fixed: frozenset[tuple[int, int]] = frozenset()
        self.writable = True
        self._columns: list[pl.Series] = []
        self._rows: pl.Series | None = None
        self._positions: pl.Series | None = None
        self._faults: dict[int, dict[int, Issue]] = {}

    # content

    def show_table(
        self,
        table: SourceTable | None,
        problems: Problems,
        targets: Sequence[str] = (),
        *,
        positions: pl.Series | None = None,
        skipped: frozenset[int] = frozenset(),
        fixed: frozenset[tuple[int, int]] = frozenset(),
    ) -> None:
        """Show a table with its faults; `targets` are the fields' labels by column."""
        self.beginResetModel()
        self.table, self.problems, self.targets = table, problems, targets
        self.skipped, self.fixed = skipped, fixed
        self._columns = [table.frame[f"c{i}"] for i in range(len(table.headers))] if table else []
        self._rows = table.frame["row"] if table else None
        self._positions = positions
        self._faults = {}
        self.endResetModel()

    def set_positions(self, positions: pl.Series | None) -> None:
        """Show only these rows of the frame (None: all)."""
        self.beginResetModel()
        self._positions = positions
        self.endResetModel()

    def replace(
        self,
        table: SourceTable,
        problems: Problems,
        skipped: frozenset[int],
        fixed: frozenset[tuple[int, int]],
    ) -> None:
        """Show the same rows with other cells and faults; selection and scroll position stay."""
        self.table, self.problems, self.skipped, self.fixed = table, problems, skipped, fixed
        self._columns = [table.frame[f"c{i}"] for i in range(len(table.headers))]
        self._rows = table.frame["row"]
        self._faults = {}
        if self.rowCount() and self.columnCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    # asking

    def position(self, number: int) -> int:
        """Return where in the frame the shown row `number` stands."""
        return number if self._positions is None else int(self._positions[number])

    def row_at(self, number: int) -> int:
        """Return the row number that Excel shows of a shown row."""
        assert self._rows is not None
        return int(self._rows[self.position(number)])

    def number_of(self, row: int) -> int | None:
        """Return which shown row has that row number in the file, or None if it is filtered away."""
        if self.table is None:
            return None
        position = position_of(self.table, row)
        if position is None or self._positions is None:
            return position
        at = int(self._positions.search_sorted(position))
        return at if at < len(self._positions) and int(self._positions[at]) == position else None

    def place(self, index: Index) -> Place:
        """Return the place of a cell."""
        return Place(self.row_at(index.row()), index.column())

    def cell(self, number: int, column: int) -> str | None:
        """Return a cell's text; None where it is blank."""
        value = self._columns[column][self.position(number)]
        return None if value is None else str(value)

    def faults(self, number: int) -> dict[int, Issue]:
        """Return column → fault of a shown row (column -1: the row as a whole)."""
        row = self.row_at(number)
        found = self._faults.get(row)
        if found is None:
            if len(self._faults) >= _KEPT_ROWS:
                self._faults.clear()
            found = self._faults[row] = self.problems.at_row(row)
        return found

    def status(self, number: int, column: int) -> str:
        """Return how a cell is marked: red, amber, grey, green (mended) or nothing."""
        faults = self.faults(number)
        if faults and (fault := faults.get(column)) is not None:
            return STATUS[str(fault.severity)]
        return "green" if self.fixed and (self.row_at(number), column) in self.fixed else ""

    def explain(self, number: int, column: int) -> str:
        """Return what is wrong with a cell, what that does, and what can be done."""
        fault = self.faults(number).get(column)
        _ = self._locale._
        if fault is None:
            return _("Mended here; the file itself is not changed.") if self.status(number, column) else ""
        parts = [describe(fault, self._locale), _(effect_of(fault)), _(remedy_of(fault))]
        return " ".join(part for part in parts if part)

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if parent.isValid() or self.table is None:
            return 0
        return self.table.frame.height if self._positions is None else len(self._positions)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        number, column = index.row(), index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.cell(number, column) or ""
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.explain(number, column) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            title = self.table.headers[column] if self.table else ""
            return f"{title}: {self.cell(number, column) or ''} {self.explain(number, column)}".strip()
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not self.writable:
            return False
        if str(value) != (self.cell(index.row(), index.column()) or ""):
            self.edited.emit(self.place(index), str(value))
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or self.table is None:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self.table.headers[section]
        return str(self.row_at(section))

    def flags(self, index: Index) -> Qt.ItemFlag:
        return _WRITABLE if self.writable else _READABLE
