"""Looks every 30 seconds whether a colleague's console changed something, and whether the database answers."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.errors import UserError
from desktop.queries.changes import latest_change
from desktop.views.tasks import Tasks

EVERY_MS = 30_000


class Watch(QWidget):
    """`changed_elsewhere` after a foreign commit; `online` whenever the answer to "is it there" is known."""

    changed_elsewhere = Signal()
    online = Signal(bool)

    def __init__(self, tasks: Tasks, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self._tasks = tasks
        self._known: int | None = None
        self._own = False
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)
        tasks.changed.connect(self._we_changed)
        if not tasks.inline:
            self._timer.start()

    def look(self) -> None:
        """Ask the database for its newest change."""
        self._tasks.read(self, latest_change, self._answered, key="watch", failed=self._refused)

    def _we_changed(self, _topics: object) -> None:
        # Pages reload by themselves after our own commit; what is newest now is the point to look from,
        # so that a colleague's commit soon afterwards is not taken for ours.
        self._own = True
        self.look()

    def _answered(self, newest: int) -> None:
        self.online.emit(True)
        foreign = self._known is not None and newest != self._known and not self._own
        self._known, self._own = newest, False
        if foreign:
            self.changed_elsewhere.emit()

    def _refused(self, _error: UserError) -> None:
        self.online.emit(False)
