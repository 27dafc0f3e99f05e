"""The waterfall: a total, what is lost on the way, and what is left; a cut axis shows its cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPolygonF

from desktop.i18n import Locale
from desktop.views import theme
from desktop.views.charts.base import Chart, Table, rule, write


@dataclass(frozen=True, slots=True)
class Step:
    """A total (`is_total`, its value absolute) or a change (its value signed)."""

    label: str
    value: float
    note: str = ""
    is_total: bool = False
    tip: str = ""
    record: Any = None


class WaterfallChart(Chart):
    """See the module."""

    def __init__(self, locale: Locale, name: str, number: Callable[[float], str] | None = None) -> None:
        super().__init__(locale, name)
        self._steps: Sequence[Step] = ()
        self._number = number or (lambda value: locale.decimal(value, 0))

    def set_steps(self, steps: Sequence[Step], number: Callable[[float], str] | None = None) -> None:
        """Show these steps, their values written by `number` where it is given."""
        self._number = number or self._number
        self._steps = tuple(steps)
        self.refresh()

    def table(self) -> Table:
        _ = self.locale_._
        return [_("Step"), _("Value")], [[step.label, step.value] for step in self._steps]

    def _spans(self) -> list[tuple[float, float]]:
        spans: list[tuple[float, float]] = []
        level = 0.0
        for step in self._steps:
            if step.is_total:
                level = step.value
                spans.append((0.0, level))
            else:
                spans.append((level + step.value, level) if step.value < 0 else (level, level + step.value))
                level += step.value
        return spans

    def draw(self, painter: QPainter, box: QRectF) -> None:
        if not self._steps:
            return
        spans = self._spans()
        top = max(high for _low, high in spans) or 1
        lowest = min((low if low > 0 else high) for low, high in spans)
        floor = max(0.0, lowest - (top - lowest) * 0.6) if top * 0.4 < lowest < top else 0.0
        noted = any(step.note for step in self._steps)
        plot = box.adjusted(4, 22, -4, -40 if noted else -24)
        slot = plot.width() / len(self._steps)
        width = min(75.0, slot * 0.6)

        def y(value: float) -> float:
            return plot.bottom() - plot.height() * (max(value, floor) - floor) / (top - floor)

        rule(painter, plot.left(), plot.right(), plot.bottom(), "line2")
        for number, (step, (low, high)) in enumerate(zip(self._steps, spans, strict=True)):
            x = plot.left() + slot * (number + 0.5)
            bar = QRectF(round(x - width / 2), y(high), width, max(2.0, y(low) - y(high)))
            token = "accent" if step.is_total else "red" if step.value < 0 else "c_base"
            painter.fillRect(bar, theme.color(token))
            if step.is_total and floor:
                self._cut(painter, bar)
            self._words(painter, step, bar, slot)
            after = high if step.is_total or step.value >= 0 else low
            if number + 1 < len(self._steps):
                rule(painter, bar.right(), bar.right() + slot - width, y(after), "line2")
            label = QRectF(x - slot / 2 + 2, plot.bottom() + 5, slot - 4, 17)
            write(painter, label, step.label)
            write(painter, label.translated(0, 16), step.note, token="t2")
            area = QRectF(x - slot / 2, plot.top(), slot, box.bottom() - plot.top())
            self.mark(area, step.tip or f"{step.label} {self._number(step.value)}", step.record)

    def _words(self, painter: QPainter, step: Step, bar: QRectF, slot: float) -> None:
        wide = QRectF(bar.center().x() - slot / 2, 0, slot, 18)
        if step.is_total or step.value >= 0:
            wide.moveTop(bar.top() - 20)
            write(painter, wide, self._number(step.value), bold=True)
        else:
            wide.moveTop(bar.bottom() + 2)
            write(painter, wide, self._number(step.value), token="red_t", bold=True)

    def _cut(self, painter: QPainter, bar: QRectF) -> None:
        y = bar.bottom() - 10
        points = [
            QPointF(bar.left() - 1, y + 3),
            QPointF(bar.right() + 1, y - 3),
            QPointF(bar.right() + 1, y),
            QPointF(bar.left() - 1, y + 6),
        ]
        painter.setPen(theme.color("sheet"))
        painter.setBrush(theme.color("sheet"))
        painter.drawPolygon(QPolygonF(points))
