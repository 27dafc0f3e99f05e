"""Cumulative actual against target over the days of a period, with today marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from desktop.i18n import Locale
from desktop.views import theme
from desktop.views.charts.axis import Scale, draw_axis
from desktop.views.charts.base import LEFT, RIGHT, Chart, Table, text_width, write


@dataclass(frozen=True, slots=True)
class DayPoint:
    """One day: cumulative target, and cumulative actual (None from tomorrow on), in the shown unit."""

    day: date
    target: float
    actual: float | None
    tip: str = ""
    record: Any = None


class CumulativeChart(Chart):
    """See the module."""

    def __init__(self, locale: Locale, name: str, number: Callable[[float], str] | None = None) -> None:
        super().__init__(locale, name)
        self._points: Sequence[DayPoint] = ()
        self._today: date | None = None
        self._gap = ""
        self._number = number or (lambda value: locale.decimal(value, 0))

    def set_points(self, points: Sequence[DayPoint], today: date | None, gap: str = "") -> None:
        """Show these days; `gap` is said under the last actual value."""
        self._points, self._today, self._gap = tuple(points), today, gap
        self.refresh()

    def table(self) -> Table:
        _ = self.locale_._
        rows = [[point.day.isoformat(), point.target, point.actual] for point in self._points]
        return [_("Day"), _("Target"), _("Actual")], rows

    def draw(self, painter: QPainter, box: QRectF) -> None:
        if len(self._points) < 2:
            return
        top = max(max(point.target, point.actual or 0) for point in self._points) or 1
        area = box.adjusted(0, 26, -2, -24)
        plot, scale = draw_axis(painter, area, top * 1.02, self._number)
        plot = plot.adjusted(6, 0, -8, 0)
        step = plot.width() / (len(self._points) - 1)
        xs = [plot.left() + step * i for i in range(len(self._points))]
        self._days(painter, xs, plot)
        known = [(x, point) for x, point in zip(xs, self._points, strict=True) if point.actual is not None]
        self._today_line(painter, xs, plot)
        self._target(painter, xs, scale)
        if known:
            self._actual(painter, known, scale, plot)
        if any(point.target for point in self._points):
            self._target_words(painter, xs[-1], scale, plot)
        for x, point in zip(xs, self._points, strict=True):
            area = QRectF(x - step / 2, plot.top(), step, plot.height())
            self.mark(area, point.tip or self._tip(point), point.record)

    def _tip(self, point: DayPoint) -> str:
        _ = self.locale_._
        words = f"{point.day.isoformat()} · {_('Target')} {self._number(point.target)}"
        return words if point.actual is None else f"{words} · {_('Actual')} {self._number(point.actual)}"

    def _days(self, painter: QPainter, xs: list[float], plot: QRectF) -> None:
        last = len(xs) - 1
        shown = [i for i in range(0, last + 1, 7) if last - i >= 4 or i == last]
        for i in [*shown, last]:
            box = QRectF(xs[i] - 26, plot.bottom() + 5, 52, 18)
            if i == last:
                box.moveRight(plot.right() + 8)
                write(painter, box, self._points[i].day.strftime("%m-%d"), token="t2", align=RIGHT)
            else:
                write(painter, box, self._points[i].day.strftime("%m-%d"), token="t2")

    def _today_line(self, painter: QPainter, xs: list[float], plot: QRectF) -> None:
        for x, point in zip(xs, self._points, strict=True):
            if point.day == self._today and point is not self._points[-1]:
                painter.fillRect(
                    QRectF(round(x), plot.top() - 20, 1, plot.height() + 20), theme.color("line2")
                )
                words = self.locale_._("Today")
                write(painter, QRectF(x - 84, plot.top() - 22, 80, 18), words, token="t2", align=RIGHT)

    def _target(self, painter: QPainter, xs: list[float], scale: Scale) -> None:
        path = QPainterPath()
        for i, (x, point) in enumerate(zip(xs, self._points, strict=True)):
            at = QPointF(x, scale.y(point.target))
            path.lineTo(at) if i else path.moveTo(at)
        pen = QPen(theme.color("c_base"), 1.6, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _target_words(self, painter: QPainter, right: float, scale: Scale, plot: QRectF) -> None:
        value = self._points[-1].target
        words = self.locale_._("Target {value}").format(value=self._number(value))
        y = max(plot.top() - 20, scale.y(value) - 24)
        width = text_width(words) + 4
        write(painter, QRectF(right - width, y, width, 18), words, token="t2", align=RIGHT, filled=True)

    def _actual(
        self, painter: QPainter, known: list[tuple[float, DayPoint]], scale: Scale, plot: QRectF
    ) -> None:
        path = QPainterPath()
        for i, (x, point) in enumerate(known):
            at = QPointF(x, scale.y(point.actual or 0))
            path.lineTo(at) if i else path.moveTo(at)
        fill = QPainterPath(path)
        fill.lineTo(known[-1][0], scale.bottom)
        fill.lineTo(known[0][0], scale.bottom)
        fill.closeSubpath()
        painter.fillPath(fill, theme.color("accent", 34))
        painter.setPen(QPen(theme.color("accent"), 2.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        end = QPointF(known[-1][0], scale.y(known[-1][1].actual or 0))
        painter.setPen(QPen(theme.color("sheet"), 2))
        painter.setBrush(theme.color("accent"))
        painter.drawEllipse(end, 5, 5)
        words = self.locale_._("Actual {value}").format(value=self._number(known[-1][1].actual or 0))
        width = max(text_width(words, bold=True), text_width(self._gap)) + 8
        left = end.x() + 10 if end.x() + 10 + width < plot.right() + 8 else end.x() - width - 10
        top = min(max(plot.top(), end.y() + 4), plot.bottom() - 40)
        write(
            painter, QRectF(left, top, width, 18), words, token="accent_t", bold=True, align=LEFT, filled=True
        )
        if self._gap:
            write(painter, QRectF(left, top + 18, width, 18), self._gap, token="t2", align=LEFT, filled=True)
