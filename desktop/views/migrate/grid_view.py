"""The grid of a source table: cells with their faults marked in place, row numbers as Excel shows them."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.operations.review import Place
from desktop.views import chips, theme
from desktop.views.cells import RIGHT, draw_text
from desktop.views.migrate.grid_model import GridModel

Index = QModelIndex | QPersistentModelIndex
ROW, HEADER, GUTTER, PADDING = 28, 46, 62, 8
LEAST, MOST, SAMPLE = 84, 260, 60
COPY_LIMIT = 200_000
LOOK_FLAGS = (
    int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
)


class GridView(QTableView):
    """Scrolls, selects, edits in place, copies and pastes blocks."""

    pasted = Signal(object)
    """Text was pasted at the current cell: a list of rows of cells."""
    cleared = Signal()
    """Delete was pressed over the selection."""
    moved = Signal()
    """Another cell is current."""

    def __init__(self, model: GridModel) -> None:
        super().__init__()
        self.grid = model
        self.setModel(model)
        self.setItemDelegate(CellDelegate(self))
        self.setHorizontalHeader(FieldHeader(self))
        self.setVerticalHeader(RowHeader(self))
        self.setShowGrid(True)
        self.has_block = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed)
        self.verticalScrollBar().setStyleSheet(f"QScrollBar:vertical {{ margin: {HEADER}px 0 0 0; }}")
        self.setCornerWidget(QWidget())
        self.selectionModel().selectionChanged.connect(lambda *_: self._note_block())
        self.selectionModel().currentChanged.connect(lambda *_: self._moved())
        model.modelReset.connect(self._fit)

    def _note_block(self) -> None:
        """Selected cells are looked for only while there are several: asking costs time for every cell."""
        parts = self.parts()
        self.has_block = len(parts) > 1 or any(part.width() * part.height() > 1 for part in parts)

    def _moved(self) -> None:
        self.moved.emit()
        self.viewport().update()

    def _fit(self) -> None:
        """Give every column the width of its header and first values, within limits."""
        model, body = self.grid, self.fontMetrics()
        strong = theme.font(12, bold=True)
        for column in range(model.columnCount()):
            header = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
            target = model.targets[column] if column < len(model.targets) else ""
            texts = [model.cell(row, column) or "" for row in range(min(SAMPLE, model.rowCount()))]
            widest = max((body.horizontalAdvance(text[:60]) for text in texts), default=0)
            head = max(_advance(strong, header), _advance(theme.font(12), f"→ {target}" if target else ""))
            self.setColumnWidth(column, max(LEAST, min(MOST, max(widest + 22, head + 2 * PADDING + 4))))

    # places

    def current_place(self) -> Place | None:
        """Return the place of the current cell."""
        index = self.currentIndex()
        return self.grid.place(index) if index.isValid() else None

    def go_to(self, place: Place) -> bool:
        """Make a cell current and show it; return whether it is among the shown rows."""
        number = self.grid.number_of(place.row)
        if number is None:
            return False
        index = self.grid.index(number, max(0, place.column))
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
        return True

    def selected_places(self) -> list[Place]:
        """Return the selected cells, in reading order, at most `COPY_LIMIT`."""
        found: set[tuple[int, int]] = set()
        for part in self.parts():
            for number in range(part.top(), part.bottom() + 1):
                row = self.grid.row_at(number)
                found.update((row, column) for column in range(part.left(), part.right() + 1))
                if len(found) > COPY_LIMIT:
                    break
        return [Place(*one) for one in sorted(found)]

    def in_block(self, index: Index) -> bool:
        """Whether a cell is selected."""
        return self.selectionModel().isSelected(QModelIndex(index))  # type: ignore[arg-type]

    def parts(self) -> list[QItemSelectionRange]:
        parts: list[QItemSelectionRange] = list(self.selectionModel().selection())  # type: ignore[call-overload]
        return parts

    # keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.cleared.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.grid.writable:
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Copy the selected block as tab-separated text."""
        parts = self.parts()
        if not parts:
            return
        top, bottom = min(p.top() for p in parts), max(p.bottom() for p in parts)
        left, right = min(p.left() for p in parts), max(p.right() for p in parts)
        lines = [
            "\t".join(
                (self.grid.cell(number, column) or "").replace("\t", " ").replace("\n", " ")
                for column in range(left, right + 1)
            )
            for number in range(top, min(bottom, top + COPY_LIMIT) + 1)
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def paste(self) -> None:
        """Offer what the clipboard holds, as rows of cells."""
        from desktop.operations.staging import block_of

        data = QGuiApplication.clipboard().mimeData()
        if data is not None and data.hasText():
            self.pasted.emit(block_of(data.text()))


def _advance(font: QFont, text: str) -> int:
    return QFontMetrics(font).horizontalAdvance(text)


class _Look:
    """What every cell is painted with; making it anew for each cell would take longer than the cell."""

    def __init__(self) -> None:
        self.dark = theme.is_dark()
        self.font = theme.font(13)
        self.metrics = QFontMetrics(self.font)
        self.widest = max(self.metrics.horizontalAdvance(one) for one in "国W⏎")
        self.text, self.faint, self.accent = theme.color("t1"), theme.color("dis"), theme.color("accent")
        self.selected, self.selected_fault = theme.color("sel"), theme.color("sel", 150)
        self.fills = {name: theme.color(f"{name}_soft") for name in ("red", "amber")}
        self.texts = {name: theme.color(chips.text_token(name)) for name in ("red", "amber")}


class CellDelegate(QStyledItemDelegate):
    """Paints a cell: tint and shape of its fault, then its text; edits it in a line."""

    def __init__(self, view: GridView) -> None:
        super().__init__(view)
        self._view = view
        self._made: _Look | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(LEAST, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view, model, look = self._view, self._view.grid, self._look()
        rect: QRect = option.rect
        number, column = index.row(), index.column()
        status = model.status(number, column)
        skipped = bool(model.skipped) and model.row_at(number) in model.skipped
        if status in look.fills:
            painter.fillRect(rect, look.fills[status])
        if view.has_block and view.in_block(index):
            painter.fillRect(rect, look.selected_fault if status else look.selected)
        left, width = rect.left() + PADDING, rect.width() - 2 * PADDING
        if status:
            chips.paint_shape(painter, status, QPointF(left + 4, QRectF(rect).center().y()), 8)
            left, width = left + 14, width - 14
        text = model.cell(number, column)
        if text:
            if "\n" in text:
                text = text.replace("\n", " ⏎ ")
            if len(text) * look.widest > width:
                text = look.metrics.elidedText(text[:200], Qt.TextElideMode.ElideRight, width)
            painter.setFont(look.font)
            painter.setPen(look.faint if skipped else look.texts.get(status, look.text))
            painter.drawText(left, rect.top(), width, rect.height(), LOOK_FLAGS, text)
        if skipped:
            middle = rect.center().y()
            painter.fillRect(QRect(rect.left(), middle, rect.width(), 1), look.faint)
        if index == view.currentIndex():
            painter.setPen(QPen(look.accent, 2 if view.hasFocus() else 1))
            painter.drawRect(rect.adjusted(1, 1, -2, -2))

    def _look(self) -> _Look:
        """Return fonts and colours of the theme in force, made once."""
        if self._made is None or self._made.dark != theme.is_dark():
            self._made = _Look()
        return self._made

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        edit = QLineEdit(parent)
        edit.setFrame(False)
        edit.setStyleSheet("border-radius: 0; padding: 0 6px; min-height: 0;")
        return edit


class FieldHeader(QHeaderView):
    """The source column's header, and under it the field it goes to."""

    def __init__(self, view: GridView) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._grid = view.grid
        self.setFixedHeight(HEADER)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(44)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        model = self._grid
        painter.save()
        painter.setClipRect(rect)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color("line2"))
        painter.fillRect(QRect(rect.right(), rect.top() + 8, 1, rect.height() - 16), theme.color("line"))
        inner = QRectF(rect).adjusted(PADDING, 3, -PADDING, -3)
        half = inner.height() / 2
        title = str(model.headerData(logicalIndex, Qt.Orientation.Horizontal) or "").replace("\n", " ")
        draw_text(painter, QRectF(inner.left(), inner.top(), inner.width(), half), title, px=12, bold=True)
        target = model.targets[logicalIndex] if logicalIndex < len(model.targets) else ""
        below = QRectF(inner.left(), inner.top() + half, inner.width(), half)
        draw_text(
            painter, below, f"→ {target}" if target else "—", px=12, token="accent_t" if target else "t3"
        )
        painter.restore()


class RowHeader(QHeaderView):
    """Row numbers as Excel shows them, with the worst fault's shape."""

    def __init__(self, view: GridView) -> None:
        super().__init__(Qt.Orientation.Vertical, view)
        self._view = view
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setDefaultSectionSize(ROW)
        self.setMinimumSectionSize(ROW)
        self.setFixedWidth(GUTTER)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)

    def sizeHint(self) -> QSize:
        return QSize(GUTTER, 0)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        model = self._view.grid
        painter.save()
        painter.fillRect(rect, theme.color("sub"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color("line"))
        painter.fillRect(QRect(rect.right(), rect.top(), 1, rect.height()), theme.color("line2"))
        row = model.row_at(logicalIndex)
        statuses = {model.status(logicalIndex, column) for column in model.faults(logicalIndex)}
        worst = next((one for one in ("red", "amber", "grey") if one in statuses), "")
        if worst:
            chips.paint_shape(painter, worst, QPointF(rect.left() + 10, QRectF(rect).center().y()), 8)
        here = logicalIndex == self._view.currentIndex().row()
        inner = QRectF(rect).adjusted(16, 0, -PADDING, 0)
        draw_text(painter, inner, str(row), px=12, token="t1" if here else "t3", bold=here, align=RIGHT)
        painter.restore()
