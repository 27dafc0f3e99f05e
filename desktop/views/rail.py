"""The navigation rail: the mark, pages in groups with their counts, Settings at the bottom."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.views import icons, theme
from desktop.views.buttons import hairline
from desktop.views.labels import label
from desktop.views.registry import PageSpec


class RailItem(QAbstractButton):
    """Icon, word and count of one page."""

    def __init__(self, spec: PageSpec, text: str, tip: str) -> None:
        super().__init__()
        self.spec = spec
        self._count, self._status = 0, "grey"
        self._hovered = False
        self.compact = False
        self.setText(text)
        self.key_hint = tip
        self.setToolTip(tip)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFixedHeight(36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(text)

    def set_count(self, count: int, status: str) -> None:
        """Show how many things want action; 0 hides the pill."""
        self._count, self._status = count, status
        self.setAccessibleName(f"{self.text()} {count}" if count else self.text())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.RAIL_WIDTH, 36)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(8.5, 0.5, self.width() - 17, self.height() - 1)
        chosen = self.isChecked()
        if chosen:
            painter.setPen(QPen(theme.color("line"), 1))
            painter.setBrush(theme.color("sheet"))
            painter.drawRoundedRect(box, 6, 6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(QRectF(8, self.height() / 2 - 8, 3, 16), 1.5, 1.5)
        elif self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("track"))
            painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        picture = icons.pixmap(self.spec.icon, "accent_t" if chosen else "t2", 18)
        if self.compact:
            painter.drawPixmap(QPointF(self.width() / 2 - 9, self.height() / 2 - 9), picture)
            if self._count:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("red" if self._status == "red" else "c_base"))
                painter.drawEllipse(QPointF(self.width() - 17, 11), 3.5, 3.5)
            painter.end()
            return
        painter.drawPixmap(QPointF(21, self.height() / 2 - 9), picture)
        painter.setFont(theme.font(13, bold=chosen))
        painter.setPen(theme.color("t1" if chosen else "t2"))
        words = QRectF(49, 0, self.width() - 49 - (44 if self._count else 12), self.height())
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
        if self._count:
            self._pill(painter)
        painter.end()

    def _pill(self, painter: QPainter) -> None:
        red = self._status == "red"
        words = str(self._count) if self._count < 1000 else "999+"
        painter.setFont(theme.font(11, bold=True))
        width = max(22, painter.fontMetrics().horizontalAdvance(words) + 12)
        box = QRectF(self.width() - 18 - width, self.height() / 2 - 9, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("red_soft" if red else "track"))
        painter.drawRoundedRect(box, 9, 9)
        painter.setPen(theme.color("red_t" if red else "t2"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


class Mark(QWidget):
    """The plumb bob."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(18, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_mark(painter, QRectF(self.rect()), theme.color("accent"))
        painter.end()


def draw_mark(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """Paint the plumb bob into a box of 18 × 28 proportions."""
    painter.save()
    painter.translate(box.topLeft())
    painter.scale(box.width() / 18, box.height() / 28)
    painter.setPen(QPen(colour, 1.8))
    painter.drawLine(QPointF(3, 2), QPointF(15, 2))
    painter.drawLine(QPointF(9, 2), QPointF(9, 10))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(3.5, 8, 11, 7), 1.5, 1.5)
    painter.drawPolygon(QPolygonF([QPointF(4, 15), QPointF(14, 15), QPointF(9, 27)]))
    painter.restore()


class Rail(QWidget):
    """The list of pages; `chosen(key)` on a click."""

    chosen = Signal(str)

    def __init__(self, locale: Locale, pages: Sequence[PageSpec]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(theme.RAIL_WIDTH)
        self._names: list[QWidget] = []
        self.setAccessibleName(locale._("Pages"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(2)
        brand = QWidget()
        brand.setFixedHeight(theme.TOP_BAR)
        row = QHBoxLayout(brand)
        row.setContentsMargins(21, 0, 8, 0)
        row.setSpacing(9)
        row.addWidget(Mark())
        self._names.append(label("准绳" if locale.is_chinese else "Plumbline", "brand"))
        if locale.is_chinese:
            self._names.append(label("Plumbline", "tertiary"))
        for name in self._names:
            row.addWidget(name)
        row.addStretch(1)
        column.addWidget(brand)
        column.addSpacing(6)
        self.items: dict[str, RailItem] = {}
        group = pages[0].group if pages else 0
        for number, spec in enumerate(pages):
            if spec.group != group and spec.group < 3:
                line = QWidget()
                inner = QVBoxLayout(line)
                inner.setContentsMargins(16, 6, 16, 6)
                inner.addWidget(hairline())
                column.addWidget(line)
            if spec.group == 3 and group < 3:
                column.addStretch(1)
            group = spec.group
            text = locale._(spec.label)
            tip = f"Alt+{number + 1}" if number < 9 else ""
            item = RailItem(spec, text, tip)
            item.clicked.connect(lambda _checked=False, key=spec.key: self.chosen.emit(key))
            self.items[spec.key] = item
            column.addWidget(item)
        if group < 3:
            column.addStretch(1)

    def set_compact(self, compact: bool) -> None:
        """Show icons only, with the words as tool tips, or icons and words."""
        self.setFixedWidth(theme.RAIL_COMPACT if compact else theme.RAIL_WIDTH)
        for name in self._names:
            name.setVisible(not compact)
        for item in self.items.values():
            item.compact = compact
            item.setToolTip(item.text() if compact else item.key_hint)
            item.update()

    def set_current(self, key: str) -> None:
        """Mark the page that is shown."""
        if key in self.items:
            self.items[key].setChecked(True)

    def set_counts(self, counts: dict[str, tuple[int, str]]) -> None:
        """Show counts: page key → (number, status)."""
        for key, (count, status) in counts.items():
            if key in self.items:
                self.items[key].set_count(count, status)
