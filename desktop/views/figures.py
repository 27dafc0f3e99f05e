"""The strip of figures under a page's title: caption, value and unit, and why it matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.views import theme
from desktop.views.buttons import hairline
from desktop.views.chips import Shape
from desktop.views.labels import ElidedLabel, label

if TYPE_CHECKING:
    from desktop.i18n import Locale
    from desktop.queries.metrics.dictionary import MetricDefinition
    from desktop.queries.metrics.engine import Figures

HEIGHT = 84
LEAST_WIDTH = 128


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; texts are already translated.

    `metric` is its key in the metric dictionary, whose definition is shown on hover (RPT-01); `told` is the answer it
    was taken from, none where no formula says it. `status` puts a shape before the caption, `delta_status` colours
    the sentence, `series` draws a sparkline, `clicked` goes to the records behind it.
    """

    metric: str
    caption: str
    value: str
    unit: str = ""
    delta: str = ""
    status: str = ""
    delta_status: str = ""
    series: tuple[float, ...] = ()
    clicked: Callable[[], object] | None = None
    told: Figures | None = None


class Sparkline(QWidget):
    """A line of 84 × 20 without axes; the last point is dotted."""

    def __init__(self, series: Sequence[float]) -> None:
        super().__init__()
        self._series = list(series)
        self.setFixedSize(84, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        if len(self._series) < 2:
            return
        low, high = min(self._series), max(self._series)
        span = (high - low) or 1.0
        step = (self.width() - 8) / (len(self._series) - 1)
        points = [
            QPointF(2 + i * step, self.height() - 4 - (value - low) / span * (self.height() - 8))
            for i, value in enumerate(self._series)
        ]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("accent_mid"), 1.4))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawEllipse(points[-1], 2.6, 2.6)
        painter.end()


class FigureTile(QWidget):
    """One figure of the strip; a click (or Enter) goes to its records."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self._figure = figure
        self._meaning = self._as_of = ""
        spoken = f"{figure.caption}: {figure.value} {figure.unit}. {figure.delta}"
        self.setAccessibleName(spoken.strip())
        if figure.clicked:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(0)
        column.addLayout(self._caption(figure))
        column.addLayout(self._value(figure))
        look = {"red": "red_small", "amber": "amber_small", "green": "green_small"}
        column.addWidget(ElidedLabel(figure.delta, look.get(figure.delta_status, "caption")))

    def set_as_of(self, words: str) -> None:
        """Say on hover, below the definition, which moment the figure shows."""
        self._as_of = words
        self.setAccessibleDescription(words)
        self._set_tip()

    def set_meaning(self, item: MetricDefinition, locale: Locale) -> None:
        """Say on hover what the metric dictionary says of the figure, with its version (RPT-01)."""
        self._meaning = f"{item.definition(locale)} · {locale._('version {n}').format(n=item.number)}"
        self._set_tip()

    def _set_tip(self) -> None:
        self.setToolTip("\n".join(part for part in (self._meaning, self._as_of) if part))

    def _caption(self, figure: Figure) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(5)
        if figure.status:
            row.addWidget(Shape(figure.status))
        row.addWidget(ElidedLabel(figure.caption, "caption"), 1)
        return row

    def _value(self, figure: Figure) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(5)
        row.addWidget(label(figure.value, "figure"), 0, Qt.AlignmentFlag.AlignBottom)
        if figure.unit:
            unit = label(figure.unit, "unit")
            unit.setContentsMargins(0, 0, 0, 5)
            row.addWidget(unit, 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        if figure.series:
            row.addWidget(Sparkline(figure.series), 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._figure.clicked and event.button() == Qt.MouseButton.LeftButton:
            self._figure.clicked()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._figure.clicked and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._figure.clicked()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
            painter.end()


class FigureStrip(QWidget):
    """Three to five figures side by side, divided by hairlines; `set` replaces them."""

    def __init__(self, locale: Locale) -> None:
        super().__init__()
        self._locale = locale
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 4, 0, 8)
        self._row.setSpacing(0)
        self.figures: tuple[Figure, ...] = ()
        self._as_of = ""
        self._tiles: list[FigureTile] = []
        self._parts: list[QWidget] = []

    def set(self, figures: Sequence[Figure]) -> None:
        """Show these figures instead."""
        self.figures = tuple(figures)
        while self._row.count():
            item = self._row.takeAt(0)
            if item and (widget := item.widget()):
                widget.deleteLater()
        self._parts, self._tiles = [], []
        for i, figure in enumerate(figures):
            part = QWidget()
            row = QHBoxLayout(part)
            row.setContentsMargins(0, 0, 12 if i < len(figures) - 1 else 0, 0)
            row.setSpacing(18)
            if i:
                line = hairline(vertical=True)
                line.setFixedHeight(64)
                row.addWidget(line)
            tile = FigureTile(figure)
            tile.set_as_of(self._as_of)
            if figure.told:
                tile.set_meaning(figure.told.definition(figure.metric), self._locale)
            self._tiles.append(tile)
            row.addWidget(tile, 1)
            self._row.addWidget(part, 1)
            self._parts.append(part)
        self._fit()

    def define(self, definitions: Iterable[MetricDefinition]) -> None:
        """Say of the figures that no formula computes what the dictionary says of them."""
        known = {item.key: item for item in definitions}
        for figure, tile in zip(self.figures, self._tiles, strict=True):
            if figure.metric in known and not figure.told:
                tile.set_meaning(known[figure.metric], self._locale)

    def set_as_of(self, words: str) -> None:
        """Say of every figure which moment it shows."""
        self._as_of = words
        for tile in self._tiles:
            tile.set_as_of(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out the last figures where each would have too little room to be read."""
        shown = max(1, self.width() // LEAST_WIDTH)
        for number, part in enumerate(self._parts):
            part.setVisible(number < shown)
