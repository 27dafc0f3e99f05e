"""The value axis that charts share: a few hairlines, numbers at the left, zero a little stronger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.views.charts.base import RIGHT, rule, text_width, ticks, write


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from 0 to `top` on the pixels from `bottom` up to `ceiling`."""

    top: float
    bottom: float
    ceiling: float

    def y(self, value: float) -> float:
        """Return the pixel of a value."""
        return self.bottom - (self.bottom - self.ceiling) * value / self.top


def draw_axis(
    painter: QPainter, box: QRectF, top: float, text: Callable[[float], str], wanted: int = 3
) -> tuple[QRectF, Scale]:
    """Draw the axis at the left of `box`; return the plot area and its scale."""
    # Where steps are finer than the numbers are written, a number stands once, at its highest step.
    marks = {text(value): value for value in ticks(top, wanted)}
    labels, values = list(marks), list(marks.values())
    width = max(text_width(label) for label in labels) + 8
    plot = QRectF(box.left() + width, box.top(), box.width() - width, box.height())
    scale = Scale(max(top, values[-1]), plot.bottom(), plot.top())
    for value, label in zip(values, labels, strict=True):
        y = scale.y(value)
        rule(painter, plot.left(), plot.right(), y, "line2" if value == 0 else "line")
        write(painter, QRectF(box.left(), y - 9, width - 8, 18), label, token="t2", align=RIGHT)
    return plot, scale
