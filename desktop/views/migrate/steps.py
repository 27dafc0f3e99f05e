"""The steps of a migration as a line: done, current and still to come; those that are reached can be gone to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from desktop.views import theme
from desktop.views.buttons import hairline

HEIGHT = 44
_DISC = 22
_GAP = 8


class Steps(QWidget):
    """Numbered discs with words, joined by lines: `reached` says how far it is, `current` what is shown."""

    chosen = Signal(int)

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        self._steps = [_Step(number, name) for number, name in enumerate(names)]
        for number, step in enumerate(self._steps):
            if number:
                line = hairline()
                line.setMinimumWidth(10)
                line.setMaximumWidth(48)
                line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
                row.addWidget(line, 1, Qt.AlignmentFlag.AlignVCenter)
            step.clicked.connect(lambda _checked=False, number=number: self.chosen.emit(number))
            row.addWidget(step)
        row.addStretch(1)
        self._current = self._reached = 0
        self.set_current(0, 0)

    def set_current(self, current: int, reached: int | None = None) -> None:
        """Show which step is looked at, and up to which one a person can go."""
        self._current = current
        self._reached = max(current, self._reached if reached is None else reached)
        at = min(current, len(self._steps) - 1)
        self.setAccessibleName(f"{at + 1}/{len(self._steps)} {self._steps[at].text()}")
        for number, step in enumerate(self._steps):
            step.show_state(here=number == current, done=number < self._reached, open=number <= self._reached)

    @property
    def current(self) -> int:
        """The step that is looked at."""
        return self._current

    @property
    def reached(self) -> int:
        """The last step that can be gone to."""
        return self._reached


class _Step(QAbstractButton):
    def __init__(self, number: int, name: str) -> None:
        super().__init__()
        self._number = number
        self._here = self._done = False
        self.setText(name)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_state(self, *, here: bool, done: bool, open: bool) -> None:
        """Show whether it is the current step, done, and open to be gone to."""
        self._here, self._done = here, done
        self.setEnabled(open)
        shape = Qt.CursorShape.PointingHandCursor if open and not here else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        self.update()

    def sizeHint(self) -> QSize:
        from PySide6.QtGui import QFontMetrics

        words = QFontMetrics(theme.font(13, bold=True)).horizontalAdvance(self.text())
        return QSize(_DISC + _GAP + words + 6, 32)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QPointF(_DISC / 2 + 1, self.height() / 2)
        self._disc(painter, centre)
        painter.setFont(theme.font(13, bold=self._here))
        token = "accent_t" if self.underMouse() and not self._here else "t1"
        painter.setPen(theme.color(token if self.isEnabled() else "t3"))
        words = QRectF(_DISC + _GAP, 0, self.width() - _DISC - _GAP, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()

    def _disc(self, painter: QPainter, centre: QPointF) -> None:
        here, done = self._here, self._done
        box = QRectF(centre.x() - _DISC / 2, centre.y() - _DISC / 2, _DISC, _DISC)
        box = box.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color("accent" if here else "accent_line" if done else "line2"), 1))
        painter.setBrush(theme.color("accent" if here else "accent_soft" if done else "sheet"))
        painter.drawEllipse(box)
        if done and not here:
            pen = QPen(theme.color("accent_t"), 1.8)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            x, y = centre.x(), centre.y()
            painter.drawPolyline([QPointF(x - 4, y), QPointF(x - 1, y + 3), QPointF(x + 4.5, y - 3.5)])
            return
        painter.setFont(theme.font(12, bold=True))
        painter.setPen(theme.color("on_accent" if here else "t3"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._number + 1))
