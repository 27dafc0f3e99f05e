"""The inspector at the right of a page: everything about the one selected record."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n import Locale
from desktop.views import icons, theme
from desktop.views.buttons import button, hairline, icon_button
from desktop.views.chips import Badge
from desktop.views.labels import ElidedLabel, label
from desktop.views.strips import Action

KEY_WIDTH = 84


class Inspector(QFrame):
    """Title + tag + close; `body` takes advice, key/values and sections; actions stay at the bottom."""

    closed = Signal()

    def __init__(self, locale: Locale, title: str, subtitle: str = "", *, grade: str = "") -> None:
        super().__init__()
        self.setObjectName("inspector")
        self.setAccessibleName(title)
        self._locale = locale
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._heading(title, subtitle, grade))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        inner = QWidget()
        self.body = QVBoxLayout(inner)
        self.body.setContentsMargins(20, 4, 20, 12)
        self.body.setSpacing(8)
        self.body.setAlignment(Qt.AlignmentFlag.AlignTop)
        scroll.setWidget(inner)
        outer.addWidget(scroll, 1)
        self._foot = QHBoxLayout()
        self._foot.setContentsMargins(20, 8, 20, 12)
        self._foot.setSpacing(8)
        outer.addLayout(self._foot)

    def _heading(self, title: str, subtitle: str, grade: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(20, 16, 12, 8)
        words = QVBoxLayout()
        words.setSpacing(4)
        name = label(title, "inspector", wrap=True, selectable=True)
        words.addWidget(name)
        if subtitle or grade:
            line = QHBoxLayout()
            line.setSpacing(6)
            if grade:
                line.addWidget(Badge(grade))
            line.addWidget(ElidedLabel(subtitle, "caption"), 1)
            words.addLayout(line)
        row.addLayout(words, 1)
        close = icon_button("close", self._locale._("Close the inspector (Esc)"), self.closed.emit)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def set_actions(self, primary: Action | None, others: Sequence[Action] = ()) -> None:
        """Pin one primary and a few secondary buttons to the bottom."""
        if primary:
            self._foot.addWidget(button(primary[0], primary[1], look="primary"))
        for text, act in others:
            self._foot.addWidget(button(text, act))
        self._foot.addStretch(1)

    def add(self, widget: QWidget) -> None:
        """Add a widget (an `Advice`, a chart) to the body."""
        self.body.addWidget(widget)

    def add_values(self, pairs: Sequence[tuple[str, str] | tuple[str, str, str]]) -> None:
        """Add key/value lines; a third member is a status that colours the value; empty values are left out."""
        grid = QGridLayout()
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(5)
        grid.setColumnMinimumWidth(0, KEY_WIDTH)
        grid.setColumnStretch(1, 1)
        for pair in pairs:
            key, value = pair[0], pair[1]
            if not value:
                continue
            row = grid.rowCount()
            caption = label(key, "caption", wrap=True)
            caption.setFixedWidth(KEY_WIDTH)
            caption.setContentsMargins(0, 1, 0, 0)
            grid.addWidget(caption, row, 0, Qt.AlignmentFlag.AlignTop)
            shown = label(value, pair[2] if len(pair) == 3 else "", wrap=True, selectable=True)
            grid.addWidget(shown, row, 1, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(grid)

    def add_section(self, title: str, note: str = "", action: Action | None = None) -> QVBoxLayout:
        """Begin a section under a hairline; return the column for its content."""
        self.body.addSpacing(4)
        self.body.addWidget(hairline())
        row = QHBoxLayout()
        row.setContentsMargins(0, 6, 0, 0)
        row.addWidget(label(title, "strong"))
        row.addStretch(1)
        if action:
            row.addWidget(button(action[0], action[1], look="link"))
        elif note:
            row.addWidget(label(note, "caption"))
        self.body.addLayout(row)
        column = QVBoxLayout()
        column.setSpacing(6)
        self.body.addLayout(column)
        return column


def scrolled(panel: QWidget) -> int:
    """Return how far a panel is scrolled down, in pixels."""
    area = panel.findChild(QScrollArea)
    return area.verticalScrollBar().value() if area is not None else 0


def scroll_to(panel: QWidget, pixels: int) -> None:
    """Scroll a panel down, as far as that goes."""
    area = panel.findChild(QScrollArea)
    if area is not None:
        area.verticalScrollBar().setValue(pixels)


class Line(QWidget):
    """One line of a section: date or shape at the left, words, a note at the right."""

    def __init__(
        self, words: str, *, left: str = "", right: str = "", icon: str = "", look: str = ""
    ) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        if icon:
            picture = QLabel()
            picture.setPixmap(icons.pixmap(icon, "accent_t", 15))
            picture.setFixedWidth(18)
            row.addWidget(picture)
        if left:
            when = label(left, "caption")
            when.setFixedWidth(44 if len(left) <= 5 else 74)
            row.addWidget(when)
        row.addWidget(ElidedLabel(words, look), 1)
        if right:
            row.addWidget(label(right, "caption"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(" ".join(part for part in (left, words, right) if part))


class TimelineItem(QWidget):
    """One event of the activity time line: icon on a tinted disc, words, note below, when at the right."""

    def __init__(self, icon: str, words: str, note: str = "", when: str = "") -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(10)
        disc = QLabel()
        disc.setFixedSize(26, 26)
        disc.setAlignment(Qt.AlignmentFlag.AlignCenter)
        disc.setStyleSheet(f"background: {theme.hex_of('accent_soft')}; border-radius: 13px;")
        disc.setPixmap(icons.pixmap(icon, "accent_t", 14))
        row.addWidget(disc, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addWidget(ElidedLabel(words))
        if note:
            column.addWidget(ElidedLabel(note, "caption"))
        row.addLayout(column, 1)
        if when:
            row.addWidget(label(when, "caption"), 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(" ".join(part for part in (when, words, note) if part))
