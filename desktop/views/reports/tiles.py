"""One tile of a dashboard: a figure, a chart or a short table, with its definition and as-of (RPT-04)."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.errors import UserError
from desktop.i18n import Locale
from desktop.queries.dashboards import Tile
from desktop.queries.metrics.dimensions import DIMENSIONS
from desktop.queries.metrics.pivot import Pivot
from desktop.views.buttons import icon_button
from desktop.views.charts.grid import GridChart
from desktop.views.labels import ElidedLabel, label
from desktop.views.page import clear_layout
from desktop.views.reports.drawing import draw, name_of, sayer, short

MOST_LINES, MOST_FIGURES = 6, 3
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
FIGURE_ROWS, CHART_ROWS = 1, 2
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}
_WIDER = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


class TileCard(QFrame):
    """A tile; Enter shows its records, Ctrl with arrows moves it, + and - change its width, Delete takes it off."""

    drilled = Signal(object)
    """A row's number, or None for the whole tile."""
    asked = Signal(QPoint)
    """The tile's menu, there."""
    moved = Signal(int)
    widened = Signal(int)
    removed = Signal()
    dragged = Signal(QPoint)
    dropped = Signal()

    def __init__(self, tile: Tile, locale: Locale, *, mine: bool) -> None:
        super().__init__()
        self.tile = tile
        self.answer: Pivot | UserError | None = None
        self._locale, self._mine = locale, mine
        self._grip: QPoint | None = None
        self._dragging = False
        self.setObjectName("tile")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 8, 8)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(4)
        self._title = ElidedLabel(tile.name, "strong")
        more = icon_button("more", locale._("More"), self._ask, 24)
        more.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        head.addWidget(self._title, 1)
        head.addWidget(more)
        column.addLayout(head)
        self._content = QVBoxLayout()
        self._content.setContentsMargins(0, 0, 6, 0)
        self._content.setSpacing(4)
        column.addLayout(self._content, 1)
        self._foot = ElidedLabel("", "explain")
        column.addWidget(self._foot)
        self._more = more

    @property
    def title(self) -> str:
        """The name that the tile shows."""
        return self._title.text()

    @property
    def rows(self) -> int:
        """How many rows of the grid it takes."""
        return FIGURE_ROWS if self.tile.is_figure else CHART_ROWS

    def show_answer(self, found: Pivot | UserError) -> None:
        """Show what was computed, or why it could not be."""
        self.answer = found
        locale = self._locale
        clear_layout(self._content)
        if isinstance(found, UserError):
            self._title.setText(self.tile.name or self.tile.question.metrics[0])
            words = label(f"{found.text(locale)} {found.remedy_text(locale)}", "secondary", wrap=True)
            self._content.addWidget(words, 1)
            self._foot.setText("")
            return
        definition = found.figures.definitions[0]
        self._title.setText(self.tile.name or _title(found, locale))
        as_of = locale._("As of {day}").format(day=locale.day(found.as_of))
        version = locale._("version {n}").format(n=definition.number)
        self._foot.setText(f"{as_of} · {definition.definition(locale)}")
        period = found.figures.question.period.text
        self.setToolTip(f"{definition.definition(locale)}\n{period} · {as_of} · {version}")
        self._fill(found)
        self.setAccessibleName(f"{self.title}. {self._foot.text()}")

    def _fill(self, found: Pivot) -> None:
        locale = self._locale
        if self.tile.is_figure:
            key = found.figures.question.metrics[0]
            value = found.value(key, None, None)
            kind = found.figures.definition(key).kind
            self._content.addStretch(1)
            self._content.addWidget(label(short(value, kind, locale), "figure"))
            self._content.addStretch(1)
            return
        chart = GridChart(locale, self.title)
        if draw(chart, found):
            chart.clicked.connect(self.drilled.emit)
            self._content.addWidget(chart, 1)
            return
        chart.deleteLater()
        if found.rows:
            self._content.addWidget(_lines(found, locale))
        else:
            self._content.addWidget(label(locale._("Nothing in this period."), "secondary"))
        self._content.addStretch(1)

    # mouse and keyboard

    def _ask(self) -> None:
        self.asked.emit(self._more.mapToGlobal(QPoint(0, self._more.height())))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.asked.emit(event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None or not self._mine:
            return
        way = event.position().toPoint() - self._grip
        if self._dragging or way.manhattanLength() > 8:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.raise_()
            self.move(self.pos() + way)
            self.dragged.emit(self.geometry().center())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self.unsetCursor()
            self.dropped.emit()
        elif self._grip is not None:
            self.drilled.emit(None)
        self._grip, self._dragging = None, False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.drilled.emit(None)
        elif key in (Qt.Key.Key_Menu, Qt.Key.Key_F10):
            self._ask()
        elif self._mine and control and key in _STEPS:
            self.moved.emit(_STEPS[key])
        elif self._mine and key in _WIDER:
            self.widened.emit(_WIDER[key])
        elif self._mine and key == Qt.Key.Key_Delete:
            self.removed.emit()
        else:
            super().keyPressEvent(event)


def _title(found: Pivot, locale: Locale) -> str:
    """Return what a tile without a name is called: its figure, and what it is split by."""
    by = [locale._(DIMENSIONS[key].label) for key in found.shape.by]
    return " · ".join([found.figures.definitions[0].label(locale), *by])


def _lines(found: Pivot, locale: Locale) -> QWidget:
    """Return the first rows of a table: names at the left, figures in columns at the right."""
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 1)
    block, say = found.block("figures", ""), sayer(found, locale)
    shown = block.fields[: MOST_FIGURES + 1]
    for at, field in enumerate(shown[1:], 1):
        grid.addWidget(label(say(field.title), "explain"), 0, at, RIGHT)
    for number, row in enumerate(block.rows[:MOST_LINES], 1):
        grid.addWidget(ElidedLabel(name_of(row[0], locale)), number, 0)
        for at, field in enumerate(shown[1:], 1):
            grid.addWidget(label(short(row[at], field.kind, locale)), number, at, RIGHT)
    return made


def placeholder(parent: QWidget) -> QFrame:
    """Return what marks where a dragged tile will stand."""
    made = QFrame(parent)
    made.setObjectName("tile_place")
    made.hide()
    return made
