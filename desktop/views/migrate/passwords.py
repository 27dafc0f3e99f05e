"""A strip per protected file: type its password and it is read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.views.buttons import button
from desktop.views.chips import Shape
from desktop.views.labels import ElidedLabel, label


class PasswordStrips(QWidget):
    """The protected files of a migration, at most three at a time."""

    MOST = 3

    def __init__(self, locale: Locale, given: Callable[[str, str], object]) -> None:
        super().__init__()
        self._locale, self._given = locale, given
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 6)
        self._column.setSpacing(6)
        self.strips: list[PasswordStrip] = []
        self.setVisible(False)

    def show_files(self, files: Sequence[str], tried: frozenset[str]) -> None:
        """Ask for the passwords of these files; those `tried` had a wrong one."""
        for strip in self.strips:
            self._column.removeWidget(strip)
            strip.hide()
            strip.deleteLater()
        names = list(dict.fromkeys(files))[: self.MOST]
        self.strips = [PasswordStrip(self._locale, name, self._given, wrong=name in tried) for name in names]
        for strip in self.strips:
            self._column.addWidget(strip)
        self.setVisible(bool(self.strips))


class PasswordStrip(QFrame):
    """Shape, file, what is asked, a line for the password, a button."""

    def __init__(
        self, locale: Locale, file: str, given: Callable[[str, str], object], *, wrong: bool
    ) -> None:
        super().__init__()
        _ = locale._
        self.file, self._given = file, given
        self.setObjectName("strip_amber")
        self.setFixedHeight(40)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 8, 0)
        row.setSpacing(10)
        row.addWidget(Shape("amber"))
        row.addWidget(label(file, "amber_strong"))
        words = (
            _("This password does not open it; try another.") if wrong else _("is protected by a password.")
        )
        row.addWidget(ElidedLabel(words), 1)
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setPlaceholderText(_("Password"))
        self.edit.setAccessibleName(_("Password of {file}").format(file=file))
        self.edit.setFixedWidth(180)
        self.edit.returnPressed.connect(self._open)
        row.addWidget(self.edit)
        self.button = button(_("Open the file"), self._open, small=True)
        row.addWidget(self.button)
        self.setAccessibleName(f"{file} {words}")

    def _open(self) -> None:
        if self.edit.text():
            self._given(self.file, self.edit.text())
