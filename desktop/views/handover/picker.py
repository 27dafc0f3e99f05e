"""A list of people in which a few letters find a name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QCompleter

from desktop.views import icons

CARET = 14


class PersonPicker(QComboBox):
    """A combo box with the program's own caret; what is typed only searches."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMinimumWidth(264)
        self.setMaxVisibleItems(16)
        self.setStyleSheet("QComboBox::down-arrow { image: none; border: 0; }")
        if completer := self.completer():
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)

    def choose(self, person_id: int | None) -> None:
        """Show a person (or nobody) without telling anybody."""
        self.setCurrentIndex(max(0, self.findData(person_id)))
        if edit := self.lineEdit():
            edit.setCursorPosition(0)

    def chosen(self) -> int | None:
        """Return the person whose name stands in the field, or None."""
        found = self.currentData()
        return None if found is None else int(found)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        picture = icons.pixmap("down", "t3", CARET)
        painter.drawPixmap(self.width() - CARET - 8, (self.height() - CARET) // 2, picture)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()
