"""State as shape + colour + word, and the other small marks: grade badge, tag, avatar."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.views import theme

Status = Literal["red", "amber", "green", "grey"]
"""How a thing stands; painted as a diamond, a triangle, a disc or a ring, always beside a word."""


def paint_shape(painter: QPainter, status: str, centre: QPointF, size: float = 9) -> None:
    """Paint a state's shape around `centre`: red diamond, amber triangle, green disc, grey ring."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    half = size / 2
    x, y = centre.x(), centre.y()
    if status == "grey":
        painter.setPen(QPen(theme.color("grey"), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, half - 1, half - 1)
    else:
        painter.setBrush(theme.color(status))
        if status == "red":
            points = [
                QPointF(x, y - half - 0.6),
                QPointF(x + half + 0.6, y),
                QPointF(x, y + half + 0.6),
                QPointF(x - half - 0.6, y),
            ]
            painter.drawPolygon(QPolygonF(points))
        elif status == "amber":
            points = [
                QPointF(x, y - half),
                QPointF(x + half + 0.5, y + half),
                QPointF(x - half - 0.5, y + half),
            ]
            painter.drawPolygon(QPolygonF(points))
        else:
            painter.drawEllipse(centre, half - 0.5, half - 0.5)
    painter.restore()


def text_token(status: str) -> str:
    """Return the token for text in a state: always the `_t` one, never the mark's."""
    return "t2" if status in ("", "grey") else f"{status}_t"


def paint_chip(painter: QPainter, rect: QRectF, status: str, text: str) -> float:
    """Paint shape + word at the left of `rect`, exceptions on a soft fill; return the width used."""
    painter.setFont(theme.font(12))
    words = painter.fontMetrics().horizontalAdvance(text)
    y = rect.center().y()
    filled = status in ("red", "amber")
    width = words + (27 if filled else 18)
    if filled:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(f"{status}_soft"))
        painter.drawRoundedRect(QRectF(rect.left(), y - 10, min(width, rect.width()), 20), 10, 10)
        painter.restore()
    left = rect.left() + (8 if filled else 0)
    paint_shape(painter, status, QPointF(left + 5, y), 8)
    painter.setPen(theme.color(text_token(status)))
    space = QRectF(left + 14, rect.top(), max(0.0, rect.right() - left - 14), rect.height())
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(space.width()))
    painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    return width


def paint_badge(painter: QPainter, rect: QRectF, text: str, *, strong: bool) -> None:
    """Paint a grade badge of 18 × 18 at the left of `rect`."""
    box = QRectF(rect.left(), rect.center().y() - 9, 18, 18)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("accent_soft" if strong else "grey_soft"))
    painter.drawRoundedRect(box, 4, 4)
    painter.setFont(theme.font(11, bold=True))
    painter.setPen(theme.color("accent_t" if strong else "t2"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


class Shape(QWidget):
    """A state's shape alone; put its word beside it."""

    def __init__(self, status: str = "grey", size: int = 9) -> None:
        super().__init__()
        self.status, self._size = status, size
        self.setFixedSize(size + 5, size + 5)

    def set_status(self, status: str) -> None:
        """Show another state; empty hides the shape."""
        self.status = status
        self.setVisible(bool(status))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_shape(painter, self.status, QPointF(self.rect().center()) + QPointF(0.5, 0.5), self._size)
        painter.end()


class Chip(QWidget):
    """Shape + word, as table cells have it."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__()
        self._status, self._text = status, text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFont(theme.font(12))

    def sizeHint(self) -> QSize:
        extra = 28 if self._status in ("red", "amber") else 19
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + extra, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_chip(painter, QRectF(self.rect()), self._status, self._text)
        painter.end()


class Tag(QWidget):
    """A neutral word on a soft fill."""

    def __init__(self, text: str, status: str = "") -> None:
        super().__init__()
        self._text, self._status = text, status
        self.setAccessibleName(text)
        self.setFont(theme.font(12))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 12, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(f"{self._status or 'grey'}_soft"))
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setPen(theme.color(text_token(self._status)))
        painter.setFont(self.font())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()


class Badge(QWidget):
    """A grade (A, B, C); A is tinted."""

    def __init__(self, grade: str) -> None:
        super().__init__()
        self._grade = grade
        self.setAccessibleName(grade)
        self.setFixedSize(18, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_badge(painter, QRectF(self.rect()), self._grade, strong=self._grade == "A")
        painter.end()


class Avatar(QWidget):
    """The first character of a person's name (the last of a Latin one's initials) on a tinted disc."""

    def __init__(self, name: str, size: int = 26) -> None:
        super().__init__()
        self.setFixedSize(size, size)
        self.set_name(name)

    def set_name(self, name: str) -> None:
        """Show another person."""
        self._letter = name.strip()[:1].upper()
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent_soft"))
        painter.drawEllipse(QRectF(self.rect()))
        painter.setPen(theme.color("accent_t"))
        painter.setFont(theme.font(12, bold=True))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._letter)
        painter.end()
