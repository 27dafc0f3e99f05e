"""Plain columns: one value per label, with an optional state per column (a distribution, say)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.i18n import Locale
from desktop.views import theme
from desktop.views.charts.base import Chart, Table, rule, write


@dataclass(frozen=True, slots=True)
class Bar:
    """One column; `tone` is a token (accent, fun, c_soft, red, amber, green)."""

    label: str
    value: float
    shown: str = ""
    tone: str = "fun"
    tip: str = ""
    record: Any = None


class BarChart(Chart):
    """Columns with their value written above; no axis, because the values are there."""

    def __init__(self, locale: Locale, name: str, number: Callable[[float], str] | None = None) -> None:
        super().__init__(locale, name)
        self._bars: Sequence[Bar] = ()
        self._number = number or (lambda value: locale.decimal(value, 0))

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show these columns."""
        self._bars = tuple(bars)
        self.refresh()

    def table(self) -> Table:
        _ = self.locale_._
        return [_("Label"), _("Value")], [[bar.label, bar.value] for bar in self._bars]

    def draw(self, painter: QPainter, box: QRectF) -> None:
        if not self._bars:
            return
        top = max(bar.value for bar in self._bars) or 1
        plot = box.adjusted(0, 22, 0, -24)
        slot = plot.width() / len(self._bars)
        width = min(75.0, slot * 0.72)
        rule(painter, plot.left(), plot.right(), plot.bottom(), "line2")
        for number, bar in enumerate(self._bars):
            x = plot.left() + slot * (number + 0.5)
            tall = plot.height() * max(0.0, bar.value) / top
            area = QRectF(round(x - width / 2), plot.bottom() - tall, width, tall)
            painter.fillRect(area, theme.color(bar.tone))
            if bar.value:
                words = QRectF(x - slot / 2, area.top() - 19, slot, 18)
                write(painter, words, bar.shown or self._number(bar.value), bold=True)
            write(painter, QRectF(x - slot / 2 + 1, plot.bottom() + 5, slot - 2, 18), bar.label, token="t2")
            whole = QRectF(x - slot / 2, plot.top(), slot, plot.height() + 24)
            tip = bar.tip or f"{bar.label}: {bar.shown or self._number(bar.value)}"
            self.mark(whole, tip, bar.record)


@dataclass(frozen=True, slots=True)
class Rank:
    """One horizontal bar; `limit` paints a tick (in the bar's unit)."""

    label: str
    value: float
    shown: str = ""
    tone: str = "accent"
    limit: float | None = None
    tip: str = ""
    record: Any = None


class RankChart(Chart):
    """Horizontal bars, longest label at the left, value at the right; 26 px a line."""

    LINE = 26

    def __init__(self, locale: Locale, name: str) -> None:
        super().__init__(locale, name)
        self._ranks: Sequence[Rank] = ()

    def set_ranks(self, ranks: Sequence[Rank]) -> None:
        """Show these bars."""
        self._ranks = tuple(ranks)
        self.setMinimumHeight(len(self._ranks) * self.LINE + 4)
        self.refresh()

    def table(self) -> Table:
        _ = self.locale_._
        return [_("Label"), _("Value")], [[rank.label, rank.value] for rank in self._ranks]

    def draw(self, painter: QPainter, box: QRectF) -> None:
        from desktop.views.charts.base import LEFT, RIGHT, text_width

        if not self._ranks:
            return
        names = min(max(text_width(rank.label) for rank in self._ranks) + 12, box.width() * 0.4)
        values = max(text_width(rank.shown or f"{rank.value:g}", bold=True) for rank in self._ranks) + 10
        top = max(max(rank.value, rank.limit or 0) for rank in self._ranks) or 1
        track = max(20.0, box.width() - names - values)
        for number, rank in enumerate(self._ranks):
            y = box.top() + number * self.LINE
            write(painter, QRectF(box.left(), y, names - 8, self.LINE), rank.label, align=LEFT)
            bar = QRectF(box.left() + names, y + self.LINE / 2 - 4, track, 8)
            painter.fillRect(bar, theme.color("track"))
            bar.setWidth(track * max(0.0, rank.value) / top)
            painter.fillRect(bar, theme.color(rank.tone))
            if rank.limit:
                tick = QRectF(round(bar.left() + track * rank.limit / top), y + 5, 2, self.LINE - 10)
                painter.fillRect(tick, theme.color("t1"))
            value = QRectF(box.right() - values, y, values, self.LINE)
            write(painter, value, rank.shown or f"{rank.value:g}", bold=True, align=RIGHT)
            line = QRectF(box.left(), y, box.width(), self.LINE)
            self.mark(line, rank.tip or f"{rank.label}: {rank.shown or rank.value}", rank.record)
