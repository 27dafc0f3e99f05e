"""The mending line of the review: what is wrong with the current cell, and one fix for it or for many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout

from desktop.i18n import N_, Locale
from desktop.views import theme
from desktop.views.buttons import button
from desktop.views.chips import Shape
from desktop.views.labels import ElidedLabel, label

SCOPES = {
    "cell": N_("This cell"),
    "value": N_("{n} cells with this value"),
    "kind": N_("{n} cells with this problem"),
    "selection": N_("{n} selected cells"),
}
ACTIONS = {
    "replace": N_("Replace with"),
    "blank": N_("Leave empty"),
    "skip": N_("Skip the row"),
    "keep": N_("Take the row in"),
}


class FixBar(QFrame):
    """A well of two lines; `applied(scope, action, text)` says what is wanted."""

    applied = Signal(str, str, str)

    def __init__(self, locale: Locale) -> None:
        super().__init__()
        self._locale = locale
        _ = locale._
        self.setObjectName("well")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 6)
        column.setSpacing(4)
        told = QHBoxLayout()
        told.setSpacing(8)
        self.shape = Shape("")
        self.shape.setVisible(False)
        self.where = label("", "strong")
        self.words = ElidedLabel("")
        told.addWidget(self.shape)
        told.addWidget(self.where)
        told.addWidget(self.words, 1)
        column.addLayout(told)
        line = QHBoxLayout()
        line.setSpacing(8)
        self.scope = QComboBox()
        self.scope.setAccessibleName(_("Which cells"))
        self.scope.setMinimumWidth(180)
        self.action = QComboBox()
        self.action.setAccessibleName(_("What to do"))
        self.action.setMinimumWidth(130)
        for key, words in ACTIONS.items():
            self.action.addItem(_(words), key)
        self.action.currentIndexChanged.connect(lambda _at: self._show_text())
        self.text = QLineEdit()
        self.text.setPlaceholderText(_("New value"))
        self.text.setAccessibleName(_("New value"))
        self.text.returnPressed.connect(self._apply)
        self.button = button(_("Apply"), self._apply, look="tinted", small=True)
        self.undo: QPushButton | None = None
        for widget in (self.scope, self.action):
            line.addWidget(widget)
        line.addWidget(self.text, 1)
        line.addWidget(self.button)
        column.addLayout(line)
        self._line = line
        self.show_cell("", "", "", ())

    def add_history(self, undo: Callable[[], object], redo: Callable[[], object]) -> None:
        """Add the buttons that take fixes back and bring them again."""
        _ = self._locale._
        self.undo = button("", undo, look="flat", icon="undo", tip=_("Undo the fix (Ctrl+Z)"), small=True)
        self.redo = button("", redo, look="flat", icon="replay", tip=_("Redo the fix (Ctrl+Y)"), small=True)
        for widget in (self.undo, self.redo):
            widget.setEnabled(False)
            self._line.addWidget(widget)

    def show_history(self, *, can_undo: bool, can_redo: bool) -> None:
        """Say whether there are fixes to take back or to bring again."""
        if self.undo is not None:
            self.undo.setEnabled(can_undo)
            self.redo.setEnabled(can_redo)

    def show_cell(self, status: str, place: str, words: str, scopes: Sequence[tuple[str, int]]) -> None:
        """Show the current cell's place and what is wrong, and to how many cells a fix can be applied."""
        _ = self._locale._
        self.shape.set_status(status)
        self.where.setText(place or _("Choose a cell"))
        self.words.setText(words or (_("F8 goes to the next problem; F2 edits a cell.") if not place else ""))
        theme.role(self.words, f"{status}" if status in ("red", "amber", "green") else "secondary")
        chosen = self.scope.currentData()
        self.scope.clear()
        for name, count in scopes:
            self.scope.addItem(_(SCOPES[name]).format(n=self._locale.integer(count)), name)
        at = self.scope.findData(chosen)
        self.scope.setCurrentIndex(max(0, at))
        for widget in (self.scope, self.action, self.text, self.button):
            widget.setEnabled(bool(scopes))
        self._show_text()

    def _show_text(self) -> None:
        self.text.setVisible(self.action.currentData() == "replace")
        if self.action.currentData() != "replace":
            self._line.setAlignment(Qt.AlignmentFlag.AlignLeft)

    def _apply(self) -> None:
        scope = self.scope.currentData()
        if scope:
            self.applied.emit(scope, self.action.currentData(), self.text.text().strip())
