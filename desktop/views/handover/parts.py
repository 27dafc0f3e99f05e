"""What is missing, part by part: a bar each, with the gap in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.queries.handover import DARK, KINDS, HandoverView
from desktop.views import theme
from desktop.views.labels import ElidedLabel, label

HEIGHT = 64
SHOWN = ("account", "opportunity", "quote", "receivable", "task", "activity")


@dataclass(frozen=True, slots=True)
class PartFigure:
    """One part: its words, how much of it is complete, and what is missing most."""

    key: str
    title: str
    total: int
    complete: int
    gap: str

    @property
    def status(self) -> str:
        """Return nothing where complete, amber, or red where less than half is complete."""
        if self.complete >= self.total:
            return ""
        return "amber" if self.complete * 2 >= self.total else "red"


def part_figures(view: HandoverView, locale: Locale) -> list[PartFigure]:
    """Return the parts that have items, with the most frequent gap of each in words."""
    _ = locale._
    found = []
    for part in view.parts:
        if part.kind not in SHOWN or not part.total:
            continue
        counts = {flag: sum(flag in item.dark for item in view.of(part.kind)) for flag in DARK}
        worst = max(counts, key=lambda flag: counts[flag])
        gap = (
            _("{n} × {gap}").format(n=locale.integer(counts[worst]), gap=_(DARK[worst]))
            if counts[worst]
            else _("complete")
        )
        found.append(PartFigure(part.kind, _(KINDS[part.kind]), part.total, part.complete, gap))
    return found


class _Bar(QWidget):
    def __init__(self, figure: PartFigure) -> None:
        super().__init__()
        self._figure = figure
        self.setFixedHeight(8)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(0, 2, self.width(), 4)
        painter.setBrush(theme.color("track"))
        painter.drawRoundedRect(track, 2, 2)
        share = self._figure.complete / self._figure.total
        painter.setBrush(theme.color(self._figure.status or "accent_mid"))
        if share:
            painter.drawRoundedRect(QRectF(0, 2, max(4.0, self.width() * share), 4), 2, 2)
        painter.end()


class PartTile(QWidget):
    """One part as name, count, bar and gap."""

    clicked = Signal(str)

    def __init__(self, figure: PartFigure, locale: Locale) -> None:
        super().__init__()
        self._key = figure.key
        count = f"{locale.integer(figure.complete)} / {locale.integer(figure.total)}"
        self.setAccessibleName(f"{figure.title} {count} {figure.gap}")
        self.setToolTip(f"{figure.title}: {count} · {figure.gap}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.addWidget(ElidedLabel(figure.title), 1)
        look = {"red": "red_strong", "amber": "amber_strong"}.get(figure.status, "strong")
        row.addWidget(label(count, look))
        column.addLayout(row)
        column.addWidget(_Bar(figure))
        small = {"red": "red_small", "amber": "amber_small"}.get(figure.status, "caption")
        column.addWidget(ElidedLabel(figure.gap, small))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit(self._key)


class PartStrip(QWidget):
    """All parts side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 4)
        self._row.setSpacing(28)

    def set(self, figures: Sequence[PartFigure], locale: Locale) -> None:
        """Show these parts instead."""
        while self._row.count():
            item = self._row.takeAt(0)
            if item and (widget := item.widget()):
                widget.deleteLater()
        for figure in figures:
            self._row.addWidget(PartTile(figure, locale), 1)
