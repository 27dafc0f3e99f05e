"""A ring of arcs, one per check."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.views import theme


class Ring(QWidget):
    """Arcs in states (red, amber, green, grey, accent), words in the middle."""

    def __init__(self, size: int = 44) -> None:
        super().__init__()
        self.setFixedSize(size, size)
        self._arcs: tuple[str, ...] = ()
        self._words = ""

    def set_checks(self, states: Sequence[str], words: str) -> None:
        """Show one arc per check in its state."""
        self._arcs, self._words = tuple(states), words
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        if self._arcs:
            span = 360 / len(self._arcs)
            gap = 8 if len(self._arcs) > 1 else 0
            for number, state in enumerate(self._arcs):
                painter.setPen(QPen(theme.color(state), 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
                start = 90 - number * span - gap / 2
                painter.drawArc(box, round(start * 16), -round((span - gap) * 16))
        painter.setPen(theme.color("t1"))
        painter.setFont(theme.font(12, bold=True))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._words)
        painter.end()
