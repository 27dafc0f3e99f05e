"""Figures of a table as bars, lines or a heat map: the chart of an own analysis (RPT-02, RPT-13)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.i18n import Locale
from desktop.views import theme
from desktop.views.charts.base import LEFT, RIGHT, Chart, Table, rule, text_width, ticks, write

TONES = ("accent", "amber", "c_base", "green", "accent_mid", "red", "grey", "fun")
"""The colours of series, in order; they differ in lightness, too."""
MOST_MARKS = 60
"""As many as a table has whose chart is drawn, here and in its workbook."""
LEGEND = 22


@dataclass(frozen=True, slots=True)
class GridSeries:
    """One row of marks: its name, a number (or None) for every label; a `line` goes over the bars of others."""

    name: str
    values: tuple[float | None, ...]
    line: bool = False


class GridChart(Chart):
    """Bars, lines or a heat map over the same labels; `kind` is bar, line or heat."""

    def __init__(self, locale: Locale, name: str, number: Callable[[float], str] | None = None) -> None:
        super().__init__(locale, name)
        self._labels: tuple[str, ...] = ()
        self._records: tuple[Any, ...] = ()
        self._series: tuple[GridSeries, ...] = ()
        self._kind = "bar"
        self.number = number or (lambda value: locale.decimal(value, 0))

    def set_data(
        self, kind: str, labels: Sequence[str], series: Sequence[GridSeries], records: Sequence[Any] = ()
    ) -> None:
        """Show these figures; a mark's record is that of its label."""
        self._kind = kind
        most = len(labels) if kind == "heat" else MOST_MARKS
        self._labels = tuple(labels)[:most]
        self._records = tuple(records)[:most] or (None,) * len(self._labels)
        self._series = tuple(series)[: len(series) if kind == "heat" else len(TONES)]
        self.refresh()

    def table(self) -> Table:
        heads = [self.locale_._("Label"), *(each.name for each in self._series)]
        return heads, [
            [label, *(each.values[at] for each in self._series)] for at, label in enumerate(self._labels)
        ]

    def draw(self, painter: QPainter, box: QRectF) -> None:
        if not self._labels or not self._series:
            return
        if self._kind == "heat":
            self._heat(painter, box)
            return
        values = [
            value for each in self._series for value in each.values[: len(self._labels)] if value is not None
        ]
        top, bottom = max([*values, 0.0]) or 1.0, min([*values, 0.0])
        numbers = {tick: self.number(tick) for tick in ticks(top)}
        wide = max(text_width(number, 11) for number in numbers.values())
        several = len(self._series) > 1
        plot = box.adjusted(wide + 8, LEGEND if several else 8, -8, -26)
        if several:
            self._legend(painter, box, plot.left())
        scale = plot.height() / ((top - bottom) * 1.06 or 1.0)
        zero = plot.bottom() + bottom * scale
        for tick, number in numbers.items():
            y = zero - tick * scale
            rule(painter, plot.left(), plot.right(), y, "line2" if not tick else "line")
            write(painter, QRectF(box.left(), y - 9, wide + 1, 18), number, token="t3", px=11, align=RIGHT)
        self._bars(painter, plot, zero, scale)
        self._lines(painter, plot, zero, scale)
        self._names(painter, plot)

    def _legend(self, painter: QPainter, box: QRectF, x: float) -> None:
        for tone, each in zip(TONES, self._series, strict=False):
            wide = text_width(each.name, 11) + 26
            if x + wide > box.right():
                break
            painter.fillRect(QRectF(x, box.top() + 6, 10, 10), theme.color(tone))
            write(painter, QRectF(x + 15, box.top() + 2, wide, 18), each.name, token="t2", px=11, align=LEFT)
            x += wide

    def _names(self, painter: QPainter, plot: QRectF) -> None:
        slot = plot.width() / len(self._labels)
        widest = max(text_width(label, 11) for label in self._labels)
        every = max(1, round(min(widest + 8, 90) / slot + 0.49))
        for at, label in enumerate(self._labels):
            if at % every == 0:
                place = QRectF(plot.left() + slot * at + 1, plot.bottom() + 5, slot * every - 2, 18)
                write(
                    painter,
                    place,
                    label,
                    token="t2",
                    px=11,
                    align=LEFT if every > 1 else Qt.AlignmentFlag.AlignCenter,
                )

    def _tip(self, at: int, each: GridSeries) -> str:
        value = each.values[at]
        shown = "—" if value is None else self.number(value)
        return f"{self._labels[at]} · {each.name}: {shown}"

    def _is_line(self, each: GridSeries) -> bool:
        return each.line or self._kind == "line"

    def _bars(self, painter: QPainter, plot: QRectF, zero: float, scale: float) -> None:
        slot = plot.width() / len(self._labels)
        bars = [pair for pair in zip(TONES, self._series, strict=False) if not self._is_line(pair[1])]
        width = min(46.0, slot * 0.76 / max(len(bars), 1))
        for number, (tone, each) in enumerate(bars):
            for at in range(len(self._labels)):
                value = each.values[at] or 0.0
                x = plot.left() + slot * (at + 0.5) + (number - len(bars) / 2) * width
                tall = value * scale
                area = QRectF(x, zero - max(tall, 0.0), max(width - 1, 1.0), max(abs(tall), 0.5))
                painter.fillRect(area, theme.color(tone))
                whole = QRectF(x, plot.top(), max(width, 2.0), plot.height())
                self.mark(whole, self._tip(at, each), self._records[at])

    def _lines(self, painter: QPainter, plot: QRectF, zero: float, scale: float) -> None:
        slot = plot.width() / len(self._labels)
        for tone, each in zip(TONES, self._series, strict=False):
            if not self._is_line(each):
                continue
            painter.setPen(QPen(theme.color(tone), 2))
            before: QPointF | None = None
            for at in range(len(self._labels)):
                value = each.values[at]
                if value is None:
                    before = None
                    continue
                point = QPointF(plot.left() + slot * (at + 0.5), zero - value * scale)
                if before is not None:
                    painter.drawLine(before, point)
                painter.setBrush(theme.color(tone))
                painter.drawEllipse(point, 2.5, 2.5)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                self.mark(
                    QRectF(point.x() - 7, point.y() - 7, 14, 14), self._tip(at, each), self._records[at]
                )
                before = point

    def _heat(self, painter: QPainter, box: QRectF) -> None:
        left = 8.0 + max(text_width(label, 11) for label in self._labels)
        left = min(left, box.width() * 0.3)
        wide = (box.width() - left) / len(self._series)
        tall = min(34.0, (box.height() - 22) / len(self._labels))
        top = max([value for each in self._series for value in each.values if value], default=1.0)
        every = max(1, round((max(text_width(each.name, 11) for each in self._series) + 4) / wide + 0.49))
        for column, each in enumerate(self._series):
            if column % every == 0:
                place = QRectF(box.left() + left + wide * column, box.top(), wide * every, 18)
                write(painter, place, each.name, token="t3", px=11)
        for row, label in enumerate(self._labels):
            y = box.top() + 20 + tall * row
            write(painter, QRectF(box.left(), y, left - 8, tall), label, token="t2", px=11, align=RIGHT)
            for column, each in enumerate(self._series):
                value = each.values[row] or 0.0
                area = QRectF(
                    box.left() + left + wide * column + 1, y + 1, max(wide - 2, 1.0), max(tall - 2, 1.0)
                )
                painter.fillRect(area, shade(value / top))
                if value and wide >= 24 and tall >= 16:
                    dark = value / top > 0.55
                    write(painter, area, self.number(value), token="on_accent" if dark else "t2", px=11)
                self.mark(area, self._tip(row, each), self._records[row])


def shade(share: float) -> QColor:
    """Return the colour of a heat map's cell, from the ground (0) to the accent (1)."""
    ground, full = theme.color("track"), theme.color("accent")
    part = max(0.0, min(1.0, share)) ** 0.8
    if not part:
        return QColor(theme.color("grey_soft"))
    mixed = (
        round(one + (two - one) * part)
        for one, two in zip(ground.getRgb()[:3], full.getRgb()[:3], strict=True)  # type: ignore[index]
    )
    return QColor(*mixed)
