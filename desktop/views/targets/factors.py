"""The three-factor panel: rhythm × process × calendar = target, four wells on one week axis (TGT-25)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from desktop.i18n import Locale
from desktop.queries.targets import WeekParts
from desktop.views import theme
from desktop.views.charts.base import LEFT, RIGHT, Chart, Table, rule, write

SIGN = 22.0
HEAD = 40.0
FOOT = 20.0
PAD = 12.0
NARROW = 620.0
"""Below this width the wells become rows: one line per week."""


@dataclass(frozen=True, slots=True)
class _Well:
    title: str
    note: str
    values: tuple[float, ...]
    shown: tuple[str, ...]
    tokens: tuple[str, ...]
    base: float = 0.0
    marks: tuple[float, ...] = ()
    final: bool = False


class FactorsChart(Chart):
    """See the module; money is shown by `number`."""

    def __init__(self, locale: Locale, name: str, number: Callable[[int], str]) -> None:
        super().__init__(locale, name)
        self._parts: Sequence[WeekParts] = ()
        self._number = number
        self._note = ""

    def set_parts(self, parts: Sequence[WeekParts], history: str) -> None:
        """Show what these weeks are made of; `history` says where the rhythm comes from."""
        self._parts, self._note = tuple(parts), history
        self.refresh()

    def table(self) -> Table:
        _ = self.locale_._
        titles = [_("Week"), _("Share of days"), _("Rhythm"), _("Process"), _("Calendar"), _("Target")]
        rows = [
            [part.week.number, part.exposure, part.rhythm, part.process, part.calendar, part.target]
            for part in self._parts
        ]
        return titles, rows

    def draw(self, painter: QPainter, box: QRectF) -> None:
        if not self._parts:
            return
        wells = self._wells()
        if box.width() < NARROW:
            self._draw_rows(painter, box, wells)
            return
        width = (box.width() - SIGN * (len(wells) - 1)) / len(wells)
        for number, well in enumerate(wells):
            area = QRectF(box.left() + number * (width + SIGN), box.top(), width, box.height() - 1)
            self._well(painter, area, well)
            if number + 1 < len(wells):
                sign = "=" if number + 2 == len(wells) else "×"
                beside = QRectF(area.right(), area.top(), SIGN, area.height())
                write(painter, beside, sign, token="t2", px=16)

    def _draw_rows(self, painter: QPainter, box: QRectF, wells: Sequence[_Well]) -> None:
        """Draw one line per week: rhythm × process × calendar = share, and the target."""
        _ = self.locale_._
        whole = sum(part.target for part in self._parts) or 1
        left, first = box.left(), 50.0
        column = (box.width() - first - 64) / 4
        head = QRectF(left, box.top(), box.width(), 26)
        titles = [*(well.title for well in wells[:3]), _("Share")]
        for number, title in enumerate(titles):
            at = QRectF(left + first + number * column, head.top(), column, 26)
            write(painter, at, title, token="t2", bold=True)
        last = QRectF(box.right() - 62, head.top(), 58, 26)
        write(painter, last, _("Target"), token="t2", bold=True, align=RIGHT)
        rule(painter, left, box.right(), head.bottom(), "line2")
        height = min(40.0, (box.height() - 30) / len(self._parts))
        for i, part in enumerate(self._parts):
            line = QRectF(left, head.bottom() + i * height, box.width(), height)
            week = _("W{n}").format(n=part.week.number)
            write(painter, QRectF(left + 4, line.top(), first, height), week, align=LEFT)
            for number, well in enumerate(wells[:3]):
                at = QRectF(left + first + number * column, line.top(), column, height)
                self._factor(painter, at, well, i)
                sign = "=" if number == 2 else "×"
                write(painter, QRectF(at.right() - 8, line.top(), 16, height), sign, token="t2")
            share = self.locale_.percent(part.target / whole, 0)
            at = QRectF(left + first + 3 * column, line.top(), column, height)
            write(painter, at, share, bold=True)
            at = QRectF(box.right() - 62, line.top(), 58, height)
            write(painter, at, self._number(part.target), bold=True, align=RIGHT)
            rule(painter, left, box.right(), line.bottom())
            self.mark(line, "\n".join(self._tip(i, well) for well in wells[:1]))

    def _factor(self, painter: QPainter, at: QRectF, well: _Well, i: int) -> None:
        """Draw a factor as its number over its distance from the week's days, or from 1.00."""
        base = well.marks[i] if well.marks else well.base
        lowered = well.tokens[i] == "amber"
        words = QRectF(at.left(), at.center().y() - 17, at.width(), 18)
        write(painter, words, well.shown[i], token="amber_t" if lowered else "t1", bold=lowered)
        y, half = round(at.center().y()) + 7, at.width() / 2 - 16
        rule(painter, at.center().x() - half, at.center().x() + half, y)
        reach = max(-1.0, min(1.0, (well.values[i] / base - 1.0) if base else 0.0)) * half
        token = "amber" if lowered else "accent" if reach > 0 else "c_base"
        painter.fillRect(QRectF(at.center().x() + min(0.0, reach), y - 1, abs(reach), 3), theme.color(token))
        painter.fillRect(QRectF(round(at.center().x()), y - 3, 1, 7), theme.color("c_base"))

    def _wells(self) -> list[_Well]:
        _, percent = self.locale_._, self.locale_.percent
        parts = self._parts

        def factors(values: tuple[float, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
            words = tuple(self.locale_.decimal(value, 2) for value in values)
            tokens = tuple("amber" if value < 0.995 else "accent_mid" for value in values)
            return words, tokens

        rhythm = tuple(part.rhythm for part in parts)
        process, calendar = tuple(part.process for part in parts), tuple(part.calendar for part in parts)
        lowered = any(value < 0.995 for value in calendar)
        return [
            _Well(
                _("Rhythm"),
                self._note,
                rhythm,
                tuple(percent(value, 0) for value in rhythm),
                ("fun",) * len(parts),
                marks=tuple(part.exposure for part in parts),
            ),
            _Well(_("Process"), _("no process data: 1.00"), process, *factors(process), base=1.0),
            _Well(
                _("Calendar"),
                _("own events of the weeks") if lowered else _("no own event with a factor"),
                calendar,
                *factors(calendar),
                base=1.0,
            ),
            _Well(
                _("Weekly target"),
                _("adds up to the month to the cent"),
                tuple(float(part.target) for part in parts),
                tuple(self._number(part.target) for part in parts),
                ("accent",) * len(parts),
                final=True,
            ),
        ]

    def _well(self, painter: QPainter, area: QRectF, well: _Well) -> None:
        painter.setPen(QPen(theme.color("accent_line" if well.final else "line"), 1))
        painter.setBrush(theme.color("sub"))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        inner = area.adjusted(PAD, 0, -PAD, 0)
        title = QRectF(inner.left(), area.top() + 6, inner.width(), 18)
        write(painter, title, well.title, px=13, bold=True, align=LEFT)
        write(painter, title.translated(0, 17), well.note, token="t3", align=LEFT)
        plot = QRectF(
            inner.left(), area.top() + HEAD + 18, inner.width(), area.height() - HEAD - 18 - FOOT - 6
        )
        top = max((*well.values, *well.marks, well.base * 1.15)) or 1.0
        slot = plot.width() / len(well.values)
        wide = min(56.0, slot * 0.66)
        for number, value in enumerate(well.values):
            x = plot.left() + slot * (number + 0.5)
            tall = plot.height() * max(0.0, value) / top
            bar = QRectF(round(x - wide / 2), plot.bottom() - tall, wide, tall)
            painter.fillRect(bar, theme.color(well.tokens[number]))
            token = "amber_t" if well.tokens[number] == "amber" else "t1"
            words = QRectF(x - slot / 2 - 3, bar.top() - 18, slot + 6, 17)
            write(painter, words, well.shown[number], token=token, bold=well.final or token != "t1")
            if well.marks:
                self._tick(painter, x, slot, plot.bottom() - plot.height() * well.marks[number] / top)
            label = self.locale_._("W{n}").format(n=self._parts[number].week.number)
            write(painter, QRectF(x - slot / 2, plot.bottom() + 4, slot, FOOT - 4), label, token="t2")
            self.mark(
                QRectF(x - slot / 2, plot.top() - 18, slot, plot.height() + 34), self._tip(number, well)
            )
        rule(painter, plot.left(), plot.right(), plot.bottom(), "line2")

    def _tick(self, painter: QPainter, x: float, slot: float, y: float) -> None:
        pen = QPen(theme.color("c_base"), 1, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.drawLine(QPointF(x - slot * 0.42, round(y) + 0.5), QPointF(x + slot * 0.42, round(y) + 0.5))
        painter.setPen(Qt.PenStyle.NoPen)

    def _tip(self, number: int, well: _Well) -> str:
        part, _ = self._parts[number], self.locale_._
        lines = [
            _("Week {n}, {from_} to {to}").format(
                n=part.week.number, from_=f"{part.week.starts:%m-%d}", to=f"{part.week.ends:%m-%d}"
            ),
            f"{well.title} {well.shown[number]}",
        ]
        if well.marks:
            share = self.locale_.percent(part.exposure, 0)
            lines.append(_("its share of the month's days: {share}").format(share=share))
        return "\n".join(lines)
