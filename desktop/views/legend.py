"""The key of a chart, for a section line: little marks with words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.views import chips, theme

GAP = 14
MARK = 14


@dataclass(frozen=True, slots=True)
class Key:
    """One entry: a token (or a state) as square, stroke, dashes or state shape, and its word."""

    token: str
    text: str
    mark: Literal["square", "stroke", "dashes", "state"] = "square"


class Legend(QWidget):
    """Entries side by side, 12 px."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__()
        self._keys = tuple(keys)
        self.setAccessibleName(", ".join(key.text for key in keys))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_keys(self, keys: Sequence[Key]) -> None:
        """Show other entries."""
        self._keys = tuple(keys)
        self.setAccessibleName(", ".join(key.text for key in keys))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.font(12))
        width = sum(MARK + 5 + metrics.horizontalAdvance(key.text) + GAP for key in self._keys)
        return QSize(max(0, width - GAP) + 2, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(12))
        left, y = 0.0, self.height() / 2
        for key in self._keys:
            self._mark(painter, key, left, y)
            left += MARK + 5
            width = painter.fontMetrics().horizontalAdvance(key.text)
            painter.setPen(theme.color("t2"))
            painter.drawText(
                QRectF(left, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, key.text
            )
            left += width + GAP
        painter.end()

    def _mark(self, painter: QPainter, key: Key, left: float, y: float) -> None:
        if key.mark == "state":
            chips.paint_shape(painter, key.token, QPointF(left + 7, y))
        elif key.mark == "square":
            painter.fillRect(QRectF(left, round(y) - 4, 12, 8), theme.color(key.token))
        elif key.mark == "stroke":
            painter.fillRect(QRectF(left, round(y) - 1, MARK, 2), theme.color(key.token))
        else:
            pen = QPen(theme.color(key.token), 1, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            painter.drawLine(QPointF(left, round(y) + 0.5), QPointF(left + MARK, round(y) + 0.5))
