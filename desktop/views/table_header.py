"""The header of a table: word and unit in two colours, sort caret, and the filter row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTableView

from desktop.i18n import Locale
from desktop.views import theme
from desktop.views.cells import LEFT, RIGHT
from desktop.views.columns import Column

PADDING = 10


class Header(QHeaderView):
    """Paints titles itself; `filtered(key, text)` tells what was typed, `sorted_by(key)` a click."""

    filtered = Signal(str, str)
    sorted_by = Signal(str)

    def __init__(self, view: QTableView, locale: Locale, *, filters: bool) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._locale = locale
        self._with_filters = filters
        self.columns: Sequence[Column] = ()
        self.sort_key = ""
        self.descending = False
        self.edits: dict[str, QLineEdit] = {}
        self.placeholder: Callable[[Column], str] = self._placeholder
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(36)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.sectionClicked.connect(self._clicked)
        self.sectionResized.connect(lambda *_: self.place_edits())
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(250)
        self._pending: dict[str, str] = {}
        self._wait.timeout.connect(self.flush)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns; texts in filters that stay are kept."""
        self.columns = columns
        if self._with_filters:
            keys = {column.key for column in columns}
            for key in [key for key in self.edits if key not in keys]:
                self.edits.pop(key).deleteLater()
            for column in columns:
                if column.filterable and column.key not in self.edits:
                    self.edits[column.key] = self._edit(column)
            self.place_edits()

    def _edit(self, column: Column) -> QLineEdit:
        edit = QLineEdit(self)
        edit.setProperty("role", "filter")
        edit.setPlaceholderText(self.placeholder(column))
        title = self._locale._(column.title)
        edit.setAccessibleName(self._locale._("Filter by {column}").format(column=title))
        edit.setClearButtonEnabled(False)
        edit.textChanged.connect(lambda text, key=column.key: self._typed(key, text))
        edit.show()
        return edit

    def _placeholder(self, column: Column) -> str:
        if column.cell.align == RIGHT:
            return "≥ 0"
        if column.cell.excel_kind == "date":
            return "2026-01"
        return self._locale._("contains…")

    def _typed(self, key: str, text: str) -> None:
        self._pending[key] = text
        self._wait.start()

    def flush(self) -> None:
        """Pass on what was typed, now."""
        self._wait.stop()
        pending, self._pending = self._pending, {}
        for key, text in pending.items():
            self.filtered.emit(key, text)

    def mark(self, key: str, bad: bool) -> None:
        """Show that what was typed cannot be understood."""
        edit = self.edits.get(key)
        if edit is not None and bool(edit.property("bad")) != bad:
            edit.setProperty("bad", "true" if bad else "")
            edit.style().unpolish(edit)
            edit.style().polish(edit)

    def place_edits(self) -> None:
        """Lay the filter fields under their columns."""
        for i, column in enumerate(self.columns):
            edit = self.edits.get(column.key)
            if edit is None:
                continue
            edit.setVisible(not self.isSectionHidden(i))
            left = self.sectionViewportPosition(i)
            width = self.sectionSize(i)
            edit.setGeometry(QRect(left + 4, theme.HEADER + 4, max(20, width - 8), 24))

    def title_width(self, column: Column) -> int:
        """Return the width in which a column's title, unit and caret are not cut."""
        title = QFontMetrics(theme.font(12, bold=True)).horizontalAdvance(self._locale._(column.title))
        unit = column.unit_text(self._locale)
        beside = QFontMetrics(theme.font(12)).horizontalAdvance(unit) + 4 if unit else 0
        return title + beside + (12 if column.key == self.sort_key else 0) + 2 * PADDING + 1

    def sizeHint(self) -> QSize:
        height = theme.HEADER_FILTER if self._with_filters else theme.HEADER
        return QSize(super().sizeHint().width(), height)

    def _clicked(self, section: int) -> None:
        if section < len(self.columns) and self.columns[section].sortable:
            self.sorted_by.emit(self.columns[section].key)

    def set_sort(self, key: str, descending: bool) -> None:
        """Show by which column the rows are sorted."""
        self.sort_key, self.descending = key, descending
        self.viewport().update()

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        if logicalIndex >= len(self.columns):
            return
        column = self.columns[logicalIndex]
        right = column.cell.align == RIGHT
        box = QRectF(rect.left() + PADDING, rect.top(), rect.width() - 2 * PADDING, theme.HEADER)
        title = self._locale._(column.title)
        unit = column.unit_text(self._locale)
        painter.save()
        painter.setFont(theme.font(12, bold=True))
        title_width = painter.fontMetrics().horizontalAdvance(title)
        painter.setFont(theme.font(12))
        unit_width = painter.fontMetrics().horizontalAdvance(unit) + 4 if unit else 0
        caret = 12 if column.key == self.sort_key else 0
        room = max(0.0, box.width() - unit_width - caret)
        width = min(float(title_width), room)
        left = box.right() - width - unit_width - caret if right else box.left()
        painter.setFont(theme.font(12, bold=True))
        painter.setPen(theme.color("t2"))
        shown = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, int(width) + 1)
        painter.drawText(
            QRectF(left, box.top(), width + 1, box.height()), LEFT | Qt.AlignmentFlag.AlignVCenter, shown
        )
        if unit:
            painter.setFont(theme.font(12))
            painter.setPen(theme.color("t3"))
            at = QRectF(left + width + 4, box.top(), unit_width, box.height())
            painter.drawText(at, LEFT | Qt.AlignmentFlag.AlignVCenter, unit)
        if caret:
            self._caret(painter, QPointF(left + width + unit_width + 8, box.center().y()))
        painter.restore()
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color("line2"))

    def _caret(self, painter: QPainter, at: QPointF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("accent"), 1.5))
        rise = 1.8 if self.descending else -1.8
        painter.drawPolyline(
            [
                QPointF(at.x() - 3.5, at.y() - rise),
                QPointF(at.x(), at.y() + rise),
                QPointF(at.x() + 3.5, at.y() - rise),
            ]
        )
