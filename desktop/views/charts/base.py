"""The base of every chart: a pyqtgraph scene painted in pixels, with marks that know their records.

A chart implements `draw(painter, box)`, registers a `Mark` for whatever stands for a record, and
returns its numbers from `table()`. It then has a tooltip that names the record, a click that goes to
it, keyboard access (arrows walk the marks, Enter clicks), and a menu to copy the picture or the data
or to send the data to Excel.
"""

from __future__ import annotations

import html
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QMenu, QStyleOptionGraphicsItem, QToolTip, QWidget

from desktop.i18n import Locale
from desktop.views import theme

Table = tuple[Sequence[str], Sequence[Sequence[Any]]]
"""Column titles and rows, as they are copied."""

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True, slots=True)
class Mark:
    """An area that stands for a record: `tip` names it, `record` is emitted on a click."""

    area: QRectF
    tip: str
    record: Any = None


class _Canvas(pg.GraphicsWidget):  # type: ignore[misc]
    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        # An exception that leaves a paint event takes the process down: it is told, not raised.
        try:
            self._chart.render_into(painter, QRectF(self.rect()))
        except Exception:
            sys.excepthook(*sys.exc_info())


class Chart(pg.GraphicsView):  # type: ignore[misc]
    """See the module."""

    clicked = Signal(object)
    send_data = Signal()
    """Asked for in the menu: the page sends `table()` to Excel."""

    def __init__(self, locale: Locale, name: str) -> None:
        super().__init__(background=None)
        self.locale_ = locale
        self.setAccessibleName(name)
        self.setStyleSheet("background: transparent; border: 0;")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.marks: list[Mark] = []
        self._focused = -1
        self._hovered = -1
        self._canvas = _Canvas(self)
        self.setCentralItem(self._canvas)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def close(self) -> bool:
        """Close as any widget does: pyqtgraph takes the viewport away first, which crashes."""
        return QWidget.close(self)

    # for subclasses

    def draw(self, painter: QPainter, box: QRectF) -> None:
        """Paint the chart into a box of pixels; call `mark` for what stands for a record."""
        raise NotImplementedError

    def table(self) -> Table:
        """Return the numbers behind the picture."""
        raise NotImplementedError

    def mark(self, area: QRectF, tip: str, record: Any = None) -> None:
        """Register an area that stands for a record."""
        self.marks.append(Mark(QRectF(area), tip, record))

    def refresh(self) -> None:
        """Paint again after the data changed."""
        self._focused = self._hovered = -1
        self._canvas.update()
        self.viewport().update()

    @property
    def hovered(self) -> int:
        """The number of the mark under the mouse, or -1."""
        return self._hovered

    # painting

    def render_into(self, painter: QPainter, box: QRectF) -> None:
        """Paint everything: the chart, then the focus ring."""
        self.marks = []
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        try:
            self.draw(painter, box)
        finally:
            # A painter left in a saved state takes the whole process down, not just this chart.
            painter.restore()
        if self.hasFocus() and 0 <= self._focused < len(self.marks):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.marks[self._focused].area.adjusted(-2, -2, 2, 2), 4, 4)

    # hover, click, keyboard

    def _at(self, point: QPointF) -> int:
        for number in range(len(self.marks) - 1, -1, -1):
            if self.marks[number].area.contains(point):
                return number
        return -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position())
        if number != self._hovered:
            self._hovered = number
            self._canvas.update()
        linked = number >= 0 and self.marks[number].record is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if linked else Qt.CursorShape.ArrowCursor)
        if number >= 0:
            QToolTip.showText(event.globalPosition().toPoint(), self.marks[number].tip, self)
        else:
            QToolTip.hideText()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self._emit(number)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def wheelEvent(self, event: Any) -> None:
        event.ignore()

    def _emit(self, number: int) -> None:
        if self.marks[number].record is not None:
            self.clicked.emit(self.marks[number].record)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Down) and self.marks:
            step = 1 if key in (Qt.Key.Key_Right, Qt.Key.Key_Down) else -1
            self._focused = (self._focused + step) % len(self.marks)
            self.setAccessibleDescription(self.marks[self._focused].tip)
            self._canvas.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and 0 <= self._focused < len(self.marks):
            self._emit(self._focused)
        else:
            QWidget.keyPressEvent(self, event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._canvas.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._canvas.update()

    # menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        _ = self.locale_._
        menu = QMenu(self)
        menu.addAction(_("Copy picture"), self.copy_picture)
        menu.addAction(_("Copy data"), self.copy_data)
        if self.receivers("2send_data()"):
            menu.addAction(_("Send data to Excel"), self.send_data.emit)
        menu.exec(event.globalPos())

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setPixmap(self.grab())

    def copy_data(self) -> None:
        """Put the numbers on the clipboard, as text and as an HTML table."""
        titles, rows = self.table()
        lines = [[str(cell) if cell is not None else "" for cell in line] for line in (titles, *rows)]
        data = QMimeData()
        data.setText("\n".join("\t".join(line) for line in lines))
        cells = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in line) + "</tr>" for line in lines
        )
        data.setHtml(f"<table>{cells}</table>")
        QGuiApplication.clipboard().setMimeData(data)


def ticks(top: float, wanted: int = 3) -> list[float]:
    """Return round values from 0 up to at most `top`, about `wanted` steps of them."""
    if top <= 0:
        return [0.0, 1.0]
    raw = top / (wanted + 0.9)
    magnitude = 10 ** math.floor(math.log10(raw))
    step = next((m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= raw), 10 * magnitude)
    return [i * step for i in range(math.floor(top / step + 1e-9) + 1)]


def write(
    painter: QPainter,
    box: QRectF,
    text: str,
    *,
    token: str = "t1",
    px: int = 12,
    bold: bool = False,
    align: Qt.AlignmentFlag = CENTRE,
    filled: bool = False,
) -> None:
    """Write a label, elided to its box; `filled` puts a sheet-coloured ground under it."""
    painter.setFont(theme.font(px, bold=bold))
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(box.width()) + 1))
    if filled:
        width = metrics.horizontalAdvance(shown) + 6
        left = box.left() - 3
        if align == CENTRE:
            left = box.center().x() - width / 2
        elif align == RIGHT:
            left = box.right() - width + 3
        painter.fillRect(QRectF(left, box.center().y() - 8, width, 16), theme.color("sheet"))
    painter.setPen(theme.color(token))
    painter.drawText(box, align, shown)


def text_width(text: str, px: int = 12, *, bold: bool = False) -> int:
    """Return how wide a label is."""
    from PySide6.QtGui import QFontMetrics

    return QFontMetrics(theme.font(px, bold=bold)).horizontalAdvance(text)


def rule(painter: QPainter, left: float, right: float, y: float, token: str = "line") -> None:
    """Draw a crisp horizontal hairline."""
    painter.fillRect(QRectF(round(left), round(y), round(right - left), 1), theme.color(token))
