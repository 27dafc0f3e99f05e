"""The steps of a migration as a line: done, current and still to come."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.views import theme

HEIGHT = 44
_DISC = 22
_GAP, _LEAST_LINE = 8, 14


class Steps(QWidget):
    """Numbered discs with words, joined by lines; the steps before `current` are ticked."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = tuple(names)
        self._current = 0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_current(0)

    def set_current(self, number: int) -> None:
        """Show which step it is (0 is the first; the number of steps means all are done)."""
        self._current = number
        at = min(number, len(self._names) - 1)
        self.setAccessibleName(f"{at + 1}/{len(self._names)} {self._names[at]}")
        self.update()

    @property
    def current(self) -> int:
        """The current step."""
        return self._current

    def sizeHint(self) -> QSize:
        return QSize(600, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        widths = [_DISC + _GAP + metrics.horizontalAdvance(name) + 4 for name in self._names]
        joints = max(1, len(widths) - 1)
        spare = (self.width() - sum(widths) - 2 * _GAP * joints) / joints
        line = max(_LEAST_LINE, min(48.0, spare))
        x, y = 0.0, self.height() / 2
        for number, (name, width) in enumerate(zip(self._names, widths, strict=True)):
            self._disc(painter, QPointF(x + _DISC / 2, y), number)
            here = number == self._current
            painter.setFont(theme.font(13, bold=here))
            painter.setPen(theme.color("t1" if number <= self._current else "t3"))
            words = QRectF(x + _DISC + _GAP, y - 12, width, 24)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
            x += width + (8 if here else 0)
            if number < len(widths) - 1:
                done = number < self._current
                painter.fillRect(
                    QRectF(x + _GAP, round(y), line, 1), theme.color("accent_line" if done else "line2")
                )
                x += line + 2 * _GAP
        painter.end()

    def _disc(self, painter: QPainter, centre: QPointF, number: int) -> None:
        box = QRectF(centre.x() - _DISC / 2, centre.y() - _DISC / 2, _DISC, _DISC).adjusted(
            0.5, 0.5, -0.5, -0.5
        )
        here, done = number == self._current, number < self._current
        painter.setPen(QPen(theme.color("accent_line" if done else "accent" if here else "line2"), 1))
        painter.setBrush(theme.color("accent_soft" if done else "accent" if here else "sheet"))
        painter.drawEllipse(box)
        if done:
            pen = QPen(theme.color("accent_t"), 1.8)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            x, y = centre.x(), centre.y()
            painter.drawPolyline([QPointF(x - 4, y), QPointF(x - 1, y + 3), QPointF(x + 4.5, y - 3.5)])
            return
        painter.setFont(theme.font(12, bold=True))
        painter.setPen(theme.color("on_accent" if here else "t3"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number + 1))
