"""A ring of arcs, one per check, and a plain progress ring."""

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
        self._share: float | None = None
        self._words = ""

    def set_checks(self, states: Sequence[str], words: str) -> None:
        """Show one arc per check in its state."""
        self._arcs, self._share, self._words = tuple(states), None, words
        self.setAccessibleName(words)
        self.update()

    def set_progress(self, share: float, words: str) -> None:
        """Show how much is done (0 to 1)."""
        self._arcs, self._share, self._words = (), share, words
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        if self._share is not None:
            painter.setPen(QPen(theme.color("track"), 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawEllipse(box)
            painter.setPen(QPen(theme.color("accent"), 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawArc(box, 90 * 16, -round(360 * 16 * min(1.0, self._share)))
        elif self._arcs:
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
