"""Empty pages teach: what this page will show, and the one button that gets there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.views import icons
from desktop.views.buttons import button
from desktop.views.labels import label
from desktop.views.strips import Action


class EmptyState(QWidget):
    """An icon, what will stand here, how it gets there, and one primary button (a second is secondary)."""

    def __init__(self, icon: str, title: str, text: str, actions: Sequence[Action] = ()) -> None:
        super().__init__()
        self.setAccessibleName(f"{title}. {text}")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 48)
        column.setSpacing(10)
        column.addStretch(1)
        picture = QLabel()
        picture.setPixmap(icons.pixmap(icon, "accent_mid", 44))
        column.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        heading = label(title, "empty_title")
        column.addWidget(heading, 0, Qt.AlignmentFlag.AlignHCenter)
        words = label(text, "secondary", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        words.setFixedWidth(460)
        words.ensurePolished()
        words.setMinimumHeight(words.heightForWidth(460))
        column.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        if actions:
            row = QHBoxLayout()
            row.setSpacing(10)
            row.addStretch(1)
            for i, (caption, act) in enumerate(actions):
                row.addWidget(button(caption, act, look="" if i else "primary"))
            row.addStretch(1)
            column.addSpacing(6)
            column.addLayout(row)
        column.addStretch(2)


def not_for_role(icon: str, locale: Locale, text: str) -> EmptyState:
    """Return what a page shows to somebody whose work it is not; `text` says whose it is."""
    return EmptyState(icon, locale._("Not for this role"), text)
