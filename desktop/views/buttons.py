"""Buttons in the six looks there are: primary, secondary, tinted, flat, link and segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QWidget

from desktop.views import icons, theme

_ICON_TOKEN = {"primary": "on_accent", "tinted": "accent_t", "danger": "red_t", "flat": "t2", "": "t1"}


def button(
    text: str,
    clicked: Callable[[], object] | None = None,
    *,
    look: str = "",
    icon: str = "",
    small: bool = False,
    tip: str = "",
) -> QPushButton:
    """Return a button; `look` is "" (secondary), primary, tinted, danger, flat or link.

    An icon is set off from its word by a leading space, because Qt's own gap of 4 px is too tight.
    """
    made = QPushButton(f" {text}" if icon and text else text)
    made.setAccessibleName(text or tip)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if look:
        made.setProperty("role", look)
    if small:
        made.setProperty("small", "true")
    if icon:
        made.setIcon(icons.icon(icon, _ICON_TOKEN.get(look, "t2")))
        made.setIconSize(QSize(16, 16))
    if tip:
        made.setToolTip(tip)
    if clicked:
        made.clicked.connect(lambda _checked=False: clicked())
    return made


def icon_button(
    icon: str, tip: str, clicked: Callable[[], object] | None = None, size: int = 28
) -> QPushButton:
    """Return a square button with an icon only; `tip` is also its accessible name."""
    made = button("", clicked, look="flat", icon=icon, tip=tip)
    made.setFixedSize(size, size)
    made.setStyleSheet("padding: 0; min-height: 0;")
    return made


class Segments(QFrame):
    """A segmented control: one of a few choices, each a (key, text)."""

    chosen = Signal(str)

    def __init__(
        self, choices: Sequence[tuple[str, str]], current: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("segments")
        self.setFixedHeight(28)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[str, QPushButton] = {}
        for key, text in choices:
            made = button(text, look="segment")
            made.setCheckable(True)
            _room_when_bold(made)
            made.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            self._group.addButton(made)
            self._buttons[key] = made
            row.addWidget(made)
        self.set_current(current or (choices[0][0] if choices else ""))

    def set_current(self, key: str) -> None:
        """Check a choice without telling anybody."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)

    def current(self) -> str:
        """Return the key of the choice in force."""
        return next((key for key, made in self._buttons.items() if made.isChecked()), "")

    def set_text(self, key: str, text: str) -> None:
        """Change a choice's words (a count, say)."""
        self._buttons[key].setText(text)
        self._buttons[key].setAccessibleName(text)
        _room_when_bold(self._buttons[key])


def _room_when_bold(made: QPushButton) -> None:
    """The chosen segment is bold, which Qt's own size does not reckon with."""
    words = QFontMetrics(theme.font(12, bold=True)).horizontalAdvance(made.text())
    made.setMinimumWidth(words + 24)


def hairline(vertical: bool = False, *, strong: bool = False) -> QFrame:
    """Return a 1 px line, horizontal unless `vertical`."""
    line = QFrame()
    line.setObjectName("hairline2" if strong else "hairline")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line
