"""The command palette (Ctrl+K): pages, actions, customers, people and deals in one list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from desktop.queries.search import Hit, search_hits
from desktop.views import icons, theme
from desktop.views.cells import draw_text
from desktop.views.context import AppContext

WIDTH = 560
_ICONS = {"account": "customers", "person": "person", "opportunity": "pipeline"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette."""

    icon: str
    text: str
    note: str
    act: Callable[[], object]


class _Line(QWidget):
    def __init__(self, palette: Palette, number: int, entry: Entry) -> None:
        super().__init__()
        self._palette, self._number, self._entry = palette, number, entry
        self.setFixedHeight(34)
        self.setMouseTracking(True)
        self.setAccessibleName(f"{entry.text} {entry.note}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._number == self._palette.current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("sel"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(6, 1, -6, -1), 6, 6)
        painter.drawPixmap(18, 9, icons.pixmap(self._entry.icon, "t2", 16))
        draw_text(painter, QRectF(46, 0, self.width() - 200, self.height()), self._entry.text)
        note = QRectF(self.width() - 150, 0, 134, self.height())
        draw_text(painter, note, self._entry.note, token="t3", px=12, align=Qt.AlignmentFlag.AlignRight)
        painter.end()

    def enterEvent(self, event: object) -> None:
        self._palette.set_current(self._number)

    def mousePressEvent(self, event: object) -> None:
        self._palette.run(self._number)


class Palette(QFrame):
    """Opens under the search field; arrows and Enter, Esc closes."""

    def __init__(self, ctx: AppContext, host: QWidget, commands: Callable[[], list[Entry]]) -> None:
        super().__init__(host)
        self.setObjectName("popup")
        self._ctx, self._host, self._commands = ctx, host, commands
        self.current = 0
        self.entries: list[Entry] = []
        self._hits: list[Hit] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(4)
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(ctx.locale._("Search pages, customers, people, actions"))
        self.edit.setAccessibleName(ctx.locale._("Search"))
        self.edit.setStyleSheet("border: 0; font-size: 14px; background: transparent; padding: 0 18px;")
        self.edit.setFixedHeight(36)
        self.edit.textChanged.connect(self._typed)
        self.edit.installEventFilter(self)
        column.addWidget(self.edit)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(self._area, 1)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(150)
        self._wait.timeout.connect(self.search)
        self.hide()

    def open(self) -> None:
        """Show the palette, empty."""
        width = min(WIDTH, self._host.width() - 40)
        self.setGeometry((self._host.width() - width) // 2, 44, width, min(430, self._host.height() - 90))
        self.edit.clear()
        self._hits = []
        self._fill()
        self.show()
        self.raise_()
        self.edit.setFocus()

    def _typed(self, _text: str) -> None:
        self._fill()
        self._wait.start()

    def search(self) -> None:
        """Ask the database for what was typed."""
        self._wait.stop()
        text = self.edit.text().strip()
        if text:
            self._ctx.tasks.read(self, lambda work: search_hits(work, text), self._found, key="palette")

    def _found(self, hits: list[Hit]) -> None:
        self._hits = hits
        self._fill()

    def _fill(self) -> None:
        text = self.edit.text().strip().casefold()
        found = [entry for entry in self._commands() if text in entry.text.casefold()]
        if text:
            found += [self._entry(hit) for hit in self._hits]
        self.entries = found[:40]
        self.current = 0
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for number, entry in enumerate(self.entries):
            column.addWidget(_Line(self, number, entry))
        column.addStretch(1)
        self._area.setWidget(box)

    def _entry(self, hit: Hit) -> Entry:
        go = {
            "account": lambda: self._ctx.navigate("customers", account_id=hit.id),
            "person": lambda: self._ctx.navigate("customers", owner=hit.name),
            "opportunity": lambda: self._ctx.navigate("pipeline", opportunity_id=hit.id),
        }
        return Entry(_ICONS[hit.kind], hit.name, hit.note, go[hit.kind])

    def set_current(self, number: int) -> None:
        """Mark a line."""
        self.current = max(0, min(number, len(self.entries) - 1))
        if (box := self._area.widget()) is not None:
            for line in box.findChildren(_Line):
                line.update()
            self._area.ensureVisible(0, self.current * 34 + 17, 0, 20)

    def run(self, number: int) -> None:
        """Do what a line says."""
        if 0 <= number < len(self.entries):
            entry = self.entries[number]
            self.hide()
            entry.act()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key == Qt.Key.Key_Down:
                self.set_current(self.current + 1)
            elif key == Qt.Key.Key_Up:
                self.set_current(self.current - 1)
            elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.run(self.current)
            elif key == Qt.Key.Key_Escape:
                self.hide()
            else:
                return super().eventFilter(watched, event)
            return True
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.hide()
        return super().eventFilter(watched, event)
