"""A grid to paste into: cells from Excel or WPS become a source table of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QTableView, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.letters import column_letters
from desktop.operations.staging import Block, best_block, first_row_is_header
from desktop.views import theme
from desktop.views.buttons import button
from desktop.views.labels import SectionLine, label
from desktop.views.page import Page

Index = QModelIndex | QPersistentModelIndex
ROWS, COLUMNS = 24, 10
"""How large an empty grid is, and how much room is left under and beside what was pasted."""


class StagingModel(QAbstractTableModel):
    """Cells that can be typed and pasted; it grows with what is written into it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cells: Block = []
        self.has_header = False

    def block(self) -> Block:
        """Return what was written, without blank rows at the end and blank columns at the right."""
        width = max((_last(row) for row in self._cells), default=0)
        rows = [row[:width] + [""] * (width - len(row)) for row in self._cells]
        while rows and not any(rows[-1]):
            rows.pop()
        return rows

    def set_block(self, block: Block) -> None:
        """Show other cells."""
        self.beginResetModel()
        self._cells = [list(row) for row in block]
        self.endResetModel()

    def write(self, row: int, column: int, block: Block) -> None:
        """Write a block with its top left corner at a cell."""
        self.beginResetModel()
        while len(self._cells) < row + len(block):
            self._cells.append([])
        for down, line in enumerate(block):
            cells = self._cells[row + down]
            cells += [""] * (column + len(line) - len(cells))
            cells[column : column + len(line)] = line
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else max(ROWS, len(self._cells) + 4)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if parent.isValid():
            return 0
        return max(COLUMNS, max((len(row) for row in self._cells[:1_000]), default=0) + 2)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            row = self._cells[index.row()] if index.row() < len(self._cells) else []
            return row[index.column()] if index.column() < len(row) else ""
        first = self.has_header and index.row() == 0
        if role == Qt.ItemDataRole.FontRole and first:
            return theme.font(13, bold=True)
        if role == Qt.ItemDataRole.BackgroundRole and first:
            return theme.color("accent_soft")
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole:
            return False
        row = index.row()
        while len(self._cells) <= row:
            self._cells.append([])
        cells = self._cells[row]
        cells += [""] * (index.column() + 1 - len(cells))
        cells[index.column()] = str(value)
        self.dataChanged.emit(index, index)
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return str(section + 1) if orientation == Qt.Orientation.Vertical else column_letters(section + 1)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable


class StagingGrid(QTableView):
    """Ctrl+V writes the clipboard's block at the current cell; Delete empties the selection."""

    def __init__(self, model: StagingModel, pasted: Callable[[], object]) -> None:
        super().__init__()
        self.cells = model
        self._pasted = pasted
        self.setModel(model)
        self.verticalHeader().setDefaultSectionSize(26)
        self.verticalHeader().setSectionResizeMode(self.verticalHeader().ResizeMode.Fixed)
        self.horizontalHeader().setDefaultSectionSize(120)
        self.setCornerWidget(QWidget())
        self.setFrameShape(QTableView.Shape.NoFrame)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() == Qt.Key.Key_Delete:
            for index in self.selectedIndexes():
                self.cells.setData(index, "")
        else:
            super().keyPressEvent(event)

    def paste(self) -> None:
        """Write what the clipboard holds at the current cell (the first one, if there is none)."""
        data = QGuiApplication.clipboard().mimeData()
        block = best_block(data.text(), data.html() if data.hasHtml() else "")
        if block:
            at = self.currentIndex()
            row, column = (at.row(), at.column()) if at.isValid() else (0, 0)
            self.cells.write(row, column, block)
            self.setCurrentIndex(self.cells.index(row, column))
            self._pasted()


class StagingPane(QWidget):
    """Name, whether the first row is the header, the grid, and the buttons that use or leave it."""

    def __init__(
        self, page: Page, use: Callable[[str, Block, bool], object], leave: Callable[[], object]
    ) -> None:
        super().__init__()
        self._locale: Locale = page.ctx.locale
        _ = self._locale._
        self._use = use
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        self.section = SectionLine(
            _("Paste from Excel"),
            _("copy cells in Excel or WPS, press Ctrl+V here; every cell can be edited"),
        )
        column.addWidget(self.section)
        column.addLayout(self._line(leave))
        self.model = StagingModel(self)
        self.grid = StagingGrid(self.model, self._pasted)
        self.grid.setAccessibleName(_("Cells to be imported"))
        self.paste.clicked.connect(lambda _checked=False: self.grid.paste())
        column.addWidget(self.grid, 1)

    def _line(self, leave: Callable[[], object]) -> QHBoxLayout:
        _ = self._locale._
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 8)
        row.setSpacing(8)
        row.addWidget(label(_("Name of the table"), "caption"))
        self.name = QLineEdit()
        self.name.setAccessibleName(_("Name of the table"))
        self.name.setFixedWidth(220)
        row.addWidget(self.name)
        row.addSpacing(8)
        self.header = QCheckBox(_("The first row is the header"))
        self.header.toggled.connect(self._head)
        row.addWidget(self.header)
        row.addStretch(1)
        self.paste = button(_("Paste"), icon="copy")
        self.clear = button(_("Empty the grid"), self._clear)
        self.leave = button(_("Back"), leave)
        self.use = button(_("Use this table"), self._take, look="tinted")
        for widget in (self.paste, self.clear, self.leave, self.use):
            row.addWidget(widget)
        return row

    def begin(self, name: str, block: Block | None = None, *, has_header: bool = True) -> None:
        """Show an empty grid, or a block to be edited again."""
        self.name.setText(name)
        self.model.set_block(block or [])
        self.header.setChecked(has_header)
        self._head(has_header)
        self.grid.setCurrentIndex(self.model.index(0, 0))
        self.grid.setFocus()

    def _pasted(self) -> None:
        self.header.setChecked(first_row_is_header(self.model.block()))

    def _head(self, checked: bool) -> None:
        self.model.has_header = checked
        self.grid.viewport().update()

    def _clear(self) -> None:
        self.model.set_block([])

    def _take(self) -> None:
        self._use(self.name.text().strip(), self.model.block(), self.header.isChecked())


def _last(row: list[str]) -> int:
    return max((at + 1 for at, cell in enumerate(row) if cell.strip()), default=0)
