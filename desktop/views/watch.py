"""Knows whether a colleague's console changed something, and whether the database answers (PLT-12).

The team database tells it within a second (`Tasks.listen`); the embedded one is asked every 30 seconds.
Many commits in a row are one piece of news, and each console waits a random moment before it asks for
the new figures, so that two hundred of them do not ask in the same instant.
"""

from __future__ import annotations

import random

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.control import Control
from desktop.errors import UserError
from desktop.queries.changes import latest_change
from desktop.views.tasks import Tasks

EVERY_MS = 30_000
JITTER_MS = 400
"""The longest random wait before news is passed on: news still arrives within a second."""


class Watch(QWidget):
    """`changed_elsewhere` after a foreign commit; `online` whenever the answer to "is it there" is known."""

    changed_elsewhere = Signal()
    online = Signal(bool)

    def __init__(self, tasks: Tasks, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self._tasks = tasks
        self._known: int | None = None
        self._news = QTimer(self)
        self._news.setSingleShot(True)
        self._news.timeout.connect(self.changed_elsewhere)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)
        tasks.lost.connect(self._lost)
        if not tasks.inline and not tasks.listen(self._told):
            self._timer.start()

    def look(self) -> None:
        """Ask the database for its newest change, or let the listener do so."""
        own = tuple(self._tasks.own_operations)

        def ask(control: Control) -> int:
            return self._tasks.workspace.read(lambda work: latest_change(work, but=own), control)

        self._tasks.run(self, ask, self._answered, failed=self._refused)

    def try_now(self) -> None:
        """Find out now whether the database is there."""
        if self._timer.isActive() or self._tasks.inline:
            self.look()
        else:
            self._tasks.nudge()

    def _told(self, what: str) -> None:
        if what == "changed":
            self._pass_on()
        else:
            self.online.emit(what == "online")

    def _pass_on(self) -> None:
        if self._tasks.inline:
            self.changed_elsewhere.emit()
        elif not self._news.isActive():
            self._news.start(random.randrange(JITTER_MS))

    def _lost(self) -> None:
        self.online.emit(False)
        self._tasks.nudge()

    def _answered(self, newest: int) -> None:
        self.online.emit(True)
        before, self._known = self._known, newest
        if before is not None and newest > before:
            self._pass_on()

    def _refused(self, error: UserError) -> None:
        if error.code != "database_busy":
            self.online.emit(False)
