"""The grid of a table: lays out columns, follows mouse and keyboard, copies blocks, adds up."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QTableView,
    QWidget,
)

from desktop.views import theme
from desktop.views.cells import Env
from desktop.views.cells_rich import TreeCell
from desktop.views.columns import Column
from desktop.views.sources import GroupRow, ProblemRow, TreeSource
from desktop.views.table_blocks import block_data, totals_text
from desktop.views.table_delegate import RowDelegate
from desktop.views.table_header import PADDING, Header
from desktop.views.table_model import RowModel

COPY_LIMIT = 200_000
LEAST = 68.0
"""A column that gives way keeps room for three characters and its padding."""


def squeezed(widths: list[float], stretch: list[float], missing: float) -> list[float]:
    """Return narrower columns: those that stretch give first (to 55 %), then all of them (to 72 %)."""
    give = [
        max(0.0, width - max(width * 0.55, LEAST)) if share else 0.0
        for width, share in zip(widths, stretch, strict=True)
    ]
    taken = min(1.0, missing / math.fsum(give)) if math.fsum(give) else 0.0
    widths = [width - part * taken for width, part in zip(widths, give, strict=True)]
    missing -= math.fsum(give) * taken
    if missing <= 0.5:
        return widths
    whole = math.fsum(widths)
    factor = max(whole - missing, whole * 0.72) / whole
    return [width * factor for width in widths]


class Grid(QTableView):
    """See the module; `rows` is its model. Belongs to a `DataTable`."""

    totals = Signal(str)
    copied = Signal(int)
    pressed_row = Signal(object)
    double_row = Signal(object)
    link = Signal(object, str)

    def __init__(self, model: RowModel, env: Callable[[], Env], *, filters: bool) -> None:
        super().__init__()
        self.rows = model
        self.env = env
        self.row_height = theme.ROW
        self.hovered = -1
        self.shows_focus = False
        self.widths: dict[str, int] = {}
        self._laying = False
        self.drops = True
        self.setModel(model)
        self.setItemDelegate(RowDelegate(self))
        self.header = Header(self, env().locale, filters=filters)
        self.setHorizontalHeader(self.header)
        self.header.sectionResized.connect(self._resized)
        self.header.setSectionResizeMode(Header.ResizeMode.Interactive)
        vertical = self.verticalHeader()
        vertical.setVisible(False)
        vertical.setMinimumSectionSize(20)
        vertical.setDefaultSectionSize(self.row_height)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        height = theme.HEADER_FILTER if filters else theme.HEADER
        self.verticalScrollBar().setStyleSheet(f"QScrollBar:vertical {{ margin: {height}px 0 0 0; }}")
        self.selectionModel().selectionChanged.connect(lambda *_: self._tell_totals())
        self.selectionModel().currentRowChanged.connect(lambda *_: self.viewport().update())

    def set_row_height(self, height: int) -> None:
        """Use taller rows (two lines) or lower ones."""
        self.row_height = height
        self.verticalHeader().setDefaultSectionSize(height)

    def current_number(self) -> int:
        """Return the number of the current row, or -1."""
        index = self.currentIndex()
        return index.row() if index.isValid() else -1

    def in_block(self, index: QModelIndex | QPersistentModelIndex) -> bool:
        """Whether a cell is in a selected block of more than one cell."""
        parts = self._parts()
        if not parts or (len(parts) == 1 and parts[0].width() * parts[0].height() == 1):
            return False
        at, across = index.row(), index.column()
        return any(
            part.top() <= at <= part.bottom() and part.left() <= across <= part.right() for part in parts
        )

    def _parts(self) -> list[QItemSelectionRange]:
        parts: list[QItemSelectionRange] = list(self.selectionModel().selection())  # type: ignore[call-overload]
        return parts

    # layout

    def lay(self) -> None:
        """Give columns their widths: kept ones, least ones, and the rest by stretch; shrink in proportion."""
        columns = self.rows.columns
        if not columns:
            return
        room = self.viewport().width()
        self._laying = True
        columns = self._drop(list(columns), room)
        wanted = [self._wanted(column) for column in columns]
        stretch = [0.0 if column.key in self.widths else column.stretch for column in columns]
        spare = room - math.fsum(wanted)
        if spare > 0 and math.fsum(stretch):
            wanted = [
                width + spare * share / math.fsum(stretch)
                for width, share in zip(wanted, stretch, strict=True)
            ]
        elif spare > 0:
            wanted[-1] += spare
        elif spare < 0:
            wanted = squeezed(wanted, stretch, -spare)
        used = 0
        for number, (column, width) in enumerate(zip(columns, wanted, strict=True)):
            last = number == len(columns) - 1
            pixels = max(36, round(math.fsum(wanted)) - used) if last else round(width)
            used += pixels
            self.setColumnWidth(self.rows.columns.index(column), pixels)
        self._laying = False
        narrow = math.fsum(wanted) > room + 2
        policy = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(policy.ScrollBarAsNeeded if narrow else policy.ScrollBarAlwaysOff)
        self.header.place_edits()

    def _wanted(self, column: Column) -> float:
        return float(self.widths.get(column.key, max(column.width, self.header.title_width(column))))

    def _drop(self, columns: list[Column], room: int) -> list[Column]:
        """Hide what gives way until the rest has room; return what is left."""
        while True:
            need = math.fsum(
                self._wanted(column) * (0.8 if column.stretch and column.key not in self.widths else 1.0)
                for column in columns
            )
            weakest = max(columns, key=lambda column: column.drop)
            if need <= room or not weakest.drop or not self.drops:
                break
            columns.remove(weakest)
        for number, column in enumerate(self.rows.columns):
            self.setColumnHidden(number, column not in columns)
        return columns

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.lay()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if dx:
            self.header.place_edits()

    def _resized(self, section: int, _old: int, new: int) -> None:
        if not self._laying and section < len(self.rows.columns):
            self.widths[self.rows.columns[section].key] = new

    def spread_special_rows(self, make: Callable[[ProblemRow], QWidget]) -> None:
        """Let group and problem rows span all columns; `make` builds a problem row's widget."""
        self.clearSpans()
        columns = len(self.rows.columns)
        for number in range(self.rows.rowCount()):
            row = self.rows.row(number)
            if isinstance(row, GroupRow | ProblemRow):
                if columns > 1:
                    self.setSpan(number, 0, 1, columns)
                self.setRowHeight(number, theme.ROW)
            if isinstance(row, ProblemRow):
                self.setIndexWidget(self.rows.index(number, 0), make(row))

    # mouse and keyboard

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.row() != self.hovered:
            self.hovered = index.row()
            self.viewport().update()
        linked = index.isValid() and getattr(self._column(index).cell, "is_link", False)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if linked else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered = -1
        self.viewport().update()

    def _column(self, index: QModelIndex) -> Column:
        return self.rows.columns[index.column()]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.shows_focus = False
        super().mousePressEvent(event)
        at = event.position().toPoint()
        index = self.indexAt(at)
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        row = self.rows.row(index.row())
        if row is None or isinstance(row, GroupRow | ProblemRow):
            return
        column = self._column(index)
        if isinstance(column.cell, TreeCell) and self._on_caret(index, at, row):
            self._toggle(row)
        elif getattr(column.cell, "is_link", False) and not event.modifiers():
            self.link.emit(row, column.key)
        self.pressed_row.emit(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        index = self.indexAt(event.position().toPoint())
        row = self.rows.row(index.row()) if index.isValid() else None
        if row is not None and not isinstance(row, GroupRow | ProblemRow):
            self.double_row.emit(row)

    def _on_caret(self, index: QModelIndex, at: QPoint, row: Any) -> bool:
        depth, state = self.rows.depth(row)
        left = self.visualRect(index).left() + PADDING + depth * TreeCell.INDENT
        return state != "leaf" and left - 6 <= at.x() <= left + 16

    def _toggle(self, row: Any) -> None:
        if isinstance(self.rows.source, TreeSource):
            number = self.current_number()
            self.rows.source.toggle(row)
            self.rows.refresh()
            self.setCurrentIndex(self.rows.index(number, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.shows_focus = True
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        row = self.rows.row(self.current_number()) if self.current_number() >= 0 else None
        if row is not None and isinstance(self.rows.source, TreeSource):
            _depth, state = self.rows.depth(row)
            wanted = {Qt.Key.Key_Right: "closed", Qt.Key.Key_Left: "open"}.get(Qt.Key(event.key()))
            if wanted == state:
                self._toggle(row)
                return
        super().keyPressEvent(event)
        keys = (
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
            Qt.Key.Key_PageUp,
            Qt.Key.Key_PageDown,
            Qt.Key.Key_Home,
            Qt.Key.Key_End,
        )
        moved = self.rows.row(self.current_number()) if self.current_number() >= 0 else None
        if moved is None or isinstance(moved, GroupRow | ProblemRow):
            return
        if event.key() in keys:
            self.pressed_row.emit(moved)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.double_row.emit(moved)

    # copy and totals

    def block(self) -> tuple[list[int], list[int]]:
        """Return the row numbers and column numbers of the selected block."""
        rows: set[int] = set()
        columns: set[int] = set()
        for part in self._parts():
            rows.update(range(part.top(), part.bottom() + 1))
            columns.update(range(part.left(), part.right() + 1))
            if len(rows) > COPY_LIMIT:
                break
        return sorted(rows)[:COPY_LIMIT], sorted(columns)

    def copy(self) -> None:
        """Copy the selected block as tab-separated text and as an HTML table."""
        numbers, columns = self.block()
        data, rows = block_data(self.rows, self.env(), numbers, columns)
        if rows:
            QGuiApplication.clipboard().setMimeData(data)
            self.copied.emit(rows)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tell_totals()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.totals.emit("")  # what is not on the screen is not summed up below it

    def _tell_totals(self) -> None:
        numbers, columns = self.block()
        self.totals.emit(totals_text(self.rows, self.env(), numbers, columns))
