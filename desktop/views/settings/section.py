"""The base of a section of the Settings page, and the rows of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.views.buttons import hairline
from desktop.views.labels import label

if TYPE_CHECKING:
    from desktop.views.settings.page import SettingsPage


class Section(QWidget):
    """One section; `reload` asks the database again, `primary` is its main action, if it has one."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__()
        self.page = page
        self.ctx = page.ctx
        self._ = page.ctx.locale._
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)

    def reload(self) -> None:
        """Read what this section shows."""


def form_row(title: str, text: str, control: QWidget | None = None) -> QWidget:
    """Return a line as Windows' settings have it: title, explanation, control at the right, hairline below."""
    box = QWidget()
    outer = QVBoxLayout(box)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.setSpacing(0)
    row = QHBoxLayout()
    row.setContentsMargins(0, 12, 0, 12)
    row.setSpacing(24)
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(label(title, "strong"))
    if text:
        words.addWidget(label(text, "caption", wrap=True))
    row.addLayout(words, 1)
    if control is not None:
        row.addWidget(control, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    outer.addLayout(row)
    outer.addWidget(hairline())
    return box
