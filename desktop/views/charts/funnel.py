"""The funnel: height by what stands in a stage, the drop-off written on the joint, ages below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath

from desktop.i18n import Locale
from desktop.views import chips, theme
from desktop.views.charts.base import LEFT, Chart, Table, write


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """One stage: `value` sets the height, the rest is what is written.

    `caption` stands beside the name (an amount), `shown` in the bar. `drop` (−37.8%) and `lost`
    (lost 56) are written on the joint to the next stage; `worst` marks the joint where most is lost.
    `ages` are the open deals by age: young, middle, over the limit; `open_text` and `over_text` tell
    of them. `record` is emitted on a click.
    """

    name: str
    value: float
    shown: str
    caption: str = ""
    drop: str = ""
    lost: str = ""
    worst: bool = False
    ages: tuple[int, int, int] = (0, 0, 0)
    open_text: str = ""
    over_text: str = ""
    tip: str = ""
    record: Any = None


class FunnelChart(Chart):
    """See the module; about 230 px high, or 60 px less without ages."""

    def __init__(self, locale: Locale, name: str) -> None:
        super().__init__(locale, name)
        self._stages: Sequence[FunnelStage] = ()
        self._selected: Any = None
        self._summary = ("", "")

    def set_stages(self, stages: Sequence[FunnelStage], summary: tuple[str, str] = ("", "")) -> None:
        """Show these stages; `summary` (two lines) stands under the last one if it has no ages."""
        self._stages, self._summary = tuple(stages), summary
        self.refresh()

    def select(self, record: Any) -> None:
        """Show the stage of that record in the accent colour (None: no stage)."""
        self._selected = record
        self._canvas.update()

    def table(self) -> Table:
        _ = self.locale_._
        titles = [_("Stage"), _("Value"), _("Drop-off"), _("Lost"), _("Open deals")]
        rows = [[s.name, s.value, s.drop, s.lost, sum(s.ages)] for s in self._stages]
        return titles, rows

    def draw(self, painter: QPainter, box: QRectF) -> None:
        count = len(self._stages)
        if not count:
            return
        below = 44.0 if any(sum(stage.ages) for stage in self._stages) else 0.0
        body = box.adjusted(0, 26, 0, -below)
        top = max(stage.value for stage in self._stages) or 1
        pitch = box.width() / (count - 0.34) if count > 1 else box.width()
        width = pitch * 0.66
        middle = body.center().y()

        def height(value: float) -> float:
            return max(14.0, (body.height() - 4) * value / top)

        for number, stage in enumerate(self._stages):
            left = box.left() + number * pitch
            tall = height(stage.value)
            bar = QRectF(left, middle - tall / 2, width, tall)
            if number + 1 < count:
                following = height(self._stages[number + 1].value)
                self._joint(painter, bar, left + pitch, following, stage)
            self._stage(painter, bar, box, stage, pitch)
            if below:
                self._ages(
                    painter, QRectF(left, box.bottom() - 36, width, 8), stage, pitch, number == count - 1
                )
            self.mark(QRectF(left, box.top(), width, box.height()), stage.tip or stage.name, stage.record)

    def _stage(self, painter: QPainter, bar: QRectF, box: QRectF, stage: FunnelStage, pitch: float) -> None:
        chosen = self._selected is not None and stage.record == self._selected
        painter.fillRect(bar, theme.color("accent" if chosen else "fun"))
        big = bar.height() >= 34
        token = "on_accent" if chosen else "t1"
        write(painter, bar, stage.shown, token=token, px=20 if big else 13, bold=True)
        painter.setFont(theme.font(13, bold=True))
        room = pitch - 8
        width = min(painter.fontMetrics().horizontalAdvance(stage.name), room)
        name = QRectF(bar.left(), box.top(), width + 2, 18)
        write(painter, name, stage.name, px=13, bold=True, align=LEFT)
        if stage.caption and room - width > 30:
            caption = QRectF(bar.left() + width + 8, box.top(), room - width - 8, 18)
            write(painter, caption, stage.caption, token="t2", align=LEFT)

    def _joint(
        self, painter: QPainter, bar: QRectF, right: float, following: float, stage: FunnelStage
    ) -> None:
        left, y = bar.right(), bar.center().y()
        bend = (right - left) * 0.5
        path = QPainterPath(QPointF(left, bar.top()))
        path.cubicTo(
            QPointF(left + bend, bar.top()),
            QPointF(right - bend, y - following / 2),
            QPointF(right, y - following / 2),
        )
        path.lineTo(right, y + following / 2)
        path.cubicTo(
            QPointF(right - bend, y + following / 2),
            QPointF(left + bend, bar.bottom()),
            QPointF(left, bar.bottom()),
        )
        path.closeSubpath()
        painter.fillPath(path, theme.color("accent_soft"))
        box = QRectF(left, y - 19, right - left, 18)
        write(painter, box, stage.drop, token="red_t" if stage.worst else "t1", bold=True)
        write(painter, box.translated(0, 18), stage.lost, token="t2")

    def _ages(self, painter: QPainter, bar: QRectF, stage: FunnelStage, pitch: float, last: bool) -> None:
        total = sum(stage.ages)
        if not total:
            if last and self._summary[0]:
                words = QRectF(bar.left(), bar.top() - 4, max(bar.width(), pitch * 0.66), 18)
                write(painter, words, self._summary[0], token="t2", align=LEFT)
                write(painter, words.translated(0, 18), self._summary[1], bold=True, align=LEFT)
            return
        left = bar.left()
        for share, token in zip(stage.ages, ("c_soft", "accent_mid", "amber"), strict=True):
            width = bar.width() * share / total
            if width > 1:
                painter.fillRect(QRectF(left, bar.top(), width - 1, bar.height()), theme.color(token))
            left += width
        words = QRectF(bar.left(), bar.bottom() + 4, pitch - 10, 18)
        write(painter, words, stage.open_text, token="t2", align=LEFT)
        if stage.over_text:
            painter.setFont(theme.font(12))
            used = painter.fontMetrics().horizontalAdvance(stage.open_text) + 12
            at = QPointF(words.left() + used + 5, words.center().y())
            if words.width() - used > 40:
                chips.paint_shape(painter, "amber", at, 8)
                over = QRectF(at.x() + 8, words.top(), words.width() - used - 12, 18)
                write(painter, over, stage.over_text, token="amber_t", align=LEFT)
