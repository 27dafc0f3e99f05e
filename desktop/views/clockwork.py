"""The clock of an open console: looks once a minute whether something is due, off the window's thread (PLT-09)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop.errors import UserError
from desktop.jobs.runner import RUNNERS, Runner, Ticked

if TYPE_CHECKING:
    from desktop.store.workspace import Workspace
    from desktop.views.main_window import MainWindow

log = logging.getLogger(__name__)

MINUTE_MS = 60_000
TOPICS = frozenset({"clock", "approval"})


class Clockwork(QObject):
    """Runs the clock while a window is open, if its person may; one look at a time."""

    def __init__(self, workspace: Workspace, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.runner = Runner(workspace)
        self.looking = False
        self.timer = QTimer(self)
        self.timer.setInterval(MINUTE_MS)
        self.timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin, with a first look soon; nothing for a person who may not, or a demo, whose clock stands still."""
        connection = self.window.ctx.connection
        if self.runner.workspace.actor.role not in RUNNERS or connection.is_demo or connection.viewing:
            return
        self.timer.start()
        QTimer.singleShot(5_000, self, self.look)

    def look(self) -> None:
        """Look at the clock once, unless the last look still goes on or the database is away."""
        tasks = self.window.ctx.tasks
        if self.looking or tasks.offline:
            return
        self.looking = True
        tasks.run(None, self.runner.tick, self._done, failed=self._failed, ended=self._ended)

    def _ended(self) -> None:
        self.looking = False

    def _done(self, found: Ticked) -> None:
        if found.acted or found.delivered:
            self.window.ctx.tasks.changed.emit(TOPICS)

    def _failed(self, error: UserError) -> None:
        log.warning("the clock could not be looked at: %s", error)
