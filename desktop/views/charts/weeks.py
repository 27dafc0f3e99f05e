"""Weeks of a month: actual bars against a target stroke each, the original as a dashed line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from desktop.i18n import Locale
from desktop.views import theme
from desktop.views.charts.axis import Scale, draw_axis
from desktop.views.charts.base import CENTRE, LEFT, Chart, Table, text_width, write

BAR = 75.0


@dataclass(frozen=True, slots=True)
class WeekBar:
    """One week in any one unit: `actual` None has not begun; `events` are numbers tied to a list (①)."""

    label: str
    actual: float | None
    target: float
    original: float
    running: bool = False
    events: str = ""
    tip: str = ""
    record: Any = None


class WeeksChart(Chart):
    """See the module; values are shown by `number`."""

    def __init__(self, locale: Locale, name: str, number: Callable[[float], str] | None = None) -> None:
        super().__init__(locale, name)
        self._weeks: Sequence[WeekBar] = ()
        self._number = number or (lambda value: locale.decimal(value, 0))

    def set_weeks(self, weeks: Sequence[WeekBar]) -> None:
        """Show these weeks."""
        self._weeks = tuple(weeks)
        self.refresh()

    def table(self) -> Table:
        _ = self.locale_._
        titles = [_("Week"), _("Original target"), _("Calibrated target"), _("Actual")]
        return titles, [[week.label, week.original, week.target, week.actual] for week in self._weeks]

    def draw(self, painter: QPainter, box: QRectF) -> None:
        if not self._weeks:
            return
        _ = self.locale_._
        top = max(max(week.actual or 0, week.target, week.original) for week in self._weeks) or 1
        original = _("Original {value}").format(value=self._number(self._weeks[0].original))
        beside = text_width(original) + 14 if self._even() else 8
        area = box.adjusted(0, 26, 0, -26)
        plot, scale = draw_axis(painter, area, top * 1.06, self._number, 2)
        inner = QRectF(plot.left(), plot.top(), plot.width() - beside, plot.height())
        slot = inner.width() / len(self._weeks)
        width = min(BAR, slot * 0.5)
        for number, week in enumerate(self._weeks):
            x = inner.left() + slot * (number + 0.5)
            self._bar(painter, week, x, width, scale)
            if not self._even():
                self._dashes(painter, x - slot * 0.42, x + slot * 0.42, scale.y(week.original))
        if self._even():
            y = scale.y(self._weeks[0].original)
            self._dashes(painter, inner.left() + 8, inner.right(), y)
            write(painter, QRectF(inner.right() + 8, y - 9, beside, 18), original, token="t2", align=LEFT)
        for number, week in enumerate(self._weeks):
            x = inner.left() + slot * (number + 0.5)
            self._target(painter, week, x, width * 1.55, scale)
            label = QRectF(x - slot / 2 + 2, plot.bottom() + 6, slot - 4, 18)
            write(painter, label, week.label, token="t2")
            area = QRectF(x - slot * 0.45, plot.top(), slot * 0.9, plot.height() + 24)
            self.mark(area, week.tip or self._tip(week), week.record)

    def _even(self) -> bool:
        return len({round(week.original) for week in self._weeks}) == 1

    def _tip(self, week: WeekBar) -> str:
        _ = self.locale_._
        parts = [week.label, f"{_('Target')} {self._number(week.target)}"]
        if week.actual is not None:
            parts.append(f"{_('Actual')} {self._number(week.actual)}")
        return " · ".join(parts)

    def _dashes(self, painter: QPainter, left: float, right: float, y: float) -> None:
        pen = QPen(theme.color("c_base"), 1, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(left, round(y) + 0.5), QPointF(right, round(y) + 0.5))

    def _bar(self, painter: QPainter, week: WeekBar, x: float, width: float, scale: Scale) -> None:
        left = round(x - width / 2)
        if week.running and (week.actual or 0) < week.target:
            ceiling = scale.y(week.target)
            painter.fillRect(QRectF(left, ceiling, width, scale.bottom - ceiling), theme.color("accent_soft"))
        if not week.actual:
            return
        y = scale.y(week.actual)
        painter.fillRect(QRectF(left, y, width, scale.bottom - y), theme.color("accent"))
        height = scale.bottom - y
        if height >= 26:
            write(
                painter,
                QRectF(left, y, width, height),
                self._number(week.actual),
                token="on_accent",
                bold=True,
            )
        if week.running:
            note = QRectF(left + width + 4, y - 9, 120, 18)
            write(
                painter, note, self.locale_._("this week so far"), token="accent_t", align=LEFT, filled=True
            )

    def _target(self, painter: QPainter, week: WeekBar, x: float, width: float, scale: Scale) -> None:
        y = scale.y(week.target)
        painter.fillRect(QRectF(x - width / 2, y - 1, width, 2), theme.color("t1"))
        y = min(y, scale.y(week.actual or 0))
        words = self.locale_._("Target {value}").format(value=self._number(week.target))
        if week.events:
            words = f"{words} {week.events}"
        # Above the bar where the bar stands higher: words inside a bar are hard to read.
        top = min(y, scale.y(week.actual or 0.0))
        box = QRectF(x - width, top - 21, width * 2, 18)
        write(painter, box, words, bold=True, align=CENTRE, filled=True)
